//! The jobs to simulate, from a trace or from a store, by pool and in order of time.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use indicatif::ProgressBar;
use ingest::past::trace::Columns;
use local::Reader;
use scaler::sim::Job;

use crate::cli::SimulateArgs;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::config::{Config, Flags};
use crate::exit::Failure;
use crate::export::trace;
use crate::import::{LOOKED_BACK, Line, Lines, LogGroup, Temporary, open};

/// What was read.
pub struct Recorded {
    /// Jobs by pool, by when they were queued.
    pub pools: BTreeMap<String, Vec<Job>>,
    /// Lines that could not be read; each was reported.
    pub malformed: u64,
}

/// Reads what the arguments name.
///
/// # Errors
/// When it cannot be read, or holds no job.
pub fn read(args: &SimulateArgs) -> Result<Recorded, Failure> {
    let (mut recorded, from) = match (&args.trace, &args.store) {
        (None, None) if let Some(name) = &args.log_group => {
            (of_log_group(name, args)?, name.clone())
        }
        (Some(path), _) => (of_trace(path)?, path.display().to_string()),
        (None, store) => {
            let path = store.clone().unwrap_or_else(|| crate::config::STORE.into());
            (of_store(&path)?, path.display().to_string())
        }
    };
    if let Some(pool) = &args.pool {
        recorded.pools.retain(|name, _| name == pool);
    }
    if recorded.pools.is_empty() {
        let of = args.pool.as_ref().map_or(String::new(), |pool| format!(" of pool {pool}"));
        return Err(Failure::NoJobs { from, of });
    }
    for jobs in recorded.pools.values_mut() {
        jobs.sort_by_key(|job| job.queued_at);
    }
    Ok(recorded)
}

fn of_trace(path: &Path) -> Result<Recorded, Failure> {
    let failed = |source| Failure::File { what: path.display().to_string(), source };
    let mut lines = Lines::new(open(path, &ProgressBar::hidden()).map_err(failed)?.read());
    let mut recorded = Recorded { pools: BTreeMap::new(), malformed: 0 };
    let mut columns: Option<Columns> = None;
    loop {
        let line = match lines.next().map_err(failed)? {
            None => return Ok(recorded),
            Some(Line::Unreadable(problem)) => Err(problem.to_owned()),
            Some(Line::Text(text)) => Ok(text.to_owned()),
        };
        let row = match (&columns, line) {
            (_, Err(problem)) => Err(problem),
            (Some(columns), Ok(text)) => columns.row(&text).map_err(|error| error.to_string()),
            (None, Ok(text)) => {
                let found = Columns::of(&text).map_err(|error| Failure::Trace {
                    file: path.display().to_string(),
                    problem: error.to_string(),
                })?;
                columns = Some(found);
                continue;
            }
        };
        match row {
            Ok(row) => {
                let job = Job { queued_at: row.queued_at, duration: row.duration };
                recorded.pools.entry(row.pool).or_default().push(job);
            }
            Err(problem) => {
                recorded.malformed += 1;
                eprintln!("{}:{}: {problem}", path.display(), lines.number());
            }
        }
    }
}

fn of_log_group(name: &str, args: &SimulateArgs) -> Result<Recorded, Failure> {
    let now = Clock::System.now();
    let from = now.minus(args.since).minus(LOOKED_BACK);
    let flags = Flags { config: args.config.clone(), ..Flags::default() };
    let config = Config::load(&flags, &|name| std::env::var(name).ok())?;
    let account = args.account.or(&config.aws);
    let group = LogGroup { name: name.to_owned(), account, from };
    let store =
        Temporary::of_log_group(&Cloud::connect(&group.account)?, &group, &config.pools, now)?;
    Ok(Recorded { malformed: store.counts.malformed, ..of_store(&store.path())? })
}

fn of_store(path: &Path) -> Result<Recorded, Failure> {
    let mut pools: BTreeMap<String, Vec<Job>> = BTreeMap::new();
    let mut left_out = 0_u64;
    Reader::open(path)?.each_job(|past| {
        match trace::times(&past.job) {
            Some((queued_at, duration)) => {
                let job = Job { queued_at, duration };
                match pools.get_mut(&past.job.pool) {
                    Some(jobs) => jobs.push(job),
                    None => drop(pools.insert(past.job.pool.clone(), vec![job])),
                }
            }
            None => left_out += 1,
        }
        ControlFlow::Continue(())
    })?;
    if left_out > 0 {
        eprintln!("left out {left_out} jobs that did not end, had no runner or lack a time stamp");
    }
    Ok(Recorded { pools, malformed: 0 })
}
