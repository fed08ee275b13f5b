//! The writer's thread: batches, a full queue, failures, the end.

use std::io::{self, Write};
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::failing::{FAILURES, Failure};
use crate::world::{World, job, secs};
use ingest::Rejection;
use local::{Answer, Sink, Writer, WriterSettings};
use model::Phase::{InProgress, Queued};
use model::catalogue::EMF_EVENTS_DROPPED;
use model::emf::Encoder;
use rusqlite::Connection;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Puts a delivery into the queue and does not wait for the answer.
fn send<F: Future>(future: &mut Pin<&mut F>) -> bool {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

/// Lines that a story reads later.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// The member of that name in every line that has it.
    fn values(&self, metric: &str) -> Vec<u64> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let values = text.lines().map(|line| serde_json::from_str(line).unwrap());
        values.filter_map(|line: serde_json::Value| line[metric].as_u64()).collect()
    }
}

/// A stream that stands still until a story lets it go on.
struct Gate {
    entered: Sender<()>,
    may_go: Receiver<()>,
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.entered.send(()).map_err(io::Error::other)?;
        // Whoever has left the story lets everything pass.
        let _ = self.may_go.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn start(world: &mut World, out: impl Write + Send + 'static, per_event: bool) -> Writer {
    let sink = Sink { out: Box::new(out), encoder: Encoder::default(), per_event };
    let settings = WriterSettings { sink: Some(sink), queue_len: 3 };
    Writer::start(world.take_store(), settings).unwrap()
}

/// Another connection has the file for itself: transactions wait until it lets go.
struct Held(Connection);

impl Held {
    fn of(world: &World) -> Self {
        let file = Connection::open(world.path()).unwrap();
        file.execute_batch("BEGIN IMMEDIATE").unwrap();
        Held(file)
    }

    fn let_go(self) {
        self.0.execute_batch("ROLLBACK").unwrap();
    }
}

/// Counts what is written.
#[derive(Clone, Default)]
struct Writes(Arc<Mutex<usize>>);

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.0.lock().unwrap() += usize::from(!bytes.is_empty());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_queues_up_meanwhile_becomes_one_batch() {
    let (mut world, written) = (World::new(), Writes::default());
    let intakes = [1, 2, 3].map(|id| world.delivery(job(id), Queued));
    let held = Held::of(&world);
    let writer = start(&mut world, written.clone(), true);
    let [a, b, c] = intakes.map(|intake| writer.deliver(intake));
    let (mut a, mut b, mut c) = (pin!(a), pin!(b), pin!(c));
    assert!(send(&mut a) && send(&mut b) && send(&mut c));
    held.let_go();
    for answer in [a, b, c] {
        assert_eq!(block_on(answer), Ok(Answer::Accepted));
    }
    block_on(writer.finish()).unwrap();
    let times = *written.0.lock().unwrap();
    assert!(times <= 3, "the first one alone at most, the rest together, and the end: {times}");
}

#[test]
fn a_full_queue_is_told_at_once() {
    let mut world = World::new();
    let intakes: Vec<_> = (1..=1000).map(|id| world.delivery(job(id), Queued)).collect();
    let held = Held::of(&world);
    let writer = start(&mut world, io::sink(), true);
    let mut waiting = Vec::new();
    let mut refused = 0;
    for intake in intakes {
        let mut answer = Box::pin(writer.deliver(intake));
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => waiting.push(answer),
            Poll::Ready(answer) => {
                assert_eq!(answer, Err(Rejection::Overloaded));
                refused += 1;
            }
        }
    }
    assert!(refused > 0 && waiting.len() >= 3, "{refused} refused, {} wait", waiting.len());
    held.let_go();
    let taken = waiting.len() as u64;
    for answer in waiting {
        assert_eq!(block_on(answer), Ok(Answer::Accepted));
    }
    assert_eq!(world.totals("linux"), [taken, 0, 0]);
}

#[test]
fn all_of_a_batch_that_fails_is_told_so_and_can_be_sent_again() {
    for fail in FAILURES {
        let mut world = World::new();
        let batch = [2, 3, 4].map(|id| world.delivery(job(id), Queued));
        let writer = start(&mut world, io::sink(), true);
        let failure: Failure = fail(&world);
        let held = Held::of(&world);
        let [b, c, d] = batch.clone().map(|intake| writer.deliver(intake));
        let (mut b, mut c, mut d) = (pin!(b), pin!(c), pin!(d));
        assert!(send(&mut b) && send(&mut c) && send(&mut d));
        held.let_go();
        for answer in [b, c, d] {
            assert_eq!(block_on(answer), Err(Rejection::StoreUnavailable));
        }
        assert!(!writer.is_healthy());
        drop(failure);
        block_on(writer.tick(secs(2)));
        assert!(writer.is_healthy());
        for intake in batch {
            assert_eq!(block_on(writer.deliver(intake)), Ok(Answer::Accepted));
        }
        assert_eq!(world.totals("linux"), [3, 0, 0]);
    }
}

/// A writer whose lines nobody reads.
fn unread(world: &mut World, per_event: bool) -> (Writer, Receiver<()>, Sender<()>) {
    let ((entered, is_in), (go, may_go)) = (channel(), channel());
    (start(world, Gate { entered, may_go }, per_event), is_in, go)
}

#[test]
fn a_reader_that_stops_holds_up_no_delivery() {
    for per_event in [true, false] {
        let mut world = World::new();
        let (writer, is_in, go) = unread(&mut world, per_event);
        block_on(writer.tick(secs(0)));
        for minute in 0..5_u32 {
            let at = i64::from(minute) * 60;
            let intake = world.at(at).delivery(job(u64::from(minute)), Queued);
            assert_eq!(block_on(writer.deliver(intake)), Ok(Answer::Accepted));
            block_on(writer.tick(secs(at)));
        }
        is_in.recv().unwrap();
        assert!(writer.is_healthy() && writer.emf_progress().0 > 0, "lines wait");
        assert_eq!(world.totals("linux"), [5, 0, 0]);
        // Read on, and nothing is missing.
        drop((go, is_in));
    }
}

#[test]
fn what_waited_for_its_reader_is_written_in_order_and_once() {
    let (mut world, lines) = (World::new(), Lines::default());
    let held = lines.0.clone();
    let held = held.lock().unwrap();
    let writer = start(&mut world, lines.clone(), false);
    block_on(writer.tick(secs(0)));
    for minute in 0..5_u32 {
        let intake = world.at(i64::from(minute) * 60).delivery(job(u64::from(minute)), Queued);
        assert_eq!(block_on(writer.deliver(intake)), Ok(Answer::Accepted));
    }
    drop(held);
    block_on(writer.finish()).unwrap();
    assert_eq!(lines.values("JobEvents"), [1; 5]);
    assert_eq!(
        lines.values("JobsWaiting").into_iter().step_by(2).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
}

#[test]
fn events_whose_lines_cannot_be_written_are_counted() {
    let mut world = World::new();
    let writer = start(&mut world, Broken, true);
    for id in 1..=3 {
        let intake = world.delivery(job(id), Queued);
        assert_eq!(block_on(writer.deliver(intake)), Ok(Answer::Accepted));
    }
    let dropped = until(|| {
        block_on(writer.tick(secs(1)));
        let counted = world.meter.since_start();
        let dropped = counted.iter().find(|(key, _)| key.spec == EMF_EVENTS_DROPPED.0);
        dropped.map(|(_, sum)| sum.sum).filter(|dropped| *dropped >= 3)
    });
    assert!(dropped >= 3 && writer.is_emf_failing() && writer.is_healthy());
}

/// Looks until there is an answer; what takes a minute has failed.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = look() {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "waited in vain");
        std::thread::yield_now();
    }
}

/// Nobody reads any more.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_tick_without_work_does_not_call_a_failing_store_well() {
    let mut world = World::new();
    let (queued, started) = (world.delivery(job(1), Queued), world.delivery(job(1), InProgress));
    let writer = start(&mut world, io::sink(), false);
    assert_eq!(block_on(writer.deliver(queued)), Ok(Answer::Accepted));
    let failure = Failure::of_committing(&world);
    assert_eq!(block_on(writer.deliver(started)), Err(Rejection::StoreUnavailable));
    block_on(writer.tick(secs(1)));
    assert!(!writer.is_healthy());
    drop(failure);
    block_on(writer.tick(secs(1)));
    assert!(writer.is_healthy());
}

#[test]
fn the_end_drains_the_queue_and_publishes_everything() {
    let (mut world, lines) = (World::new(), Lines::default());
    let writer = start(&mut world, lines.clone(), false);
    let (first, second) = (world.delivery(job(1), Queued), world.delivery(job(2), Queued));
    for intake in [first.clone(), second, first] {
        // The client goes away before it hears the answer.
        assert!(send(&mut pin!(writer.deliver(intake))));
    }
    let rejected = ingest::Observer::default().rejected(&Rejection::TooSlow, secs(3));
    world.meter.observe(rejected);
    block_on(writer.finish()).unwrap();
    assert_eq!(lines.values("JobEvents"), [2]);
    assert_eq!(lines.values("DeliveriesDuplicate"), [1]);
    assert_eq!(lines.values("DeliveriesRejected"), [1], "what the rim counted last");
    assert_eq!(lines.values("JobsWaiting"), [2, 2], "of the fleet and of the pool");
    assert_eq!(world.totals("linux"), [2, 0, 0]);
}

#[test]
fn with_a_line_for_each_event_levels_and_the_rim_are_still_published() {
    let (mut world, lines) = (World::new(), Lines::default());
    let writer = start(&mut world, lines.clone(), true);
    block_on(writer.tick(secs(0)));
    let queued = world.delivery(job(1), Queued);
    block_on(writer.deliver(queued)).unwrap();
    world.meter.observe(ingest::Observer::default().rejected(&Rejection::TooSlow, secs(3)));
    let started = world.at(60).delivery(job(1), InProgress);
    block_on(writer.deliver(started)).unwrap();
    block_on(writer.finish()).unwrap();
    assert_eq!(lines.values("JobEvents"), [1, 1], "each event once");
    assert_eq!(lines.values("DeliveriesRejected"), [1]);
    assert_eq!(lines.values("JobsWaiting"), [1, 1, 0, 0], "of two minutes, the second cut short");
}

/// Fails once, then writes.
struct Stubborn(bool, Lines);

impl Write for Stubborn {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::mem::replace(&mut self.0, true) {
            true => self.1.write(bytes),
            false => Err(io::Error::other("broken pipe")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_minute_that_could_not_be_written_is_written_next_time() {
    let (mut world, lines) = (World::new(), Lines::default());
    let writer = start(&mut world, Stubborn(false, lines.clone()), false);
    let queued = world.delivery(job(1), Queued);
    block_on(writer.tick(secs(0)));
    block_on(writer.deliver(queued)).unwrap();
    block_on(writer.tick(secs(60)));
    until(|| writer.is_emf_failing().then_some(()));
    assert!(lines.values("JobEvents").is_empty());
    let second = std::cell::Cell::new(61);
    until(|| {
        second.set(second.get() + 1);
        block_on(writer.tick(secs(second.get().min(119))));
        (!writer.is_emf_failing()).then_some(())
    });
    block_on(writer.finish()).unwrap();
    assert_eq!(lines.values("JobEvents"), [1]);
}
