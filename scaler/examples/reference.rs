//! Prints what each contender does with a trace in the reference setting:
//! `cargo run --release -p headroom-scaler --example reference -- LEARN_DAYS FILE.csv [POLICY...]`.

use std::time::{Duration, Instant};

use model::Timestamp;
use scaler::sim::{self, Contender, Job, Setting};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let days: u64 = arguments.next().and_then(|days| days.parse().ok()).expect("LEARN_DAYS");
    let text = std::fs::read_to_string(arguments.next().expect("FILE")).expect("a trace");
    let mut jobs: Vec<Job> = text.lines().skip(1).filter_map(job).collect();
    jobs.sort_by_key(|job| job.queued_at);
    let named: Vec<String> = arguments.collect();
    let setting = Setting { learn: Duration::from_hours(24 * days), ..Setting::default() };
    for name in named {
        let contender: Contender = name.parse().expect("a policy");
        let began = Instant::now();
        let outcome = sim::run(jobs.iter().copied(), &setting, &contender, |_, _| {});
        println!(
            "{:22} p50 {:6.1} p95 {:6.1} mean {:6.1} within {:.4} bill {:.4} launches/job {:.3} \
             unused {} prepared {} peak {} decisions {} in {:.2} s",
            contender.to_string(),
            outcome.waits.percentile_secs(50),
            outcome.waits.percentile_secs(95),
            outcome.waits.mean_secs(),
            outcome.share_within_slo(),
            outcome.bill_over_oracle(),
            outcome.launches_per_job(),
            outcome.unused_launches,
            outcome.preparations,
            outcome.peak,
            outcome.decisions,
            began.elapsed().as_secs_f64(),
        );
    }
}

fn job(line: &str) -> Option<Job> {
    let mut columns = line.split(',').skip(2);
    let queued_at = Timestamp::from_millis(columns.next()?.parse().ok()?);
    let duration = Duration::from_millis(columns.next()?.parse().ok()?);
    Some(Job { queued_at, duration })
}
