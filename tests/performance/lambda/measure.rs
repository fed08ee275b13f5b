//! One program behind the Runtime API: its starts, and its cost for each event.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::SECRET;
use super::runtime_api::{Outcome, RuntimeApi};

/// Sandboxes that are started.
const STARTS: usize = 60;

/// Events before the processor time is looked at.
const WARM_UP: usize = 500;

/// What was measured of one program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    /// As `cargo build --release` leaves it, with the names of its functions.
    pub(crate) bytes: u64,
    /// From its start to its first answer, median.
    pub(crate) start_p50: Duration,
    /// The same of the slowest twentieth.
    pub(crate) start_p95: Duration,
    /// Processor time for one event, in microseconds.
    pub(crate) cpu_us: f64,
    /// The most memory it ever had, in MiB.
    pub(crate) rss_mib: f64,
}

/// Everything that was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) function: Program,
    pub(crate) echo: Program,
    pub(crate) sockets: Program,
    pub(crate) event_bytes: usize,
}

/// Measures a program.
pub(crate) fn program(path: &Path, events: &[Vec<u8>]) -> Result<Program, Box<dyn Error>> {
    eprintln!("starting {} {STARTS} times", path.display());
    let first = events.first().ok_or("there are no events")?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let begun_at = Instant::now();
        let sandbox = Sandbox::start(path)?;
        sandbox.invoke(first)?;
        starts.push(begun_at.elapsed());
    }
    starts.sort();
    eprintln!("invoking it {} times", events.len());
    let sandbox = Sandbox::start(path)?;
    for event in &events[..WARM_UP] {
        sandbox.invoke(event)?;
    }
    let before = sandbox.cpu()?;
    for event in &events[WARM_UP..] {
        sandbox.invoke(event)?;
    }
    let spent = sandbox.cpu()?.saturating_sub(before);
    let measured = u32::try_from(events.len() - WARM_UP)?;
    Ok(Program {
        bytes: fs::metadata(path)?.len(),
        start_p50: starts[STARTS / 2],
        start_p95: starts[STARTS * 95 / 100],
        cpu_us: spent.as_secs_f64() * 1e6 / f64::from(measured),
        rss_mib: sandbox.rss_mib()?,
    })
}

struct Sandbox {
    child: Child,
    api: RuntimeApi,
}

impl Sandbox {
    fn start(path: &Path) -> Result<Self, Box<dyn Error>> {
        let api = RuntimeApi::start()?;
        let child = Command::new(path)
            .env_clear()
            .envs(api.variables())
            .env("HEADROOM_WEBHOOK_SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Sandbox { child, api })
    }

    fn invoke(&self, event: &[u8]) -> Result<(), Box<dyn Error>> {
        match self.api.invoke(event.to_vec())? {
            Outcome::Response(answer) if answer.contains("\"statusCode\":202") => Ok(()),
            other => Err(format!("{other:?}").into()),
        }
    }

    /// Processor time of all its threads, which Linux tells in nanoseconds.
    /// <https://docs.kernel.org/scheduler/sched-stats.html>
    fn cpu(&self) -> Result<Duration, Box<dyn Error>> {
        let mut nanos = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = fs::read_to_string(thread?.path().join("schedstat"))?;
            nanos += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    fn rss_mib(&self) -> Result<f64, Box<dyn Error>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?;
        Ok(kib.parse::<f64>()? / 1024.0)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Lambda does not ask either.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.api.close();
    }
}
