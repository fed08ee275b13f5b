//! Writes a trace of as many jobs as asked for, to measure reports and imports with.
//!
//! ```sh
//! cargo run --release --example jobs -- --jobs 10000000 | gzip -1 > jobs.csv.gz
//! command time -v headroom report --trace jobs.csv.gz --out report.json
//! ```
//!
//! Jobs come in bursts that follow the hours of a working week, in pools and repositories of which
//! some are busy and most are not. The same arguments give the same bytes.

use std::error::Error;
use std::io::{self, BufWriter, Write};

use clap::Parser;

/// Writes a trace of many jobs to stdout.
#[derive(Debug, Parser)]
#[command(name = "jobs")]
struct Args {
    /// How many
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    jobs: u64,
    /// Over so many days
    #[arg(long, value_name = "N", default_value_t = 56)]
    days: u64,
    /// In so many pools
    #[arg(long, value_name = "N", default_value_t = 8)]
    pools: u64,
    /// Of so many repositories
    #[arg(long, value_name = "N", default_value_t = 500)]
    repositories: u64,
    /// Pad the name of the repository so that a line has about so many bytes
    #[arg(long, value_name = "N", default_value_t = 0)]
    line_bytes: usize,
}

/// 2026-01-05T00:00:00Z, a Monday.
const START_MS: u64 = 1_767_571_200_000;

const HOUR_MS: u64 = 3_600_000;

/// An xorshift generator: the same numbers on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 to below `n`.
    fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    /// From 0 to below `n`, small ones far more often.
    fn low(&mut self, n: u64) -> u64 {
        let (a, b) = (self.below(n), self.below(n));
        let c = self.below(n);
        a.min(b).min(c)
    }
}

/// How busy an hour of the week is, from 1 to 20.
fn weight(hour: u64) -> u64 {
    let (day, hour) = (hour / 24 % 7, hour % 24);
    match (day, hour) {
        (0..5, 8..18) => 20,
        (0..5, 6..22) => 8,
        (0..5, _) => 3,
        _ => 1,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    writeln!(
        out,
        "job_id,pool,queued_at_unix_ms,duration_ms,recorded_wait_ms,run_id,\
         run_created_at_unix_ms,repo"
    )?;
    match write(&args, &mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn write(args: &Args, out: &mut impl Write) -> io::Result<()> {
    let hours = args.days.max(1) * 24;
    let all: u64 = (0..hours).map(weight).sum();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let padding = "x".repeat(args.line_bytes.saturating_sub(110));
    let (mut job, mut weighed) = (0, 0);
    for hour in 0..hours {
        weighed += weight(hour);
        let until = args.jobs * weighed / all;
        let mut at = 0;
        while job < until {
            // A burst: a push fans out into a matrix.
            let left = until - job;
            let burst = (1 + chance.low(40)).min(left);
            let bursts_left = left.div_ceil(10);
            at = (at + chance.below(2 * (HOUR_MS - at) / bursts_left + 1)).min(HOUR_MS - 1);
            let queued_ms = (START_MS + hour * HOUR_MS + at) / 1000 * 1000;
            let (pool, repository) = (chance.low(args.pools), chance.low(args.repositories));
            for _ in 0..burst {
                let wait_ms = 1000 * (3 + chance.low(400));
                let duration_ms = 1000 * (20 + chance.low(3600));
                let id = 60_000_000_000 + job * 37;
                writeln!(
                    out,
                    "{id},pool-{pool},{queued_ms},{duration_ms},{wait_ms},{},{queued_ms},\
                     octo-org/repository-{repository:04}{padding}",
                    id / 512
                )?;
                job += 1;
            }
        }
    }
    Ok(())
}
