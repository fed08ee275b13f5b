//! The writer's thread: batches, a full queue, failures, the end.

use std::io::{self, Write};
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use crate::failing::{FAILURES, Failure};
use crate::world::{World, job, secs};
use ingest::Rejection;
use local::{Answer, Sink, Writer, WriterSettings};
use model::Phase::{InProgress, Queued};
use model::emf::Encoder;

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

/// A writer that has one delivery in work and stands still.
fn busy(world: &mut World) -> (Writer, Receiver<()>, Sender<()>) {
    let ((entered, is_in), (go, may_go)) = (channel(), channel());
    let writer = start(world, Gate { entered, may_go }, true);
    let intake = world.delivery(job(1), Queued);
    assert!(send(&mut pin!(writer.deliver(intake))));
    is_in.recv().unwrap();
    (writer, is_in, go)
}

#[test]
fn what_queues_up_meanwhile_becomes_one_batch() {
    let mut world = World::new();
    let (writer, is_in, go) = busy(&mut world);
    let [b, c, d] = [2, 3, 4].map(|id| world.delivery(job(id), Queued));
    let (mut b, mut c, mut d) =
        (pin!(writer.deliver(b)), pin!(writer.deliver(c)), pin!(writer.deliver(d)));
    assert!(send(&mut b) && send(&mut c) && send(&mut d));
    go.send(()).unwrap();
    is_in.recv().unwrap();
    go.send(()).unwrap();
    for answer in [b, c, d] {
        assert_eq!(block_on(answer), Ok(Answer::Accepted));
    }
    assert!(is_in.try_recv().is_err(), "the three were written together");
}

#[test]
fn a_full_queue_is_told_at_once() {
    let mut world = World::new();
    let (writer, _is_in, go) = busy(&mut world);
    let [b, c, d, e] = [2, 3, 4, 5].map(|id| world.delivery(job(id), Queued));
    let (mut b, mut c, mut d) =
        (pin!(writer.deliver(b)), pin!(writer.deliver(c)), pin!(writer.deliver(d)));
    assert!(send(&mut b) && send(&mut c) && send(&mut d));
    assert_eq!(block_on(writer.deliver(e)), Err(Rejection::Overloaded));
    drop(go);
    assert_eq!(block_on(d), Ok(Answer::Accepted));
    assert_eq!(world.totals("linux"), [4, 0, 0]);
}

#[test]
fn all_of_a_batch_that_fails_is_told_so_and_can_be_sent_again() {
    for fail in FAILURES {
        let mut world = World::new();
        let (writer, _is_in, go) = busy(&mut world);
        let batch = [2, 3, 4].map(|id| world.delivery(job(id), Queued));
        let [b, c, d] = batch.clone();
        let (mut b, mut c, mut d) =
            (pin!(writer.deliver(b)), pin!(writer.deliver(c)), pin!(writer.deliver(d)));
        assert!(send(&mut b) && send(&mut c) && send(&mut d));
        let failure: Failure = fail(&world);
        drop(go);
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
        assert_eq!(world.totals("linux"), [4, 0, 0]);
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
    block_on(writer.tick(secs(60)));
    assert_eq!(lines.values("JobEvents"), [1, 1], "each event once");
    assert_eq!(lines.values("DeliveriesRejected"), [1]);
    assert_eq!(lines.values("JobsWaiting"), [1, 1]);
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
    assert!(lines.values("JobEvents").is_empty());
    block_on(writer.tick(secs(61)));
    block_on(writer.tick(secs(62)));
    assert_eq!(lines.values("JobEvents"), [1]);
}
