//! Lines of files: webhooks, EMF, traces. What is read can be written and read again; what is not
//! is told in one short line.

use ingest::past::trace::{self, COLUMNS, Columns, Row};
use ingest::past::{Malformed, Past, PastEvent, emf, webhook};
use ingest::{Route, ledger};
use model::emf::Form;

use super::line::{Pen, is_short, is_usual};

/// Lines beyond these tell nothing new.
const LINES_MAX: usize = 64;

/// A whole file, of which every reader reads every line.
pub(super) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = || text.lines().take(LINES_MAX);
    for line in lines() {
        told(webhook::read(line));
        told(emf::read(line));
    }
    for row in trace::rows(lines()) {
        match row {
            Ok(row) => of_a_trace(&row),
            Err(bad) => is_short(&bad.problem),
        }
    }
}

fn told(read: Result<Past, Malformed>) {
    match read {
        Ok(Past::Job(past)) => news(&past),
        Ok(
            Past::Run { .. } | Past::Gone { .. } | Past::Minute(_) | Past::Unused | Past::Foreign,
        ) => {}
        Err(malformed) => is_short(&malformed),
    }
}

/// What was read is written as a line of EMF, and reading that gives the same for ever.
fn news(past: &PastEvent) {
    assert_eq!(past.event.conclusion.is_some(), past.event.phase == model::Phase::Completed);
    if is_usual(past.received_at) {
        let pen = Pen::of(false, Form::Histogram);
        let once = pen.read_back(past);
        assert_eq!(pen.read_back(&once), once);
    }
}

/// A row is read as it is written, and its events make a job with the row's own times.
fn of_a_trace(row: &Row) {
    let mut written = csv::Writer::from_writer(Vec::new());
    written.write_record(row.fields()).unwrap();
    let line = String::from_utf8(written.into_inner().unwrap()).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    let again = Columns::of(&COLUMNS.join(",")).unwrap().row(line.trim_end_matches('\n'));
    assert_eq!(again.as_ref(), Ok(row), "{line}");
    let mut job = None;
    for past in row.events(&[]) {
        assert!(past.received_at >= row.queued_at && past.received_at <= row.completed_at());
        let route = Route { pool: row.pool.clone(), routed: true };
        job = ledger::fold(job, past.event, route, past.received_at).map(|(job, _)| job);
    }
    let job = job.expect("each event is of another phase");
    assert_eq!(job.wait().map(|wait| wait.length), row.recorded_wait);
    assert_eq!(job.duration().map(|duration| duration.length), Some(row.duration));
}
