//! Prints what each contender does with a trace in the reference setting:
//! `cargo run --release -p headroom-scaler --example reference -- LEARN_DAYS FILE.csv [POLICY...]`.

use std::time::{Duration, Instant};

use model::Timestamp;
use scaler::Policy;
use scaler::sim::{self, Contender, Job, Setting};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let days: u64 = arguments.next().and_then(|days| days.parse().ok()).expect("LEARN_DAYS");
    let text = std::fs::read_to_string(arguments.next().expect("FILE")).expect("a trace");
    let mut jobs: Vec<Job> = text.lines().skip(1).filter_map(job).collect();
    jobs.sort_by_key(|job| job.queued_at);
    let named: Vec<Contender> = arguments.map(|name| name.parse().expect("a policy")).collect();
    let contenders = if named.is_empty() { Contender::all() } else { named };
    let mut setting = Setting::new(Policy::default());
    setting.learn = Duration::from_hours(24 * days);
    for contender in contenders {
        let began = Instant::now();
        let mut decisions = 0_u64;
        let outcome = sim::run(jobs.iter().copied(), &contender, &setting, &mut |s, _| {
            decisions += 1;
            if decisions % 3000 == 0 && std::env::var("V").is_ok() {
                println!(
                    "{} worth {:.4} S {} held {} mu {:.3} recent {:.3} usual {:.3}",
                    s.now,
                    s.outlook.stopped.worth_per_day,
                    s.outlook.stopped.instances,
                    s.outlook.stopped_held,
                    s.outlook.bursts_per_hour,
                    s.outlook.recent_per_hour,
                    s.outlook.usual_per_hour
                );
            }
        });
        println!(
            "{:22} p50 {:6.1} p95 {:6.1} mean {:6.1} within {:.4} bill {:.4} launches/job {:.3} \
             unused {} prepared {} peak {} decisions {decisions} in {:.2} s",
            contender.to_string(),
            outcome.wait_secs(0.5),
            outcome.wait_secs(0.95),
            outcome.wait_mean_secs(),
            outcome.within_slo(),
            outcome.bill_over_oracle(),
            outcome.launches_per_job(),
            outcome.unused_launches,
            outcome.preparations,
            outcome.peak,
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
