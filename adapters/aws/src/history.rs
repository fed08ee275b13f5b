//! Series over time, by the same queries that dashboards and alarms use.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StatusCode,
};
use aws_smithy_types::DateTime;
use model::catalogue::NAMESPACE;
use model::emf::dimension_value;
use model::expr::{Expr, MathError};
use model::ports::{self, Series};
use model::{Query, RollUp, Timestamp};

use crate::{Aws, CallError, Why};

/// Queries of one call.
pub const QUERIES_MAX: usize = 500;

/// IAM's name of the call.
const ACTION: &str = "cloudwatch:GetMetricData";

/// What CloudWatch keeps of Headroom's metrics: each minute for 15 days, five minutes for 63 days,
/// an hour for 455 days.
#[derive(Clone, Debug)]
pub struct History {
    aws: Aws,
    client: Client,
    roll_ups: Vec<RollUp>,
}

/// A question without an answer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// CloudWatch has no such series: it adds nothing up over dimensions.
    #[error("CloudWatch cannot be asked that")]
    Query(#[from] MathError),
    /// The call failed.
    #[error("CloudWatch does not say")]
    Call(#[from] CallError),
}

impl History {
    /// The metrics of that account, with these roll-ups beside [`RollUp::Pool`].
    pub fn new(aws: &Aws, roll_ups: Vec<RollUp>) -> Self {
        History { aws: aws.clone(), client: Client::new(aws.config()), roll_ups }
    }

    /// One value for each period of `query` that holds data and starts within `from..to`; the
    /// instant is the period's start, periods are aligned to the epoch.
    ///
    /// # Errors
    /// When there can be no such series, or CloudWatch does not say.
    pub fn series(
        &self,
        query: &Query,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Series, HistoryError> {
        let mut all = ports::History::answers(self, std::slice::from_ref(query), from, to)?;
        Ok(all.pop().unwrap_or_default())
    }
}

impl ports::History for History {
    type Error = HistoryError;

    /// In as few calls as CloudWatch allows.
    fn answers(
        &self,
        queries: &[Query],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Series>, HistoryError> {
        for query in queries {
            Expr::from(query.clone()).metric_math(&self.roll_ups)?;
        }
        if from >= to {
            return Ok(vec![Series::new(); queries.len()]);
        }
        let mut all = Vec::with_capacity(queries.len());
        for part in queries.chunks(QUERIES_MAX) {
            let asked: Vec<_> = part.iter().enumerate().map(|(i, q)| asked(i, q)).collect();
            let (start, end) = whole(part, from, to);
            let mut found = ask(&self.aws, &self.client, &asked, start, end)?;
            all.extend(part.iter().enumerate().map(|(i, query)| {
                let series = found.remove(&id(i)).unwrap_or_default();
                let first = next_start(from, query.period);
                series.into_iter().filter(|(at, _)| *at >= first && *at < to).collect()
            }));
        }
        Ok(all)
    }
}

/// The span with whole periods at both ends: what is asked of a part of a period may be told of that
/// part alone. Shorter periods are taken to divide the longest.
fn whole(queries: &[Query], from: Timestamp, to: Timestamp) -> (Timestamp, Timestamp) {
    let longest = queries.iter().map(|query| query.period).max().unwrap_or_default();
    let start = match next_start(from, longest) {
        start if start > from => start.minus(longest),
        start => start,
    };
    (start, next_start(to, longest))
}

fn id(i: usize) -> String {
    format!("q{i}")
}

fn asked(i: usize, query: &Query) -> MetricDataQuery {
    let dimension = |(by, value): (model::Dimension, &str)| {
        Dimension::builder().name(by.as_str()).value(dimension_value(value)).build()
    };
    let metric = Metric::builder()
        .namespace(NAMESPACE)
        .metric_name(query.spec.name)
        .set_dimensions(Some(query.filter.iter().map(dimension).collect()))
        .build();
    let statistic = query.statistic.cloudwatch();
    one(&id(i), metric, query.period, &statistic)
}

/// A question for one statistic of one metric.
pub(crate) fn one(id: &str, metric: Metric, period: Duration, stat: &str) -> MetricDataQuery {
    let period = i32::try_from(period.as_secs()).unwrap_or(i32::MAX);
    let stat = MetricStat::builder().metric(metric).period(period).stat(stat).build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

/// Asks for all of them, page by page: a series may come in pieces.
pub(crate) fn ask(
    aws: &Aws,
    client: &Client,
    queries: &[MetricDataQuery],
    from: Timestamp,
    to: Timestamp,
) -> Result<BTreeMap<String, Series>, CallError> {
    let mut found: BTreeMap<String, Series> = BTreeMap::new();
    let mut token: Option<String> = None;
    loop {
        let page = page(aws, client, queries, (from, to), token.clone())?;
        for result in page.metric_data_results() {
            whole_or_part(result)?;
            let id = result.id().unwrap_or_default().to_owned();
            found.entry(id).or_default().extend(points(result));
        }
        match page.next_token {
            Some(next) if Some(&next) != token.as_ref() => token = Some(next),
            _ => break,
        }
    }
    for series in found.values_mut() {
        series.sort_by_key(|(at, _)| *at);
    }
    Ok(found)
}

fn page(
    aws: &Aws,
    client: &Client,
    queries: &[MetricDataQuery],
    (from, to): (Timestamp, Timestamp),
    token: Option<String>,
) -> Result<GetMetricDataOutput, CallError> {
    let ask = client
        .get_metric_data()
        .set_metric_data_queries(Some(queries.to_vec()))
        .start_time(DateTime::from_millis(from.as_millis()))
        .end_time(DateTime::from_millis(to.as_millis()))
        .scan_by(ScanBy::TimestampAscending)
        .set_next_token(token);
    aws.wait(ask.send()).map_err(|error| CallError::of(ACTION, &error))
}

/// A part is followed by the rest; anything else than that or the whole is a failure.
fn whole_or_part(result: &MetricDataResult) -> Result<(), CallError> {
    match result.status_code() {
        None | Some(StatusCode::Complete | StatusCode::PartialData) => Ok(()),
        Some(other) => {
            let said = |m: &aws_sdk_cloudwatch::types::MessageData| m.value().map(str::to_owned);
            let said: Vec<String> = result.messages().iter().filter_map(said).collect();
            let (code, said) = (other.as_str().to_owned(), said.join("; "));
            Err(CallError { action: ACTION, why: Why::Refused { code, said } })
        }
    }
}

fn points(result: &MetricDataResult) -> impl Iterator<Item = (Timestamp, f64)> + '_ {
    let at = |at: &DateTime| Timestamp::from_millis(at.to_millis().unwrap_or_default());
    result.timestamps().iter().map(at).zip(result.values().iter().copied())
}

/// The start of the first period that does not start before `at`.
fn next_start(at: Timestamp, period: Duration) -> Timestamp {
    let period = i64::try_from(period.as_millis()).unwrap_or(i64::MAX).max(1);
    let over = at.as_millis().rem_euclid(period);
    match over {
        0 => at,
        over => Timestamp::from_millis(at.as_millis() + (period - over)),
    }
}
