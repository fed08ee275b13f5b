//! Series are asked for in as few calls as CloudWatch allows, and put together of their pieces.

use std::time::Duration;

use aws::{History, HistoryError, QUERIES_MAX, Why};
use model::catalogue as c;
use model::expr::MathError;
use model::ports::History as _;
use model::{Dimension, Query, Timestamp};
use serde_json::{Value, json};

use crate::world::{World, done, refused};

const FROM: Timestamp = Timestamp::from_secs(600);
const TO: Timestamp = Timestamp::from_secs(1_200);

fn waiting(pool: &str) -> Query {
    c::JOBS_WAITING.max().of(Dimension::Pool, pool)
}

fn result(id: &str, points: &[(i64, f64)], status: &str) -> Value {
    json!({
        "Id": id, "StatusCode": status,
        "Timestamps": points.iter().map(|(at, _)| json!({ "at": at })).collect::<Vec<_>>(),
        "Values": points.iter().map(|(_, value)| *value).collect::<Vec<_>>(),
    })
}

#[test]
fn a_query_is_asked_in_cloudwatchs_words() {
    let world = World::of(|_| done(json!({ "MetricDataResults": [] })));
    let history = History::new(&world.aws, Vec::new());
    let query = c::JOB_WAIT.percentile(95).of(Dimension::Pool, "linux");
    let query = query.every(Duration::from_mins(5));
    assert_eq!(history.series(&query, FROM, TO), Ok(Vec::new()));
    let asked = &world.calls()[0].body;
    let metric = json!({
        "Namespace": "Headroom", "MetricName": c::JOB_WAIT.0.name,
        "Dimensions": [{ "Name": "Pool", "Value": "linux" }],
    });
    let stat = json!({ "Metric": metric, "Period": 300, "Stat": "p95" });
    assert_eq!(asked["MetricDataQueries"], json!([{ "Id": "q0", "MetricStat": stat }]));
    assert_eq!([&asked["StartTime"]["at"], &asked["EndTime"]["at"]], [600.0, 1_200.0]);
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
#[test]
fn a_share_of_what_took_no_longer_is_a_percentile_rank() {
    let world = World::of(|_| {
        done(json!({ "MetricDataResults": [result("q0", &[(600, 75.0)], "Complete")] }))
    });
    let history = History::new(&world.aws, Vec::new());
    let query = c::BOOT_TIME.share_up_to(30).of(Dimension::Pool, "linux");
    assert_eq!(history.series(&query, FROM, TO), Ok(vec![(FROM, 75.0)]));
    let asked = &world.calls()[0].body["MetricDataQueries"][0];
    assert_eq!(asked["MetricStat"]["Stat"], "PR(:30)");
}

/// A part of a period may be told of that part alone.
#[test]
fn whole_periods_are_asked_for_whatever_the_span() {
    let world = World::of(|_| done(json!({ "MetricDataResults": [] })));
    let history = History::new(&world.aws, Vec::new());
    let hour = waiting("a").every(Duration::from_hours(1));
    let [from, to] = [3_601, 7_201].map(Timestamp::from_secs);
    history.answers(&[waiting("a"), hour], from, to).unwrap();
    let asked = &world.calls()[0].body;
    assert_eq!([&asked["StartTime"]["at"], &asked["EndTime"]["at"]], [3_600.0, 10_800.0]);
    assert_eq!(history.series(&waiting("a"), to, from), Ok(Vec::new()));
    assert_eq!(world.calls().len(), 1, "there is nothing to ask of no time");
}

#[test]
fn a_series_that_comes_in_pieces_is_put_together_in_order() {
    let world = World::answers([
        done(json!({
            "MetricDataResults": [
                result("q0", &[(720, 3.0), (780, 4.0)], "PartialData"),
                result("q1", &[(600, 9.0)], "Complete"),
            ],
            "NextToken": "more",
        })),
        done(json!({ "MetricDataResults": [result("q0", &[(600, 1.0), (660, 2.0)], "Complete")] })),
    ]);
    let history = History::new(&world.aws, Vec::new());
    let answers = history.answers(&[waiting("a"), waiting("b")], FROM, TO).unwrap();
    let values = |i: usize| answers[i].iter().map(|(_, value)| *value).collect::<Vec<_>>();
    assert_eq!((values(0), values(1)), (vec![1.0, 2.0, 3.0, 4.0], vec![9.0]));
    assert_eq!(world.calls()[1].body["NextToken"], "more");
}

#[test]
fn more_queries_than_one_call_takes_become_two_calls_and_keep_their_order() {
    let world = World::of(|call| {
        let pool = |query: &Value| {
            let pool = &query["MetricStat"]["Metric"]["Dimensions"][0]["Value"];
            let value = pool.as_str().unwrap().parse().unwrap();
            result(query["Id"].as_str().unwrap(), &[(600, value)], "Complete")
        };
        let queries = call.body["MetricDataQueries"].as_array().unwrap();
        assert!(queries.len() <= QUERIES_MAX, "{}", queries.len());
        done(json!({ "MetricDataResults": queries.iter().map(pool).collect::<Vec<_>>() }))
    });
    let history = History::new(&world.aws, Vec::new());
    let queries: Vec<Query> = (0..=QUERIES_MAX).map(|i| waiting(&i.to_string())).collect();
    let answers = history.answers(&queries, FROM, TO).unwrap();
    for (i, series) in answers.iter().enumerate() {
        assert_eq!(series[0].1.to_string(), i.to_string());
    }
    assert_eq!((answers.len(), world.calls().len()), (QUERIES_MAX + 1, 2));
}

#[test]
fn only_periods_that_start_in_the_span_are_told() {
    let points = [(0, 1.0), (300, 2.0), (600, 3.0), (900, 4.0)];
    let world = World::of(move |_| {
        done(json!({ "MetricDataResults": [result("q0", &points, "Complete")] }))
    });
    let history = History::new(&world.aws, Vec::new());
    let query = waiting("a").every(Duration::from_mins(5));
    let series = history.series(&query, Timestamp::from_secs(301), Timestamp::from_secs(900));
    assert_eq!(series, Ok(vec![(Timestamp::from_secs(600), 3.0)]));
}

#[test]
fn what_cloudwatch_cannot_have_is_not_asked() {
    let world = World::answers([]);
    let history = History::new(&world.aws, Vec::new());
    let query = c::RUNNERS_IDLE.max();
    let error = history.series(&query, FROM, TO).unwrap_err();
    assert!(matches!(error, HistoryError::Query(MathError::NotPublished { .. })), "{error}");
}

#[test]
fn a_series_that_fails_is_a_failure_and_no_silence() {
    let failed = json!({
        "Id": "q0", "StatusCode": "InternalError", "Timestamps": [], "Values": [],
        "Messages": [{ "Code": "x", "Value": "try later" }],
    });
    let world = World::of(move |_| done(json!({ "MetricDataResults": [failed.clone()] })));
    let error = History::new(&world.aws, Vec::new()).series(&waiting("a"), FROM, TO).unwrap_err();
    let HistoryError::Call(error) = error else { panic!("{error}") };
    let (code, said) = ("InternalError".to_owned(), "try later".to_owned());
    assert_eq!(error.why, Why::Refused { code, said });
}

#[test]
fn whoever_may_not_is_told_which_action_is_missing() {
    let said = "User: arn:aws:iam::123456789012:user/x is not authorized to perform: \
                cloudwatch:GetMetricData because no identity-based policy allows it";
    let world = World::of(move |_| refused("AccessDeniedException", said));
    let error = History::new(&world.aws, Vec::new()).series(&waiting("a"), FROM, TO).unwrap_err();
    let HistoryError::Call(error) = error else { panic!("{error}") };
    let Why::Denied { missing, .. } = error.why else { panic!("{error}") };
    assert_eq!(missing, "cloudwatch:GetMetricData");
}
