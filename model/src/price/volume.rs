//! How many bytes of log a month of EMF lines is: lines that were really encoded, times how often
//! they are written.

use std::collections::BTreeMap;

use crate::emf::{Encoder, Form, Record};
use crate::{Dimension, Dimensions, Kind, Phase, Point, Quantity, RollUp, Spec, catalogue};

use super::cells::cells;
use super::rates::{Beat, RUN_STATUSES, beat, phases};
use super::{Fleet, MINUTES_PER_MONTH, as_f64, rounded, sample};

/// CloudWatch Logs counts so many bytes for each event beside its text.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
const EVENT_OVERHEAD_BYTES: u64 = 26;

/// Samples in the largest distribution that is measured: with more, every bucket between a second
/// and an hour is taken already.
const SAMPLES_MAX: f64 = 20_000.0;

/// Bytes that CloudWatch Logs counts for `record`, its overhead included and newlines not.
pub(super) fn bytes(record: &Record, encoder: &Encoder) -> u64 {
    let mut out = Vec::new();
    encoder.write(record, &mut out).expect("a sample gives every dimension of its metrics");
    let lines = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| line.len() as u64 + EVENT_OVERHEAD_BYTES).sum()
}

/// Bytes a month when each event is a line of its own. Lines about what should not happen are left
/// out: they are short, and there is one for a thousand others.
pub(super) fn per_event(fleet: &Fleet, on: &[RollUp]) -> f64 {
    let encoder = Encoder::new(on.to_vec(), Form::Histogram);
    let job: f64 = phases(fleet)
        .iter()
        .map(|(phase, weight): &(Phase, f64)| {
            weight * as_f64(bytes(&sample::job_event(*phase), &encoder))
        })
        .sum();
    let run: f64 = RUN_STATUSES
        .iter()
        .map(|status| fleet.runs() * as_f64(bytes(&sample::run_event(status), &encoder)))
        .sum();
    fleet.jobs_per_month() * (job + run)
}

/// Bytes a month when each minute of each combination of values is a line.
///
/// Metrics that need the same dimensions share a line, which is there in minutes in which one of
/// them was observed, and then carries all of them: more than is written, never less.
pub(super) fn per_minute(fleet: &Fleet, on: &[RollUp]) -> f64 {
    let encoder = Encoder::new(on.to_vec(), Form::Histogram);
    groups(on).iter().map(|(key, specs)| group(key, specs, fleet, &encoder)).sum()
}

/// What decides whether two metrics share a line: the dimensions, and whether it is a level.
type Key = (Vec<Dimension>, bool);

fn groups(on: &[RollUp]) -> BTreeMap<Key, Vec<&'static Spec>> {
    let mut groups: BTreeMap<Key, Vec<&'static Spec>> = BTreeMap::new();
    for spec in catalogue::ALL {
        let sets: Vec<Vec<Dimension>> = match spec.kind {
            Kind::Level => spec.sets(on).map(<[Dimension]>::to_vec).collect(),
            Kind::Counter | Kind::Timing if spec.is_published(on) => {
                let all = Dimension::ALL.into_iter();
                vec![all.filter(|dimension| spec.splits_by(*dimension, on)).collect()]
            }
            Kind::Counter | Kind::Timing => Vec::new(),
        };
        for set in sets {
            groups.entry((set, spec.kind == Kind::Level)).or_default().push(spec);
        }
    }
    groups
}

/// A line of a group: how many of its kind there are, and how often each metric is observed for
/// one of them in a month; `None` for every minute.
#[derive(Default)]
struct Line {
    series: u64,
    observed: Vec<(&'static Spec, Option<f64>)>,
}

fn group(key: &Key, specs: &[&'static Spec], fleet: &Fleet, encoder: &Encoder) -> f64 {
    let mut lines: BTreeMap<Dimensions, Line> = BTreeMap::new();
    for spec in specs {
        for (values, cell) in cells(&key.0, spec, fleet) {
            let events = match beat(spec, fleet) {
                Beat::EveryMinute => None,
                Beat::PerJob(times) => Some(fleet.jobs_per_month() * times * cell.share),
            };
            let line = lines.entry(values).or_default();
            line.series = line.series.max(cell.series);
            line.observed.push((*spec, events));
        }
    }
    lines.into_iter().map(|(values, line)| line.bytes(values, fleet, encoder)).sum()
}

impl Line {
    fn bytes(&self, values: Dimensions, fleet: &Fleet, encoder: &Encoder) -> f64 {
        let events: Option<f64> = self.observed.iter().map(|(_, events)| *events).sum();
        let minutes = events.map_or(as_f64(MINUTES_PER_MONTH), |events| fleet.occupied(60, events));
        let mut record = Record::new(sample::AT.minute(), values);
        for (spec, events) in &self.observed {
            let samples = events.map_or(1.0, |events| samples_per_minute(fleet, events));
            record = record.with(point(spec, rounded(samples.ceil())));
        }
        as_f64(self.series) * minutes * as_f64(bytes(&record, encoder))
    }
}

/// Observations in a minute that has any.
fn samples_per_minute(fleet: &Fleet, events: f64) -> f64 {
    let minutes = fleet.occupied(60, events);
    if minutes > 0.0 { (events / minutes).clamp(1.0, SAMPLES_MAX) } else { 1.0 }
}

fn point(spec: &'static Spec, samples: u64) -> Point {
    let quantity = match spec.kind {
        Kind::Counter => Quantity::Add(samples),
        Kind::Level => Quantity::Is(samples),
        Kind::Timing => {
            let per_second = spec.unit.per_second().unwrap_or(1);
            Quantity::Distribution(sample::distribution(samples, per_second))
        }
    };
    Point { spec, quantity }
}
