//! A line of EMF: what lint says of ours, and what is read back from it.

use ingest::past::emf::{POOL, URL};
use ingest::past::{Malformed, Past, PastEvent, emf};
use ingest::{Job, Observer, Route, Transition, ledger};
use model::emf::{Encoder, Form, Property, Record, dimension_value};
use model::{RollUp, Timestamp, lint};

/// How lines are written.
pub(super) struct Pen {
    pub(super) roll_ups: Vec<RollUp>,
    pub(super) form: Form,
}

impl Pen {
    /// All that can be switched on, or nothing of it.
    pub(super) fn of(all: bool, form: Form) -> Self {
        Pen { roll_ups: if all { RollUp::ALL.to_vec() } else { Vec::new() }, form }
    }

    /// The lines of a record; lint has nothing to object to them.
    pub(super) fn write(&self, record: &Record) -> Vec<String> {
        let mut out = Vec::new();
        Encoder::new(self.roll_ups.clone(), self.form).write(record, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for line in &lines {
            let findings = lint::check(line, record.at).findings;
            assert!(findings.is_empty(), "{findings:?} in {line}");
        }
        lines
    }

    /// The lines of what a transition publishes; the first is the event's own. What only the
    /// export adds is added.
    pub(super) fn event(&self, job: &Job, transition: &Transition) -> Vec<String> {
        let observer = Observer::new(self.roll_ups.clone());
        let mut records = observer.job(job.clone(), transition, None);
        let whole = (dimension_value(&job.pool) != job.pool).then(|| (POOL, job.pool.clone()));
        let beside = whole.into_iter().chain(job.url.clone().map(|url| (URL, url)));
        records[0].properties.extend(beside.map(|(key, text)| (key, Property::Text(text))));
        records.iter().flat_map(|record| self.write(record)).collect()
    }

    /// What a line of an event becomes when it is read.
    pub(super) fn read_back(&self, past: &PastEvent) -> PastEvent {
        let pool = past.pool.clone().unwrap_or_default();
        let route = Route { pool, routed: true };
        let (job, told) = ledger::fold(None, past.event.clone(), route, past.received_at).unwrap();
        match emf::read(&self.event(&job, &told)[0]) {
            Ok(Past::Job(past)) => *past,
            other => panic!("{other:?}"),
        }
    }
}

/// Whether lines of this time are in the range that CloudWatch and lint take as milliseconds.
pub(super) fn is_usual(at: Timestamp) -> bool {
    (100_000_000_000..100_000_000_000_000).contains(&at.as_millis())
}

/// What is told of a line that cannot be read is one short line.
pub(super) fn is_short(malformed: &Malformed) {
    let told = malformed.to_string();
    assert!(told.len() < 1000 && !told.chars().any(char::is_control), "{told}");
}
