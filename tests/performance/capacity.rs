//! The capacity report of ten million jobs: how long it takes, and how much memory.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::process::Usage;

/// Jobs of the report.
pub(crate) const JOBS: u64 = 10_000_000;

/// The period of the report is within them: so many days have jobs.
const DAYS: u64 = 62;

/// The length of a line of the trace, for which names of repositories are padded.
pub(crate) const LINE_BYTES: u64 = 300;

/// How far back the reports go.
const PERIODS: [&str; 2] = ["28d", "56d"];

/// How often the memory is looked at; Linux keeps the most there was.
const LOOK: Duration = Duration::from_millis(20);

/// Where the jobs came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Trace,
    Store,
}

/// One report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) from: From,
    pub(crate) period: &'static str,
    /// Whether it recommends.
    pub(crate) has_replay: bool,
    pub(crate) took: Duration,
    pub(crate) rss_mib_max: f64,
}

/// Writes the trace, imports it, and reports of both.
pub(crate) fn measure(headroom: &Path, dir: &Path) -> Result<Vec<Run>, Box<dyn Error>> {
    let (trace, store) = (dir.join("capacity.csv"), dir.join("capacity.db"));
    write(&headroom.with_file_name("examples").join("jobs"), &trace)?;
    let mut runs = reports(headroom, &trace, From::Trace)?;
    let status = Command::new(headroom)
        .args(["import", "--format", "trace", "--store"])
        .args([&store, &trace])
        .current_dir(dir)
        .stdout(Stdio::null())
        .status()?;
    if !status.success() {
        return Err("the import for the report failed".into());
    }
    fs::remove_file(&trace)?;
    runs.extend(reports(headroom, &store, From::Store)?);
    Ok(runs)
}

fn write(jobs: &Path, trace: &Path) -> Result<(), Box<dyn Error>> {
    let options = [("--jobs", JOBS), ("--days", DAYS), ("--line-bytes", LINE_BYTES)];
    let options = options.map(|(name, value)| format!("{name}={value}"));
    let status = Command::new(jobs).args(options).stdout(File::create(trace)?).status()?;
    status.success().then_some(()).ok_or_else(|| "the trace could not be written".into())
}

fn reports(headroom: &Path, path: &PathBuf, from: From) -> Result<Vec<Run>, Box<dyn Error>> {
    let source = match from {
        From::Trace => "--trace",
        From::Store => "--store",
    };
    let mut runs = Vec::new();
    for period in PERIODS {
        for has_replay in [false, true] {
            let mut command = Command::new(headroom);
            command.args(["report", "--format=json", "--since", period, source]).arg(path);
            if !has_replay {
                command.arg("--no-replay");
            }
            let (took, rss_mib_max) = watched(command)?;
            runs.push(Run { from, period, has_replay, took, rss_mib_max });
        }
    }
    Ok(runs)
}

/// How long it takes, and the most memory it had.
fn watched(mut command: Command) -> Result<(Duration, f64), Box<dyn Error>> {
    let begun_at = Instant::now();
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let pid = process.id();
    let (sender, ended) = channel();
    thread::spawn(move || sender.send(process.wait()));
    let mut most = 0.0_f64;
    loop {
        if let Ok(usage) = Usage::of(pid) {
            most = most.max(usage.rss_mib_max);
        }
        match ended.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err("headroom report was lost".into()),
            Ok(status) => {
                let (took, status) = (begun_at.elapsed(), status?);
                return match status.success() {
                    true => Ok((took, most)),
                    false => Err(format!("headroom report: {status}").into()),
                };
            }
        }
    }
}
