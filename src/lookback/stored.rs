//! Counted minutes of a store, read a day at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use alarms::Source;
use local::{Reader, StoreError};
use model::series::Aggregate;
use model::{Dimensions, Spec, Timestamp};

/// Read at once: few questions, and little memory.
const CHUNK: Duration = Duration::from_hours(24);

/// A store that is asked minute by minute, one after the other.
#[derive(Debug)]
pub struct Stored {
    reader: Reader,
    minute: Duration,
    read: BTreeMap<(&'static str, Dimensions), Chunk>,
}

/// What lies between two instants.
#[derive(Debug)]
struct Chunk {
    from: Timestamp,
    to: Timestamp,
    minutes: BTreeMap<Timestamp, Aggregate>,
}

impl Stored {
    /// Of a store.
    pub fn new(reader: Reader) -> Self {
        Stored { reader, minute: Duration::from_mins(1), read: BTreeMap::new() }
    }
}

impl Source for Stored {
    type Error = StoreError;

    fn minutes(
        &mut self,
        spec: &'static Spec,
        filter: &Dimensions,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Aggregate)>, StoreError> {
        let key = (spec.name, filter.clone());
        let is_read = |chunk: &Chunk| chunk.from <= from && to <= chunk.to;
        if !self.read.get(&key).is_some_and(is_read) {
            let until = to.max(from.plus(CHUNK));
            let minutes = self.reader.aggregates(spec, filter, self.minute, from, until)?;
            let minutes = minutes.into_iter().collect();
            self.read.insert(key.clone(), Chunk { from, to: until, minutes });
        }
        let minutes = self.read[&key].minutes.range(from..to);
        Ok(minutes.map(|(at, aggregate)| (*at, aggregate.clone())).collect())
    }
}
