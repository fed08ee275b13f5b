//! Calls to an AWS that answers as a test says: pages, throttles, refusals, silence. What can be
//! shown with an emulator is shown by the stories of the whole program instead.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod alarms;
mod dashboards;
mod group;
mod histories;
mod history;
mod printing;
mod reading;
mod refusals;
mod sinks;
mod tailing;
mod world;
