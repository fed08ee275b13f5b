//! An expression as PromQL over the families of `/metrics`.
//!
//! A counter is its increase over the period, a percentile is estimated from the buckets, a level is
//! the highest or the mean of its gauge over the period. Two things differ from the other forms, and
//! both are Prometheus' nature: a counter that counted nothing is 0 and not missing, and the longest
//! of a timing is the upper bound of its bucket. Periods end when the rule is evaluated.
//!
//! <https://prometheus.io/docs/prometheus/latest/querying/functions/>

use std::time::Duration;

use super::{Expr, Junction, Operator};
use crate::catalogue::JOBS_WAITING;
use crate::{Dimension, Kind, Query, Spec, Statistic, Unit};

/// For whom an expression is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// One value: the queries name the dimension values they ask for.
    One,
    /// One value for each pool. Queries that name none are asked for every pool.
    EachPool,
}

/// What PromQL cannot say.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PromError {
    /// A share up to a bound that is no bucket's.
    #[error("{metric} has no bucket up to {bound}")]
    NoBucket {
        /// The metric.
        metric: &'static str,
        /// The bound, in the unit of the metric.
        bound: u64,
    },
    /// A metric that `/metrics` does not tell.
    #[error("{metric} is not told to Prometheus")]
    NotTold {
        /// The metric.
        metric: &'static str,
    },
}

impl Expr {
    /// As PromQL.
    ///
    /// # Errors
    /// When `/metrics` does not tell what is asked for.
    pub fn promql(&self, grouping: Grouping) -> Result<String, PromError> {
        let inner = |e: &Expr| e.promql(grouping);
        Ok(match self {
            Expr::Query(query) => asked(query, grouping)?,
            Expr::Constant(value) => format!("vector({value})"),
            Expr::Fill(e, value) => filled(&inner(e)?, *value, grouping),
            Expr::Math(operator, a, b) => math(*operator, [a, b], grouping)?,
            Expr::Compare(relation, a, b) => {
                let [a, b] = [operand(a, grouping)?, operand(b, grouping)?];
                format!("({a} {} bool {b})", relation.sign())
            }
            Expr::Logic(Junction::And, a, b) => {
                format!("({} * {})", condition(a, grouping)?, condition(b, grouping)?)
            }
            Expr::Logic(Junction::Or, a, b) => {
                format!("({} + {} > bool 0)", condition(a, grouping)?, condition(b, grouping)?)
            }
            Expr::Choose(a, b, c) => {
                let holds = condition(a, grouping)?;
                let then = as_vector(b, &holds, grouping)?;
                let otherwise = as_vector(c, &holds, grouping)?;
                format!("(({then} and {holds} == 1) or ({otherwise} and {holds} == 0))")
            }
        })
    }
}

/// A length of time in PromQL: `90m`, `45s`.
pub fn duration(length: Duration) -> String {
    match length.as_secs() {
        secs if secs % 60 == 0 => format!("{}m", secs / 60),
        secs => format!("{secs}s"),
    }
}

/// A constant stays a scalar beside an operator.
fn operand(expr: &Expr, grouping: Grouping) -> Result<String, PromError> {
    match expr {
        Expr::Constant(value) => Ok(value.to_string()),
        other => other.promql(grouping),
    }
}

fn condition(expr: &Expr, grouping: Grouping) -> Result<String, PromError> {
    match expr.is_condition() {
        true => expr.promql(grouping),
        false => Ok(format!("({} != bool 0)", operand(expr, grouping)?)),
    }
}

/// A branch with the labels of its condition.
fn as_vector(branch: &Expr, holds: &str, grouping: Grouping) -> Result<String, PromError> {
    match branch {
        Expr::Constant(value) => Ok(format!("({holds} * 0 + {value})")),
        other => other.promql(grouping),
    }
}

/// Every known pool has a gauge of the jobs that wait.
fn filled(inner: &str, value: f64, grouping: Grouping) -> String {
    let instead = match grouping {
        Grouping::One => format!("vector({value})"),
        Grouping::EachPool => {
            format!("max by (pool) ({}) * 0 + {value}", JOBS_WAITING.0.prometheus())
        }
    };
    format!("({inner} or {instead})")
}

fn math(operator: Operator, [a, b]: [&Expr; 2], grouping: Grouping) -> Result<String, PromError> {
    let [first, second] = [operand(a, grouping)?, operand(b, grouping)?];
    let is_scalar = |e: &Expr| matches!(e, Expr::Constant(_));
    let extreme = |clamp: &str, sign: &str| match (is_scalar(a), is_scalar(b)) {
        (_, true) => format!("{clamp}({first}, {second})"),
        (true, false) => format!("{clamp}({second}, {first})"),
        (false, false) => format!("({first} {sign} {second} or {second} or {first})"),
    };
    Ok(match operator {
        Operator::Add => format!("({first} + {second})"),
        Operator::Subtract => format!("({first} - {second})"),
        Operator::Multiply => format!("({first} * {second})"),
        Operator::Divide if is_scalar(b) => format!("({first} / {second})"),
        Operator::Divide => format!("({first} / ({second} != 0))"),
        Operator::Min => extreme("clamp_max", "<="),
        Operator::Max => extreme("clamp_min", ">="),
    })
}

fn asked(query: &Query, grouping: Grouping) -> Result<String, PromError> {
    let spec = query.spec;
    if !spec.is_in_prometheus() {
        return Err(PromError::NotTold { metric: spec.name });
    }
    match spec.kind {
        Kind::Counter => Ok(increase(query, "", &[], grouping)),
        Kind::Level => Ok(level(query, grouping)),
        Kind::Timing => timing(query, grouping),
    }
}

fn timing(query: &Query, grouping: Grouping) -> Result<String, PromError> {
    let spec = query.spec;
    let count = || increase(query, "_count", &[], grouping);
    Ok(match query.statistic {
        Statistic::Sum => in_unit(spec, increase(query, "_sum", &[], grouping)),
        Statistic::SampleCount => count(),
        Statistic::Average => {
            let sum = increase(query, "_sum", &[], grouping);
            in_unit(spec, format!("({sum} / ({} > 0))", count()))
        }
        Statistic::Percentile(percent) => quantile(query, percent, grouping),
        Statistic::Maximum => quantile(query, 100, grouping),
        Statistic::ShareUpTo(bound) if spec.has_bucket(bound) => {
            let le = bucket_label(spec, bound);
            let within = increase(query, "_bucket", &[("le", &le)], grouping);
            format!("(100 * {within} / ({} > 0))", count())
        }
        Statistic::ShareUpTo(bound) => {
            return Err(PromError::NoBucket { metric: spec.name, bound });
        }
    })
}

/// Without an observation a quantile is no number: then it is missing.
fn quantile(query: &Query, percent: u8, grouping: Grouping) -> String {
    let by = match grouping {
        Grouping::One => "le",
        Grouping::EachPool => "le, pool",
    };
    let selected = selector(query, "_bucket", &[]);
    let period = duration(query.period);
    let rank = f64::from(percent) / 100.0;
    let value = format!(
        "(histogram_quantile({rank}, sum by ({by}) (increase({selected}[{period}]))) >= 0)"
    );
    in_unit(query.spec, value)
}

/// `le` as `/metrics` writes it.
fn bucket_label(spec: &Spec, bound: u64) -> String {
    let millis = bound.saturating_mul(1000 / spec.unit.per_second().unwrap_or(1));
    Duration::from_millis(millis).as_secs_f64().to_string()
}

/// Prometheus is told seconds.
fn in_unit(spec: &Spec, seconds: String) -> String {
    match spec.unit {
        Unit::Milliseconds => format!("(1000 * {seconds})"),
        Unit::Seconds | Unit::Count => seconds,
    }
}

fn increase(query: &Query, suffix: &str, more: &[(&str, &str)], grouping: Grouping) -> String {
    let selected = selector(query, suffix, more);
    let by = by(grouping);
    format!("sum{by} (increase({selected}[{}]))", duration(query.period))
}

/// Counts of pools add up to the fleet's; of ages the oldest is the fleet's.
fn level(query: &Query, grouping: Grouping) -> String {
    let over_time = match query.statistic {
        Statistic::Average => "avg_over_time",
        _ => "max_over_time",
    };
    let together = match query.spec.unit {
        Unit::Count => "sum",
        Unit::Seconds | Unit::Milliseconds => "max",
    };
    let selected = selector(query, "", &[]);
    let value = format!("{over_time}({selected}[{}])", duration(query.period));
    in_unit(query.spec, format!("{together}{} ({value})", by(grouping)))
}

fn by(grouping: Grouping) -> &'static str {
    match grouping {
        Grouping::One => "",
        Grouping::EachPool => " by (pool)",
    }
}

fn selector(query: &Query, suffix: &str, more: &[(&str, &str)]) -> String {
    let family = query.spec.prometheus();
    let labels = query.filter.iter().map(|(by, value)| (Dimension::prometheus(by), value));
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), *value));
    let pairs: Vec<String> =
        labels.chain(more).map(|(name, value)| format!("{name}={}", quoted(value))).collect();
    match pairs.is_empty() {
        true => format!("{family}{suffix}"),
        false => format!("{family}{suffix}{{{}}}", pairs.join(",")),
    }
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dimension::{Pool, Status};
    use crate::catalogue as c;

    fn check(expr: impl Into<Expr>, grouping: Grouping, expected: &str) {
        assert_eq!(expr.into().promql(grouping).unwrap(), expected);
    }

    #[test]
    fn each_kind_is_asked_as_prometheus_counts_it() {
        let hour = Duration::from_hours(1);
        let one = |query: Query, expected: &str| check(query, Grouping::One, expected);
        one(
            c::JOB_EVENTS.sum().of(Status, "queued").of(Pool, "a\"b").every(hour),
            r#"sum (increase(headroom_job_events_total{pool="a\"b",status="queued"}[60m]))"#,
        );
        one(c::JOBS_WAITING.max(), "sum (max_over_time(headroom_jobs_waiting[1m]))");
        one(
            c::OLDEST_WAITING_AGE.max(),
            "max (max_over_time(headroom_oldest_waiting_age_seconds[1m]))",
        );
        one(
            c::JOB_WAIT.share_up_to(300).every(hour),
            "(100 * sum (increase(headroom_job_wait_seconds_bucket{le=\"300\"}[60m])) / \
             (sum (increase(headroom_job_wait_seconds_count[60m])) > 0))",
        );
        one(
            c::DELIVERY_LAG.percentile(90),
            "(1000 * (histogram_quantile(0.9, sum by (le) \
             (increase(headroom_delivery_lag_seconds_bucket[1m]))) >= 0))",
        );
    }

    #[test]
    fn each_pool_is_a_series_of_its_own_and_a_missing_one_is_filled() {
        check(
            Expr::from(c::RUNNERS_IDLE.max()).fill(0.0),
            Grouping::EachPool,
            "(sum by (pool) (max_over_time(headroom_runners_idle[1m])) or \
             max by (pool) (headroom_jobs_waiting) * 0 + 0)",
        );
        check(
            Expr::from(c::SCALER_TICKS.sum()).fill(0.0),
            Grouping::One,
            "(sum (increase(headroom_scaler_ticks_total[1m])) or vector(0))",
        );
    }

    #[test]
    fn a_bound_that_is_no_buckets_cannot_be_asked() {
        let asked = Expr::from(c::JOB_WAIT.share_up_to(250)).promql(Grouping::One);
        assert_eq!(asked, Err(PromError::NoBucket { metric: c::JOB_WAIT.0.name, bound: 250 }));
        let article = Expr::from(c::BUILD_EVENT.sum()).promql(Grouping::One);
        assert!(matches!(article, Err(PromError::NotTold { .. })));
    }
}
