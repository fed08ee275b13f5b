//! A history of many jobs, as a trace that is imported.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Each job was queued, started and completed.
const EVENTS_PER_JOB: u64 = 3;

/// The jobs are spread over so many days.
const DAYS: u64 = 30;

/// They ran in so many pools, of as many repositories each; where more pools are asked for, of as many
/// repositories still.
pub(crate) const POOLS: u64 = 8;

/// How an import went.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History {
    pub(crate) jobs: u64,
    pub(crate) events: u64,
    pub(crate) took: Duration,
    pub(crate) store_bytes: u64,
}

impl History {
    pub(crate) fn per_sec(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let events = self.events as f64;
        events / self.took.as_secs_f64()
    }
}

/// Writes a trace of so many jobs in so many pools and imports it.
pub(crate) fn import(
    headroom: &Path,
    dir: &Path,
    store: &Path,
    jobs: u64,
    pools: u64,
) -> Result<History, Box<dyn Error>> {
    let trace = dir.join("jobs.csv");
    write(&trace, jobs, pools)?;
    let begun_at = Instant::now();
    let status = Command::new(headroom)
        .args(["import", "--format", "trace", "--store"])
        .args([store, &trace])
        .current_dir(dir)
        .stdout(Stdio::null())
        .status()?;
    let took = begun_at.elapsed();
    if !status.success() {
        return Err("the import failed".into());
    }
    let store_bytes = fs::metadata(store)?.len();
    Ok(History { jobs, events: jobs * EVENTS_PER_JOB, took, store_bytes })
}

fn write(path: &Path, jobs: u64, pools: u64) -> Result<(), Box<dyn Error>> {
    let now_ms = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let span_ms = DAYS * 24 * 60 * 60 * 1000;
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(
        out,
        "job_id,pool,queued_at_unix_ms,duration_ms,recorded_wait_ms,run_id,\
         run_created_at_unix_ms,repo"
    )?;
    for n in 0..jobs {
        let queued_ms = now_ms - span_ms + n * (span_ms / jobs.max(1));
        let (wait_ms, duration_ms) = (n * 7919 % 300_000, n * 104_729 % 1_800_000);
        let (job, run, pool) = (1_000_000_000 + n, 500_000_000 + n / 4, n % pools);
        let repository = n / pools % POOLS;
        writeln!(
            out,
            "{job},pool-{pool},{queued_ms},{duration_ms},{wait_ms},{run},{queued_ms},\
             octo/repository-{repository}"
        )?;
    }
    Ok(out.flush()?)
}
