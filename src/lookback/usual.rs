//! What was usual, where nobody told it at the time: worked out from the job events that are known,
//! by the rule that `serve` follows.

use std::collections::BTreeMap;

use alarms::Source;
use model::catalogue::{JOB_EVENTS, JOB_EVENTS_USUAL};
use model::series::Aggregate;
use model::{Dimensions, Spec, Timestamp};

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// A source that knows what is usual.
#[derive(Debug)]
pub struct Usual<S> {
    source: S,
    /// Nothing is known before.
    first: Timestamp,
    /// By hours since the epoch.
    counted: BTreeMap<i64, u64>,
}

impl<S: Source> Usual<S> {
    /// Of a source that knows something since `first`.
    pub fn new(source: S, first: Timestamp) -> Self {
        Usual { source, first, counted: BTreeMap::new() }
    }

    fn events(&mut self, hour: i64) -> Result<Option<u64>, S::Error> {
        let from = Timestamp::from_millis(hour * HOUR_MS);
        if from < self.first {
            return Ok(None);
        }
        if let Some(known) = self.counted.get(&hour) {
            return Ok(Some(*known));
        }
        let to = Timestamp::from_millis((hour + 1) * HOUR_MS);
        let minutes = self.source.minutes(JOB_EVENTS.0, &Dimensions::none(), from, to)?;
        let events = minutes.iter().map(|(_, aggregate)| aggregate.sum).sum();
        self.counted.insert(hour, events);
        Ok(Some(events))
    }

    fn usual(&mut self, at: Timestamp) -> Result<Option<Aggregate>, S::Error> {
        let hour = at.as_millis().div_euclid(HOUR_MS);
        let level = |sum| Aggregate { samples: 1, sum, max: sum, last: sum, histogram: None };
        Ok(ingest::usual(hour, |hour| self.events(hour))?.map(level))
    }
}

impl<S: Source> Source for Usual<S> {
    type Error = S::Error;

    fn minutes(
        &mut self,
        spec: &'static Spec,
        filter: &Dimensions,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Aggregate)>, S::Error> {
        let told = self.source.minutes(spec, filter, from, to)?;
        if spec != JOB_EVENTS_USUAL.0 || !told.is_empty() {
            return Ok(told);
        }
        let mut found = Vec::new();
        let mut at = from.minute();
        while at < to {
            found.extend(self.usual(at)?.map(|aggregate| (at, aggregate)));
            at = at.plus(std::time::Duration::from_mins(1));
        }
        Ok(found)
    }
}
