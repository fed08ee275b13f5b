//! What a pool should be set to: found by replaying its own jobs through the real plan.
//!
//! In: jobs of a pool without a hole ([`Ask`]), the world they are to be replayed in, what is set today,
//! and the objective. Out: waits and bill of many settings on the same jobs (the **frontier**), the
//! cheapest of them that meets the objective (the **recommendation**), what other limits would have
//! given, and how far to trust all of it ([`Advised`]).
//!
//! * Nothing is computed by formula: each figure is that of a run of [`crate::sim`], with the
//!   decision code that runs in production ([`crate::plan`]), and `headroom simulate` gives the same.
//! * Which jobs are replayed is decided before ([`Stretch`]); which of them are measured, and which
//!   teach, is in [`window`].
//! * Bands come from drawing whole weeks anew ([`band`]).
//! * Runs do not depend on each other, so whoever asks says how a [`Batch`] of them is executed: one
//!   after the other ([`in_turn`]) or on several threads. The answer is the same, bit for bit.

mod band;
mod batch;
mod candidates;
mod ceiling;
mod choice;
mod fidelity;
mod levers;
mod method;
mod point;
mod snippet;
mod study;
mod window;
mod words;

#[cfg(test)]
mod tests;

use model::capacity::{Advice, FrontierPoint, Learned, Recommendation, Role, Share, Slo, Warning};

pub use batch::{Batch, Ran, in_turn};
pub use method::method;
pub use snippet::Names;
pub use words::not_replayed;

use crate::Policy;
use crate::capacity::{SampleJob, Stretch};
use crate::sim::Setting;
use candidates::Candidate;
use ceiling::Sweep;
use choice::Chosen;
use study::{Run, Study};
use window::Window;

/// The names of the two points that matter most.
const RECOMMENDED: &str = "recommended";
const CURRENT: &str = "current";

/// What is asked about one pool.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// How it is called and which labels it has, for the configuration to paste.
    pub names: Names,
    /// Jobs of it without a hole, in the order in which they asked for a runner.
    pub jobs: &'a [SampleJob],
    /// Which of its jobs these are.
    pub stretch: Stretch,
    /// Jobs of the period that are not among them.
    pub left_out: u64,
    /// The most that ran at one time in the whole period, which may lie before all of `jobs`.
    pub peak: u32,
    /// How long instances take and what stopped ones cost. Learning time and objective in it are
    /// set here.
    pub setting: Setting,
    /// What is set today; `None` where nobody told.
    pub present: Option<Policy>,
    /// The objective.
    pub slo: Slo,
    /// An hour of a running instance; `None` where nobody told.
    pub per_hour: Option<f64>,
    /// Makes the bands repeatable.
    pub seed: u64,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advised {
    /// What to set; `None` without jobs to replay, or for a pool that cannot be set.
    pub recommendation: Option<Recommendation>,
    /// Waits and bill of each setting, the cheapest first.
    pub frontier: Vec<FrontierPoint>,
    /// The rest.
    pub advice: Option<Advice>,
    /// What limits it.
    pub warnings: Vec<Warning>,
}

/// Executes the runs of a batch, in any order, and gives what came of them in the batch's order.
pub type Execute<'a> = &'a mut dyn FnMut(&Batch<'_>) -> Vec<Ran>;

/// Replays the jobs of one pool with many settings and says which is best.
pub fn advise(ask: &Ask<'_>, execute: Execute<'_>) -> Advised {
    let Some(window) = Window::of(ask.jobs) else { return Advised::default() };
    let mut study = Study::new(ask, &window, execute);
    let candidates = candidates::tried(&mut study);
    let chosen = choice::best(&mut study, &candidates);
    let sweep = ceiling::sweep(&mut study, &chosen.policy);
    let policy = Policy { runners_max: Some(sweep.recommended), ..chosen.policy.clone() };
    let ends = Ends {
        recommended: study.headroom(&policy),
        present: ask.present.as_ref().map(|policy| study.headroom(policy)),
    };
    let frontier = frontier(&mut study, &candidates, &chosen, &ends);
    let recommendation = recommendation(&study, &chosen, &policy, &sweep, &ends, &frontier);
    let advice = advice(&mut study, &candidates, &chosen, sweep, &ends);
    let warnings = words::warnings(ask, &window, advice.learned.jobs_measured);
    Advised { recommendation, frontier, advice: Some(advice), warnings }
}

/// The two runs that matter most.
struct Ends {
    recommended: Run,
    present: Option<Run>,
}

fn frontier(
    study: &mut Study<'_>,
    candidates: &[Candidate],
    chosen: &Chosen,
    ends: &Ends,
) -> Vec<FrontierPoint> {
    let mut frontier: Vec<FrontierPoint> =
        candidates.iter().map(|it| study.point(&it.name, &it.title, it.role, it.run)).collect();
    frontier.extend(candidates::bounds(study));
    let of = [
        (RECOMMENDED, chosen.title.as_str(), Role::Recommended, Some(ends.recommended)),
        (CURRENT, "as it is set today", Role::Current, ends.present),
    ];
    for (name, title, role, run) in of {
        frontier.extend(run.map(|run| study.point(name, title, role, run)));
    }
    band::set(study, &mut frontier, RECOMMENDED, ends.recommended);
    if let Some(present) = ends.present {
        band::set(study, &mut frontier, CURRENT, present);
    }
    frontier.sort_by(|a, b| a.bill_over_oracle.total_cmp(&b.bill_over_oracle));
    frontier
}

fn recommendation(
    study: &Study<'_>,
    chosen: &Chosen,
    policy: &Policy,
    sweep: &Sweep,
    ends: &Ends,
    frontier: &[FrontierPoint],
) -> Option<Recommendation> {
    let names = &study.ask.names;
    let held_mean = study.ran(ends.recommended).held.mean();
    let predicted = frontier.iter().find(|it| it.role == Role::Recommended)?;
    (!names.is_nobodys()).then(|| Recommendation {
        runners_min: policy.runners_min,
        runners_max: policy.runners_max,
        warm_pool: chosen.constant(held_mean),
        stopped: snippet::stopped(&policy.stopped),
        patience: chosen.patience,
        schedule: snippet::windows(&policy.hot),
        config: snippet::toml(names, policy),
        cloudformation: snippet::cloudformation(policy, chosen.constant(held_mean)),
        predicted: predicted.clone(),
        is_slo_met: chosen.is_met,
        because: words::because(study, chosen, sweep),
    })
}

fn advice(
    study: &mut Study<'_>,
    candidates: &[Candidate],
    chosen: &Chosen,
    sweep: Sweep,
    ends: &Ends,
) -> Advice {
    let (ask, window) = (study.ask, study.window);
    let ran = study.ran(ends.recommended);
    let (held, jobs_measured) = (ran.held.clone(), ran.whole.jobs);
    Advice {
        sample: Share {
            from: window.from,
            to: window.until,
            jobs: ask.jobs.len() as u64,
            left_out: ask.left_out,
        },
        learned: Learned {
            days: point::rounded(window.learn.as_secs_f64() / window::DAY.as_secs_f64()),
            jobs_measured,
            block: window.cut,
            blocks: window.block_count(),
        },
        max_enough: sweep.least,
        held_mean: point::rounded(held.mean()),
        held_max: held.max,
        held_by_hour: held.by_hour(),
        promise: levers::promise(study, ends.recommended),
        levers: levers::all(study, chosen, candidates),
        fidelity: fidelity::check(study, candidates, &sweep.runs, ends.present),
        sweep: sweep.points,
        assumptions: words::assumptions(study),
    }
}
