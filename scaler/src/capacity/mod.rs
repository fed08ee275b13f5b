//! The description of a team's jobs, streamed: what waited, what ran, what it cost.
//!
//! In: a [`Sample`] of each pool for the replay; later, [`model::capacity::Report`] out. The shapes
//! of the report are in [`model::capacity`].

mod sample;

pub use sample::{JOBS_MAX, Sample, SampleJob};
