//! Runs the store on a thread of its own and gathers deliveries into batches.
//!
//! While one batch is being made durable the next ones queue up, so the batch grows with the load.
//! A lone delivery never waits for company; among many each waits a moment for more. The queue is
//! bounded: when it is full, the door is told at once. A delivery is answered only after its batch
//! is on the disk, and with one EMF line an event also after its lines are written.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ingest::Rejection;
use model::{Kind, Timestamp};
use tokio::sync::{mpsc, oneshot};

use crate::queue::{Batch, Command, Reply};
use crate::store::Committed;
use crate::unrouted::Unrouted;
use crate::{Intake, Sink, Store, StoreError};

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is durable.
    Accepted,
    /// It repeats one that is durable.
    Duplicate,
}

/// How the thread works.
#[derive(Default)]
pub struct WriterSettings {
    /// Where EMF lines go, if anywhere.
    pub sink: Option<Sink>,
    /// Deliveries that may wait for the thread.
    pub queue_len: usize,
}

/// After a batch of so many deliveries the next is not begun at once.
const BUSY_BATCH: usize = 8;

/// So long a busy thread lets deliveries gather: a fraction of what a commit takes, and a tenth of
/// the CPU time for each delivery, because fewer commits write the same pages less often.
const GATHER_TIME: Duration = Duration::from_micros(300);

/// A handle on the thread that writes. Dropping it lets the thread finish what it has.
#[derive(Debug)]
pub struct Writer {
    commands: mpsc::Sender<Command>,
    is_healthy: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(store: Store, settings: WriterSettings) -> io::Result<Self> {
        let (commands, queue) = mpsc::channel(settings.queue_len.max(1));
        let is_healthy = Arc::new(AtomicBool::new(true));
        let worker = Worker {
            store,
            sink: settings.sink,
            is_healthy: Arc::clone(&is_healthy),
            unrouted: Unrouted::default(),
        };
        let thread = thread::Builder::new().name("store".into()).spawn(|| worker.run(queue))?;
        Ok(Writer { commands, is_healthy, thread })
    }

    /// Makes one delivery durable.
    ///
    /// # Errors
    /// [`Rejection::Overloaded`] when the queue is full, [`Rejection::StoreUnavailable`] when the
    /// transaction failed or the thread is gone; in all cases nothing was taken.
    pub async fn deliver(&self, intake: Intake) -> Result<Answer, Rejection> {
        let (reply, answer) = oneshot::channel();
        let command = Command::Deliver(Box::new(intake), reply);
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Rejection::Overloaded,
            mpsc::error::TrySendError::Closed(_) => Rejection::StoreUnavailable,
        })?;
        answer.await.unwrap_or(Err(Rejection::StoreUnavailable))
    }

    /// Lets time pass: closes minutes, gives up lost jobs, prunes, tries a failed store again.
    pub async fn tick(&self, now: Timestamp) {
        let (reply, done) = oneshot::channel();
        if self.commands.send(Command::Tick(now, reply)).await.is_ok() {
            let _ = done.await;
        }
    }

    /// Whether the last transaction went well and the thread is there to make the next.
    pub fn is_healthy(&self) -> bool {
        self.is_healthy.load(Ordering::Relaxed) && !self.thread.is_finished()
    }

    /// Ends the thread after everything that was queued is durable and published. What comes later
    /// is answered [`Rejection::StoreUnavailable`].
    ///
    /// # Errors
    /// When what the rim counted last could not be stored, or the last minutes not be published.
    pub async fn finish(&self) -> Result<(), StoreError> {
        let (reply, ended) = oneshot::channel();
        if self.commands.send(Command::Finish(reply)).await.is_err() {
            return Ok(());
        }
        ended.await.expect("the thread answers as its last act")
    }
}

struct Worker {
    store: Store,
    sink: Option<Sink>,
    is_healthy: Arc<AtomicBool>,
    unrouted: Unrouted,
}

impl Worker {
    fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        let mut present = Timestamp::EPOCH;
        let mut finish = None;
        let mut is_busy = false;
        while let Some(first) = queue.blocking_recv() {
            if is_busy {
                thread::sleep(GATHER_TIME);
            }
            let batch = Batch::gather(first, &mut queue);
            is_busy = batch.intakes.len() >= BUSY_BATCH;
            present = present.max(batch.latest);
            self.serve(batch.intakes, batch.replies, present);
            for tick in batch.ticks {
                let _ = tick.send(());
            }
            if batch.finish.is_some() {
                // What waits already is still taken.
                queue.close();
                finish = batch.finish;
            }
        }
        let ended = self.end(present);
        if let Some(finish) = finish {
            let _ = finish.send(ended);
        }
    }

    fn serve(&mut self, intakes: Vec<Intake>, replies: Vec<Reply>, now: Timestamp) {
        match self.store.commit_all(intakes, now) {
            Ok(committed) => {
                self.publish_events(&committed);
                self.unrouted.tell(committed.taken.iter().flat_map(|taken| &taken.records));
                for (taken, reply) in committed.taken.into_iter().zip(replies) {
                    let answer = if taken.duplicate { Answer::Duplicate } else { Answer::Accepted };
                    // The client may have gone away; what it sent is durable all the same.
                    let _ = reply.send(Ok(answer));
                }
                let published = self.publish_minutes(false);
                self.note_health(published.err().as_ref());
            }
            Err(error) => {
                self.note_health(Some(&error));
                for reply in replies {
                    let _ = reply.send(Err(Rejection::StoreUnavailable));
                }
            }
        }
    }

    /// Stores what the rim counted last, and publishes everything.
    fn end(mut self, present: Timestamp) -> Result<(), StoreError> {
        if present > Timestamp::EPOCH {
            let committed = self.store.commit_all(Vec::new(), present)?;
            self.publish_events(&committed);
        }
        self.publish_minutes(true)
    }

    fn note_health(&self, error: Option<&StoreError>) {
        let was_healthy = self.is_healthy.swap(error.is_none(), Ordering::Relaxed);
        match error {
            Some(error) if was_healthy => {
                let cause = std::error::Error::source(error).map(ToString::to_string);
                tracing::error!(%error, cause, "the store fails; deliveries are answered 503");
            }
            None if !was_healthy => tracing::info!("the store works again"),
            _ => {}
        }
    }

    fn publish_events(&mut self, committed: &Committed) {
        if let Some(sink) = self.sink.as_mut().filter(|sink| sink.per_event) {
            let records = committed.taken.iter().flat_map(|taken| &taken.records);
            if let Err(error) = sink.write(records.chain(&committed.beside)) {
                tracing::error!(%error, "EMF lines cannot be written");
            }
        }
    }

    /// Writes the lines of closed minutes. A minute that cannot be written is tried again.
    fn publish_minutes(&mut self, open_too: bool) -> Result<(), StoreError> {
        let Some(sink) = self.sink.as_mut() else { return Ok(()) };
        while let Some((minute, mut records)) = self.store.next_to_publish(open_too)? {
            if sink.per_event {
                for record in &mut records {
                    record.points.retain(|point| point.spec.kind == Kind::Level);
                }
            }
            if let Err(error) = sink.write(&records) {
                tracing::error!(%error, "EMF lines cannot be written; they are tried again");
                break;
            }
            self.store.published(minute)?;
        }
        Ok(())
    }
}
