//! Runs the store on a thread of its own and gathers deliveries into batches.
//!
//! While one batch is being made durable the next ones queue up, so the batch grows with the load
//! and a lone delivery never waits for company. The queue is bounded: when it is full, the door is
//! told at once. A delivery is answered only after its batch is on the disk, and with one EMF line
//! an event also after its lines are written.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use ingest::Rejection;
use model::Timestamp;
use model::emf::{Encoder, Record};
use tokio::sync::{mpsc, oneshot};

use crate::{Intake, Store, StoreError, Taken};

/// Deliveries in one transaction at most. At 20,000 a second this is 50 ms of traffic.
const BATCH_MAX: usize = 1024;

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is durable.
    Accepted,
    /// It repeats one that is durable.
    Duplicate,
}

/// Where EMF lines go.
pub struct Sink {
    /// The stream.
    pub out: Box<dyn Write + Send>,
    /// How lines are written.
    pub encoder: Encoder,
    /// One line an event, with its properties, instead of aggregates by minute.
    pub per_event: bool,
}

/// How the thread works.
#[derive(Default)]
pub struct WriterSettings {
    /// Where EMF lines go, if anywhere.
    pub sink: Option<Sink>,
    /// Deliveries that may wait for the thread.
    pub queue_len: usize,
}

type Reply = oneshot::Sender<Result<Answer, Rejection>>;

enum Command {
    Deliver(Box<Intake>, Reply),
    Tick(Timestamp, oneshot::Sender<()>),
}

/// A handle on the thread that writes. Dropping it lets the thread finish what it has.
#[derive(Debug)]
pub struct Writer {
    commands: mpsc::Sender<Command>,
    is_healthy: Arc<AtomicBool>,
    thread: JoinHandle<Result<(), StoreError>>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(store: Store, settings: WriterSettings) -> io::Result<Self> {
        let (commands, queue) = mpsc::channel(settings.queue_len.max(1));
        let is_healthy = Arc::new(AtomicBool::new(true));
        let worker = Worker { store, sink: settings.sink, is_healthy: Arc::clone(&is_healthy) };
        let thread = thread::Builder::new().name("store".into()).spawn(|| worker.run(queue))?;
        Ok(Writer { commands, is_healthy, thread })
    }

    /// Makes one delivery durable.
    ///
    /// # Errors
    /// [`Rejection::Overloaded`] when the queue is full, [`Rejection::StoreUnavailable`] when the
    /// transaction failed; in both cases nothing was taken.
    pub async fn deliver(&self, intake: Intake) -> Result<Answer, Rejection> {
        let (reply, answer) = oneshot::channel();
        self.commands
            .try_send(Command::Deliver(Box::new(intake), reply))
            .map_err(|_| Rejection::Overloaded)?;
        answer.await.unwrap_or(Err(Rejection::StoreUnavailable))
    }

    /// Lets time pass: closes minutes, gives up lost jobs, prunes, tries a failed store again.
    pub async fn tick(&self, now: Timestamp) {
        let (reply, done) = oneshot::channel();
        if self.commands.send(Command::Tick(now, reply)).await.is_ok() {
            let _ = done.await;
        }
    }

    /// Whether the last transaction went well.
    pub fn is_healthy(&self) -> bool {
        self.is_healthy.load(Ordering::Relaxed)
    }

    /// Ends after everything that was queued is durable and published.
    ///
    /// # Errors
    /// When the last minutes could not be published.
    pub fn finish(self) -> Result<(), StoreError> {
        drop(self.commands);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

struct Worker {
    store: Store,
    sink: Option<Sink>,
    is_healthy: Arc<AtomicBool>,
}

impl Worker {
    fn run(mut self, mut queue: mpsc::Receiver<Command>) -> Result<(), StoreError> {
        let mut present = Timestamp::EPOCH;
        while let Some(first) = queue.blocking_recv() {
            let (mut intakes, mut replies, mut ticks) = (Vec::new(), Vec::new(), Vec::new());
            let mut next = Some(first);
            while let Some(command) = next {
                match command {
                    Command::Deliver(intake, reply) => {
                        present = present.max(intake.received_at);
                        intakes.push(*intake);
                        replies.push(reply);
                    }
                    Command::Tick(now, reply) => {
                        present = present.max(now);
                        ticks.push(reply);
                    }
                }
                next = (intakes.len() < BATCH_MAX).then(|| queue.try_recv().ok()).flatten();
            }
            self.serve(&intakes, replies, present);
            for tick in ticks {
                let _ = tick.send(());
            }
        }
        self.publish_minutes(true)
    }

    fn serve(&mut self, intakes: &[Intake], replies: Vec<Reply>, now: Timestamp) {
        let outcome = self.store.commit(intakes, now);
        self.note_health(outcome.as_ref().err());
        match outcome {
            Ok(taken) => {
                self.publish_events(&taken);
                for (taken, reply) in taken.into_iter().zip(replies) {
                    let answer = if taken.duplicate { Answer::Duplicate } else { Answer::Accepted };
                    // The client may have gone away; what it sent is durable all the same.
                    let _ = reply.send(Ok(answer));
                }
                if let Err(error) = self.publish_minutes(false) {
                    self.note_health(Some(&error));
                }
            }
            Err(_) => {
                for reply in replies {
                    let _ = reply.send(Err(Rejection::StoreUnavailable));
                }
            }
        }
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

    fn publish_events(&mut self, taken: &[Taken]) {
        if let Some(sink) = self.sink.as_mut().filter(|sink| sink.per_event) {
            let records = taken.iter().flat_map(|taken| &taken.records);
            if let Err(error) = write_records(sink, records) {
                tracing::error!(%error, "EMF lines cannot be written");
            }
        }
    }

    /// Writes the lines of closed minutes. A minute that cannot be written is tried again.
    fn publish_minutes(&mut self, open_too: bool) -> Result<(), StoreError> {
        let Some(sink) = self.sink.as_mut().filter(|sink| !sink.per_event) else { return Ok(()) };
        while let Some((minute, records)) = self.store.next_to_publish(open_too)? {
            if let Err(error) = write_records(sink, &records) {
                tracing::error!(%error, "EMF lines cannot be written; they are tried again");
                break;
            }
            self.store.published(minute)?;
        }
        Ok(())
    }
}

fn write_records<'a>(
    sink: &mut Sink,
    records: impl IntoIterator<Item = &'a Record>,
) -> io::Result<()> {
    let mut lines = Vec::new();
    for record in records {
        sink.encoder.write(record, &mut lines).map_err(io::Error::other)?;
    }
    sink.out.write_all(&lines)?;
    sink.out.flush()
}
