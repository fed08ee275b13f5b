//! Says in the log which labels no pool has: one line for each set of labels an hour, so that a
//! busy queue does not flood the log.

use std::collections::BTreeMap;
use std::time::Duration;

use model::emf::{Property, Record};
use model::{Timestamp, catalogue};

/// The same labels are named again after this time.
const AGAIN_AFTER: Duration = Duration::from_hours(1);

/// Sets of labels that are remembered; beyond, all are forgotten and named again.
const SETS_MAX: usize = 1_000;

/// Which sets of labels were named, and when.
#[derive(Debug, Default)]
pub(crate) struct Unrouted(BTreeMap<Vec<String>, Timestamp>);

impl Unrouted {
    /// Names the labels of jobs that found no pool.
    pub(crate) fn tell<'a>(&mut self, records: impl IntoIterator<Item = &'a Record>) {
        for record in records {
            let lost = record.points.iter().any(|point| point.spec == catalogue::JOBS_UNROUTED.0);
            if lost
                && let Some(labels) = labels(record).filter(|labels| self.is_due(labels, record.at))
            {
                tracing::warn!(
                    labels = labels.join(","),
                    job = text(record, "job_name"),
                    repository = text(record, "repository"),
                    "a job fits no configured pool; add one with these labels"
                );
            }
        }
    }

    fn is_due(&mut self, labels: &[String], now: Timestamp) -> bool {
        if self.0.get(labels).is_some_and(|told| now.saturating_since(*told) < AGAIN_AFTER) {
            return false;
        }
        if self.0.len() >= SETS_MAX {
            self.0.clear();
        }
        self.0.insert(labels.to_vec(), now);
        true
    }
}

fn property<'a>(record: &'a Record, key: &str) -> Option<&'a Property> {
    record.properties.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
}

fn labels(record: &Record) -> Option<&[String]> {
    match property(record, "labels") {
        Some(Property::List(labels)) => Some(labels),
        _ => None,
    }
}

fn text<'a>(record: &'a Record, key: &str) -> Option<&'a str> {
    match property(record, key) {
        Some(Property::Text(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_labels_are_named_once_an_hour() {
        let mut unrouted = Unrouted::default();
        let (gpu, mac) = (["gpu".to_owned()], ["mac".to_owned()]);
        let at = Timestamp::from_secs;
        let due = [(&gpu, 0), (&gpu, 10), (&mac, 10), (&gpu, 3599), (&gpu, 3600)]
            .map(|(labels, secs)| unrouted.is_due(labels, at(secs)));
        assert_eq!(due, [true, false, true, false, true]);
    }
}
