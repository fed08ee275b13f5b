//! The metrics, each once.
//!
//! Handles, EMF, queries, Prometheus families, `docs/METRICS.md` and prices all derive from these
//! rows. A metric name is written here and nowhere else.

use crate::metric::{Counter, Dimension::*, Kind, Level, Published, RollUp, Spec, Timing};
use crate::metric::{
    Exactness::{self, *},
    Unit::*,
};

/// The CloudWatch namespace of all metrics.
pub const NAMESPACE: &str = "Headroom";

macro_rules! catalogue {
    ($(
        $(#[doc = $help:literal])+
        $handle:ident: $kind:ident = $name:literal, $unit:ident, $exact:ident,
        $($roll_up:ident [$([$($dimension:ident),*]),+]),+;
    )+) => {
        $(
            $(#[doc = $help])+
            pub static $handle: $kind = $kind(&Spec {
                name: $name,
                help: concat!($($help),+),
                kind: Kind::$kind,
                unit: $unit,
                exact: $exact,
                published: &[$($(Published { roll_up: RollUp::$roll_up, by: &[$($dimension),*] }),+),+],
            });
        )+

        /// Every metric, in the order of the documentation.
        pub static ALL: &[&Spec] = &[$($handle.0),+];
    };
}

catalogue! {
    /// Job events by phase: a job gives one for each phase that it goes through.
    JOB_EVENTS: Counter = "JobEvents", Count, WithStore,
        Pool [[Pool, Status], [Status]], Repository [[Repository, Status]];

    /// Jobs that are over, by how they ended; skipped and cancelled ones included.
    JOB_CONCLUSIONS: Counter = "JobConclusions", Count, WithStore,
        Pool [[Pool, Conclusion]], Repository [[Repository, Conclusion]];

    /// Time from asking for a runner to getting one.
    JOB_WAIT: Timing = "JobWait", Seconds, WithStore,
        Pool [[Pool], []], Repository [[Repository]];

    /// Time with a runner, of jobs that had one.
    JOB_DURATION: Timing = "JobDuration", Seconds, WithStore,
        Pool [[Pool], []], Repository [[Repository]];

    /// Jobs that started although their wait cannot be known: a timestamp or an event is missing.
    WAITS_UNKNOWN: Counter = "WaitsUnknown", Count, WithStore, Pool [[Pool]];

    /// Jobs that ask for a runner now.
    JOBS_WAITING: Level = "JobsWaiting", Count, WithStore, Pool [[Pool], []];

    /// How long the oldest job that still waits has waited; 0 when none waits.
    OLDEST_WAITING_AGE: Level = "OldestWaitingAge", Seconds, WithStore, Pool [[Pool], []];

    /// Jobs that have a runner now.
    JOBS_RUNNING: Level = "JobsRunning", Count, WithStore, Pool [[Pool], []];

    /// Jobs that left the levels because their next event never came, by the phase they were in.
    JOBS_EXPIRED: Counter = "JobsExpired", Count, WithStore, Pool [[Pool, Status]];

    /// Jobs whose labels fit no configured pool.
    JOBS_UNROUTED: Counter = "JobsUnrouted", Count, WithStore, Pool [[]];

    /// Workflow run events by status.
    RUN_EVENTS: Counter = "RunEvents", Count, WithStore, Pool [[Status]];

    /// Time from what happened at GitHub to the receipt of the news.
    DELIVERY_LAG: Timing = "DeliveryLag", Milliseconds, WithStore, Pool [[]];

    /// Job events that came in this hour of the week at the least, of the last four weeks; while
    /// fewer than two of them are known, in this hour of the last seven days. Known from two on.
    JOB_EVENTS_USUAL: Level = "JobEventsUsual", Count, WithStore, Pool [[]];

    /// Deliveries that repeat one that was accepted before; they change nothing.
    DELIVERIES_DUPLICATE: Counter = "DeliveriesDuplicate", Count, PerRequest, Pool [[]];

    /// Deliveries that came after one of a later phase of the same job.
    DELIVERIES_OUT_OF_ORDER: Counter = "DeliveriesOutOfOrder", Count, WithStore, Pool [[]];

    /// Deliveries of an event or action that Headroom does not use.
    DELIVERIES_IGNORED: Counter = "DeliveriesIgnored", Count, PerRequest, Pool [[]];

    /// Requests to the webhook that were not accepted, by reason.
    DELIVERIES_REJECTED: Counter = "DeliveriesRejected", Count, PerRequest, Pool [[Reason], []];

    /// Events whose own EMF lines could not be written or found no room; they are in the store.
    EMF_EVENTS_DROPPED: Counter = "EmfEventsDropped", Count, WithStore, Pool [[]];

    /// Intervals that GitHub's timestamps made negative and that were counted as zero.
    INTERVALS_CLAMPED: Counter = "IntervalsClamped", Count, WithStore, Pool [[Interval]];

    /// The capacity that the scaler asked for, or would have asked for in a dry run.
    RUNNERS_DESIRED: Level = "RunnersDesired", Count, WithStore, Pool [[Pool]];

    /// The instances that the pool's group counts; not in a dry run, which sees busy ones only.
    RUNNERS_MEMBERS: Level = "RunnersMembers", Count, WithStore, Pool [[Pool]];

    /// Spot instances among the members, where the pool has a group of them beside the one of On-Demand
    /// instances.
    RUNNERS_SPOT: Level = "RunnersSpot", Count, WithStore, Pool [[Pool]];

    /// The instances that the pool may usually have (`runners_max`), where that is limited.
    RUNNERS_MAX: Level = "RunnersMax", Count, WithStore, Pool [[Pool]];

    /// Instances whose runner has a job.
    RUNNERS_BUSY: Level = "RunnersBusy", Count, WithStore, Pool [[Pool]];

    /// Instances whose runner waits for a job.
    RUNNERS_IDLE: Level = "RunnersIdle", Count, WithStore, Pool [[Pool]];

    /// Instances that boot, within their deadline.
    RUNNERS_BOOTING: Level = "RunnersBooting", Count, WithStore, Pool [[Pool]];

    /// Instances without a runner after their deadline; each is replaced.
    RUNNERS_OVERDUE: Level = "RunnersOverdue", Count, WithStore, Pool [[Pool]];

    /// Stopped instances that are ready to start.
    RUNNERS_STOPPED: Level = "RunnersStopped", Count, WithStore, Pool [[Pool]];

    /// Stopped instances that the scaler wants to be held, ready or not.
    RUNNERS_STOPPED_DESIRED: Level = "RunnersStoppedDesired", Count, WithStore, Pool [[Pool]];

    /// Time from the order of an instance to its runner, started cold or from a stop.
    BOOT_TIME: Timing = "BootTime", Seconds, WithStore, Pool [[Pool]];

    /// The part of a boot from its start to the agent on the instance, which tells it.
    BOOT_MACHINE_TIME: Timing = "BootMachineTime", Seconds, WithStore, Pool [[Pool]];

    /// The part of a boot in which the agent waits for the runner's configuration.
    BOOT_CONFIG_TIME: Timing = "BootConfigTime", Seconds, WithStore, Pool [[Pool]];

    /// The part of a boot in which the runner connects to GitHub, until it listens for its job.
    BOOT_CONNECT_TIME: Timing = "BootConnectTime", Seconds, WithStore, Pool [[Pool]];

    /// Instances that wait at their group's launch hook until their runner is registered at GitHub.
    REGISTRATIONS_WAITING: Level = "RegistrationsWaiting", Count, WithStore, Pool [[Pool]];

    /// Attempts to register a runner that GitHub or AWS refused or did not answer.
    REGISTRATIONS_FAILED: Counter = "RegistrationsFailed", Count, WithStore, Pool [[Pool]];

    /// Runners that were deregistered because the instance they were made for is gone.
    RUNNERS_ORPHANED: Counter = "RunnersOrphaned", Count, WithStore, Pool [[]];

    /// Parameters that held a runner's configuration and were deleted because their instance is gone.
    PARAMETERS_ORPHANED: Counter = "ParametersOrphaned", Count, WithStore, Pool [[]];

    /// Instances that never became runners: past their deadline, or gone while they booted.
    BOOTS_FAILED: Counter = "BootsFailed", Count, WithStore, Pool [[Pool]];

    /// Instances that were taken away, as Spot instances are.
    SPOT_INTERRUPTIONS: Counter = "SpotInterruptions", Count, WithStore, Pool [[Pool]];

    /// Decisions that changed something or had other reasons than the last, by main reason.
    SCALER_DECISIONS: Counter = "ScalerDecisions", Count, WithStore,
        Pool [[Pool, Reason], [Reason]];

    /// Looks of the scaler at a pool.
    SCALER_TICKS: Counter = "ScalerTicks", Count, WithStore, Pool [[]];

    /// What the scaler asked of the store or a group and did not get.
    SCALER_FAILURES: Counter = "ScalerFailures", Count, WithStore, Pool [[Pool]];

    /// Attempts to deliver a notification that failed; each is made again.
    NOTIFICATION_FAILURES: Counter = "NotificationFailures", Count, WithStore, Pool [[]];

    /// Notifications that were never delivered: their target took none for days, or has no room.
    NOTIFICATIONS_GIVEN_UP: Counter = "NotificationsGivenUp", Count, WithStore, Pool [[]];

    /// Webhooks that GitHub was asked to deliver again, because no attempt of its own arrived.
    WEBHOOKS_REDELIVERED: Counter = "WebhooksRedelivered", Count, WithStore, Pool [[]];

    /// Jobs of which GitHub's API told what no webhook had told.
    JOBS_MENDED: Counter = "JobsMended", Count, WithStore, Pool [[]];

    /// Calls of GitHub's API that failed.
    GITHUB_FAILURES: Counter = "GithubFailures", Count, WithStore, Pool [[]];

    /// Requests that GitHub's API still allows within the hour, as its last answer said. Told by
    /// what asks the API; without credentials for it nothing does.
    GITHUB_RATE_LIMIT_REMAINING: Level = "GithubRateLimitRemaining", Count, WithStore, Pool [[]];

    /// The source article's metric with its full dimension set; one series per job name and status.
    BUILD_EVENT: Counter = "build_event_metric", Count, WithStore,
        Article [[ArticleStatus, ArticleEventName, ArticleRepository, ArticleName]];
}

/// The levels of a pool that is scaled: where the first is told, the others are zero unless they are
/// told.
pub static RUNNERS: [Level; 7] = [
    RUNNERS_DESIRED,
    RUNNERS_BUSY,
    RUNNERS_IDLE,
    RUNNERS_BOOTING,
    RUNNERS_OVERDUE,
    RUNNERS_STOPPED,
    RUNNERS_STOPPED_DESIRED,
];

impl Exactness {
    /// The word for tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            WithStore => "exact with a store",
            PerRequest => "per request",
        }
    }
}

/// The row of that CloudWatch name.
pub fn by_name(name: &str) -> Option<&'static Spec> {
    ALL.iter().copied().find(|spec| spec.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emf;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_is_valid_in_cloudwatch_and_said_once() {
        let mut seen = BTreeSet::new();
        for spec in ALL {
            assert!(seen.insert(spec.name), "{} stands twice", spec.name);
            assert!(spec.name.len() <= emf::METRIC_NAME_LEN_MAX && spec.name.is_ascii());
            assert!(!spec.published.is_empty(), "{} is published nowhere", spec.name);
            assert!(spec.help.trim().ends_with('.'), "{} needs a sentence", spec.name);
        }
    }

    #[test]
    fn families_in_prometheus_are_distinct() {
        let families: BTreeSet<_> = ALL.iter().map(|spec| spec.prometheus()).collect();
        assert_eq!(families.len(), ALL.len());
    }

    #[test]
    fn timings_are_measured_in_time_and_the_rest_is_not_split_by_surprise() {
        for spec in ALL {
            let timed = spec.unit.per_second().is_some();
            assert_eq!(
                spec.kind == Kind::Timing,
                timed && spec.kind != Kind::Level,
                "{}",
                spec.name
            );
        }
    }
}
