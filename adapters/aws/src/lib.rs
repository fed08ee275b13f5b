//! What AWS holds, and the only place that knows how to ask for it.
//!
//! [`Aws`] is an account and a region as the caller reaches them: where from, as whom and with how
//! much patience. Everything else here is built on it. Calls may block; whoever calls from
//! asynchronous code does so on a thread that may wait.
//!
//! It reads no clock of its own: every instant comes in as a value. What a call did wrong is a
//! [`CallError`], which names the IAM action that was needed.

pub mod alarms;
mod call;
pub mod connect;
mod dashboards;
mod group;
mod history;
mod instances;
pub mod logs;
#[cfg(feature = "parameters")]
mod parameters;

pub use alarms::Alarms;
pub use call::{CallError, Why};
pub use connect::{Aws, ConnectError, Patience, Place};
pub use dashboards::Dashboards;
pub use group::{
    AutoScaling, Bounds, Counted, Described, Freed, GroupCalls, GroupFacts, Groups, HookFacts,
    Hooks, Interruptions, Launch, Launches, Mixed, POOL_TAG, Runners, Verdict, Waiting,
};
pub use history::{History, HistoryError, QUERIES_MAX};
pub use instances::Instances;
#[cfg(feature = "parameters")]
pub use parameters::Parameters;
