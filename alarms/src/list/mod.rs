//! Every alarm, once.
//!
//! A level is compared by its mean over a minute, which in CloudWatch and in a store is what it was
//! at the end of it. What may be missing without meaning anything is filled, so that an alarm says
//! the same in a store, in CloudWatch and in Prometheus.

mod capacity;
mod pipeline;
mod scaler;
mod waits;

use std::time::Duration;

use model::expr::Relation;
use model::{Expr, Query};

use crate::{Alarm, Condition, Missing, Scope, Severity, Short, Shown, Watch};

pub use waits::Objective;

/// The alarm over all alarms of a pool that page: one incident pages once.
pub const POOL_INCIDENT: &str = "pool-incident";
/// Jobs wait, nothing idles or boots, and the pool is at its maximum.
pub const POOL_EXHAUSTED: &str = "pool-exhausted";
/// Jobs wait, nothing idles or boots, and the pool is below its maximum: the scaler fails.
pub const QUEUE_WITHOUT_CAPACITY: &str = "queue-without-capacity";
/// Jobs wait and no runner has been there for minutes.
pub const POOL_DOWN: &str = "pool-down";
/// The oldest job waits for too long.
pub const OLDEST_JOB_TOO_OLD: &str = "oldest-job-too-old";
/// Of the last hour's jobs far too many waited longer than promised.
pub const WAIT_SLO_BURN_FAST: &str = "wait-slo-burn-fast";
/// Of the last hours' jobs too many waited longer than promised.
pub const WAIT_SLO_BURN_SLOW: &str = "wait-slo-burn-slow";
/// Stopped instances are wanted and none is ready.
pub const WARM_POOL_DEPLETED: &str = "warm-pool-depleted";
/// Instances do not become runners in time.
pub const BOOTS_OVERDUE: &str = "boots-overdue";
/// Boots end without a runner.
pub const BOOT_FAILURES: &str = "boot-failures";
/// Runners cannot be registered.
pub const REGISTRATIONS_FAILING: &str = "registrations-failing";
/// Instances are taken away.
pub const SPOT_INTERRUPTIONS: &str = "spot-interruptions";
/// The scaler does not look at its pools.
pub const SCALER_SILENCE: &str = "scaler-silence";
/// No news comes at an hour at which some always does.
pub const WEBHOOK_SILENCE: &str = "webhook-silence";
/// Requests to the webhook are refused.
pub const WEBHOOKS_REJECTED: &str = "webhooks-rejected";
/// Webhooks do not arrive, and what they told comes by other ways.
pub const WEBHOOKS_LOST: &str = "webhooks-lost";
/// GitHub's API will soon refuse requests.
pub const GITHUB_RATE_LIMIT_LOW: &str = "github-rate-limit-low";
/// News from GitHub comes late.
pub const DELIVERY_LAG: &str = "delivery-lag";
/// Most deliveries repeat earlier ones.
pub const DUPLICATES_SURGE: &str = "duplicates-surge";
/// Jobs ask for labels that no pool has.
pub const JOBS_UNROUTED: &str = "jobs-unrouted";

/// Every alarm, for a promise about waits, those over others last.
pub fn all(objective: Objective) -> Vec<Alarm> {
    let mut all = capacity::all();
    all.extend(waits::all(objective));
    all.extend(scaler::all());
    all.extend(pipeline::all());
    let parts = all.iter().filter(|alarm| alarm.part_of == Some(POOL_INCIDENT));
    let incident = capacity::incident(parts.map(|alarm| alarm.name).collect());
    all.push(incident);
    all
}

/// Those that say nothing where no scaler is at work.
pub const OF_SCALER: [&str; 7] = [
    SCALER_SILENCE,
    QUEUE_WITHOUT_CAPACITY,
    WARM_POOL_DEPLETED,
    BOOTS_OVERDUE,
    BOOT_FAILURES,
    REGISTRATIONS_FAILING,
    SPOT_INTERRUPTIONS,
];

/// Those that say nothing where instances get their runners elsewhere.
pub const OF_REGISTRATION: [&str; 1] = [REGISTRATIONS_FAILING];

/// Whether it watches runners, which jobs that fit no pool have none of.
pub(crate) fn needs_runners(alarm: &Alarm) -> bool {
    OF_SCALER.contains(&alarm.name) || [POOL_DOWN, POOL_EXHAUSTED].contains(&alarm.name)
}

/// A condition that breaches where `expr` holds, each minute.
fn holds(expr: Expr) -> Condition {
    Condition { unit: "", threshold: 1.0, relation: Relation::AtLeast, ..compared(expr, "") }
}

/// A value that is compared each minute.
fn compared(expr: Expr, unit: &'static str) -> Condition {
    Condition {
        expr,
        relation: Relation::Above,
        threshold: 0.0,
        unit,
        period: Duration::from_mins(1),
        periods: 1,
        datapoints_to_alarm: 1,
        missing: Missing::NotBreaching,
        short: None,
        shows: Vec::new(),
    }
}

impl Condition {
    /// With values over `period` instead of each minute.
    fn every(mut self, period: Duration) -> Condition {
        self.expr = self.expr.every(period);
        for shown in &mut self.shows {
            shown.query.period = period;
        }
        self.period = period;
        self
    }

    fn over(mut self, relation: Relation, threshold: f64) -> Condition {
        (self.relation, self.threshold) = (relation, threshold);
        self
    }

    fn in_periods(mut self, m: u32, n: u32) -> Condition {
        (self.datapoints_to_alarm, self.periods) = (m, n);
        self
    }

    /// Only while `expr` over the last `period` breaches as well.
    fn also_lately(mut self, expr: Expr, period: Duration) -> Condition {
        self.short = Some(Short { expr: expr.every(period), period });
        self
    }

    fn where_missing(mut self, missing: Missing) -> Condition {
        self.missing = missing;
        self
    }

    fn showing(mut self, shows: impl IntoIterator<Item = (&'static str, Query)>) -> Condition {
        self.shows = shows.into_iter().map(|(label, query)| Shown { label, query }).collect();
        self
    }
}

/// What an alarm says to people.
#[derive(Clone, Copy)]
struct Words {
    title: &'static str,
    meaning: &'static str,
    causes: &'static [&'static str],
    remedy: &'static [&'static str],
}

fn alarm(
    name: &'static str,
    (severity, scope): (Severity, Scope),
    condition: Condition,
    words: Words,
) -> Alarm {
    let Words { title, meaning, causes, remedy } = words;
    let watch = Watch::Metric(condition);
    Alarm { name, title, severity, scope, watch, part_of: None, meaning, causes, remedy }
}

/// An alarm of a pool that pages, together with the others of that pool.
fn paging(name: &'static str, condition: Condition, words: Words) -> Alarm {
    let alarm = alarm(name, (Severity::Page, Scope::Pool), condition, words);
    Alarm { part_of: Some(POOL_INCIDENT), ..alarm }
}
