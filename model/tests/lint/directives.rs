//! Namespaces, dimension sets and metric definitions.

use serde_json::{Value, json};

use super::{Case, check, set, without};

pub(crate) fn cases() -> Vec<Case> {
    [namespaces(), dimensions(), values_of_dimensions(), metrics(), repetitions()].concat()
}

fn namespaces() -> Vec<Case> {
    let namespace = |value: Value| set([("d/Namespace", value)]);
    vec![
        ("no namespace", without("d/Namespace"), &["namespace-missing"]),
        ("a number as namespace", namespace(json!(1)), &["namespace-missing"]),
        ("every character", namespace(json!("aZ09 .-_/#:")), &[]),
        ("a star", namespace(json!("a*")), &["namespace-charset"]),
        ("a letter beyond ASCII", namespace(json!("Größe")), &["namespace-charset"]),
        ("a blank namespace", namespace(json!("  ")), &["namespace-charset"]),
        ("a colon in front", namespace(json!(":a")), &["namespace-charset"]),
        ("AWS's own", namespace(json!("AWS/Lambda")), &["namespace-reserved"]),
        ("AWS without a slash", namespace(json!("AWSLambda")), &[]),
    ]
}

fn dimensions() -> Vec<Case> {
    let dimensions = |value: Value| set([("d/Dimensions", value)]);
    let named = |name: &str| {
        let member = format!("/{name}");
        set([("d/Dimensions", json!([[name]])), (member.as_str(), json!("x"))])
    };
    vec![
        ("no dimensions", without("d/Dimensions"), &["dimensions-missing"]),
        ("a text", dimensions(json!("Pool")), &["dimensions-not-array"]),
        ("one level too few", dimensions(json!(["Pool"])), &["dimensions-not-array"]),
        ("no set", dimensions(json!([])), &["dimensions-empty"]),
        ("the empty set", dimensions(json!([[]])), &[]),
        ("a number as a name", dimensions(json!([[7]])), &["dimension-not-text"]),
        ("a name twice in a set", dimensions(json!([["Pool", "Pool"]])), &["dimension-repeated"]),
        (
            "a name in two sets",
            set([("d/Dimensions", json!([["Pool"], ["Pool", "A"]])), ("/A", json!("a"))]),
            &[],
        ),
        ("a set twice", dimensions(json!([["Pool"], ["Pool"]])), &["dimension-set-repeated"]),
        (
            "a set twice in another order",
            set([("d/Dimensions", json!([["Pool", "A"], ["A", "Pool"]])), ("/A", json!("a"))]),
            &["dimension-set-repeated"],
        ),
        ("an empty name", named(""), &["dimension-name-length"]),
        ("a blank name", named(" "), &["dimension-name-charset"]),
        ("a colon in front", named(":a"), &["dimension-name-charset"]),
        ("a colon within", named("a:b"), &[]),
        ("a letter beyond ASCII", named("Länge"), &["dimension-name-charset"]),
        ("a control character", named("a\tb"), &["dimension-name-charset"]),
    ]
}

fn values_of_dimensions() -> Vec<Case> {
    let value = |value: Value| set([("/Pool", value)]);
    vec![
        ("no target", without("/Pool"), &["dimension-missing"]),
        (
            "a nested target",
            set([("d/Dimensions", json!([["a.b"]])), ("/a", json!({"b": "x"}))]),
            &["dimension-missing"],
        ),
        ("a number as value", value(json!(7)), &["dimension-value-not-text"]),
        ("null as value", value(json!(null)), &["dimension-value-not-text"]),
        ("an empty value", value(json!("")), &["dimension-value-blank"]),
        ("a blank value", value(json!(" \t ")), &["dimension-value-blank"]),
        ("blanks around a value", value(json!(" x ")), &[]),
        ("an emoji", value(json!("deploy \u{1f680}")), &["dimension-value-charset"]),
        ("an escaped emoji", value(json!("deploy \\u{1f680}")), &[]),
        ("a newline", value(json!("a\nb")), &["dimension-value-charset"]),
        (
            "a bad value in two sets is told once",
            set([
                ("d/Dimensions", json!([["Pool"], ["Pool", "A"]])),
                ("/A", json!("a")),
                ("/Pool", json!("")),
            ]),
            &["dimension-value-blank"],
        ),
    ]
}

fn metrics() -> Vec<Case> {
    let metrics = |value: Value| set([("d/Metrics", value)]);
    let named = |name: &str| {
        let member = format!("/{name}");
        set([("m/Name", json!(name)), (member.as_str(), json!(1))])
    };
    let unit = |value: Value| set([("m/Unit", value)]);
    let resolution = |value: Value| set([("m/StorageResolution", value)]);
    vec![
        ("no metrics", without("d/Metrics"), &["metrics-missing"]),
        ("metrics as an object", metrics(json!({"Name": "Wait"})), &["metrics-not-array"]),
        ("an empty list", metrics(json!([])), &["metrics-empty"]),
        ("a name alone", metrics(json!(["Wait"])), &["metric-not-object"]),
        ("no name", without("m/Name"), &["metric-name-missing"]),
        ("a number as a name", set([("m/Name", json!(1))]), &["metric-name-missing"]),
        ("an empty name", named(""), &["metric-name-length"]),
        ("a blank name", named(" "), &["metric-name-charset"]),
        ("a letter beyond ASCII", named("Länge"), &["metric-name-charset"]),
        ("blanks and signs in a name", named("In Bytes-Second.p95:x"), &[]),
        ("no unit", without("m/Unit"), &[]),
        ("the unit None", unit(json!("None")), &[]),
        ("a composed unit", unit(json!("Terabits/Second")), &[]),
        ("the wrong case", unit(json!("seconds")), &["unit-unknown"]),
        ("a unit that does not exist", unit(json!("Nanoseconds")), &["unit-unknown"]),
        ("an empty unit", unit(json!("")), &["unit-unknown"]),
        ("null as a unit", unit(json!(null)), &["unit-unknown"]),
        ("one second", resolution(json!(1)), &[]),
        ("one minute", resolution(json!(60)), &[]),
        ("seven seconds", resolution(json!(7)), &["resolution-unknown"]),
        ("a resolution as text", resolution(json!("60")), &["resolution-unknown"]),
        ("no target", without("/Wait"), &["value-missing"]),
        (
            "a metric that is a dimension",
            set([("d/Metrics", json!([{"Name": "Wait"}, {"Name": "Pool"}]))]),
            &["metric-is-dimension"],
        ),
    ]
}

fn repetitions() -> Vec<Case> {
    let two =
        |first: Value, second: Value| set([("/_aws/CloudWatchMetrics", json!([first, second]))]);
    let directive = |namespace: &str, dimensions: Value, unit: &str| {
        let metric = json!({"Name": "Wait", "Unit": unit});
        json!({"Namespace": namespace, "Dimensions": dimensions, "Metrics": [metric]})
    };
    let first = || directive("App", json!([["Pool"]]), "Seconds");
    vec![
        (
            "twice in a directive",
            set([("d/Metrics", json!([{"Name": "Wait"}, {"Name": "Wait"}]))]),
            &["metric-repeated"],
        ),
        ("twice in two directives", two(first(), first()), &["metric-repeated"]),
        (
            "twice where the sets overlap",
            two(first(), directive("App", json!([[], ["Pool"]]), "Seconds")),
            &["metric-repeated"],
        ),
        ("once for each set", two(first(), directive("App", json!([[]]), "Seconds")), &[]),
        (
            "once for each namespace",
            two(first(), directive("Other", json!([["Pool"]]), "Count")),
            &[],
        ),
        ("two units", two(first(), directive("App", json!([[]]), "Count")), &["unit-conflict"]),
        (
            "two units under the same set",
            two(first(), directive("App", json!([["Pool"]]), "None")),
            &["metric-repeated", "unit-conflict"],
        ),
    ]
}

#[test]
fn directives_are_checked_by_what_the_api_takes() {
    check(cases());
}
