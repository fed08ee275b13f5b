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

/// How queries are asked.
#[derive(Clone, Copy, Debug)]
struct Asked<'a> {
    /// One value for each combination of values of these.
    by: &'a [Dimension],
    /// How far back instead of over the period of the query.
    window: Option<&'a str>,
}

impl Asked<'_> {
    fn window(&self, query: &Query) -> String {
        self.window.map_or_else(|| duration(query.period), str::to_owned)
    }
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
    /// A value for what is missing, where nobody knows the labels of what is missing.
    #[error("what is missing can be filled for one value or for each pool only")]
    Unfillable,
    /// A metric that `/metrics` does not tell.
    #[error("{metric} is not told to Prometheus")]
    NotTold {
        /// The metric.
        metric: &'static str,
    },
}

impl Expr {
    /// As PromQL, each query over its period.
    ///
    /// # Errors
    /// When `/metrics` does not tell what is asked for.
    pub fn promql(&self, grouping: Grouping) -> Result<String, PromError> {
        let by: &[Dimension] = match grouping {
            Grouping::One => &[],
            Grouping::EachPool => &[Dimension::Pool],
        };
        self.written(Asked { by, window: None })
    }

    /// As PromQL with one value for each combination of values of `by`, looking back over `window`
    /// instead of over the periods of the queries: `90m`, or a word that a dashboard replaces.
    ///
    /// # Errors
    /// When `/metrics` does not tell what is asked for.
    pub fn promql_over(&self, window: &str, by: &[Dimension]) -> Result<String, PromError> {
        self.written(Asked { by, window: Some(window) })
    }

    fn written(&self, asked: Asked) -> Result<String, PromError> {
        let inner = |e: &Expr| e.written(asked);
        Ok(match self {
            Expr::Query(query) => answered(query, asked)?,
            Expr::Constant(value) => format!("vector({value})"),
            Expr::Fill(e, value) => filled(&inner(e)?, *value, asked)?,
            Expr::Math(operator, a, b) => math(*operator, [a, b], asked)?,
            Expr::Compare(relation, a, b) => {
                let [a, b] = [operand(a, asked)?, operand(b, asked)?];
                format!("({a} {} bool {b})", relation.sign())
            }
            Expr::Logic(Junction::And, a, b) => {
                format!("({} * {})", condition(a, asked)?, condition(b, asked)?)
            }
            Expr::Logic(Junction::Or, a, b) => {
                format!("({} + {} > bool 0)", condition(a, asked)?, condition(b, asked)?)
            }
            Expr::Choose(a, b, c) => {
                let holds = condition(a, asked)?;
                let then = as_vector(b, &holds, asked)?;
                let otherwise = as_vector(c, &holds, asked)?;
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
fn operand(expr: &Expr, asked: Asked) -> Result<String, PromError> {
    match expr {
        Expr::Constant(value) => Ok(value.to_string()),
        other => other.written(asked),
    }
}

fn condition(expr: &Expr, asked: Asked) -> Result<String, PromError> {
    match expr.is_condition() {
        true => expr.written(asked),
        false => Ok(format!("({} != bool 0)", operand(expr, asked)?)),
    }
}

/// A branch with the labels of its condition.
fn as_vector(branch: &Expr, holds: &str, asked: Asked) -> Result<String, PromError> {
    match branch {
        Expr::Constant(value) => Ok(format!("({holds} * 0 + {value})")),
        other => other.written(asked),
    }
}

/// Every known pool has a gauge of the jobs that wait.
fn filled(inner: &str, value: f64, asked: Asked) -> Result<String, PromError> {
    let instead = match asked.by {
        [] => format!("vector({value})"),
        [Dimension::Pool] => {
            format!("max by (pool) ({}) * 0 + {value}", JOBS_WAITING.0.prometheus())
        }
        _ => return Err(PromError::Unfillable),
    };
    Ok(format!("({inner} or {instead})"))
}

fn math(operator: Operator, [a, b]: [&Expr; 2], asked: Asked) -> Result<String, PromError> {
    let [first, second] = [operand(a, asked)?, operand(b, asked)?];
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

fn answered(query: &Query, asked: Asked) -> Result<String, PromError> {
    let spec = query.spec;
    if !spec.is_in_prometheus() {
        return Err(PromError::NotTold { metric: spec.name });
    }
    match spec.kind {
        Kind::Counter => Ok(increase(query, "", &[], asked)),
        Kind::Level => Ok(level(query, asked)),
        Kind::Timing => timing(query, asked),
    }
}

fn timing(query: &Query, asked: Asked) -> Result<String, PromError> {
    let spec = query.spec;
    let count = || increase(query, "_count", &[], asked);
    Ok(match query.statistic {
        Statistic::Sum => in_unit(spec, increase(query, "_sum", &[], asked)),
        Statistic::SampleCount => count(),
        Statistic::Average => {
            let sum = increase(query, "_sum", &[], asked);
            in_unit(spec, format!("({sum} / ({} > 0))", count()))
        }
        Statistic::Percentile(percent) => quantile(query, percent, asked),
        Statistic::Maximum => quantile(query, 100, asked),
        Statistic::ShareUpTo(bound) if spec.has_bucket(bound) => {
            let le = bucket_label(spec, bound);
            let within = increase(query, "_bucket", &[("le", &le)], asked);
            format!("(100 * {within} / ({} > 0))", count())
        }
        Statistic::ShareUpTo(bound) => {
            return Err(PromError::NoBucket { metric: spec.name, bound });
        }
    })
}

/// Without an observation a quantile is no number: then it is missing.
fn quantile(query: &Query, percent: u8, asked: Asked) -> String {
    let bound = std::iter::once("le".to_owned());
    let by: Vec<String> = bound.chain(asked.by.iter().map(|by| by.prometheus())).collect();
    let by = by.join(", ");
    let selected = selector(query, "_bucket", &[]);
    let window = asked.window(query);
    let rank = f64::from(percent) / 100.0;
    let value = format!(
        "(histogram_quantile({rank}, sum by ({by}) (increase({selected}[{window}]))) >= 0)"
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

fn increase(query: &Query, suffix: &str, more: &[(&str, &str)], asked: Asked) -> String {
    let selected = selector(query, suffix, more);
    let by = by(asked);
    format!("sum{by} (increase({selected}[{}]))", asked.window(query))
}

/// Counts of pools add up to the fleet's; of ages the oldest is the fleet's.
fn level(query: &Query, asked: Asked) -> String {
    let over_time = match query.statistic {
        Statistic::Average => "avg_over_time",
        _ => "max_over_time",
    };
    let together = match query.spec.unit {
        Unit::Count => "sum",
        Unit::Seconds | Unit::Milliseconds => "max",
    };
    let selected = selector(query, "", &[]);
    let value = format!("{over_time}({selected}[{}])", asked.window(query));
    in_unit(query.spec, format!("{together}{} ({value})", by(asked)))
}

fn by(asked: Asked) -> String {
    let labels: Vec<String> = asked.by.iter().map(|by| by.prometheus()).collect();
    if labels.is_empty() { String::new() } else { format!(" by ({})", labels.join(", ")) }
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
    fn a_dashboard_says_how_far_back_and_by_what() {
        let over = |query: Query, by: &[Dimension], expected: &str| {
            assert_eq!(Expr::from(query).promql_over("$__interval", by).unwrap(), expected);
        };
        over(
            c::JOB_EVENTS.sum().of(Pool, "$pool"),
            &[Status],
            r#"sum by (status) (increase(headroom_job_events_total{pool="$pool"}[$__interval]))"#,
        );
        over(
            c::JOB_WAIT.percentile(95),
            &[Pool, Status],
            "(histogram_quantile(0.95, sum by (le, pool, status) \
             (increase(headroom_job_wait_seconds_bucket[$__interval]))) >= 0)",
        );
        let filled = Expr::from(c::JOB_EVENTS.sum()).fill(0.0).promql_over("5m", &[Status]);
        assert_eq!(filled, Err(PromError::Unfillable));
    }

    #[test]
    fn a_bound_that_is_no_buckets_cannot_be_asked() {
        let asked = Expr::from(c::JOB_WAIT.share_up_to(250)).promql(Grouping::One);
        assert_eq!(asked, Err(PromError::NoBucket { metric: c::JOB_WAIT.0.name, bound: 250 }));
        let article = Expr::from(c::BUILD_EVENT.sum()).promql(Grouping::One);
        assert!(matches!(article, Err(PromError::NotTold { .. })));
    }
}
