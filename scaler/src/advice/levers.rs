//! What each lever does for these jobs, in the order in which it is worth pulling.

use std::time::Duration;

use model::capacity::{Lever, Promise, Role};

use super::batch::Task;
use super::candidates::{Candidate, Family};
use super::choice::{Chosen, best_of};
use super::point::rounded;
use super::study::{Run, Study};
use crate::sim::Contender;

/// What a baked image boots in: its runner is installed, and nothing is downloaded.
const BAKED: Duration = Duration::from_secs(25);

/// What a warm pool does here, beside what is promised of it.
pub fn promise(study: &mut Study<'_>, recommended: Run) -> Option<Promise> {
    let cold = study.contender(Contender::PerWebhook);
    let (cold, warm) = (study.whole(cold), study.whole(recommended));
    let cold_mean_secs = cold.waits.mean_secs();
    let warm_mean_secs = warm.waits.mean_secs();
    (cold_mean_secs > 0.0).then(|| Promise {
        cold_mean_secs: rounded(cold_mean_secs),
        warm_mean_secs: rounded(warm_mean_secs),
        reduction: rounded(1.0 - warm_mean_secs / cold_mean_secs),
        bill_added: rounded(warm.bill.secs() / cold.bill.secs().max(1.0) - 1.0),
    })
}

/// All of them; the first row is what the others are compared with.
pub fn all(study: &mut Study<'_>, chosen: &Chosen, candidates: &[Candidate]) -> Vec<Lever> {
    let boot = study.setting.cold_start.as_secs();
    let mut levers = Vec::new();
    let cold = study.contender(Contender::PerWebhook);
    let nothing = format!("Nothing held, each boot takes {boot} s");
    levers.push(row(study, "baseline", &nothing, "what the rows below are compared with", cold));
    if study.setting.cold_start > BAKED {
        let task = Task { contender: Contender::PerWebhook, image: Some(BAKED) };
        let run = study.run_tasks(&[task])[0];
        let title = format!("A baked image that boots in {} s, nothing held", BAKED.as_secs());
        let note = format!(
            "runner and tools are in the image; nothing is downloaded at boot (a bill below 1, as the \
             least possible counts a boot of {boot} s)"
        );
        levers.push(row(study, "boot_time", &title, &note, run));
    }
    if let Some(constant) = best_of(study, candidates, Family::Constant) {
        let title = format!("A stopped pool of constant size: {}", constant.title);
        let note = match chosen.least_constant {
            Some(_) => "the smallest that meets the objective, chosen in hindsight",
            None => "the one that comes nearest to the objective",
        };
        levers.push(row(study, "stopped_pool", &title, note, constant.run));
    }
    levers.extend(rules(study));
    if let Some(auto) = candidates.iter().find(|it| it.family == Family::Auto) {
        let title = "A stopped pool that sizes itself (auto)";
        let note = "knows no more than was known at each moment";
        levers.push(row(study, "self_sizing", title, note, auto.run));
    }
    if let Some(idle) = best_of(study, candidates, Family::Idle) {
        let title = format!("Idle runners instead: {}", idle.title);
        levers.push(row(
            study,
            "hot_spare",
            &title,
            "running, and paid in full while they idle",
            idle.run,
        ));
    }
    levers
}

/// What a slow rule costs: rows to compare the event-driven level rule with.
fn rules(study: &mut Study<'_>) -> Vec<Lever> {
    let cooldown = study.contender(Contender::QueuedPlusRunning);
    let poll = study.contender(Contender::NaiveMinute);
    let title = "A rule with a cooldown of 300 s, nothing held";
    let note = "what an event-driven rule without cooldown avoids";
    let with_cooldown = row(study, "cooldown", title, note, cooldown);
    let title = "A poll each minute that does not see what boots";
    vec![with_cooldown, row(study, "poll", title, "launches twice for one job", poll)]
}

fn row(study: &mut Study<'_>, name: &str, title: &str, note: &str, run: Run) -> Lever {
    let point = study.point(name, title, Role::Peer, run);
    Lever {
        name: point.policy,
        title: point.title,
        note: note.to_owned(),
        wait_mean_secs: point.wait_mean_secs,
        wait_p50_secs: point.wait_p50_secs,
        wait_p95_secs: point.wait_p95_secs,
        within_slo: point.within_slo,
        bill_over_oracle: point.bill_over_oracle,
    }
}
