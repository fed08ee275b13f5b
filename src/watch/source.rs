//! Where alarms read counted minutes: the store.

use alarms::Source;
use local::{Reader, StoreError};
use model::series::Aggregate;
use model::{Dimensions, Spec, Timestamp};
use std::time::Duration;

/// A store's minutes.
pub(super) struct Minutes<'a>(pub(super) &'a Reader);

impl Source for Minutes<'_> {
    type Error = StoreError;

    fn minutes(
        &mut self,
        spec: &'static Spec,
        filter: &Dimensions,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Aggregate)>, StoreError> {
        self.0.aggregates(spec, filter, Duration::from_mins(1), from, to)
    }
}
