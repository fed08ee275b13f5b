//! The target of a metric: a number, an array of numbers, or a distribution.

use super::distribution;
use super::json::{self, Json, Raw};
use super::{Finding, Rule, Severity};
use crate::emf::{VALUE_MAGNITUDE_MAX, VALUES_MAX};

/// Whether CloudWatch takes the target `raw`, which stands at `path`.
pub(super) fn check(raw: Raw<'_>, path: &str, findings: &mut Vec<Finding>) -> bool {
    let before = findings.len();
    match json::open(raw) {
        Json::Number(_) => findings.extend(first_bad(&[raw], |_| path.to_owned())),
        Json::Array(items) => {
            list(&items, path, findings);
        }
        Json::Object(object) => distribution::check(&object, raw, path, findings),
        Json::Text(_) | Json::Other => {
            findings.push(Finding::new(Rule::ValueNotNumber, path, raw.get()));
        }
    }
    findings[before..].iter().all(|finding| finding.severity == Severity::Warning)
}

/// The numbers of an array that CloudWatch takes as values; of bad members only the first is told.
pub(super) fn list(items: &[Raw<'_>], path: &str, findings: &mut Vec<Finding>) -> Option<Vec<f64>> {
    match items.len() {
        0 => findings.push(Finding::new(Rule::ValuesEmpty, path, "[]")),
        1..=VALUES_MAX => {}
        n => findings.push(Finding::new(Rule::ValuesTooMany, path, format!("{n} values"))),
    }
    findings.extend(first_bad(items, |i| format!("{path}[{i}]")));
    items.iter().map(|raw| number(raw)).collect()
}

/// The number that `raw` is.
pub(super) fn number(raw: Raw<'_>) -> Option<f64> {
    match json::open(raw) {
        Json::Number(number) => Some(number),
        _ => None,
    }
}

/// An objection for each rule that is broken, at its first breach.
fn first_bad(items: &[Raw<'_>], path: impl Fn(usize) -> String) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (i, raw) in items.iter().enumerate() {
        let Some(rule) = objection(raw) else { continue };
        if findings.iter().all(|finding| finding.rule != rule) {
            findings.push(Finding::new(rule, path(i), raw.get()));
        }
    }
    findings
}

/// The rule that one value breaks.
pub(super) fn objection(raw: Raw<'_>) -> Option<Rule> {
    match number(raw) {
        None => Some(Rule::ValueNotNumber),
        Some(number) if number.abs() > VALUE_MAGNITUDE_MAX => Some(Rule::ValueOutOfRange),
        Some(number) if number < 0.0 => Some(Rule::ValueNegative),
        Some(_) => None,
    }
}
