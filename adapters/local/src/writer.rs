//! Runs the store on a thread of its own and gathers deliveries into batches.
//!
//! While one batch is being made durable the next ones queue up, so the batch grows with the load.
//! No delivery waits for company: whoever is answered sends on while the next batch is written, and
//! were all of them gathered first, nobody would be left to use the other cores meanwhile. The queue
//! is bounded: when it is full, the door is told at once. A delivery is answered only after its
//! batch is on the disk. Its EMF lines are written by a thread beside, for which nothing waits.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ingest::Rejection;
use model::emf::Record;
use model::{Kind, Spec, Timestamp, catalogue as c};
use tokio::sync::{mpsc, oneshot};

use crate::news::{Attempt, News};
use crate::outlet::{Flow, Outcome, Outlet};
use crate::queue::{Batch, Command, Note, Reply};
use crate::store::{CLOCK_BACK_MAX, Committed};
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

/// A handle on the thread that writes. Dropping it lets the thread finish what it has.
#[derive(Debug)]
pub struct Writer {
    commands: mpsc::Sender<Command>,
    is_healthy: Arc<AtomicBool>,
    flow: Arc<Flow>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start(store: Store, settings: WriterSettings) -> io::Result<Self> {
        let (commands, queue) = mpsc::channel(settings.queue_len.max(1));
        let is_healthy = Arc::new(AtomicBool::new(true));
        let flow = Arc::new(Flow::default());
        let outlet =
            settings.sink.map(|sink| Outlet::start(sink, Arc::clone(&flow))).transpose()?;
        let worker = Worker {
            store,
            outlet,
            handed_over: None,
            retry_at: Timestamp::EPOCH,
            is_healthy: Arc::clone(&is_healthy),
            unrouted: Unrouted::default(),
        };
        let thread = thread::Builder::new().name("store".into()).spawn(|| worker.run(queue))?;
        Ok(Writer { commands, is_healthy, flow, thread })
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

    /// Makes one delivery durable, and waits for room in the queue instead of refusing. Blocks.
    ///
    /// # Errors
    /// [`Rejection::StoreUnavailable`] when the transaction failed or the thread is gone; nothing
    /// was taken then.
    pub fn take(&self, intake: Intake) -> Result<Answer, Rejection> {
        let (reply, answer) = oneshot::channel();
        let sent = self.commands.blocking_send(Command::Deliver(Box::new(intake), reply));
        sent.map_err(|_| Rejection::StoreUnavailable)?;
        answer.blocking_recv().unwrap_or(Err(Rejection::StoreUnavailable))
    }

    /// Lets time pass: closes minutes, gives up lost jobs, prunes, tries a failed store again.
    pub async fn tick(&self, now: Timestamp) {
        let (reply, done) = oneshot::channel();
        if self.commands.send(Command::Tick(now, reply)).await.is_ok() {
            let _ = done.await;
        }
    }

    /// Makes an evaluation's news durable; how many older notifications had to be given up for it.
    ///
    /// # Errors
    /// When the transaction failed or the thread is gone: nothing of it is known then.
    pub async fn note(&self, news: News) -> Result<u64, StoreError> {
        let (reply, done) = oneshot::channel();
        let sent = self.commands.send(Command::News(Box::new(news), reply)).await;
        sent.map_err(|_| StoreError::Ended)?;
        done.await.unwrap_or(Err(StoreError::Ended))
    }

    /// Notes what came of an attempt to deliver a notification. Blocks.
    ///
    /// # Errors
    /// When the transaction failed or the thread is gone: the notification is tried again then.
    pub fn tried(&self, attempt: Attempt) -> Result<(), StoreError> {
        let (reply, done) = oneshot::channel();
        let sent = self.commands.blocking_send(Command::Tried(Box::new(attempt), reply));
        sent.map_err(|_| StoreError::Ended)?;
        done.blocking_recv().unwrap_or(Err(StoreError::Ended)).map(drop)
    }

    /// Whether the last transaction went well and the thread is there to make the next.
    pub fn is_healthy(&self) -> bool {
        self.is_healthy.load(Ordering::Relaxed) && !self.thread.is_finished()
    }

    /// EMF records that wait to be written, and how many were written so far.
    pub fn emf_progress(&self) -> (usize, u64) {
        self.flow.progress()
    }

    /// Whether the last EMF lines could not be written.
    pub fn is_emf_failing(&self) -> bool {
        self.flow.is_failing()
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

/// The present after a batch whose latest instant is `latest`, if it names one. Time goes forward,
/// and back only when the clock was set back.
fn present_after(present: Timestamp, latest: Timestamp) -> Timestamp {
    let is_set_back = latest > Timestamp::EPOCH && latest.plus(CLOCK_BACK_MAX) < present;
    if is_set_back { latest } else { present.max(latest) }
}

struct Worker {
    store: Store,
    outlet: Option<Outlet>,
    /// The last minute that was handed over, while it is not known to have failed.
    handed_over: Option<i64>,
    /// After a failure, minutes are handed over again from then on.
    retry_at: Timestamp,
    is_healthy: Arc<AtomicBool>,
    unrouted: Unrouted,
}

/// A stream that failed is tried again after this time, however busy the store is.
const RETRY_EVERY: Duration = Duration::from_secs(1);

impl Worker {
    fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        let mut present = Timestamp::EPOCH;
        let mut finish = None;
        while let Some(first) = queue.blocking_recv() {
            let batch = Batch::gather(first, &mut queue);
            present = present_after(present, batch.latest);
            self.serve(batch.intakes, batch.replies, present);
            for (note, reply) in batch.notes {
                let noted = match note {
                    Note::News(news) => self.store.note(&news),
                    Note::Tried(attempt) => self.store.tried(&attempt).map(|()| 0),
                };
                let _ = reply.send(noted);
            }
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
                self.unrouted.tell(committed.taken.iter().flat_map(|taken| &taken.records));
                for (taken, reply) in committed.taken.iter().zip(replies) {
                    let answer = if taken.duplicate { Answer::Duplicate } else { Answer::Accepted };
                    // The client may have gone away; what it sent is durable all the same.
                    let _ = reply.send(Ok(answer));
                }
                self.publish_events(committed);
                let published = self.publish_minutes(false, now);
                self.note_health(published.err().as_ref());
                self.count_dropped(now);
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
            self.publish_events(committed);
        }
        self.retry_at = present;
        self.publish_minutes(true, present)?;
        while let Some(outcome) = self.outlet.as_mut().and_then(Outlet::wait) {
            self.note_outcome(outcome, present)?;
            self.publish_minutes(true, present)?;
        }
        if let Some(outlet) = &mut self.outlet {
            outlet.finish();
        }
        Ok(())
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

    fn publish_events(&self, committed: Committed) {
        if let Some(outlet) = self.outlet.as_ref().filter(|outlet| outlet.per_event) {
            let taken = committed.taken.into_iter().flat_map(|taken| taken.records);
            let mut records: Vec<Record> = taken.chain(committed.beside).collect();
            keep(&mut records, |spec| !is_of_no_event(spec));
            records.retain(|record| !record.points.is_empty());
            outlet.events(records);
        }
    }

    /// Hands over closed minutes as far as there is room. One that could not be written is handed
    /// over again.
    fn publish_minutes(&mut self, open_too: bool, now: Timestamp) -> Result<(), StoreError> {
        while let Some(outcome) = self.outlet.as_mut().and_then(Outlet::outcome) {
            self.note_outcome(outcome, now)?;
        }
        self.retry_at = self.retry_at.min(now.plus(RETRY_EVERY));
        let Some(outlet) = self.outlet.as_mut().filter(|_| now >= self.retry_at) else {
            return Ok(());
        };
        while outlet.has_room()
            && let Some((minute, mut records)) =
                self.store.next_after(self.handed_over, open_too)?
        {
            if outlet.per_event {
                keep(&mut records, is_of_no_event);
            }
            outlet.minute(minute, records);
            self.handed_over = Some(minute);
        }
        Ok(())
    }

    fn note_outcome(&mut self, outcome: Outcome, now: Timestamp) -> Result<(), StoreError> {
        match outcome {
            Outcome::Written(minute) => self.store.published(minute),
            Outcome::Failed => {
                (self.handed_over, self.retry_at) = (None, now.plus(RETRY_EVERY));
                Ok(())
            }
        }
    }

    fn count_dropped(&self, now: Timestamp) {
        let dropped = self.outlet.as_ref().map_or(0, Outlet::take_dropped);
        if dropped > 0 {
            self.store.count_dropped(dropped, now);
        }
    }
}

/// Levels, and what the scaler counts as it looks: written by the minute also where each event has
/// a line.
fn is_of_no_event(spec: &Spec) -> bool {
    let of_looks = [
        c::SCALER_TICKS.0,
        c::SCALER_DECISIONS.0,
        c::SCALER_FAILURES.0,
        c::BOOT_TIME.0,
        c::BOOTS_FAILED.0,
        c::SPOT_INTERRUPTIONS.0,
    ];
    spec.kind == Kind::Level || of_looks.contains(&spec)
}

fn keep(records: &mut [Record], is_kept: impl Fn(&Spec) -> bool) {
    for record in records {
        record.points.retain(|point| is_kept(point.spec));
    }
}
