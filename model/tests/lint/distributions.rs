//! Values of metrics: Values and Counts, and statistic sets.

use serde_json::{Value, json};

use super::{Case, check, set, written};

pub(crate) fn cases() -> Vec<Case> {
    [histograms(), statistics()].concat()
}

fn histograms() -> Vec<Case> {
    let value = |value: Value| set([("/Wait", value)]);
    let counts = |counts: Value| set([("/Wait", json!({"Values": [1, 5], "Counts": counts}))]);
    vec![
        ("values and counts", counts(json!([2, 1])), &[]),
        ("a count of zero among others", counts(json!([2, 0])), &[]),
        ("fractions as counts", counts(json!([0.5, 1.5])), &[]),
        ("too few counts", counts(json!([2])), &["counts-length"]),
        ("too many counts", counts(json!([2, 1, 1])), &["counts-length"]),
        ("a negative count", counts(json!([2, -1])), &["count-not-number"]),
        ("a text as count", counts(json!([2, "1"])), &["count-not-number"]),
        ("counts as a number", counts(json!(3)), &["count-not-number"]),
        ("nothing counted", counts(json!([0, 0])), &["values-empty"]),
        ("no counts", value(json!({"Values": [1, 5]})), &["counts-missing"]),
        ("no values", value(json!({"Counts": [1]})), &["value-not-number"]),
        ("values as a number", value(json!({"Values": 1, "Counts": [1]})), &["value-not-number"]),
        ("empty values", value(json!({"Values": [], "Counts": []})), &["values-empty"]),
        (
            "a text among the values",
            value(json!({"Values": ["1"], "Counts": [1]})),
            &["value-not-number"],
        ),
        ("a negative value", value(json!({"Values": [-1], "Counts": [1]})), &["value-negative"]),
        (
            "an unknown member",
            value(json!({"Values": [1], "Counts": [1], "P95": 1})),
            &["member-unknown"],
        ),
        (
            "values twice",
            written("42", r#"{"Values":[1],"Values":[1],"Counts":[1]}"#),
            &["member-repeated"],
        ),
        (
            "an infinite value",
            written("42", r#"{"Values":[1e400],"Counts":[1]}"#),
            &["value-out-of-range"],
        ),
    ]
}

fn statistics() -> Vec<Case> {
    let with = |statistics: Value| {
        let mut value = json!({"Values": [1, 5], "Counts": [2, 1]});
        value.as_object_mut().unwrap().extend(statistics.as_object().unwrap().clone());
        set([("/Wait", value)])
    };
    let alone = |min: i32, max: i32, sum: i32, count: i32| {
        set([("/Wait", json!({"Min": min, "Max": max, "Sum": sum, "Count": count}))])
    };
    vec![
        ("all that fits", with(json!({"Min": 1, "Max": 5, "Sum": 7, "Count": 3})), &[]),
        ("extremes beyond the values", with(json!({"Min": 0, "Max": 6})), &[]),
        (
            "a minimum above the maximum",
            with(json!({"Min": 6, "Max": 0})),
            &["statistics-inconsistent"],
        ),
        ("a value below the minimum", with(json!({"Min": 2})), &["statistics-inconsistent"]),
        ("a value above the maximum", with(json!({"Max": 4})), &["statistics-inconsistent"]),
        ("another count", with(json!({"Count": 4})), &["statistics-inconsistent"]),
        (
            "a sum that cannot be",
            with(json!({"Min": 1, "Max": 5, "Sum": 16, "Count": 3})),
            &["statistics-inconsistent"],
        ),
        ("the largest sum", with(json!({"Min": 1, "Max": 5, "Sum": 15, "Count": 3})), &[]),
        ("a text as maximum", with(json!({"Max": "5"})), &["value-not-number"]),
        ("a statistic set", alone(1, 5, 7, 3), &["statistic-set"]),
        ("a statistic set of nothing", alone(0, 0, 0, 0), &["statistic-set", "values-empty"]),
        (
            "a statistic set that cannot be",
            alone(1, 5, 99, 3),
            &["statistic-set", "statistics-inconsistent"],
        ),
        (
            "part of a statistic set",
            set([("/Wait", json!({"Min": 1, "Max": 5}))]),
            &["value-not-number"],
        ),
    ]
}

#[test]
fn distributions_hold_together() {
    check(cases());
}
