//! Replays the jobs of each pool and adds to the report what should be set.
//!
//! One pool after the other, the runs of each on all processors. All pools together replay no more
//! jobs than a minute allows ([`JOBS_MAX`]); which, the report says.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::capacity::{PoolReport, Prices};
use scaler::Policy;
use scaler::advice::{self, Advised, Ask, Batch, Names, Ran};
use scaler::capacity::{Described, JOBS_MAX};
use scaler::sim::Setting;

use crate::config::Config;

/// What instances are like where the configuration of a pool does not say.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// From the order of an instance to its runner.
    pub boot: Option<Duration>,
    /// The same of a stopped one.
    pub warm_start: Option<Duration>,
    /// What a stopped one costs, as a part of a running one.
    pub stopped_cost: f64,
    /// Makes the bands repeatable.
    pub seed: u64,
}

/// Adds it to each pool of the report, with what limits it.
pub fn add(described: &mut Described, config: &Config, prices: &Prices, world: &World) {
    let lengths: Vec<usize> = described.samples.iter().map(|sample| sample.jobs.len()).collect();
    let shares = advice::shared_out(&lengths, JOBS_MAX);
    let bar = progress();
    let slo = described.report.slo;
    for (sample, jobs_max) in described.samples.iter().zip(shares) {
        let report = &mut described.report;
        let Some(pool) = report.pools.iter_mut().find(|pool| pool.name == sample.pool) else {
            continue;
        };
        bar.set_message(sample.pool.clone());
        let present = present(config, &sample.pool);
        let ask = Ask {
            names: names(config, &sample.pool),
            jobs: &sample.jobs,
            left_out: sample.left_out,
            jobs_max,
            setting: setting(present.as_ref(), world),
            present,
            slo,
            per_hour: prices.per_hour_of(&sample.pool),
            seed: world.seed,
        };
        let advised = advice::advise(&ask, &mut |batch| execute(batch, &bar));
        report.warnings.extend(fill(pool, advised));
    }
    bar.finish_and_clear();
    advice::conclude(&mut described.report);
}

fn fill(pool: &mut PoolReport, advised: Advised) -> Vec<model::capacity::Warning> {
    pool.recommendation = advised.recommendation;
    pool.frontier = advised.frontier;
    pool.advice = advised.advice;
    advised.warnings
}

/// What the configuration sets, where it names the pool.
fn present(config: &Config, pool: &str) -> Option<Policy> {
    let is_configured = config.pools.iter().any(|known| known.name == pool);
    is_configured.then(|| config.scaler.policy(pool))
}

fn names(config: &Config, pool: &str) -> Names {
    let known = config.pools.iter().find(|known| known.name == pool);
    known.map_or_else(|| Names::guessed(pool), Names::of)
}

/// The same world as `headroom simulate` has, but for what is known of the pool.
fn setting(present: Option<&Policy>, world: &World) -> Setting {
    let usual = Policy::default();
    let (times, stopped_cost) = present.map_or((usual.times, world.stopped_cost), |present| {
        let is_told = (world.stopped_cost - usual.stopped_cost).abs() > f64::EPSILON;
        (present.times, if is_told { world.stopped_cost } else { present.stopped_cost })
    });
    let cold_start = world.boot.unwrap_or(times.cold_start);
    Setting {
        cold_start,
        warm_start: world.warm_start.unwrap_or(times.warm_start).min(cold_start),
        stopping: times.stopping,
        stopped_cost,
        seed: world.seed,
        ..Setting::default()
    }
}

/// Makes the runs on all processors.
fn execute(batch: &Batch<'_>, bar: &ProgressBar) -> Vec<Ran> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let run = next.fetch_add(1, Ordering::Relaxed);
            if run >= batch.len() {
                return;
            }
            let ran = batch.run(run);
            done.lock().expect("no run panics").insert(run, ran);
            bar.inc(1);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(batch.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    done.into_inner().expect("no run panics").into_values().collect()
}

fn progress() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} replayed {pos} settings, now of {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    // Hidden by itself where stderr is no terminal.
    let target = ProgressDrawTarget::stderr_with_hz(5);
    ProgressBar::with_draw_target(None, target).with_style(style)
}
