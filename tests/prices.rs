//! `headroom metrics --cost`: what each choice of roll-ups would cost.

use model::price::bill;
use serde_json::Value;

use crate::world::headroom;

fn rows(repositories: &str, jobs: &str) -> Vec<Value> {
    let arguments = ["metrics", "--cost", "--format=json", "--repositories", repositories];
    let ended = headroom(&[&arguments[..], &["--jobs-per-day", jobs]].concat(), b"");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    serde_json::from_str(&ended.stdout).unwrap()
}

/// Every number of a row, by name, wherever it lies.
fn numbers(value: &Value, into: &mut Vec<f64>) {
    match value {
        Value::Number(number) => into.extend(number.as_f64()),
        Value::Array(items) => items.iter().for_each(|item| numbers(item, into)),
        Value::Object(members) => members.values().for_each(|item| numbers(item, into)),
        _ => {}
    }
}

#[test]
fn each_choice_has_a_row_and_a_larger_fleet_is_never_cheaper() {
    let [small, large] = [rows("10", "500"), rows("1000", "50000")];
    assert!(small.len() >= 3, "{small:#?}");
    assert_eq!(small.len(), large.len());
    for (small, large) in small.iter().zip(&large) {
        let [mut a, mut b] = [vec![], vec![]];
        numbers(small, &mut a);
        numbers(large, &mut b);
        assert!(!a.is_empty() && a.len() == b.len());
        assert!(a.iter().zip(&b).all(|(a, b)| a <= b && *a >= 0.0), "{small} {large}");
        assert_ne!(a, b);
    }
}

#[test]
fn every_format_tells_the_same_rows() {
    let arguments = ["metrics", "--cost", "--repositories=100", "--jobs-per-day=5000"];
    let table = headroom(&arguments, b"").stdout;
    let markdown = headroom(&[&arguments[..], &["--format=markdown"]].concat(), b"").stdout;
    let json = rows("100", "5000");
    let lines = table.lines().take_while(|line| !line.is_empty()).count();
    assert_eq!(lines, json.len() + 1, "a header and the rows:\n{table}");
    assert!(markdown.contains("| ") && markdown.contains('$'), "{markdown}");
}

#[test]
fn more_pools_cost_more() {
    let price = |pools: &str| {
        let arguments =
            ["metrics", "--cost", "--repositories=1", "--jobs-per-day=1000", "--format=json"];
        let ended = headroom(&[&arguments[..], &["--pools", pools]].concat(), b"");
        let mut all = vec![];
        numbers(&serde_json::from_str(&ended.stdout).unwrap(), &mut all);
        all.iter().sum::<f64>()
    };
    assert!(price("2") < price("50"));
}

/// Metrics that these alarms are computed of, as CloudWatch bills them.
fn billed(inputs: &[Value], is_of_pool: bool) -> usize {
    let is_asked = |input: &&Value| {
        let tags = input["Tags"].as_array().unwrap();
        tags.iter().any(|tag| tag["Key"] == "headroom:pool") == is_of_pool
    };
    let of = |input: &Value| {
        let metrics = input["Metrics"].as_array();
        let stats = metrics.map(|all| all.iter().filter(|m| m["MetricStat"].is_object()).count());
        stats.unwrap_or(1)
    };
    inputs.iter().filter(is_asked).map(of).sum()
}

#[test]
fn the_price_knows_how_many_metrics_the_alarms_are_computed_of() {
    let pools = vec!["linux".to_owned()];
    let options = alarms::cloudwatch::Options { pools, ..Default::default() };
    let rules = alarms::Rules::default();
    let all = alarms::cloudwatch::CloudWatch::of(&rules, &options).unwrap();
    let counted = [
        billed(&all.metric_alarms, true),
        all.composite_alarms.len(),
        billed(&all.metric_alarms, false),
    ];
    let known = [bill::POOL_ALARM_METRICS, bill::POOL_COMPOSITES, bill::FLEET_ALARM_METRICS];
    assert_eq!(counted.map(|n| n.to_string()), known.map(|n| n.to_string()));
}
