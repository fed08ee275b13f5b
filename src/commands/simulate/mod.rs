//! `headroom simulate`: what would have been, with other policies, for recorded jobs.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use scaler::sim::{self, Contender, Job, Outcome, Setting};
use scaler::{Policy, Times};

use crate::cli::{SimulateArgs, SimulateFormat};
use crate::exit::{self, Failure};
use crate::render;

mod explain;
mod jobs;
mod report;

use jobs::Recorded;

/// The parameters of the contenders that need one, where all are asked for.
const ALL: [&str; 15] = [
    "headroom",
    "per-webhook",
    "per-webhook-delayed",
    "idle-pool:10",
    "stopped-pool:20",
    "queued-plus-running",
    "assigned-plus-min:5",
    "percentage-busy",
    "load-proportional",
    "target-tracking:0.5",
    "static:20",
    "office-hours:10",
    "naive-minute",
    "oracle",
    "warm-oracle",
];

/// Simulates and prints.
///
/// # Errors
/// When an argument makes no sense, or the jobs cannot be read.
pub fn run(args: &SimulateArgs) -> Result<u8, Failure> {
    let setting = setting(args)?;
    let policy = policy(args);
    let contenders = contenders(&args.policy, &policy)?;
    let recorded = jobs::read(args)?;
    let code = if recorded.malformed > 0 { exit::FINDINGS } else { exit::OK };
    let text = match args.explain {
        Some(at) => explain::text(&recorded.pools, &setting, &policy, at, args.format)?,
        None => {
            warn(&recorded, &setting);
            let rows = simulate(&recorded.pools, &setting, &contenders);
            report::text(rows, &setting, args.format)
        }
    };
    render::print(&text).map_err(super::stdout)?;
    Ok(code)
}

fn usage(key: &str, problem: &dyn ToString) -> Failure {
    Failure::Argument { key: key.to_owned(), problem: problem.to_string() }
}

fn setting(args: &SimulateArgs) -> Result<Setting, Failure> {
    let faults = args.faults.as_deref().unwrap_or("").parse();
    let warm_start = secs(args.warm_start);
    Ok(Setting {
        cold_start: secs(args.boot),
        warm_start,
        stopped_cost: args.stopped_cost,
        learn: Duration::from_secs_f64(args.learn * 86_400.0),
        // A wait of a warm start and what it takes to decide.
        wait_slo: warm_start + Duration::from_secs(5),
        faults: faults.map_err(|error: sim::FaultsError| usage("--faults", &error))?,
        seed: args.seed,
        ..Setting::default()
    })
}

fn secs(secs: f64) -> Duration {
    Duration::from_secs_f64(secs)
}

/// What `headroom` is told of the same world.
fn policy(args: &SimulateArgs) -> Policy {
    let usual = Times::default();
    let cold_start = secs(args.boot);
    Policy {
        times: Times {
            cold_start,
            warm_start: secs(args.warm_start),
            // The usual deadline is for the usual boot.
            registration_deadline: usual.registration_deadline.max(cold_start.mul_f64(2.5)),
            ..usual
        },
        stopped_cost: args.stopped_cost,
        ..Policy::default()
    }
}

fn contenders(names: &[String], policy: &Policy) -> Result<Vec<Contender>, Failure> {
    let wanted: Vec<&str> = match names.iter().any(|name| name == "all") {
        true => ALL.to_vec(),
        false => names.iter().map(String::as_str).collect(),
    };
    let contender = |name: &str| match name {
        "headroom" => Ok(Contender::Headroom(Box::new(policy.clone()))),
        name => name.parse().map_err(|error: sim::ContenderError| usage("--policy", &error)),
    };
    wanted.into_iter().map(contender).collect()
}

/// Says what the reader must know before believing the figures.
fn warn(recorded: &Recorded, setting: &Setting) {
    let measured = |jobs: &Vec<Job>| {
        let first = jobs.first().map(|job| job.queued_at.plus(setting.learn));
        first.is_some_and(|first| jobs.last().is_some_and(|last| last.queued_at >= first))
    };
    let days = setting.learn.as_secs_f64() / 86_400.0;
    for (pool, jobs) in &recorded.pools {
        if !measured(jobs) {
            eprintln!(
                "warning: the jobs of {pool} span less than the {days} days that teach, so none \
                 of them is measured; give fewer with --learn"
            );
        }
    }
}

/// Every contender on every pool; the pools of a contender are summed.
fn simulate(
    pools: &BTreeMap<String, Vec<Job>>,
    setting: &Setting,
    contenders: &[Contender],
) -> Vec<(Contender, Outcome)> {
    let tasks: Vec<(usize, &Vec<Job>)> =
        (0..contenders.len()).flat_map(|i| pools.values().map(move |jobs| (i, jobs))).collect();
    let bar = progress(tasks.len());
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some((task, (i, jobs))) = take(&next, &tasks) {
            let jobs = jobs.iter().copied();
            let outcome = sim::run(jobs, setting, &contenders[*i], |_, _| {});
            done.lock().expect("no simulation panics").insert(task, outcome);
            bar.inc(1);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(tasks.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    bar.finish_and_clear();
    let mut rows: Vec<(Contender, Outcome)> =
        contenders.iter().map(|contender| (contender.clone(), Outcome::default())).collect();
    for (task, outcome) in done.into_inner().expect("no simulation panics") {
        rows[tasks[task].0].1.merge(&outcome);
    }
    rows
}

fn take<'a, T>(next: &AtomicUsize, tasks: &'a [T]) -> Option<(usize, &'a T)> {
    let task = next.fetch_add(1, Ordering::Relaxed);
    tasks.get(task).map(|it| (task, it))
}

fn progress(tasks: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} simulations")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    // Hidden by itself where stderr is no terminal.
    let target = ProgressDrawTarget::stderr_with_hz(5);
    ProgressBar::with_draw_target(Some(tasks as u64), target).with_style(style)
}

/// Whether anything else than a table is wanted.
fn is_json(format: SimulateFormat) -> bool {
    format == SimulateFormat::Json
}
