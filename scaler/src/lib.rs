//! How many runners a pool needs, and why: a [`Snapshot`] and a [`Policy`] in, a [`Plan`] out.
//!
//! An ephemeral runner is stock that one job consumes and that takes time to replenish. So there
//! are two rules. The **level rule** ([`plan`]) gives each waiting job exactly one instance, counts
//! what boots, and never waits. The **stock rule** ([`forecast`]) holds as many stopped instances as
//! are worth their disks, by a model of the demand that learns from every arrival.
//!
//! Nothing here reads a clock, opens a socket or logs: time is part of the snapshot, and a plan
//! carries its reasons as data.

pub mod advice;
mod boots;
pub mod capacity;
mod census;
mod condense;
mod decision;
mod exhaustion;
pub mod forecast;
mod levels;
mod market;
mod observe;
mod outlook;
mod plan;
mod policy;
pub mod ports;
mod reason;
mod scaler;
mod secs;
mod sentence;
pub mod sim;
mod snapshot;
mod summary;

pub use boots::{Between, Boots};
pub use condense::MEMBERS_TOLD_MAX;
pub use decision::{Decision, Gist};
pub use levels::Levels;
pub use market::{Avoidance, Avoided, Capacity, Cause, INTERRUPTIONS_WINDOW, Markets, Spot};
pub use outlook::{Outlook, Wanted};
pub use plan::{Plan, Removal, plan};
pub use policy::{Hot, PATIENCE, Policy, SHARE, Stopped, Times, Window};
pub use reason::Reason;
pub use scaler::{Memory, Scaler};
pub use snapshot::{
    Backlog, Crowd, Fleet, Member, Occasion, Snapshot, Source, SpotGroup, State, Warm,
};
pub use summary::summary;
