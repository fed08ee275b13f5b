//! Which jobs are known wrongly: what GitHub's API tells of them that no webhook told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use github::Owner;
use ingest::ledger::Seen;
use model::{Conclusion, JobEvent, JobKey, Repository, Timestamp};

/// News that is younger may still come by itself: webhooks are seconds, at times minutes late.
const LATE: Duration = Duration::from_mins(2);

/// A job that stands where it stands for longer is asked about, unless a listing told of it.
const STANDS_MAX: Duration = Duration::from_mins(5);

/// An open job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub key: JobKey,
    /// Its repository, as `owner/name`.
    pub repository: Repository,
    /// Since when it stands where it stands.
    pub since: Timestamp,
}

/// Of what the API told, what no webhook told and is no longer only late.
///
/// `seen` has the jobs that are known. A phase before one that was seen is history, and no
/// longer worth an event. A skipped job of which nothing is known is none that was lost: it never
/// asked for a runner. News without a time may be new.
pub fn unheard(
    told: Vec<JobEvent>,
    seen: &BTreeMap<JobKey, Seen>,
    now: Timestamp,
) -> Vec<JobEvent> {
    let is_unheard = |event: &JobEvent| {
        let known = seen.get(&event.key);
        known.is_none_or(|seen| !seen.has(event.phase) && !seen.any_after(event.phase))
    };
    let is_lost = |event: &JobEvent| {
        let is_skipped = event.conclusion == Some(Conclusion::Skipped);
        let is_old = event.event_at().is_some_and(|at| now.saturating_since(at) >= LATE);
        is_old && (!is_skipped || seen.contains_key(&event.key))
    };
    told.into_iter().filter(|event| is_unheard(event) && is_lost(event)).collect()
}

/// Open jobs that GitHub is to be asked about one by one: those that no listing told of, first the
/// ones that were never asked about, then those for which that is longest ago.
pub fn doubtful(
    open: Vec<Standing>,
    listed: &BTreeSet<JobKey>,
    asked: &BTreeMap<JobKey, Timestamp>,
    now: Timestamp,
) -> Vec<(JobKey, Repository)> {
    let is_doubtful = |job: &Standing| {
        now.saturating_since(job.since) >= STANDS_MAX && !listed.contains(&job.key)
    };
    let mut doubtful: Vec<Standing> = open.into_iter().filter(is_doubtful).collect();
    doubtful.sort_by_key(|job| (asked.get(&job.key).copied(), job.since));
    doubtful.into_iter().map(|job| (job.key, job.repository)).collect()
}

/// Of these repositories, sorted, those of the owner; first those after `last`, with which the round
/// before ended.
pub fn in_turn(names: BTreeSet<String>, owner: &Owner, last: Option<&str>) -> Vec<Repository> {
    let is_ours = |name: &String| match owner {
        Owner::Organization(owner) => {
            name.split_once('/').is_some_and(|(of, _)| of.eq_ignore_ascii_case(owner))
        }
        Owner::Repository(only) => name.eq_ignore_ascii_case(only),
    };
    let (before, after): (Vec<String>, Vec<String>) = names
        .into_iter()
        .filter(is_ours)
        .partition(|name| last.is_some_and(|last| name.as_str() <= last));
    after.into_iter().chain(before).map(Repository).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Labels, Phase};

    const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);

    fn ago(minutes: u64) -> Timestamp {
        NOW.minus(Duration::from_mins(minutes))
    }

    fn key(job: u64) -> JobKey {
        JobKey { job, attempt: 1 }
    }

    /// A job of which this happened so many minutes ago.
    fn event(job: u64, phase: Phase, minutes: u64) -> JobEvent {
        let at = Some(ago(minutes));
        JobEvent {
            key: key(job),
            phase,
            run: 1,
            repository: Repository("acme/app".into()),
            name: "build".into(),
            workflow: None,
            branch: None,
            url: None,
            labels: Labels::new(["linux"]),
            created_at: at,
            started_at: at,
            completed_at: at,
            conclusion: (phase == Phase::Completed).then_some(Conclusion::Success),
            runner: None,
            runner_group: None,
        }
    }

    fn standing(job: u64, minutes: u64) -> Standing {
        Standing { key: key(job), repository: Repository("acme/app".into()), since: ago(minutes) }
    }

    fn seen(phases: &[Phase]) -> Seen {
        phases.iter().copied().collect()
    }

    #[test]
    fn what_is_known_or_later_known_or_only_late_is_left_alone() {
        let known = BTreeMap::from([
            (key(1), seen(&[Phase::Queued])),
            (key(2), seen(&[Phase::Queued])),
            (key(3), seen(&[Phase::Queued, Phase::Completed])),
        ]);
        for (job, phase, minutes, is_news) in [
            (1, Phase::Queued, 9, false),
            (2, Phase::InProgress, 9, true),
            (2, Phase::Completed, 9, true),
            (2, Phase::InProgress, 1, false),
            (3, Phase::InProgress, 9, false),
            (4, Phase::Queued, 9, true),
            (4, Phase::Queued, 1, false),
            (4, Phase::Completed, 2, true),
        ] {
            let news = unheard(vec![event(job, phase, minutes)], &known, NOW);
            assert_eq!(news.len() == 1, is_news, "{job} {phase} {minutes} minutes ago");
        }
    }

    #[test]
    fn what_has_no_time_or_never_asked_for_a_runner_was_not_lost() {
        let untimed = JobEvent { created_at: None, started_at: None, ..event(7, Phase::Queued, 0) };
        let conclusion = Some(Conclusion::Skipped);
        let skipped = JobEvent { conclusion, ..event(8, Phase::Completed, 9) };
        assert_eq!(unheard(vec![untimed, skipped.clone()], &BTreeMap::new(), NOW), []);
        let known = BTreeMap::from([(key(8), seen(&[Phase::Queued]))]);
        assert_eq!(unheard(vec![skipped.clone()], &known, NOW), [skipped]);
    }

    #[test]
    fn jobs_that_stand_long_and_were_not_listed_are_asked_about_in_turn() {
        let open = [(1, 60), (2, 50), (3, 40), (4, 30), (5, 4)];
        let asked = BTreeMap::from([(key(1), ago(5)), (key(2), ago(10))]);
        let open = open.map(|(job, minutes)| standing(job, minutes)).to_vec();
        let doubtful = doubtful(open, &BTreeSet::from([key(3)]), &asked, NOW);
        let jobs: Vec<u64> = doubtful.iter().map(|(key, _)| key.job).collect();
        assert_eq!(jobs, [4, 2, 1]);
    }

    #[test]
    fn repositories_of_the_owner_take_turns() {
        let names = || ["acme/a", "Acme/b", "acme/c", "other/a"].map(str::to_owned).into();
        let told = |owner: &Owner, last| {
            let turn = in_turn(names(), owner, last).into_iter().map(|one| one.0);
            turn.collect::<Vec<_>>().join(" ")
        };
        let acme = Owner::Organization("acme".into());
        assert_eq!(told(&acme, None), "Acme/b acme/a acme/c");
        assert_eq!(told(&acme, Some("acme/a")), "acme/c Acme/b acme/a");
        assert_eq!(told(&Owner::Repository("acme/c".into()), None), "acme/c");
    }
}
