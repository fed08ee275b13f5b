//! How often each metric is observed, and how its observations fall on the values of a dimension.
//!
//! The shares are assumptions, chosen so that a series that can occur has a share above zero. They
//! move the expected sum a little and the sum at most not at all.

use crate::catalogue as c;
use crate::{Conclusion, Counter, Dimension, Kind, Phase, Spec};

use super::{Fleet, as_f64};

/// How often a metric is observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Beat {
    /// With a webhook: so many times for each job.
    PerJob(f64),
    /// Every minute in every series, by a component that runs all the time.
    EveryMinute,
}

/// A value of a dimension, or many alike: how many, and how much of all falls on each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slice {
    /// A value to write lines with.
    pub(super) value: &'static str,
    /// How many such values there are.
    pub(super) series: u64,
    /// The share of the observations that falls on each, 0..=1.
    pub(super) share: f64,
}

/// What should not happen (rejected, lost, repeated, out of order) happens to one job in a thousand.
const EXCEPTIONS_PER_JOB: f64 = 0.001;

/// The metrics of what should not happen.
static EXCEPTIONS: [&Counter; 19] = [
    &c::WAITS_UNKNOWN,
    &c::JOBS_EXPIRED,
    &c::JOBS_UNROUTED,
    &c::DELIVERIES_DUPLICATE,
    &c::DELIVERIES_OUT_OF_ORDER,
    &c::DELIVERIES_IGNORED,
    &c::DELIVERIES_REJECTED,
    &c::INTERVALS_CLAMPED,
    &c::SCALER_FAILURES,
    &c::REGISTRATIONS_FAILED,
    &c::RUNNERS_ORPHANED,
    &c::PARAMETERS_ORPHANED,
    &c::BOOTS_FAILED,
    &c::SPOT_INTERRUPTIONS,
    &c::NOTIFICATION_FAILURES,
    &c::NOTIFICATIONS_GIVEN_UP,
    &c::WEBHOOKS_REDELIVERED,
    &c::JOBS_MENDED,
    &c::GITHUB_FAILURES,
];

/// Decisions that are counted for each job: `headroom demo` counts 701 for its 1,931 jobs.
const DECISIONS_PER_JOB: f64 = 0.4;

/// Nearly all decisions have one of so many reasons: jobs wait, instances are on their way, all is
/// well. In that demo 690 of 701 have.
const USUAL_REASONS: u64 = 3;

/// The part of the decisions that has another one.
const UNUSUAL: f64 = 0.02;

/// GitHub's `workflow_run` actions.
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run>
pub(super) const RUN_STATUSES: [&str; 3] = ["requested", "in_progress", "completed"];

/// Values of [`Dimension::Reason`]: the ways in which a request to the webhook is refused. Whoever
/// refuses them has the list, and must keep it as long as this.
pub const REASONS: u64 = 14;

/// Values of [`Dimension::Reason`] of the scaler's decisions. The scaler has the list, and a test
/// keeps it as long as this.
pub const SCALER_REASONS: u64 = 29;

/// The intervals that can be negative, as [`Dimension::Interval`] says.
const INTERVALS: [&str; 3] = ["wait", "duration", "lag"];

/// How often `spec` is observed. Levels, and counters and timings that no webhook is known to
/// cause, are taken as observed every minute: a new row of the catalogue makes the estimate too
/// high, never too low.
pub(super) fn beat(spec: &Spec, fleet: &Fleet) -> Beat {
    let jobs: f64 = phases(fleet).iter().map(|(_, weight)| weight).sum();
    let runs = fleet.runs() * as_f64(RUN_STATUSES.len() as u64);
    let known = [
        (c::JOB_EVENTS.0, jobs),
        (c::BUILD_EVENT.0, jobs),
        (c::JOB_WAIT.0, fleet.started()),
        (c::JOB_DURATION.0, fleet.started()),
        (c::JOB_CONCLUSIONS.0, 1.0),
        (c::RUN_EVENTS.0, runs),
        (c::DELIVERY_LAG.0, jobs),
        (c::BOOT_TIME.0, fleet.started()),
        (c::BOOT_MACHINE_TIME.0, fleet.started()),
        (c::BOOT_CONFIG_TIME.0, fleet.started()),
        (c::BOOT_CONNECT_TIME.0, fleet.started()),
        (c::SCALER_DECISIONS.0, DECISIONS_PER_JOB),
    ];
    let exceptions = EXCEPTIONS.iter().map(|counter| (counter.0, EXCEPTIONS_PER_JOB));
    known
        .into_iter()
        .chain(exceptions)
        .find(|(known, _)| known.name == spec.name && spec.kind != Kind::Level)
        .map_or(Beat::EveryMinute, |(_, per_job)| Beat::PerJob(per_job))
}

/// Whether `spec` is published only by a component that keeps state or runs all the time, and so
/// never by a door without a store.
pub(super) fn needs_state(spec: &Spec, fleet: &Fleet) -> bool {
    let of_state = [
        c::JOBS_EXPIRED.0,
        c::BOOT_TIME.0,
        c::BOOT_MACHINE_TIME.0,
        c::BOOT_CONFIG_TIME.0,
        c::BOOT_CONNECT_TIME.0,
        c::SCALER_DECISIONS.0,
        c::REGISTRATIONS_FAILED.0,
        c::RUNNERS_ORPHANED.0,
        c::PARAMETERS_ORPHANED.0,
        c::BOOTS_FAILED.0,
        c::SPOT_INTERRUPTIONS.0,
        c::NOTIFICATION_FAILURES.0,
        c::NOTIFICATIONS_GIVEN_UP.0,
        c::WEBHOOKS_REDELIVERED.0,
        c::JOBS_MENDED.0,
        c::GITHUB_FAILURES.0,
    ];
    beat(spec, fleet) == Beat::EveryMinute || of_state.contains(&spec)
}

/// Events of one job in each phase.
pub(super) fn phases(fleet: &Fleet) -> [(Phase, f64); 4] {
    Phase::ALL.map(|phase| {
        let weight = match phase {
            Phase::Waiting => fleet.held(),
            Phase::Queued | Phase::Completed => 1.0,
            Phase::InProgress => fleet.started(),
        };
        (phase, weight)
    })
}

/// How observations of `spec` fall on the values of `dimension`; values that never occur are left
/// out, and many alike stand once.
pub(super) fn slices(dimension: Dimension, spec: &Spec, fleet: &Fleet) -> Vec<Slice> {
    match dimension {
        Dimension::Pool => even(super::sample::POOL, fleet.pools),
        Dimension::Status if spec.name == c::RUN_EVENTS.0.name => each(RUN_STATUSES),
        Dimension::Status if spec.name == c::JOBS_EXPIRED.0.name => {
            each([Phase::Waiting, Phase::Queued, Phase::InProgress].map(Phase::as_str))
        }
        Dimension::Status | Dimension::ArticleStatus => {
            weighted(&phases(fleet).map(|(phase, weight)| (phase.as_str(), weight)))
        }
        Dimension::Conclusion => weighted(&Conclusion::ALL.map(|c| (c.as_str(), of_a_hundred(c)))),
        Dimension::Reason if spec.name == c::SCALER_DECISIONS.0.name => {
            let of = |series: u64, share: f64| Slice {
                value: "queue_exceeds_capacity",
                series,
                share: share / as_f64(series),
            };
            vec![of(USUAL_REASONS, 1.0 - UNUSUAL), of(SCALER_REASONS - USUAL_REASONS, UNUSUAL)]
        }
        Dimension::Reason => even("signature_wrong", REASONS),
        Dimension::Interval => each(INTERVALS),
        Dimension::Repository | Dimension::ArticleRepository => {
            even(super::sample::REPOSITORY, fleet.repositories)
        }
        Dimension::ArticleEventName => each([super::sample::EVENT_NAME]),
        Dimension::ArticleName => even(super::sample::JOB_NAME, fleet.job_names_per_repository),
    }
}

/// Jobs in a hundred that end so.
fn of_a_hundred(conclusion: Conclusion) -> f64 {
    match conclusion {
        Conclusion::Success => 80.0,
        Conclusion::Failure => 12.0,
        Conclusion::Cancelled => 4.0,
        Conclusion::Skipped => 3.0,
        Conclusion::TimedOut => 0.6,
        Conclusion::ActionRequired
        | Conclusion::Neutral
        | Conclusion::Stale
        | Conclusion::Other => 0.1,
    }
}

fn even(value: &'static str, series: u64) -> Vec<Slice> {
    let share = 1.0 / as_f64(series.max(1));
    if series == 0 { Vec::new() } else { vec![Slice { value, series, share }] }
}

fn each<const N: usize>(values: [&'static str; N]) -> Vec<Slice> {
    weighted(&values.map(|value| (value, 1.0)))
}

fn weighted(values: &[(&'static str, f64)]) -> Vec<Slice> {
    let sum: f64 = values.iter().map(|(_, weight)| weight).sum();
    values
        .iter()
        .filter(|(_, weight)| *weight > 0.0)
        .map(|(value, weight)| Slice { value, series: 1, share: weight / sum })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_a_dimension_make_a_whole() {
        let fleet = Fleet::new(100, 5_000);
        for spec in c::ALL {
            for dimension in Dimension::ALL {
                let slices = slices(dimension, spec, &fleet);
                let whole: f64 = slices.iter().map(|s| as_f64(s.series) * s.share).sum();
                assert!((whole - 1.0).abs() < 1e-9, "{dimension:?} of {}: {whole}", spec.name);
            }
        }
    }

    #[test]
    fn a_level_beats_every_minute_and_an_event_with_its_jobs() {
        let fleet = Fleet { approvals_percent: 0, ..Fleet::new(100, 5_000) };
        for (spec, expected) in [
            (c::JOBS_WAITING.0, Beat::EveryMinute),
            (c::JOB_CONCLUSIONS.0, Beat::PerJob(1.0)),
            (c::JOB_EVENTS.0, Beat::PerJob(2.95)),
            (c::DELIVERIES_IGNORED.0, Beat::PerJob(0.001)),
        ] {
            assert_eq!(beat(spec, &fleet), expected, "{}", spec.name);
        }
    }

    #[test]
    fn a_phase_that_never_occurs_has_no_series() {
        let without = Fleet { approvals_percent: 0, ..Fleet::new(1, 1) };
        let with = Fleet { approvals_percent: 1, ..without };
        let count = |fleet| slices(Dimension::Status, c::JOB_EVENTS.0, fleet).len();
        assert_eq!((count(&without), count(&with)), (3, Phase::ALL.len()));
        assert!(slices(Dimension::Pool, c::JOB_WAIT.0, &Fleet { pools: 0, ..with }).is_empty());
    }
}
