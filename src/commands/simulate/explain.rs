//! One decision of the simulated scaler: what it knew, what it did, and why.

use std::collections::BTreeMap;

use model::Timestamp;
use scaler::sim::{self, Contender, Job, Setting};
use scaler::{Plan, Policy, Snapshot, State};
use serde::Serialize;

use super::is_json;
use crate::cli::SimulateFormat;
use crate::exit::Failure;

/// A decision.
#[derive(Debug, Serialize)]
struct Decision {
    pool: String,
    snapshot: Snapshot,
    plan: Plan,
    sentences: Vec<String>,
}

/// The last decision of each pool up to `at`.
///
/// # Errors
/// When nothing was decided before.
pub fn text(
    pools: &BTreeMap<String, Vec<Job>>,
    setting: &Setting,
    policy: &Policy,
    at: Timestamp,
    format: SimulateFormat,
) -> Result<String, Failure> {
    let decisions: Vec<Decision> = pools
        .iter()
        .filter_map(|(pool, jobs)| last_decision(pool, jobs, setting, policy, at))
        .collect();
    if decisions.is_empty() {
        let first = pools.values().filter_map(|jobs| jobs.first()).map(|job| job.queued_at).min();
        let first = first.map_or(String::new(), |first| format!("; the first job is of {first}"));
        let problem = format!("nothing was decided up to {at}{first}");
        return Err(super::usage("--explain", &problem));
    }
    if is_json(format) {
        return Ok(serde_json::to_string_pretty(&decisions).expect("decisions are JSON") + "\n");
    }
    Ok(decisions.iter().map(sentences).collect::<Vec<_>>().join("\n"))
}

fn last_decision(
    pool: &str,
    jobs: &[Job],
    setting: &Setting,
    policy: &Policy,
    at: Timestamp,
) -> Option<Decision> {
    let mut last: Option<(Snapshot, Plan)> = None;
    let contender = Contender::Headroom(Box::new(policy.clone()));
    let until = jobs.iter().copied().take_while(|job| job.queued_at <= at);
    sim::run(until, setting, &contender, |snapshot, plan| {
        if snapshot.now <= at {
            last = Some((snapshot.clone(), plan.clone()));
        }
    });
    let (mut snapshot, plan) = last?;
    pool.clone_into(&mut snapshot.pool);
    let sentences = plan.because.iter().map(ToString::to_string).collect();
    Some(Decision { pool: pool.to_owned(), snapshot, plan, sentences })
}

fn sentences(decision: &Decision) -> String {
    let Decision { pool, snapshot, plan, .. } = decision;
    let of = |state| snapshot.fleet.members.iter().filter(|m| m.state == state).count();
    let (backlog, outlook, warm) = (&snapshot.backlog, &snapshot.outlook, &snapshot.fleet.warm);
    let mut text = format!(
        "{pool}, {}\n  jobs       {} waiting, {} running\n  instances  {} busy, {} idle, {} \
         booting; desired {}\n  stopped    {} ready, {} in preparation, size {}\n  demand     \
         {:.2} bursts an hour expected ({:.2} of late, {:.2} usual), {:.1} jobs each\n",
        snapshot.now,
        backlog.queued,
        backlog.running,
        of(State::Busy),
        of(State::Idle),
        of(State::Booting),
        snapshot.fleet.desired,
        warm.stopped,
        warm.preparing,
        warm.size,
        outlook.bursts_per_hour,
        outlook.recent_per_hour,
        outlook.usual_per_hour,
        outlook.burst_jobs,
    );
    let stopped = plan.warm.map_or(String::new(), |size| format!(", stopped pool {size}"));
    text += &format!("  decision   desired {}{stopped}", plan.desired);
    text += &match plan.remove.len() {
        0 => "\n".to_owned(),
        n => format!(", {n} removed\n"),
    };
    for sentence in &decision.sentences {
        text += &format!("  because    {sentence}\n");
    }
    text
}
