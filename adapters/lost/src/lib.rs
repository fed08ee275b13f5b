//! Finds what no webhook told: GitHub delivers at most once, and not at all while nobody listens.
//!
//! Every few minutes a [`Search`] asks GitHub which deliveries failed, and to make them once more;
//! then which jobs it has that are not known as they are. What is found is taken in by the way of
//! all deliveries, by whoever is [`Known`]'s. It reads no clock and keeps nothing over a restart: a
//! new process looks at the last hours again.

mod budget;
mod counts;
mod mending;
mod redelivery;
mod search;

pub use counts::{Counts, allowance};
pub use mending::Standing;
pub use redelivery::{LOOKS_BACK, lost};
pub use search::{Known, Search};
