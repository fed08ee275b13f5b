//! Both functions: the real binary, invoked through a Runtime API, before an AWS on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod events;
mod faults;
mod lifecycle;
mod starts;
mod world;
