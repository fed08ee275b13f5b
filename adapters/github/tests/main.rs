//! Calls against a server on loopback that notes what it is asked and answers as a test says, and
//! against one that answers by GitHub's own description.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod app;
mod asks;
mod judge;
mod refusals;
mod world;
