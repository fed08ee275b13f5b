//! From changes of alarms to what people are told.
//!
//! One **incident** is what is wrong with one pool, or with the fleet, from the first alarm that
//! fires until all are calm for a while. However many alarms belong to it, each target is told once
//! that it began, again when it got more severe, now and then while it lasts, and once that it is
//! over. Incidents that begin within a window share one message. Nothing here sends anything:
//! a [`Notifier`] is handed [`Transition`](crate::Transition)s and the present, and gives [`Draft`]s.

mod backoff;
mod incident;
mod lengths;
mod notification;
mod notifier;
mod plain;
mod policy;
mod sample;
mod slack;

pub use backoff::{BACKOFF_MAX, GIVE_UP_AFTER, backoff};
pub use incident::Said;
pub use notification::{
    AlarmReport, Draft, Facts, Impact, Links, Notification, Report, Told, VERSION,
};
pub use notifier::{Memory, Notifier};
pub use plain::plain;
pub use policy::Policy;
pub use sample::sample;
pub use slack::slack;

#[cfg(test)]
mod tests;
