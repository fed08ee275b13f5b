//! The scaler as an AWS Lambda function.
//!
//! ```text
//! Event (schedule, subscription, alarm) -> Tick: which pools, on which occasion
//!   Knowing: checkpoint, then lines of the log group -> Ledger -> one Seat a pool
//!   Crew: each pool's scaler::Scaler, Seat and Auto Scaling group on a thread of its own
//!   -> EMF on stdout, the log on stderr, a checkpoint every few minutes
//! Event (hook, end, Spot) -> Lifecycle
//! ```
//!
//! The same functions decide as in `headroom serve`. There is no store: what a sandbox knows it
//! reads from CloudWatch, and what outlives it is a checkpoint in the scaler's own log group. Clock
//! and environment are read by `src/bin/scaler-lambda.rs` only.

mod checkpoint;
mod crew;
mod event;
mod interruptions;
mod knowing;
mod ledger;
mod levels;
mod lifecycle;
mod pace;
pub mod ports;
mod registration;
mod rehearsal;
mod runtime;
mod search;
mod seat;
mod settings;
mod tick;

pub use checkpoint::{Checkpoint, PATTERN, STREAM, Shelf, VERSION};
pub use event::{Alarm, Event, EventError, Hook, LINES_BYTES_MAX, Moment};
pub use ledger::{DONE_KEPT, Kept, Ledger, Standing};
pub use lifecycle::Lifecycle;
pub use registration::{LEFT_ALONE, RegistrationError, Registry, TIDY_EVERY, Tidied};
pub use rehearsal::Rehearsal;
pub use runtime::{Function, run};
pub use seat::Seat;
pub use settings::{CHECK_SECS, GitHubSettings, Mode, Role, ScaledPool, Settings};
pub use tick::Tick;
