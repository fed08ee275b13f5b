//! A run as a point of the frontier.

use model::capacity::{FrontierPoint, Role};

use super::study::Study;
use crate::sim::Outcome;

/// Less than a day is not told by the week.
const WEEKS_MIN: f64 = 1.0 / 7.0;

pub fn of(
    study: &Study<'_>,
    name: &str,
    title: &str,
    role: Role,
    outcome: &Outcome,
    oracle_secs: f64,
) -> FrontierPoint {
    let hours = outcome.bill.secs() / 3600.0 / study.window.weeks().max(WEEKS_MIN);
    FrontierPoint {
        policy: name.to_owned(),
        title: title.to_owned(),
        role,
        wait_mean_secs: rounded(outcome.waits.mean_secs()),
        wait_p50_secs: outcome.waits.percentile_secs(50),
        wait_p95_secs: outcome.waits.percentile_secs(95),
        within_slo: rounded(within_slo(outcome)),
        bill_over_oracle: rounded(bill_over(outcome, oracle_secs)),
        instance_hours_per_week: rounded(hours),
        cost_per_week: study.ask.per_hour.map(|price| rounded(price * hours)),
        runners_max_used: outcome.peak,
        unserved: outcome.given_up,
        band: None,
    }
}

/// As a multiple of the least possible; one where there was nothing to pay.
pub fn bill_over(outcome: &Outcome, oracle_secs: f64) -> f64 {
    let bill = outcome.bill.secs();
    if oracle_secs > 0.0 { bill / oracle_secs } else { 1.0 }
}

/// Jobs that nobody served count as late; all are in time where there are none.
#[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
pub fn within_slo(outcome: &Outcome) -> f64 {
    let asked = outcome.jobs + outcome.given_up;
    if asked == 0 { 1.0 } else { outcome.jobs_within_slo as f64 / asked as f64 }
}

/// Four digits: more would only look exact.
pub fn rounded(x: f64) -> f64 {
    (x * 10_000.0).round() / 10_000.0
}
