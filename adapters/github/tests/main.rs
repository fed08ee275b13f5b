//! Calls against a server on loopback that notes what it is asked and answers as a test says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod app;
mod asks;
mod refusals;
mod world;
