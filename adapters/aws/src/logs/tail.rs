//! Reading a log group as it grows: every event once, however often the same stretch is asked for.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use model::Timestamp;

use super::read::at;
use super::{LogGroup, Span, Told};
use crate::CallError;

/// So far back is read again each time. CloudWatch Logs promises no order between what is written
/// and what can be searched; lines of a Lambda function are there within some seconds.
pub const OVERLAP: Duration = Duration::from_mins(1);

/// An event may be dated this far ahead (`PutLogEvents`).
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
const AHEAD_MAX: Duration = Duration::from_hours(2);

/// A log group from some instant on. It keeps the ids of the events that may come again: those of
/// the overlap.
#[derive(Clone, Debug)]
pub struct Tail {
    group: LogGroup,
    overlap: Duration,
    /// The present of the last reading that came to its end.
    read_until: Timestamp,
    known: BTreeSet<(Timestamp, String)>,
}

impl Tail {
    /// The group from that instant on; each reading goes back by `overlap`, usually [`OVERLAP`].
    pub fn new(group: LogGroup, from: Timestamp, overlap: Duration) -> Self {
        let read_until = from.plus(overlap);
        Tail { group, overlap, read_until, known: BTreeSet::new() }
    }

    /// Hands over the text and the time of each EMF event that was not handed over before, roughly
    /// in order of time.
    ///
    /// # Errors
    /// When the group cannot be read. What was handed over until then will not come again; the next
    /// reading goes on from there.
    pub fn read(
        &mut self,
        now: Timestamp,
        take: &mut dyn FnMut(&str, Timestamp),
    ) -> Result<Told, CallError> {
        let from = self.read_until.minus(self.overlap);
        let span = Span { from, to: now.plus(AHEAD_MAX) };
        let mut told = Told::default();
        let known = &mut self.known;
        self.group.pages(span, &mut |page| {
            told.pages += 1;
            for event in page {
                match known.insert(key(event)) {
                    true => {
                        told.events += 1;
                        take(event.message().unwrap_or_default(), at(event));
                    }
                    false => told.repeated += 1,
                }
            }
        })?;
        self.read_until = self.read_until.max(now);
        self.forget();
        Ok(told)
    }

    /// From where the next reading starts.
    pub fn starts_at(&self) -> Timestamp {
        self.read_until.minus(self.overlap)
    }

    /// Forgets what lies before the start of the next reading.
    fn forget(&mut self) {
        self.known = self.known.split_off(&(self.starts_at(), String::new()));
    }
}

fn key(event: &FilteredLogEvent) -> (Timestamp, String) {
    (at(event), event.event_id().unwrap_or_default().to_owned())
}
