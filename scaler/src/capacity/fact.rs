//! What a description is made of: one [`Fact`] for each job, in batches, in any order.

use std::ops::Range;

use model::{JobKey, Timestamp};

use super::Name;

/// What became of a job by the end of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It never asked for a runner: skipped, or held for approval.
    NeverAsked,
    /// It asks for one.
    Waiting,
    /// It ended without one: cancelled, or failed for want of one.
    EndedWaiting,
    /// It was queued and not heard of again: given up for lost.
    Ghost,
    /// It has one.
    Running,
    /// It ran and was not heard of again.
    LostRunning,
    /// It ended and had one.
    Ended,
}

/// One attempt at one job. Instants are those that GitHub stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Which one.
    pub key: JobKey,
    /// Its run; 0 where nobody told.
    pub run: u64,
    /// Its pool.
    pub pool: Name,
    /// Its repository.
    pub repository: Name,
    /// Its workflow, of that repository.
    pub workflow: Name,
    /// The runner group of its runner.
    pub runner_group: Name,
    /// The instant by which it counts: `asked_at`, or the best that is known in its place.
    pub at: Timestamp,
    /// When it asked for a runner; `None` while unknown.
    pub asked_at: Option<Timestamp>,
    /// When it got one.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// What became of it.
    pub fate: Fate,
    /// Its `queued` event was not seen although it is over or has a runner.
    pub queued_unseen: bool,
    /// Its `in_progress` event was not seen although it ended with a runner.
    pub in_progress_unseen: bool,
    /// Whether a pool was found for it.
    pub routed: bool,
    /// Where its name stands in the text of the batch; empty where nobody told.
    pub name: Range<u32>,
    /// Where its page stands; empty where it is the usual one at github.com.
    pub url: Range<u32>,
}

/// Facts on their way, with the texts that only few of them will need.
#[derive(Debug, Default)]
pub struct Batch {
    facts: Vec<Fact>,
    text: String,
}

impl Batch {
    /// Facts in a batch: enough that handing it over does not show, and half a megabyte.
    pub const FACTS_MAX: usize = 4096;

    /// Keeps a text for a fact of this batch.
    pub fn keep(&mut self, text: &str) -> Range<u32> {
        let place = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let start = place(self.text.len());
        self.text.push_str(text);
        start..place(self.text.len())
    }

    /// Adds a fact.
    pub fn push(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// Whether it is time to hand it over.
    pub fn is_full(&self) -> bool {
        self.facts.len() >= Self::FACTS_MAX
    }

    /// Its facts.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// A text that was kept.
    pub fn text(&self, place: &Range<u32>) -> &str {
        self.text.get(place.start as usize..place.end as usize).unwrap_or_default()
    }
}
