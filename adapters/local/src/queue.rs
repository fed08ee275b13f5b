//! What waits for the thread that writes, and how much of it becomes one transaction.

use ingest::Rejection;
use model::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::news::{Attempt, News};
use crate::{Answer, Intake, StoreError};

/// Deliveries in one transaction at most. At 20,000 a second this is 50 ms of traffic.
const BATCH_MAX: usize = 1024;

/// Where the answer to a delivery goes.
pub(crate) type Reply = oneshot::Sender<Result<Answer, Rejection>>;

/// What the thread is asked to do.
pub(crate) enum Command {
    /// Make this durable.
    Deliver(Box<Intake>, Reply),
    /// It is this late now.
    Tick(Timestamp, oneshot::Sender<()>),
    /// Make an evaluation's news durable.
    News(Box<News>, oneshot::Sender<Result<u64, StoreError>>),
    /// Note what came of an attempt to deliver a notification.
    Tried(Box<Attempt>, oneshot::Sender<Result<u64, StoreError>>),
    /// Take no more, make durable what waits, and end.
    Finish(oneshot::Sender<Result<(), StoreError>>),
}

/// What alarms leave in the store, each in a transaction of its own.
pub(crate) enum Note {
    News(Box<News>),
    Tried(Box<Attempt>),
}

/// Everything that waited in the queue, up to [`BATCH_MAX`] deliveries.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) intakes: Vec<Intake>,
    /// Of the deliveries, in their order.
    pub(crate) replies: Vec<Reply>,
    pub(crate) ticks: Vec<oneshot::Sender<()>>,
    /// With those who want to know that it is durable.
    pub(crate) notes: Vec<(Note, oneshot::Sender<Result<u64, StoreError>>)>,
    /// The latest instant that any of them names.
    pub(crate) latest: Timestamp,
    /// Who wants to know of the end, once it is asked for.
    pub(crate) finish: Option<oneshot::Sender<Result<(), StoreError>>>,
}

impl Batch {
    /// Takes what is there; does not wait for more.
    pub(crate) fn gather(first: Command, queue: &mut mpsc::Receiver<Command>) -> Self {
        let mut batch = Batch::default();
        let mut next = Some(first);
        while let Some(command) = next {
            batch.add(command);
            next = (batch.intakes.len() < BATCH_MAX).then(|| queue.try_recv().ok()).flatten();
        }
        batch
    }

    fn add(&mut self, command: Command) {
        match command {
            Command::Deliver(intake, reply) => {
                self.latest = self.latest.max(intake.received_at);
                self.intakes.push(*intake);
                self.replies.push(reply);
            }
            Command::Tick(now, reply) => {
                self.latest = self.latest.max(now);
                self.ticks.push(reply);
            }
            Command::News(news, reply) => self.notes.push((Note::News(news), reply)),
            Command::Tried(attempt, reply) => self.notes.push((Note::Tried(attempt), reply)),
            Command::Finish(reply) => self.finish = Some(reply),
        }
    }
}
