//! Brings notifications from the outbox to their targets.
//!
//! Each target has a thread of its own, so one that hangs delays no other. What was taken is noted
//! after the target has it, so a process that is killed in between delivers it once more, with the
//! same id: at least once, never less.

mod command;
mod courier;
mod ids;
mod transport;

pub use courier::{Doorbell, names, start};
pub use ids::Ids;
pub use transport::{Trouble, client, deliver};
