//! Writes EMF lines on a thread of its own: a reader that stops holds up neither the store nor a
//! delivery.
//!
//! Minutes are counted in the store, so one that could not be written is handed over again, and is
//! noted as published only when it is written. Lines of single events exist only here: what finds no
//! room or cannot be written is dropped and counted.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use model::emf::Record;

use crate::Sink;

/// Records that may wait for the stream: some seconds of a busy organisation's worst burst, and
/// about twenty megabytes.
pub(crate) const RECORDS_MAX: usize = 16 * 1024;

/// What became of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its lines are written.
    Written(i64),
    /// The stream failed. Minutes that were handed over after it are not written either.
    Failed,
}

/// The side of the store's thread.
#[derive(Debug)]
pub(crate) struct Outlet {
    jobs: Option<Sender<Job>>,
    outcomes: Receiver<Outcome>,
    flow: Arc<Flow>,
    thread: Option<JoinHandle<()>>,
    /// Rises with each failure: what was handed over before is forgotten.
    attempt: u64,
    minutes_under_way: usize,
    /// Whether events have lines of their own.
    pub(crate) per_event: bool,
}

#[derive(Debug)]
enum Job {
    Events(Vec<Record>),
    Minute { minute: i64, attempt: u64, records: Vec<Record> },
}

/// What both threads and the doors know of the stream.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    waiting: AtomicUsize,
    written: AtomicU64,
    dropped: AtomicU64,
    is_failing: AtomicBool,
}

impl Flow {
    /// Records that wait, and how many were written so far.
    pub(crate) fn progress(&self) -> (usize, u64) {
        (self.waiting.load(Ordering::Relaxed), self.written.load(Ordering::Relaxed))
    }

    /// Whether the last lines could not be written.
    pub(crate) fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Relaxed)
    }
}

impl Outlet {
    pub(crate) fn start(sink: Sink, flow: Arc<Flow>) -> io::Result<Self> {
        let (jobs, to_do) = channel();
        let (told, outcomes) = channel();
        let per_event = sink.per_event;
        let worker = Worker { sink, flow: Arc::clone(&flow), told, given_up: None };
        let thread = thread::Builder::new().name("emf".into()).spawn(|| worker.run(to_do))?;
        Ok(Outlet {
            jobs: Some(jobs),
            outcomes,
            flow,
            thread: Some(thread),
            attempt: 0,
            minutes_under_way: 0,
            per_event,
        })
    }

    /// Hands over the lines of events, or drops them when there is no room.
    pub(crate) fn events(&self, records: Vec<Record>) {
        if records.is_empty() {
            return;
        }
        match self.has_room() {
            true => self.hand_over(records.len(), Job::Events(records)),
            false => {
                self.flow.dropped.fetch_add(records.len() as u64, Ordering::Relaxed);
            }
        }
    }

    /// Hands over a minute; its outcome comes later.
    pub(crate) fn minute(&mut self, minute: i64, records: Vec<Record>) {
        self.minutes_under_way += 1;
        let (attempt, len) = (self.attempt, records.len());
        self.hand_over(len, Job::Minute { minute, attempt, records });
    }

    /// Whether more can be handed over.
    pub(crate) fn has_room(&self) -> bool {
        self.flow.waiting.load(Ordering::Relaxed) < RECORDS_MAX
    }

    /// Whether minutes are under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.minutes_under_way > 0
    }

    /// What became of a minute, if that is known by now.
    pub(crate) fn outcome(&mut self) -> Option<Outcome> {
        let outcome = self.outcomes.try_recv().ok();
        self.note(outcome)
    }

    /// What becomes of the next minute under way.
    pub(crate) fn wait(&mut self) -> Option<Outcome> {
        let outcome = self.is_busy().then(|| self.outcomes.recv().ok()).flatten();
        self.note(outcome)
    }

    /// How many events lost their lines since the last call.
    pub(crate) fn take_dropped(&self) -> u64 {
        self.flow.dropped.swap(0, Ordering::Relaxed)
    }

    /// Waits until everything is written.
    pub(crate) fn finish(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    fn hand_over(&self, records: usize, job: Job) {
        self.flow.waiting.fetch_add(records, Ordering::Relaxed);
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
        }
    }

    fn note(&mut self, outcome: Option<Outcome>) -> Option<Outcome> {
        match outcome? {
            Outcome::Written(_) => {
                self.minutes_under_way = self.minutes_under_way.saturating_sub(1);
            }
            Outcome::Failed => {
                self.minutes_under_way = 0;
                self.attempt += 1;
            }
        }
        outcome
    }
}

/// The side of the stream.
struct Worker {
    sink: Sink,
    flow: Arc<Flow>,
    told: Sender<Outcome>,
    /// The attempt of which no further minute is written.
    given_up: Option<u64>,
}

impl Worker {
    fn run(mut self, jobs: Receiver<Job>) {
        for job in jobs {
            match job {
                Job::Events(records) => {
                    if !self.write(&records) {
                        self.flow.dropped.fetch_add(records.len() as u64, Ordering::Relaxed);
                    }
                }
                Job::Minute { attempt, records, .. } if self.given_up == Some(attempt) => {
                    self.flow.waiting.fetch_sub(records.len(), Ordering::Relaxed);
                }
                Job::Minute { minute, attempt, records } => {
                    let outcome = match self.write(&records) {
                        true => Outcome::Written(minute),
                        false => Outcome::Failed,
                    };
                    self.given_up = (outcome == Outcome::Failed).then_some(attempt);
                    let _ = self.told.send(outcome);
                }
            }
        }
    }

    /// Whether the lines are written; says so in the log when that changes.
    fn write(&mut self, records: &[Record]) -> bool {
        let result = self.sink.write(records);
        self.flow.waiting.fetch_sub(records.len(), Ordering::Relaxed);
        let was_failing = self.flow.is_failing.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Ok(()) => {
                self.flow.written.fetch_add(records.len() as u64, Ordering::Relaxed);
                if was_failing {
                    tracing::info!("EMF lines can be written again");
                }
            }
            Err(error) if !was_failing => {
                tracing::error!(%error, "EMF lines cannot be written; minutes are tried again");
            }
            Err(_) => {}
        }
        result.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingest::{Observer, Rejection};
    use model::Timestamp;
    use model::emf::Encoder;
    use std::io::Write;

    /// A stream that stands still until it is let go on.
    struct Gate(Receiver<()>);

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn records(len: usize) -> Vec<Record> {
        vec![Observer::default().rejected(&Rejection::TooSlow, Timestamp::EPOCH); len]
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_counted_and_the_rest_is_written() {
        let (go, gate) = channel();
        let sink = Sink { out: Box::new(Gate(gate)), encoder: Encoder::default(), per_event: true };
        let flow = Arc::new(Flow::default());
        let mut outlet = Outlet::start(sink, Arc::clone(&flow)).unwrap();
        outlet.events(records(RECORDS_MAX - 1));
        outlet.events(records(1));
        assert_eq!((outlet.has_room(), outlet.take_dropped()), (false, 0));
        for _ in 0..3 {
            outlet.events(records(2));
        }
        assert_eq!((flow.progress(), outlet.take_dropped()), ((RECORDS_MAX, 0), 6));
        drop(go);
        outlet.finish();
        assert_eq!((flow.progress(), outlet.take_dropped()), ((0, RECORDS_MAX as u64), 0));
    }

    /// Fails once.
    struct Stubborn(bool);

    impl Write for Stubborn {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match std::mem::replace(&mut self.0, true) {
                true => Ok(bytes.len()),
                false => Err(io::ErrorKind::BrokenPipe.into()),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_minute_overtakes_one_that_failed() {
        let out = Box::new(Stubborn(false));
        let sink = Sink { out, encoder: Encoder::default(), per_event: false };
        let mut outlet = Outlet::start(sink, Arc::default()).unwrap();
        for minute in 1..=3 {
            outlet.minute(minute, records(1));
        }
        assert_eq!((outlet.wait(), outlet.wait()), (Some(Outcome::Failed), None));
        for minute in 1..=3 {
            outlet.minute(minute, records(1));
        }
        for minute in 1..=3 {
            assert_eq!(outlet.wait(), Some(Outcome::Written(minute)));
        }
    }
}
