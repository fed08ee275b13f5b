//! History on one machine: a SQLite file in WAL mode.
//!
//! [`Store`] is the one writer: it takes deliveries in batches, one transaction a batch, and says
//! of each what it changed. [`Writer`] runs it on a thread of its own and gathers whatever arrived
//! meanwhile into the next batch, so that durability costs one `fsync` a batch and not one a
//! delivery. [`Reader`] answers questions from connections of its own.
//!
//! It reads no clock: every instant comes in as a value. Instants are milliseconds, minutes are
//! minutes since the Unix epoch, waits are whole seconds.

mod bell;
mod deleted;
mod error;
pub mod group;
mod journal;
mod lock;
mod meter;
pub mod news;
mod outlet;
mod places;
#[cfg(test)]
mod plan;
mod printer;
mod queue;
mod reader;
mod schema;
mod sink;
mod store;
mod unrouted;
mod writer;

pub use bell::Bell;
pub use deleted::Deleted;
pub use error::StoreError;
pub use journal::{Journal, Kept};
pub use meter::{Meter, SeriesKey};
pub use printer::Printer;
pub use reader::{Course, JobHistory, JobView, OpenJobs, PastJob, PoolView, Reader, Waits, Wanted};
pub use sink::Sink;
pub use store::{Imported, Importer, Intake, Retention, Settings, Store, Taken};
pub use writer::{Answer, Writer, WriterSettings};
