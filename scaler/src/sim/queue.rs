//! The jobs that wait for a runner, oldest first.

use std::collections::BTreeMap;
use std::time::Duration;

use model::Timestamp;

use super::Job;
use crate::Backlog;

/// Names a queued job: later ones have larger numbers.
pub type Ticket = u64;

/// GitHub gives up a job that has waited for a day.
/// <https://docs.github.com/en/actions/reference/limits>
pub const QUEUE_AGE_MAX: Duration = Duration::from_hours(24);

/// A job that waits.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    pub job: Job,
    /// Whether the scaler knows of it.
    pub seen: bool,
    /// Whether it ran before and lost its instance.
    pub again: bool,
}

/// All that wait.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: BTreeMap<Ticket, Waiting>,
    issued: Ticket,
    seen: u32,
}

impl Queue {
    pub fn push(&mut self, job: Job, again: bool) -> Ticket {
        self.issued += 1;
        self.waiting.insert(self.issued, Waiting { job, seen: false, again });
        self.issued
    }

    /// The scaler learns of it; whether it still waits.
    pub fn see(&mut self, ticket: Ticket) -> bool {
        let Some(waiting) = self.waiting.get_mut(&ticket) else { return false };
        self.seen += u32::from(!waiting.seen);
        waiting.seen = true;
        true
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub fn take_oldest(&mut self) -> Option<Waiting> {
        let ticket = *self.waiting.first_key_value()?.0;
        self.take(ticket)
    }

    pub fn take(&mut self, ticket: Ticket) -> Option<Waiting> {
        let waiting = self.waiting.remove(&ticket)?;
        self.seen -= u32::from(waiting.seen);
        Some(waiting)
    }

    /// When the oldest is given up.
    pub fn expires_at(&self) -> Option<Timestamp> {
        let (_, oldest) = self.waiting.first_key_value()?;
        Some(oldest.job.queued_at.plus(QUEUE_AGE_MAX))
    }

    /// Tells what the scaler can know.
    pub fn describe(&self, backlog: &mut Backlog) {
        backlog.queued = self.seen;
        let oldest = self.waiting.values().find(|waiting| waiting.seen);
        backlog.oldest_queued_at = oldest.map(|waiting| waiting.job.queued_at);
    }
}
