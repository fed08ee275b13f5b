//! A world in which the real [`plan`](crate::plan) and the rules of its peers scale recorded jobs.
//!
//! It is a discrete-event simulation of one pool: jobs are streamed in, instances of a group boot,
//! take the oldest waiting job, run it and leave. A [`Contender`] sees a [`Snapshot`]
//! of the past and answers with a [`Plan`]. The same jobs, [`Setting`] and seed give
//! the same [`Outcome`], bit for bit; nothing reads a clock.
//!
//! * The group works like an EC2 Auto Scaling group with a warm pool. Raising its desired capacity
//!   takes stopped instances first, which start in `warm_start`; the rest boots in `cold_start`.
//!   What was taken from the stopped pool is prepared anew at once, up to its size.
//! * When the stopped pool gets smaller, instances that are being prepared go first, the youngest
//!   before the others, because they have cost least; then stopped ones. A preparation is billed as
//!   far as it went.
//! * Runners are ephemeral and fungible. A waiting job gets a runner at once if one is idle, the one
//!   that has waited for longest. When the job is over, the instance leaves at once.
//! * A job that has waited for a day is given up, as GitHub does.
//! * What goes wrong befalls the same jobs for every contender: it is drawn from the seed and the
//!   number of the job.
//! * The first days teach: see [`Setting::learn`] for how the bill is cut.
//! * Time passes from event to event. Ticks between which nothing happened are left out where the
//!   last plan says that it stays the same ([`Plan::same_until`](crate::Plan::same_until)).
//!
//! Memory grows with the jobs that wait and run at one time, not with the length of the trace.

mod agenda;
mod blocks;
mod chance;
mod contender;
mod fate;
mod faults;
mod group;
mod oracle;
mod outcome;
mod queue;
mod setting;
mod tally;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums of whole seconds are exact")]
mod tests;
mod waits;
mod world;

pub use blocks::Blocks;
pub use chance::Chance;
pub use contender::{Contender, ContenderError};
pub use faults::{
    CANCELLED_WITHIN, Faults, FaultsError, LATE_MAX, RECONCILED_AFTER, UNREGISTERED_MAX,
};
pub use outcome::{Bill, Outcome};
pub use setting::{Job, Setting};
pub use waits::Waits;

use contender::Kind;
use world::World;

use crate::{Plan, Snapshot};

/// Lets `contender` scale the pool of these jobs until all of them are over.
///
/// Jobs come in the order in which they were queued; one that is earlier than the last counts at
/// the time of the last. `observe` is told each decision that was made, with what it was made from;
/// the instant is in the snapshot. The two oracles decide nothing, so nothing is told of them.
pub fn run(
    jobs: impl IntoIterator<Item = Job>,
    setting: &Setting,
    contender: &Contender,
    observe: impl FnMut(&Snapshot, &Plan),
) -> Outcome {
    run_in_blocks(jobs, setting, Blocks::ONE, contender, observe).pop().unwrap_or_default()
}

/// The same, with an outcome for each block of the measured time, such as for each week.
///
/// A job, and an instance that ran one, count in the block in which the job was queued; everything
/// else counts by the seconds that lie in a block.
pub fn run_in_blocks(
    jobs: impl IntoIterator<Item = Job>,
    setting: &Setting,
    blocks: Blocks,
    contender: &Contender,
    mut observe: impl FnMut(&Snapshot, &Plan),
) -> Vec<Outcome> {
    let jobs = jobs.into_iter();
    match contender.kind(setting) {
        Kind::Foresees(foresight) => oracle::run(jobs, setting, blocks, foresight),
        Kind::Looks(scaler) => World::new(jobs, setting, blocks, scaler, &mut observe).run(),
    }
}
