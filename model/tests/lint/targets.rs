//! Values of metrics: numbers and arrays.

use serde_json::{Value, json};

use super::{Case, check, set, written};

pub(crate) fn cases() -> Vec<Case> {
    let value = |value: Value| set([("/Wait", value)]);
    let number = |text: &str| written("42", text);
    vec![
        ("zero", value(json!(0)), &[]),
        ("a fraction", value(json!(0.25)), &[]),
        ("an array of one", value(json!([1.0])), &[]),
        ("an array of fractions", value(json!([1.5, 2, 2])), &[]),
        ("a text", value(json!("42")), &["value-not-number"]),
        ("null", value(json!(null)), &["value-not-number"]),
        ("true", value(json!(true)), &["value-not-number"]),
        ("another object", value(json!({"ms": 3})), &["value-not-number"]),
        ("an array in an array", value(json!([[1]])), &["value-not-number"]),
        ("texts among numbers are told once", value(json!([1, "a", "b"])), &["value-not-number"]),
        ("an empty array", value(json!([])), &["values-empty"]),
        ("a negative number", value(json!(-1)), &["value-negative"]),
        ("negative zero", number("-0.0"), &[]),
        ("a negative number among others", value(json!([3, -0.5, -1])), &["value-negative"]),
        ("as large as a double", number("1.7e308"), &["value-out-of-range"]),
        ("larger than a double", number("1e400"), &["value-out-of-range"]),
        ("smaller than a double", number("1e-400"), &[]),
        ("far below zero", number("-1e400"), &["value-out-of-range"]),
        (
            "several faults in one array",
            number("[-1,\"x\",1e400]"),
            &["value-negative", "value-not-number", "value-out-of-range"],
        ),
    ]
}

#[test]
fn values_are_numbers_that_cloudwatch_can_hold() {
    check(cases());
}
