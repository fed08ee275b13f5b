//! Groups of instances on one machine: one that only says what it would do, and one that behaves
//! as an EC2 Auto Scaling group with a warm pool does.

mod dry_run;
mod shared;
mod simulated;

pub use dry_run::DryRun;
pub use shared::Shared;
pub use simulated::{Nature, Simulated};
