//! What is going to happen: in order of time, and of being put down.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use model::Timestamp;

use super::group::Serial;
use super::queue::Ticket;

/// Something that happens at a known instant, unless its subject is gone by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// The scaler learns that a job was queued.
    Seen { ticket: Ticket, queued_at: Timestamp, repeated: bool },
    /// Somebody cancels a job.
    Cancelled(Ticket),
    /// The runner of an instance registers.
    Ready(Serial),
    /// The job of an instance is over.
    Done(Serial),
    /// An instance is taken away while its job runs.
    Interrupted(Serial),
    /// An instance ends because its runner never registered.
    Ended(Serial),
    /// A stopped instance can be started.
    Prepared(Serial),
}

/// Events to come.
#[derive(Debug, Default)]
pub struct Agenda {
    heap: BinaryHeap<Reverse<(Timestamp, u64, Event)>>,
    noted: u64,
}

impl Agenda {
    /// Puts an event down.
    pub fn note(&mut self, at: Timestamp, event: Event) {
        self.heap.push(Reverse((at, self.noted, event)));
        self.noted += 1;
    }

    /// When the next one happens.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse((at, _, _))| *at)
    }

    /// The next one, if it happens at `now`.
    pub fn take(&mut self, now: Timestamp) -> Option<Event> {
        if self.next_at()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, _, event))| event)
    }
}
