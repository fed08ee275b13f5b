//! What the store costs: batches of parsed deliveries, folded, observed and committed.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use ingest::{Request, Secrets, receive};
use local::{Intake, Settings, Store};
use model::Timestamp;

use super::SECRET;
use super::traffic::Traffic;

/// Deliveries in a batch: about as many as 64 connections leave waiting.
pub(crate) const BATCH: usize = 32;

/// Enough for CPU time that is told in hundredths of a second.
const DELIVERIES: usize = 120_000;

const FIRST_JOB: u64 = 10_000_000_000;

const NOW_SECS: u32 = 1_800_000_000;

/// CPU time of the store for one delivery, in microseconds.
pub(crate) fn measure(dir: &Path) -> Result<f64, Box<dyn Error>> {
    let now = Timestamp::from_secs(NOW_SECS.into());
    let secrets = Secrets::new(&[SECRET])?;
    let traffic = Traffic::new(SECRET, "http://x/webhook", FIRST_JOB, NOW_SECS.into(), DELIVERIES)?;
    let mut room = traffic.room();
    let mut store = Store::open(&dir.join("commit.db"), Settings::default(), Arc::default())?;
    let mut spent = 0.0;
    for batch in 0..DELIVERIES / BATCH {
        let intakes = (batch * BATCH..(batch + 1) * BATCH).map(|number| {
            let request = traffic.request(number, &mut room);
            let delivery =
                receive(&parts(request)?, &secrets).map_err(|error| error.to_string())?;
            Ok(Intake { delivery, received_at: now })
        });
        let intakes: Vec<Intake> = intakes.collect::<Result<_, String>>()?;
        let before = cpu_secs()?;
        store.commit(&intakes, now)?;
        spent += cpu_secs()? - before;
    }
    Ok(spent * 1e6 / f64::from(u32::try_from(DELIVERIES)?))
}

/// CPU time of this thread, which Linux tells in nanoseconds.
/// <https://docs.kernel.org/scheduler/sched-stats.html>
fn cpu_secs() -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanos / 1e9)
}

/// What the door reads in a request.
fn parts(request: &[u8]) -> Result<Request<'_>, String> {
    let end = request.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no end of head")?;
    let head = std::str::from_utf8(&request[..end]).map_err(|error| error.to_string())?;
    let header = |name: &str| {
        head.lines().filter_map(|line| line.split_once(": ")).find(|(n, _)| *n == name).map(|h| h.1)
    };
    Ok(Request {
        event: header("X-GitHub-Event"),
        delivery: header("X-GitHub-Delivery"),
        signature: header("X-Hub-Signature-256"),
        content_type: header("Content-Type"),
        body: &request[end + 4..],
    })
}
