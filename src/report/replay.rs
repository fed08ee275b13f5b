//! What each pool should be set to, by replaying its latest weeks; on all cores.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use model::Pool;
use model::capacity::{PoolReport, Report};
use scaler::advice::{self, Batch, Names, Ran};
use scaler::capacity::{Described, Sample, SampleJob, length, money, percent};
use scaler::sim::Setting;
use scaler::{Policy, Times};

use crate::config::Config;
use crate::import::replaying;

/// Draws of weeks start here: the same jobs give the same bands.
const SEED: u64 = 1;

/// How long instances take and what stopped ones cost, where the arguments say so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Instances {
    /// From the order of an instance to its runner.
    pub boot: Option<Duration>,
    /// The same where a stopped instance is started.
    pub warm_start: Option<Duration>,
    /// What a stopped instance costs, as a part of a running one.
    pub stopped_cost: Option<f64>,
}

/// Adds to the report what the replay tells.
pub fn replay(described: &mut Described, instances: Instances, config: &Config) {
    let Described { report, samples } = described;
    let configured: BTreeMap<&str, &Pool> =
        config.pools.iter().map(|pool| (pool.name.as_str(), pool)).collect();
    let bar = replaying();
    for (place, sample) in samples.iter().enumerate() {
        report.warnings.extend(advice::not_replayed(&sample.pool, sample.stretch));
        let pool = configured.get(sample.pool.as_str()).copied();
        let jobs = sample.jobs();
        let ask = ask(report, sample, &jobs, pool, instances, config);
        let told = advice::advise(&ask, &mut |batch| {
            let ran = on_all_cores(batch);
            bar.inc(batch.len() as u64);
            ran
        });
        let Some(pool) = report.pools.get_mut(place) else { continue };
        pool.recommendation = told.recommendation;
        pool.frontier = told.frontier;
        pool.advice = told.advice;
        report.warnings.extend(told.warnings);
    }
    bar.finish_and_clear();
    report.warnings.sort_by_key(|warning| warning.subject);
    let sentence = sentence(&report.pools, &report.prices.currency);
    report.summary += &sentence;
    report.method.extend(advice::method());
}

fn ask<'a>(
    report: &Report,
    sample: &Sample,
    jobs: &'a [SampleJob],
    pool: Option<&Pool>,
    instances: Instances,
    config: &Config,
) -> advice::Ask<'a> {
    let policy = policy(config.scaler.policy(&sample.pool), instances);
    advice::Ask {
        names: pool.map_or_else(|| Names::guessed(&sample.pool), Names::of),
        jobs,
        stretch: sample.stretch,
        left_out: sample.left_out,
        peak: peak(report, &sample.pool),
        setting: Setting {
            cold_start: policy.times.cold_start,
            warm_start: policy.times.warm_start,
            stopping: policy.times.stopping,
            stopped_cost: policy.stopped_cost,
            ..Setting::default()
        },
        present: pool.map(|_| policy),
        slo: report.slo,
        per_hour: report.prices.per_hour_of(&sample.pool),
        seed: SEED,
    }
}

/// The most jobs that ran at one time in a pool.
fn peak(report: &Report, pool: &str) -> u32 {
    let found = report.pools.iter().find(|it| it.name == pool);
    found.map_or(0, |pool| u32::try_from(pool.concurrency.max).unwrap_or(u32::MAX))
}

/// The policy of the configuration, in the world of the arguments.
fn policy(policy: Policy, instances: Instances) -> Policy {
    let cold_start = instances.boot.unwrap_or(policy.times.cold_start);
    let warm_start = instances.warm_start.unwrap_or(policy.times.warm_start).min(cold_start);
    // The usual deadline is for the usual boot.
    let registration_deadline = policy.times.registration_deadline.max(cold_start.mul_f64(2.5));
    Policy {
        times: Times { cold_start, warm_start, registration_deadline, ..policy.times },
        stopped_cost: instances.stopped_cost.unwrap_or(policy.stopped_cost),
        ..policy
    }
}

/// The runs of a batch, in its order.
fn on_all_cores(batch: &Batch<'_>) -> Vec<Ran> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= batch.len() {
                return;
            }
            let ran = batch.run(i);
            done.lock().expect("no simulation panics").insert(i, ran);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(batch.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    done.into_inner().expect("no simulation panics").into_values().collect()
}

/// What a manager should know of it, of the pool with the most jobs.
fn sentence(pools: &[PoolReport], currency: &str) -> String {
    let Some((pool, set)) =
        pools.iter().find_map(|pool| Some((pool, pool.recommendation.as_ref()?)))
    else {
        return String::new();
    };
    let cost = set.predicted.cost_per_week;
    let cost = cost.map_or(String::new(), |cost| format!(", {} a week", money(cost, currency)));
    let max = set.runners_max.map_or("no limit".to_owned(), |max| format!("at most {max} runners"));
    format!(
        " Replayed with what is recommended for {} ({max}, and about {} stopped instances ready), \
         one in twenty of its jobs waits for more than {}, {} have a runner within the objective, \
         and instances cost {:.2} times the least possible{cost}.",
        pool.name,
        set.warm_pool,
        length(set.predicted.wait_p95_secs),
        percent(set.predicted.within_slo),
        set.predicted.bill_over_oracle,
    )
}
