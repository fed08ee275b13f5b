//! Sends the requests on connections that are kept open, on one thread.
//!
//! At a given rate each request has an instant at which it is due, and its latency counts from
//! there: a server that stalls does not make the clock stall with it.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{sleep_until, timeout};

use super::outcome::{Outcome, Tally};
use super::process::Usage;
use super::traffic::{Template, Traffic};

/// As many a second are signed for a run without a rate; it ends earlier if they run out.
const RATE_MAX: u32 = 30_000;

/// The run is told in so many parts, so that a drift shows.
const SLICES: u32 = 10;

/// A server that does not answer for so long is down.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// What to send, and how fast.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    /// Webhooks a second; `None`: as many as are answered.
    pub(crate) rate: Option<u32>,
    /// Connections, each with one request under way.
    pub(crate) connections: usize,
    /// How long.
    pub(crate) seconds: u32,
    /// The server's process.
    pub(crate) pid: Option<u32>,
}

impl Load {
    /// How many webhooks are sent at most.
    pub(crate) fn webhooks_max(&self) -> usize {
        self.rate.unwrap_or(RATE_MAX) as usize * self.seconds as usize
    }
}

/// Everything the connections share.
struct Run {
    load: Load,
    traffic: Traffic,
    begun_at: Instant,
    next: RefCell<usize>,
    tally: RefCell<Tally>,
}

/// Sends everything.
pub(crate) fn run(load: &Load, traffic: Traffic) -> io::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, drive(load.clone(), traffic))
}

async fn drive(load: Load, traffic: Traffic) -> io::Result<Outcome> {
    let mut streams = Vec::new();
    for _ in 0..load.connections {
        let stream = TcpStream::connect(load.address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let before = load.pid.map(Usage::of).transpose()?;
    let run = Rc::new(Run {
        load,
        traffic,
        begun_at: Instant::now(),
        next: RefCell::new(0),
        tally: RefCell::new(Tally::default()),
    });
    let mut connections = JoinSet::new();
    for stream in streams {
        connections.spawn_local(connection(Rc::clone(&run), stream));
    }
    let slices = tokio::task::spawn_local(slices(Rc::clone(&run), before));
    while let Some(ended) = connections.join_next().await {
        ended.map_err(io::Error::other)??;
    }
    let took = run.begun_at.elapsed();
    slices.abort();
    let used = before.zip(run.load.pid.map(Usage::of).transpose()?);
    let connections = run.load.connections;
    Ok(run.tally.take().outcome(took, connections, used))
}

async fn connection(run: Rc<Run>, mut stream: TcpStream) -> io::Result<()> {
    let (mut room, mut answer) = (run.traffic.room(), Vec::with_capacity(1024));
    while let Some((number, due_at)) = run.turn().await {
        let asking = ask(&run, number, &mut stream, &mut room, &mut answer);
        let status = timeout(ANSWER_TIME_MAX, asking).await??;
        run.tally.borrow_mut().answered(due_at.elapsed(), status);
    }
    Ok(())
}

impl Run {
    /// The next request and when it is due; `None` when the run is over.
    async fn turn(&self) -> Option<(usize, Instant)> {
        let number = self.next.replace_with(|next| *next + 1);
        let over = self.begun_at + Duration::from_secs(self.load.seconds.into());
        let now = Instant::now();
        let due_at = match self.load.rate {
            None => now,
            Some(rate) => {
                let due = Duration::from_secs(number as u64) / rate;
                self.begun_at + due
            }
        };
        if number >= self.traffic.len() || now >= over || due_at >= over {
            return None;
        }
        if due_at > now {
            sleep_until(due_at.into()).await;
        }
        Some((number, due_at))
    }
}

async fn ask(
    run: &Run,
    number: usize,
    stream: &mut TcpStream,
    room: &mut [Template],
    answer: &mut Vec<u8>,
) -> io::Result<u16> {
    stream.write_all(run.traffic.request(number, room)).await?;
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(status) = whole(answer) {
            return Ok(status);
        }
    }
}

/// The status of an answer that is there to its end.
fn whole(answer: &[u8]) -> Option<u16> {
    let head_len = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..head_len]).ok()?;
    let value = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    };
    let body_len = head.lines().find_map(value)?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (answer.len() >= head_len + body_len).then_some(status)
}

/// Notes how it goes, part by part.
async fn slices(run: Rc<Run>, before: Option<Usage>) {
    let every = Duration::from_secs(run.load.seconds.into()) / SLICES;
    let mut before = before;
    for n in 1..=SLICES {
        sleep_until((run.begun_at + every * n).into()).await;
        let now = run.load.pid.and_then(|pid| Usage::of(pid).ok());
        run.tally.borrow_mut().end_slice(every, before.zip(now));
        before = now;
    }
}
