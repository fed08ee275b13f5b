//! Every limit at one less, exactly, and one more.

use model::emf::*;
use serde_json::{Value, json};

use super::{Case, NOW, check, document, set, written};

pub(crate) fn cases() -> Vec<Case> {
    let (day, hour) = (86_400_000, 3_600_000);
    let around = |limit: usize| [limit - 1, limit, limit + 1];
    let mut cases = Vec::new();
    let mut limit = |what: &'static str, lines: [String; 3], code: &'static [&'static str]| {
        let expected = [&[] as &[_], &[], code];
        cases.extend(lines.into_iter().zip(expected).map(|(line, codes)| (what, line, codes)));
    };
    limit("values", around(VALUES_MAX).map(values), &["values-too-many"]);
    limit("pairs of a distribution", around(VALUES_MAX).map(pairs), &["values-too-many"]);
    limit("metrics", around(METRICS_MAX).map(metrics), &["metrics-too-many"]);
    limit("dimensions", around(DIMENSIONS_MAX).map(dimensions), &["dimensions-too-many"]);
    limit("namespace", around(NAMESPACE_LEN_MAX).map(namespace), &["namespace-length"]);
    let names = around(DIMENSION_NAME_LEN_MAX).map(dimension_name);
    limit("name of a dimension", names, &["dimension-name-length"]);
    let lines = around(DIMENSION_VALUE_LEN_MAX).map(dimension_value);
    limit("value of a dimension", lines, &["dimension-value-length"]);
    limit(
        "name of a metric",
        around(METRIC_NAME_LEN_MAX).map(metric_name),
        &["metric-name-length"],
    );
    limit("bytes that pass everywhere", around(EVENT_BYTES_ADVISED).map(bytes), &["event-large"]);
    let ages = [14 * day - 1, 14 * day, 14 * day + 1].map(|age| time(NOW - age));
    limit("age", ages, &["timestamp-old"]);
    let aheads = [2 * hour - 1, 2 * hour, 2 * hour + 1].map(|ahead| time(NOW + ahead));
    limit("ahead", aheads, &["timestamp-ahead"]);
    let power = 2_f64.powi(360);
    let magnitudes = [power.next_down(), power, power.next_up()];
    limit("magnitude", magnitudes.map(number), &["value-out-of-range"]);
    for (n, code) in around(EVENT_BYTES_MAX).into_iter().zip(["large", "large", "too-large"]) {
        let codes: &[&str] = if code == "large" { &["event-large"] } else { &["event-too-large"] };
        cases.push(("bytes of an event", bytes(n), codes));
    }
    cases
}

fn values(n: usize) -> String {
    set([("/Wait", json!(vec![1; n]))])
}

fn pairs(n: usize) -> String {
    let values: Vec<usize> = (0..n).collect();
    set([("/Wait", json!({"Values": values, "Counts": vec![1; n], "Min": 0, "Max": n}))])
}

fn metrics(n: usize) -> String {
    let mut document = document();
    let names = (0..n).map(|i| format!("M{i}"));
    document["_aws"]["CloudWatchMetrics"][0]["Metrics"] =
        names.clone().map(|name| json!({"Name": name})).collect();
    for name in names {
        document[name] = json!(1);
    }
    document.to_string()
}

fn dimensions(n: usize) -> String {
    let mut document = document();
    let names: Vec<String> = (0..n).map(|i| format!("D{i}")).collect();
    document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] = json!([names]);
    for name in names {
        document[name] = json!("x");
    }
    document.to_string()
}

fn named(pointer: &str, name: Value, member: &str, value: Value) -> String {
    set([(pointer, name), (format!("/{member}").as_str(), value)])
}

fn dimension_name(len: usize) -> String {
    let name = "d".repeat(len);
    named("d/Dimensions", json!([[name]]), &name, json!("x"))
}

fn metric_name(len: usize) -> String {
    let name = "m".repeat(len);
    named("m/Name", json!(name), &name, json!(1))
}

fn dimension_value(len: usize) -> String {
    set([("/Pool", json!("x".repeat(len)))])
}

fn namespace(len: usize) -> String {
    set([("d/Namespace", json!("n".repeat(len)))])
}

fn bytes(len: usize) -> String {
    let empty = set([("/text", json!(""))]);
    set([("/text", json!("x".repeat(len - empty.len())))])
}

fn time(millis: i64) -> String {
    set([("/_aws/Timestamp", json!(millis))])
}

fn number(number: f64) -> String {
    written("42", &format!("{number:e}"))
}

#[test]
fn a_limit_allows_itself_and_nothing_beyond() {
    check(cases());
}

#[test]
fn the_newline_is_not_part_of_the_event() {
    check(vec![("a newline", bytes(EVENT_BYTES_ADVISED) + "\r\n", &[])]);
}
