//! The vocabulary of Headroom. Everything depends on this crate; it depends on nobody of ours.
//!
//! It is pure: no clock, no socket, no environment. Time arrives as [`Timestamp`] values.
//!
//! # Glossary
//! * A **job** is one `workflow_job` of GitHub Actions; a re-run is a new attempt: [`JobKey`].
//! * A **phase** is how far a job has come: [`Phase`].
//! * A **job event** is what one delivery says about one job: [`JobEvent`].
//! * A **runner** is the program that takes a job; an **instance** is the machine under it:
//!   [`InstanceId`].
//! * A **pool** is a set of runners that can take the same jobs: [`Pool`].
//! * The **wait** is the time from asking for a runner to getting one; the **duration** is the time
//!   with a runner.
//! * A **delivery** is one webhook request; a redelivery keeps its id: [`DeliveryId`].
//! * A **metric** is a row of the [`catalogue`]; a **point** is one observation of it: [`Point`].
//! * A **level** is a quantity that rises and falls (jobs waiting now), a **counter** only rises, a
//!   **timing** is a distribution of durations.
//! * An **expression** is computed from the answers to queries: [`Expr`].
//! * A **roll-up** is a set of dimensions under which a metric is published: [`RollUp`].

mod buckets;
pub mod capacity;
pub mod catalogue;
pub mod document;
pub mod emf;
pub mod expr;
pub mod histogram;
mod ids;
mod job;
pub mod lint;
mod metric;
mod pool;
pub mod ports;
pub mod price;
pub mod series;
mod text;
mod time;

pub use expr::Expr;
pub use histogram::Histogram;
pub use ids::{DeliveryId, InstanceId, JobKey, Repository};
pub use job::{Conclusion, JobEvent, Labels, Phase, github_url};
pub use metric::{
    Counter, Dimension, Dimensions, Kind, Level, Point, Quantity, Query, RollUp, Spec, Statistic,
    Timing, Unit,
};
pub use pool::{OTHER_POOL, POOL_NAME_BYTES_MAX, Pool, UNROUTED_POOL};
pub use text::shortened;
pub use time::{TimeError, Timestamp};
