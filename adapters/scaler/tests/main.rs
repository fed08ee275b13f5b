//! Both functions: the real binary, invoked through a Runtime API, before an AWS on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod end_to_end;
mod events;
mod faults;
mod lifecycle;
mod registration;
mod search;
mod spot;
mod starts;
mod world;
