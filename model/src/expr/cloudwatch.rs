//! An expression as CloudWatch's metric math: metrics `m1`, `m2`, .. and at most one expression
//! `e1` over them.
//!
//! Only what alarms may use is written: no `SEARCH`, no `RUNNING_SUM`, nothing that gives a scalar.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>

use serde_json::{Value, json};

use super::{Expr, Junction, Operator};
use crate::catalogue::NAMESPACE;
use crate::{Dimension, Query, RollUp, Statistic};

/// `PutMetricAlarm` takes 20 items: at most this many metrics and as many expressions, of which one
/// is enough.
pub const METRICS_MAX: usize = 10;

/// Characters of an expression (`MetricDataQuery`).
pub const EXPRESSION_LEN_MAX: usize = 2048;

/// An expression in CloudWatch's words.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricMath {
    /// The metrics by their ids, `m1` first.
    pub metrics: Vec<(String, Query)>,
    /// The expression `e1` over them; `None` where the only metric is the whole.
    pub expression: Option<String>,
}

/// What CloudWatch cannot say.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MathError {
    /// A query for dimension values under which nothing is published.
    #[error("{metric} is not published by {by}")]
    NotPublished {
        /// The metric.
        metric: &'static str,
        /// The dimensions that were asked for.
        by: String,
    },
    /// Too many metrics.
    #[error("{found} metrics, and CloudWatch takes {METRICS_MAX}")]
    TooManyMetrics {
        /// How many.
        found: usize,
    },
    /// An expression that is too long.
    #[error("an expression of {len} characters, and CloudWatch takes {EXPRESSION_LEN_MAX}")]
    TooLong {
        /// How long.
        len: usize,
    },
    /// Queries of different periods.
    #[error("its queries have different periods")]
    MixedPeriods,
    /// No query at all.
    #[error("a constant is no time series")]
    Constant,
}

impl Expr {
    /// As metric math; `on` are the roll-ups that are switched on.
    ///
    /// # Errors
    /// When CloudWatch has no such metric or takes no such expression.
    pub fn metric_math(&self, on: &[RollUp]) -> Result<MetricMath, MathError> {
        let queries = self.queries();
        let first = queries.first().ok_or(MathError::Constant)?;
        if queries.iter().any(|query| query.period != first.period) {
            return Err(MathError::MixedPeriods);
        }
        if queries.len() > METRICS_MAX {
            return Err(MathError::TooManyMetrics { found: queries.len() });
        }
        for query in &queries {
            is_published(query, on)?;
        }
        let name = |place: usize| format!("m{}", place + 1);
        let expression = match self {
            Expr::Query(_) => None,
            other => Some(written(other, &queries, &name)),
        };
        let len = expression.as_ref().map_or(0, String::len);
        if len > EXPRESSION_LEN_MAX {
            return Err(MathError::TooLong { len });
        }
        let id = |(i, query): (usize, &&Query)| (format!("m{}", i + 1), (*query).clone());
        Ok(MetricMath { metrics: queries.iter().enumerate().map(id).collect(), expression })
    }

    /// As metric math over ids of the caller's: that of each of [`Expr::queries`], by its place.
    pub fn metric_math_over(&self, id: &dyn Fn(usize) -> String) -> String {
        written(self, &self.queries(), id)
    }
}

impl MetricMath {
    /// The id of the whole.
    pub fn result(&self) -> &'static str {
        match self.expression {
            Some(_) => "e1",
            None => "m1",
        }
    }

    /// As `Metrics` of `PutMetricAlarm` and `MetricDataQueries` of `GetMetricData`.
    pub fn data_queries(&self) -> Vec<Value> {
        let is_whole = self.expression.is_none();
        let metric = |(id, query): &(String, Query)| {
            json!({
                "Id": id,
                "MetricStat": {
                    "Metric": query.cloudwatch(),
                    "Period": query.period.as_secs(),
                    "Stat": query.statistic.cloudwatch(),
                },
                "ReturnData": is_whole,
            })
        };
        let whole = |expression: &String| json!({ "Id": self.result(), "Expression": expression, "ReturnData": true });
        self.metrics.iter().map(metric).chain(self.expression.iter().map(whole)).collect()
    }
}

impl Query {
    /// Namespace, name and dimensions as the API's `Metric`.
    pub fn cloudwatch(&self) -> Value {
        let dimension =
            |(by, value): (Dimension, &str)| json!({ "Name": by.as_str(), "Value": value });
        let dimensions: Vec<Value> = self.filter.iter().map(dimension).collect();
        json!({ "Namespace": NAMESPACE, "MetricName": self.spec.name, "Dimensions": dimensions })
    }
}

impl Statistic {
    /// CloudWatch's word.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
    pub fn cloudwatch(self) -> String {
        match self {
            Statistic::Sum => "Sum".into(),
            Statistic::Average => "Average".into(),
            Statistic::Maximum => "Maximum".into(),
            Statistic::SampleCount => "SampleCount".into(),
            Statistic::Percentile(percent) => format!("p{percent}"),
            Statistic::ShareUpTo(bound) => format!("PR(:{bound})"),
        }
    }
}

/// CloudWatch sums over nothing: a metric is one set of dimension values.
fn is_published(query: &Query, on: &[RollUp]) -> Result<(), MathError> {
    if query.spec.sets(on).any(|set| query.filter.are_exactly(set)) {
        return Ok(());
    }
    let names: Vec<&str> = query.filter.iter().map(|(by, _)| by.as_str()).collect();
    let by = if names.is_empty() { "the whole fleet".into() } else { names.join(" and ") };
    Err(MathError::NotPublished { metric: query.spec.name, by })
}

fn written(expr: &Expr, queries: &[&Query], id: &dyn Fn(usize) -> String) -> String {
    let inner = |e: &Expr| written(e, queries, id);
    match expr {
        Expr::Query(query) => {
            id(queries.iter().position(|known| *known == query).unwrap_or_default())
        }
        Expr::Constant(value) => value.to_string(),
        Expr::Fill(e, value) => format!("FILL({}, {value})", inner(e)),
        Expr::Math(operator @ (Operator::Min | Operator::Max), a, b) => {
            extreme(*operator, [a, b], [inner(a), inner(b)])
        }
        Expr::Math(operator, a, b) => {
            format!("({} {} {})", inner(a), sign(*operator), inner(b))
        }
        Expr::Compare(relation, a, b) => {
            format!("({} {} {})", inner(a), relation.sign(), inner(b))
        }
        Expr::Logic(Junction::And, a, b) => format!("({} AND {})", inner(a), inner(b)),
        Expr::Logic(Junction::Or, a, b) => format!("({} OR {})", inner(a), inner(b)),
        Expr::Choose(a, b, c) => format!("IF({}, {}, {})", inner(a), inner(b), inner(c)),
    }
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide | Operator::Min | Operator::Max => "/",
    }
}

/// Lists hold time series, no constants: one of those is compared with.
fn extreme(operator: Operator, [a, b]: [&Expr; 2], [first, second]: [String; 2]) -> String {
    let (function, relation) = match operator {
        Operator::Min => ("MIN", "<"),
        _ => ("MAX", ">"),
    };
    match (a, b) {
        (Expr::Constant(_), _) | (_, Expr::Constant(_)) => {
            format!("IF(({first} {relation} {second}), {first}, {second})")
        }
        _ => format!("{function}([{first}, {second}])"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dimension::{Pool, Status};
    use crate::catalogue as c;
    use std::time::Duration;

    fn check(expr: &Expr, expected: &str) {
        let math = expr.clone().of(Pool, "linux").metric_math(&[]).unwrap();
        assert_eq!(math.expression.as_deref(), Some(expected), "{expr}");
    }

    fn idle() -> Expr {
        Expr::from(c::RUNNERS_IDLE.max())
    }

    #[test]
    fn each_query_is_one_metric_however_often_it_is_used() {
        let waiting = || Expr::from(c::JOBS_WAITING.max());
        check(
            &waiting().above(0.0).and(idle().fill(0.0).equals(0.0)).and(waiting().below(9.5)),
            "(((m1 > 0) AND (FILL(m2, 0) == 0)) AND (m1 < 9.5))",
        );
        check(&waiting().max(idle()), "MAX([m1, m2])");
        check(&waiting().min(3.0), "IF((m1 < 3), m1, 3)");
        check(&waiting().above(1.0).choose(idle(), 0.0), "IF((m1 > 1), m2, 0)");
        check(&((waiting() + idle()) / 2.0), "((m1 + m2) / 2)");
    }

    #[test]
    fn a_dashboard_gives_its_own_ids() {
        let share = Expr::from(100.0) * idle() / (idle() + c::RUNNERS_BUSY.max());
        let written = share.metric_math_over(&|place| format!("m7_{place}"));
        assert_eq!(written, "((100 * m7_0) / (m7_0 + m7_1))");
    }

    #[test]
    fn one_query_is_a_metric_without_expression() {
        let wait = Expr::from(c::JOB_WAIT.share_up_to(300)).of(Pool, "linux");
        let math = wait.every(Duration::from_hours(1)).metric_math(&[]).unwrap();
        assert_eq!(
            serde_json::to_value(math.data_queries()).unwrap(),
            json!([{
                "Id": "m1",
                "MetricStat": {
                    "Metric": {
                        "Namespace": NAMESPACE,
                        "MetricName": c::JOB_WAIT.0.name,
                        "Dimensions": [{ "Name": "Pool", "Value": "linux" }],
                    },
                    "Period": 3600,
                    "Stat": "PR(:300)",
                },
                "ReturnData": true,
            }])
        );
    }

    #[test]
    fn what_cloudwatch_cannot_say_is_an_error() {
        let unknown = MathError::NotPublished {
            metric: c::RUNNERS_IDLE.0.name,
            by: "the whole fleet".into(),
        };
        assert_eq!(idle().metric_math(&[]), Err(unknown));
        assert_eq!(Expr::from(1.0).metric_math(&[]), Err(MathError::Constant));
        let mixed = idle() + c::JOB_WAIT.max().every(Duration::from_mins(5));
        assert_eq!(mixed.metric_math(&[]), Err(MathError::MixedPeriods));
        let many = (0..11)
            .fold(Expr::from(0.0), |sum, i| sum + c::JOB_EVENTS.sum().of(Status, &i.to_string()));
        assert_eq!(many.metric_math(&[]), Err(MathError::TooManyMetrics { found: 11 }));
    }
}
