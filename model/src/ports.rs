//! What whoever looks back asks of the world: the series of a store, or of CloudWatch.
//!
//! Calls may block.

use crate::{Query, Timestamp};

/// The answer to a query, in order of time: the starts of the periods that hold data, and the
/// statistic of all that was observed in each.
pub type Series = Vec<(Timestamp, f64)>;

/// Metrics over time, asked by the queries of dashboards and alarms.
///
/// * Periods are aligned to the epoch and a whole number of minutes long; those are told that start
///   within `from..to`, each of them whole.
/// * Asked for are dimensions by which the metric is published. Of others one history adds up and
///   another refuses.
/// * A level that is told while it is above zero ([`RUNNERS`](crate::catalogue::RUNNERS)) is zero or
///   missing elsewhere, so its average is over as much as somebody told. The sum is the same in each
///   history; divided by the number of a level that is told with each look it is the average.
pub trait History {
    /// Why it does not answer.
    type Error;

    /// One series for each query, in their order; an empty one where nothing was observed.
    ///
    /// # Errors
    /// When it cannot be asked that or does not say. One query that fails fails all.
    fn answers(
        &self,
        queries: &[Query],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Series>, Self::Error>;
}
