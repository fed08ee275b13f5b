//! What limits the report, with its effect; nothing is extrapolated silently.

use model::capacity::{JobCounts, LostEvents, Period, Report, Subject, Warning};

use super::describe::{About, Whole};
use super::gaps::Gap;
use super::rows::ROWS_HELD_MAX;
use super::summary::{are, plural};
use super::{Vocabulary, length, number, percent, ratio};

/// With fewer jobs a 95th percentile rests on less than five of them.
const JOBS_FEW: u64 = 100;

/// Below this part of what was asked for, the data are said not to cover it.
const COVERED_MIN: f64 = 0.98;

/// Silences that are told one by one.
const GAPS_TOLD_MAX: usize = 3;

/// Pools that are named.
const POOLS_NAMED_MAX: usize = 5;

/// All warnings, the gravest first.
pub(super) fn all(
    report: &Report,
    whole: &Whole,
    unrouted: u64,
    words: &Vocabulary,
    about: &About,
) -> Vec<Warning> {
    let mut counts = JobCounts::default();
    let mut lost = LostEvents::default();
    for pool in &report.pools {
        add_counts(&mut counts, &pool.job_counts);
        add_lost(&mut lost, &pool.lost);
    }
    let jobs = report.pools.iter().map(|pool| pool.jobs).sum();
    let found = [
        unreadable(about),
        little(report, whole, jobs),
        few(report),
        unknown(&counts),
        clock(&counts, about),
        unrouted_jobs(unrouted, jobs),
        lost_events(&lost),
        cut(words),
        cut_rows(whole),
    ];
    let mut warnings: Vec<Warning> = found.into_iter().flatten().collect();
    warnings.extend(silences(whole.gaps.as_deref().unwrap_or_default()));
    warnings.sort_by_key(|warning| warning.subject);
    warnings
}

fn warning(subject: Subject, text: String, effect: &str) -> Warning {
    Warning { subject, pool: None, text, effect: effect.to_owned() }
}

fn add_counts(sum: &mut JobCounts, more: &JobCounts) {
    sum.started += more.started;
    sum.wait_unknown += more.wait_unknown;
    sum.waits_clamped += more.waits_clamped;
    sum.durations_clamped += more.durations_clamped;
}

fn add_lost(sum: &mut LostEvents, more: &LostEvents) {
    sum.queued_unseen += more.queued_unseen;
    sum.in_progress_unseen += more.in_progress_unseen;
    sum.completed_unseen += more.completed_unseen;
    sum.ghosts += more.ghosts;
}

fn unreadable(about: &About) -> Option<Warning> {
    let lines = (about.unreadable > 0).then_some(about.unreadable)?;
    Some(warning(
        Subject::UnreadableLines,
        format!("{} could not be read.", plural(lines, "line")),
        "Their jobs are in no figure.",
    ))
}

fn little(report: &Report, whole: &Whole, jobs: u64) -> Option<Warning> {
    let covered = Period { from: report.period.from, to: report.period.to }.secs();
    let asked = whole.asked.secs();
    if jobs == 0 {
        return Some(warning(
            Subject::TooLittleData,
            "No job asked for a runner in this time.".to_owned(),
            "There are no figures.",
        ));
    }
    if covered >= asked * COVERED_MIN {
        return None;
    }
    Some(warning(
        Subject::TooLittleData,
        format!(
            "The data begin on {}: they cover {} of the {} that were asked for.",
            super::summary::day(report.period.from),
            length(covered),
            length(asked)
        ),
        "All figures are of the time that is covered, and nothing is told of the time before it.",
    ))
}

fn few(report: &Report) -> Option<Warning> {
    let small: Vec<&str> = report
        .pools
        .iter()
        .filter(|pool| (1..JOBS_FEW).contains(&pool.jobs))
        .map(|pool| pool.name.as_str())
        .collect();
    let first = small.first()?;
    let text = match small.len() {
        1 => format!("The pool {first} has fewer than {JOBS_FEW} jobs."),
        n if n <= POOLS_NAMED_MAX => {
            format!("The pools {} have fewer than {JOBS_FEW} jobs each.", small.join(", "))
        }
        n => format!(
            "{n} pools have fewer than {JOBS_FEW} jobs each, {} among them.",
            small[..POOLS_NAMED_MAX].join(", ")
        ),
    };
    Some(warning(
        Subject::TooLittleData,
        text,
        "Their high percentiles rest on less than five jobs and may change much by chance.",
    ))
}

fn unknown(counts: &JobCounts) -> Option<Warning> {
    let unknown = (counts.wait_unknown > 0).then_some(counts.wait_unknown)?;
    let all = unknown + counts.started;
    Some(warning(
        Subject::UnknownWaits,
        format!(
            "{} of {} that got a runner ({}) have no known wait.",
            number(unknown),
            plural(all, "job"),
            percent(ratio(unknown, all))
        ),
        "They are in no figure about waits; where they waited longer or shorter than the others, \
         the figures do not show it. They count as demand from when they started.",
    ))
}

fn clock(counts: &JobCounts, about: &About) -> Option<Warning> {
    let clamped = counts.waits_clamped + counts.durations_clamped;
    let future = match about.future {
        0 => String::new(),
        n => format!(" {} dated in the future.", are(n, "event")),
    };
    if clamped == 0 && future.is_empty() {
        return None;
    }
    Some(warning(
        Subject::Clock,
        format!(
            "{} and {} would be negative by their stamps.{future}",
            plural(counts.waits_clamped, "wait"),
            plural(counts.durations_clamped, "duration"),
        ),
        "They count as zero, so waits and runner time are a little too short; events of the \
         future do not move the end of the period.",
    ))
}

fn unrouted_jobs(unrouted: u64, jobs: u64) -> Option<Warning> {
    let n = (unrouted > 0).then_some(unrouted)?;
    Some(warning(
        Subject::Unrouted,
        format!("{} ({}) fit no configured pool.", plural(n, "job"), percent(ratio(n, jobs))),
        "They stand in the pool `unrouted` and in no other; a pool that should take them looks \
         less used than it would be.",
    ))
}

fn lost_events(lost: &LostEvents) -> Option<Warning> {
    let told = [
        (lost.queued_unseen, "without a `queued` event"),
        (lost.in_progress_unseen, "without an `in_progress` event"),
        (lost.completed_unseen, "that ran and whose end was never told"),
        (lost.ghosts, "that were queued and never heard of again"),
    ];
    let parts: Vec<String> = told
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", plural(n, "job")))
        .collect();
    if parts.is_empty() {
        return None;
    }
    Some(warning(
        Subject::LostEvents,
        format!("Events were lost: {}.", parts.join(", ")),
        "What another event of the same job tells is used; jobs whose end was never told count as \
         demand, and neither as waits nor as runner time.",
    ))
}

fn cut(words: &Vocabulary) -> Option<Warning> {
    let kinds = [
        ("pools", &words.pools),
        ("repositories", &words.repositories),
        ("workflows", &words.workflows),
        ("runner groups", &words.runner_groups),
    ];
    let full: Vec<&str> =
        kinds.into_iter().filter(|(_, names)| names.is_full()).map(|(kind, _)| kind).collect();
    if full.is_empty() {
        return None;
    }
    Some(warning(
        Subject::Truncated,
        format!("There are more {} than are told apart.", full.join(" and ")),
        "Those that came last in the data share the row or the pool `(other)`; sums are complete.",
    ))
}

fn cut_rows(whole: &Whole) -> Option<Warning> {
    whole.are_rows_cut.then(|| {
        warning(
            Subject::Truncated,
            format!(
                "The repositories, workflows and runner groups of all pools make more than {} rows.",
                number(ROWS_HELD_MAX as u64)
            ),
            "Those that came last in the data are in the row `(other)` of their pool; sums are \
             complete.",
        )
    })
}

fn silences(gaps: &[Gap]) -> Vec<Warning> {
    let told = gaps.iter().take(GAPS_TOLD_MAX).map(|gap| {
        format!(
            "No job was queued from {} to {} ({}), where about {:.0} bursts of jobs are usual.",
            gap.from,
            gap.to,
            length(gap.to.saturating_since(gap.from).as_secs_f64()),
            gap.usual
        )
    });
    let mut texts: Vec<String> = told.collect();
    if gaps.len() > GAPS_TOLD_MAX {
        texts.push(format!("There are {} shorter silences.", gaps.len() - GAPS_TOLD_MAX));
    }
    let effect = "A holiday, or webhooks that never came. In the second case demand, runner-hours \
                  and cost are too low, and what happened then is not in the waits.";
    texts.into_iter().map(|text| warning(Subject::Gap, text, effect)).collect()
}
