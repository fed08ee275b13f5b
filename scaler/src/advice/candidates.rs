//! The settings that are tried, and the bounds beside them.
//!
//! Whatever can be written in `headroom.toml` may be recommended: stopped pools that size
//! themselves, of a constant size, or none; idle runners always, by hour of the week, or by the
//! model. Constant sizes are tried on a ladder, and between its steps where the objective lies.

use model::capacity::{FrontierPoint, Role};

use super::choice::target;
use super::study::{Run, Study};
use crate::capacity::SampleJob;
use crate::sim::Contender;
use crate::{Hot, Policy, SHARE, Stopped, Window};

/// One setting that was tried.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// As in the answers of `headroom simulate`, with a parameter where it is the plan itself.
    pub name: String,
    pub title: String,
    pub role: Role,
    pub family: Family,
    /// What would have to be set.
    pub policy: Policy,
    pub run: Run,
}

/// Kinds of settings. Of two that are as good, the earlier is preferred: it asks for less
/// attention, or fails more gently when the demand changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// The default.
    Auto,
    /// Other stopped pools that size themselves.
    SelfSizing,
    /// Nothing is held.
    Nothing,
    /// A stopped pool of a constant size.
    Constant,
    /// Idle runners, and a stopped pool that sizes itself.
    Hot,
    /// Idle runners always.
    Idle,
    /// Idle runners in some hours.
    Schedule,
}

/// Parts of the jobs that are to find a stopped instance, beside the default's. Those below the
/// objective's are left out: they meet it by luck if at all, since in the long run they do what
/// they say.
const SHARES: [f64; 9] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995];

/// Prices of waiting (w) that a stopped pool is sized by.
pub const PATIENCES: [f64; 5] = [3.0, 6.0, 12.0, 24.0, 48.0];

/// Constant stopped pools; as far as the fleet's peak reaches.
const CONSTANTS: [u32; 22] =
    [1, 2, 3, 5, 8, 12, 16, 20, 25, 30, 40, 50, 65, 80, 100, 130, 160, 200, 260, 320, 400, 500];

/// Idle runners; as far as the fleet's peak reaches.
const IDLES: [u32; 8] = [1, 2, 5, 10, 20, 50, 100, 200];

/// Idle runners in working hours.
const SCHEDULED: [u32; 5] = [2, 5, 10, 20, 50];

/// Idle runners beside a stopped pool, where its start is too slow for the objective.
const SPARES: [u32; 5] = [1, 2, 5, 10, 20];

/// Shares of a cold boot's demand that idle runners are sized for, and prices of waiting.
const HOT_SHARES: [f64; 4] = [0.5, 0.8, 0.9, 0.97];

/// Working hours hold this part of the jobs of weekdays.
const WORKING_PART: f64 = 0.7;

/// Longer working hours are none.
const WORKING_HOURS_MAX: u8 = 16;

struct Idea {
    name: String,
    title: String,
    role: Role,
    family: Family,
    policy: Policy,
    contender: Contender,
}

/// Tries all of them.
pub fn tried(study: &mut Study<'_>) -> Vec<Candidate> {
    let base = study.base();
    let cold = study.contender(Contender::PerWebhook);
    let peak = u32::try_from(study.whole(cold).peak).unwrap_or(u32::MAX);
    let mut ideas = vec![nothing(&base)];
    ideas.extend(self_sizing(&base, study.ask.slo.share));
    ideas.extend(upto(&CONSTANTS, peak).map(|size| constant(&base, size)));
    ideas.extend(upto(&IDLES, peak).map(|runners| idle(&base, runners)));
    let hours = working_hours(study.jobs);
    let stock = if study.setting.wait_slo < study.warm_wait() {
        base.stopped.clone()
    } else {
        Stopped::None
    };
    if let Some(hours) = hours {
        let scheduled = |runners| scheduled(&base, &stock, hours, runners);
        ideas.extend(upto(&SCHEDULED, peak).map(scheduled));
    }
    if study.setting.wait_slo < study.warm_wait() {
        ideas.extend(spares(&base, peak));
    }
    let mut candidates = run(study, ideas);
    refine(study, &base, &mut candidates);
    candidates
}

fn run(study: &mut Study<'_>, ideas: Vec<Idea>) -> Vec<Candidate> {
    let runs = study.run(ideas.iter().map(|idea| idea.contender.clone()).collect());
    let candidate = |(idea, run): (Idea, Run)| {
        let Idea { name, title, role, family, policy, .. } = idea;
        Candidate { name, title, role, family, policy, run }
    };
    ideas.into_iter().zip(runs).map(candidate).collect()
}

/// The steps up to the first that holds `peak`.
fn upto(steps: &[u32], peak: u32) -> impl Iterator<Item = u32> + use<'_> {
    let enough = steps.iter().position(|step| *step >= peak).map_or(steps.len(), |at| at + 1);
    steps[..enough].iter().copied()
}

fn nothing(base: &Policy) -> Idea {
    Idea {
        name: Contender::PerWebhook.to_string(),
        title: "nothing held: one instance for each job".into(),
        role: Role::PerWebhook,
        family: Family::Nothing,
        policy: Policy { stopped: Stopped::None, ..base.clone() },
        contender: Contender::PerWebhook,
    }
}

fn planned(name: String, title: String, role: Role, family: Family, policy: Policy) -> Idea {
    let contender = Contender::Headroom(Box::new(policy.clone()));
    Idea { name, title, role, family, policy, contender }
}

fn self_sizing(base: &Policy, least: f64) -> Vec<Idea> {
    let stocked = |stopped| Policy { stopped, ..base.clone() };
    let role = Role::SelfSizing;
    let auto = planned(
        "headroom".into(),
        "a stopped pool that sizes itself (auto)".into(),
        role,
        Family::Auto,
        stocked(Stopped::Share { share: SHARE }),
    );
    let share = |share: f64| {
        planned(
            format!("headroom:share={share}"),
            format!("a stopped pool that sizes itself for {} % of the jobs", percent(share)),
            role,
            Family::SelfSizing,
            stocked(Stopped::Share { share }),
        )
    };
    let patience = |patience: f64| {
        planned(
            format!("headroom:w={patience}"),
            format!("a stopped pool that sizes itself by price (w = {patience})"),
            role,
            Family::SelfSizing,
            stocked(Stopped::Worthwhile { patience }),
        )
    };
    let shares = SHARES.into_iter().filter(|share| *share >= least);
    let others = shares.map(share).chain(PATIENCES.into_iter().map(patience));
    std::iter::once(auto).chain(others).collect()
}

fn percent(share: f64) -> f64 {
    (share * 1000.0).round() / 10.0
}

fn constant(base: &Policy, size: u32) -> Idea {
    let contender = Contender::StoppedPool(size);
    Idea {
        name: contender.to_string(),
        title: format!("{size} stopped"),
        role: Role::StoppedPool,
        family: Family::Constant,
        policy: Policy { stopped: Stopped::Constant { instances: size }, ..base.clone() },
        contender,
    }
}

fn idling(runners: u32) -> String {
    format!("{runners} idle {}", if runners == 1 { "runner" } else { "runners" })
}

fn idle(base: &Policy, runners: u32) -> Idea {
    let contender = Contender::IdlePool(runners);
    let policy = Policy { hot: Hot::Flat { runners }, stopped: Stopped::None, ..base.clone() };
    Idea {
        name: contender.to_string(),
        title: idling(runners),
        role: Role::HotPool,
        family: Family::Idle,
        policy,
        contender,
    }
}

fn scheduled(base: &Policy, stock: &Stopped, hours: (u8, u8), runners: u32) -> Idea {
    let (from_hour, to_hour) = hours;
    let window = Window { first_day: 0, last_day: 4, from_hour, to_hour, runners };
    let hot = Hot::Schedule { otherwise: 0, windows: vec![window] };
    let with = if *stock == Stopped::None { "" } else { " and a stopped pool" };
    planned(
        format!("headroom:schedule=mon-fri,{from_hour}-{to_hour},{runners}"),
        format!("{} Mon-Fri {from_hour}-{to_hour} h UTC{with}", idling(runners)),
        Role::Schedule,
        Family::Schedule,
        Policy { hot, stopped: stock.clone(), ..base.clone() },
    )
}

/// Idle runners beside a stopped pool that sizes itself.
fn spares(base: &Policy, peak: u32) -> Vec<Idea> {
    let hot = |hot: Hot, name: String, title: String| {
        let title = title + " and a stopped pool";
        planned(name, title, Role::HotPool, Family::Hot, Policy { hot, ..base.clone() })
    };
    let flat = |runners| {
        let title = idling(runners);
        hot(Hot::Flat { runners }, format!("headroom:hot={runners}"), title)
    };
    let share = |share: f64| {
        let title = format!("idle runners for {} % of the moments", percent(share));
        hot(Hot::Quantile { share }, format!("headroom:hot-share={share}"), title)
    };
    let patience = |patience: f64| {
        let title = format!("idle runners by price (w = {patience})");
        hot(Hot::Worthwhile { patience }, format!("headroom:hot-w={patience}"), title)
    };
    let sized = HOT_SHARES.into_iter().map(share).chain(PATIENCES.into_iter().map(patience));
    upto(&SPARES, peak).map(flat).chain(sized).collect()
}

/// The shortest stretch of the day, UTC, that holds most jobs of weekdays.
fn working_hours(jobs: &[SampleJob]) -> Option<(u8, u8)> {
    let mut by_hour = [0_u32; 24];
    for job in jobs {
        let (day, hour) = job.queued_at.weekday_and_hour();
        if day < 5 {
            by_hour[usize::from(hour)] += 1;
        }
    }
    let all: u32 = by_hour.iter().sum();
    let busiest = |hours: u8| {
        let held = |from: u8| -> u32 {
            by_hour[usize::from(from)..usize::from(from + hours)].iter().sum()
        };
        let from = (0..=24 - hours).max_by_key(|from| (held(*from), 24 - *from))?;
        let part = f64::from(held(from)) / f64::from(all.max(1));
        (part >= WORKING_PART).then_some((from, from + hours))
    };
    (1..=WORKING_HOURS_MAX).find_map(busiest)
}

/// Tries constant sizes between the last step that misses the objective and the first that meets
/// it, until it is known to a fiftieth.
fn refine(study: &mut Study<'_>, base: &Policy, candidates: &mut Vec<Candidate>) {
    let target = target(study);
    loop {
        let mut sizes: Vec<(u32, bool)> = candidates
            .iter()
            .filter_map(|it| match it.policy.stopped {
                Stopped::Constant { instances } => {
                    Some((instances, study.within_slo(it.run) >= target))
                }
                _ => None,
            })
            .collect();
        sizes.sort_unstable();
        let Some(at) = sizes.iter().position(|(_, meets)| *meets) else { return };
        let high = sizes[at].0;
        let low = at.checked_sub(1).map_or(0, |before| sizes[before].0);
        let gap = high - low;
        if gap <= (high / 50).max(1) {
            return;
        }
        let between =
            (1..=3_u32).map(|part| low + (gap * part).div_ceil(4)).filter(|size| *size < high);
        let mut between: Vec<u32> = between.collect();
        between.dedup();
        let ideas = between.into_iter().map(|size| constant(base, size)).collect();
        candidates.extend(run(study, ideas));
    }
}

/// What one could do who knew the future, and what others do.
pub fn bounds(study: &mut Study<'_>) -> Vec<FrontierPoint> {
    let all = [
        (Contender::Oracle, Role::Bound, "every instance ready in time: the least possible"),
        (Contender::WarmOracle, Role::Bound, "every instance prepared in time, started by its job"),
        (Contender::PerWebhookDelayed, Role::Peer, "one instance for each job, 30 s late"),
        (Contender::QueuedPlusRunning, Role::Peer, "as many as queued and running, cooldown 300 s"),
        (Contender::NaiveMinute, Role::Peer, "a poll each minute that does not see what boots"),
    ];
    let runs = study.run(all.iter().map(|(contender, ..)| contender.clone()).collect());
    let point = |((contender, role, title), run): (&(Contender, Role, &str), Run)| {
        study.point(&contender.to_string(), title, *role, run)
    };
    all.iter().zip(runs).map(point).collect()
}

#[cfg(test)]
mod unit_tests {
    use std::time::Duration;

    use model::Timestamp;

    use super::*;

    #[test]
    fn working_hours_are_the_shortest_stretch_with_most_jobs_of_weekdays() {
        // Monday 5 January 1970: an hour with 4 jobs at 9 and 14, one job in each hour of the night.
        let at = |hour: i64| Timestamp::from_secs(4 * 86_400 + hour * 3_600);
        let job = |hour| SampleJob { queued_at: at(hour), waited: None, duration: Duration::ZERO };
        let day = [9, 9, 9, 9, 14, 14, 14, 14, 11, 12, 2, 3].map(job);
        assert_eq!(working_hours(&day), Some((9, 15)));
        let even: Vec<SampleJob> = (0..24).map(job).collect();
        assert_eq!(working_hours(&even), None);
    }

    #[test]
    fn a_ladder_ends_above_the_peak() {
        assert_eq!(upto(&IDLES, 6).collect::<Vec<_>>(), [1, 2, 5, 10]);
        assert_eq!(upto(&IDLES, 0).collect::<Vec<_>>(), [1]);
        assert_eq!(upto(&IDLES, 9_999).count(), IDLES.len());
    }
}
