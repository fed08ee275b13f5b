//! Headroom itself: does the news arrive, is it understood, does the scaler look?

use std::time::Duration;

use model::{Dimension, catalogue as c};

use super::fleet::PERCENTILES_EVERY;
use super::{Board, Line, Role, Row, Unit, line};
use super::{figure, stacked, time_series};

/// The usual is known by the hour.
const HOUR: Duration = Duration::from_hours(1);

pub(super) fn board() -> Board {
    Board {
        name: "pipeline",
        title: "Pipeline",
        description: "Headroom itself: does the news arrive, is it understood, does the scaler look?",
        variables: Vec::new(),
        rows: vec![now(), arrival(), sense(), scaler()],
    }
}

fn now() -> Row {
    Row {
        title: "In the time shown",
        widgets: vec![
            figure("lag-now", "95th percentile of the lag", Unit::Time)
                .says("Time from what happened at GitHub to the receipt of the news.")
                .draws([line(c::DELIVERY_LAG.percentile(95)).called("p95", Role::High)]),
            figure("rejected-now", "Rejected", Unit::Count)
                .says("Requests to the webhook that were not accepted.")
                .draws([line(c::DELIVERIES_REJECTED.sum()).called("rejected", Role::Bad)]),
            figure("unrouted-now", "Unrouted", Unit::Count)
                .says("Jobs whose labels fit no configured pool: nothing will serve them.")
                .draws([line(c::JOBS_UNROUTED.sum()).called("unrouted", Role::Bad)]),
            figure("duplicates-now", "Duplicates", Unit::Count)
                .says("Deliveries that repeat one that was accepted; they change nothing.")
                .draws([line(c::DELIVERIES_DUPLICATE.sum()).called("duplicates", Role::Odd)]),
            figure("dropped-now", "EMF dropped", Unit::Count)
                .says("Events that have no EMF line; they are in the store.")
                .draws([line(c::EMF_EVENTS_DROPPED.sum()).called("dropped", Role::Bad)]),
            figure("looks-now", "Looks of the scaler", Unit::Count)
                .says("Zero while pools are configured is a scaler that is not there.")
                .draws([line(c::SCALER_TICKS.sum()).called("looks", Role::Desired)]),
        ],
    }
}

fn arrival() -> Row {
    Row {
        title: "How the news arrives",
        widgets: vec![
            time_series("lag", "Delivery lag", Unit::Time)
                .says("Time from what happened at GitHub to the receipt of the news.")
                .wide(8)
                .draws(lags()),
            stacked("rejected", "Rejected, by reason", Unit::Count)
                .says("Wrong signatures in numbers are a secret that was changed on one side only.")
                .wide(8)
                .draws([line(c::DELIVERIES_REJECTED.sum())
                    .each(Dimension::Reason)
                    .called("rejected", Role::Plain)]),
            time_series("repeats", "Duplicates, ignored, out of order", Unit::Count)
                .says("None of these changes a figure. A surge is GitHub repeating itself.")
                .wide(8)
                .draws([
                    line(c::DELIVERIES_DUPLICATE.sum()).called("duplicates", Role::Odd),
                    line(c::DELIVERIES_IGNORED.sum()).called("ignored", Role::Stopped),
                    line(c::DELIVERIES_OUT_OF_ORDER.sum()).called("out of order", Role::Waiting),
                ]),
            time_series("usual", "Job events against the usual", Unit::Count)
                .says(
                    "Events in each hour, and how many came in that hour of other weeks at the \
                     least. Far below it, news does not arrive.",
                )
                .draws([
                    line(c::JOB_EVENTS.sum().every(HOUR))
                        .total(Dimension::Status)
                        .called("came", Role::Running),
                    line(c::JOB_EVENTS_USUAL.max().every(HOUR)).called("usual", Role::Limit),
                ]),
            stacked("events", "Job events, by phase", Unit::Count)
                .says("A phase that is missing for an hour is news that does not arrive.")
                .draws([line(c::JOB_EVENTS.sum())
                    .each(Dimension::Status)
                    .called("events", Role::Plain)]),
        ],
    }
}

/// Median, 90th percentile, which the alarm watches, and 99th.
fn lags() -> [Line; 3] {
    let at = |percent| line(c::DELIVERY_LAG.percentile(percent).every(PERCENTILES_EVERY));
    [
        at(50).called("p50", Role::Typical),
        at(90).called("p90", Role::High),
        at(99).called("p99", Role::Extreme),
    ]
}

fn sense() -> Row {
    Row {
        title: "What is made of it",
        widgets: vec![
            time_series("unrouted", "Unrouted jobs and dropped lines", Unit::Count)
                .says("Labels that no pool has, and EMF lines that found no room.")
                .wide(8)
                .draws([
                    line(c::JOBS_UNROUTED.sum()).called("unrouted", Role::Bad),
                    line(c::EMF_EVENTS_DROPPED.sum()).called("dropped", Role::Odd),
                ]),
            time_series("clamped", "Intervals below zero, by interval", Unit::Count)
                .says("GitHub's stamps in the wrong order; counted as zero.")
                .wide(8)
                .draws([line(c::INTERVALS_CLAMPED.sum())
                    .each(Dimension::Interval)
                    .called("clamped", Role::Plain)]),
            time_series("unknown", "Waits that nobody knows, by pool", Unit::Count)
                .says("Jobs that started while a timestamp or an event of theirs was missing.")
                .wide(8)
                .draws([line(c::WAITS_UNKNOWN.sum())
                    .each(Dimension::Pool)
                    .called("unknown waits", Role::Plain)]),
            stacked("expired", "Jobs given up, by pool and phase", Unit::Count)
                .says("Jobs whose next event never came: lost news, or jobs that GitHub forgot.")
                .wide(8)
                .draws([line(c::JOBS_EXPIRED.sum())
                    .each(Dimension::Pool)
                    .each(Dimension::Status)
                    .called("given up", Role::Plain)]),
            stacked("runs", "Workflow runs, by status", Unit::Count)
                .says("Empty unless the webhook sends workflow runs as well.")
                .wide(8)
                .draws([line(c::RUN_EVENTS.sum())
                    .each(Dimension::Status)
                    .called("runs", Role::Plain)]),
            time_series("notifications", "Notifications that did not arrive", Unit::Count)
                .says("Failed attempts are made again; what is given up is never told to anybody.")
                .wide(8)
                .draws([
                    line(c::NOTIFICATION_FAILURES.sum()).called("failed attempts", Role::Odd),
                    line(c::NOTIFICATIONS_GIVEN_UP.sum()).called("given up", Role::Bad),
                ]),
            time_series("lost", "Lost webhooks", Unit::Count)
                .says(
                    "Webhooks that GitHub delivers once more, and jobs of which only its API told. \
                     Empty without the section [github].",
                )
                .wide(8)
                .draws([
                    line(c::WEBHOOKS_REDELIVERED.sum()).called("redelivered", Role::Odd),
                    line(c::JOBS_MENDED.sum()).called("jobs mended", Role::Bad),
                ]),
            time_series("api-failures", "Calls of GitHub's API that failed", Unit::Count)
                .says("While they fail, what was lost stays lost.")
                .wide(8)
                .draws([line(c::GITHUB_FAILURES.sum()).called("failed", Role::Bad)]),
        ],
    }
}

fn scaler() -> Row {
    Row {
        title: "The scaler",
        widgets: vec![
            time_series("looks", "Looks of the scaler", Unit::Count)
                .says("Looks at a pool in each period. None is a scaler that is not there.")
                .draws([line(c::SCALER_TICKS.sum()).called("looks", Role::Desired)]),
            time_series("failures", "What the scaler did not get, by pool", Unit::Count)
                .says("Questions and requests that the store or a group did not answer.")
                .draws([line(c::SCALER_FAILURES.sum())
                    .each(Dimension::Pool)
                    .called("failures", Role::Plain)]),
            stacked("decisions", "Decisions, by reason", Unit::Count)
                .says("Decisions that changed something or had other reasons than the last.")
                .draws([line(c::SCALER_DECISIONS.sum())
                    .each(Dimension::Reason)
                    .called("decisions", Role::Plain)]),
            time_series("orphans", "What instances left behind", Unit::Count)
                .says(
                    "Runners and parameters that were taken away because their instance was gone. \
                     A steady number is instances that end without a word.",
                )
                .draws([
                    line(c::RUNNERS_ORPHANED.sum()).called("runners", Role::Odd),
                    line(c::PARAMETERS_ORPHANED.sum()).called("parameters", Role::Stopped),
                ]),
            time_series("rate-limit", "Requests that GitHub's API still allows", Unit::Count)
                .says(
                    "Within the hour, as its last answer said. At zero it answers nobody. Empty \
                     where nothing asks the API.",
                )
                .draws([line(c::GITHUB_RATE_LIMIT_REMAINING.average())
                    .called("requests left", Role::Idle)]),
        ],
    }
}
