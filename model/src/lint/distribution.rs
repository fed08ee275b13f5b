//! Targets beyond the published schema: `{"Values":[..],"Counts":[..]}`, with or without Min, Max,
//! Sum and Count, and the statistic set of those four alone.
//!
//! OpenTelemetry's exporter and AWS's `metrique` write them, and CloudWatch extracts them:
//! <https://github.com/open-telemetry/opentelemetry-collector-contrib/pull/22626>

use super::envelope;
use super::json::{self, Json, Object, Raw};
use super::values::{list, number, objection};
use super::{Finding, Rule};

/// The statistics that may accompany or replace the values, where they are given.
#[derive(Clone, Copy, Debug, Default)]
struct Statistics {
    min: Option<f64>,
    max: Option<f64>,
    sum: Option<f64>,
    count: Option<f64>,
}

/// Checks the object `raw`, which stands at `path`.
pub(super) fn check(object: &Object<'_>, raw: Raw<'_>, path: &str, findings: &mut Vec<Finding>) {
    let known = ["Values", "Counts", "Min", "Max", "Sum", "Count"];
    let statistics = Statistics::read(object, path, findings);
    if let Some(values) = object.get("Values") {
        envelope::members(object, path, &known, findings);
        histogram(object, values, statistics, path, findings);
    } else if statistics.are_complete() {
        envelope::members(object, path, &known[2..], findings);
        findings.push(Finding::new(Rule::StatisticSet, path, raw.get()));
        if statistics.count.is_some_and(|count| count <= 0.0) {
            findings.push(Finding::new(Rule::ValuesEmpty, path, raw.get()));
        }
        contradiction(statistics, &[], path, findings);
    } else {
        findings.push(Finding::new(Rule::ValueNotNumber, path, raw.get()));
    }
}

impl Statistics {
    fn read(object: &Object<'_>, path: &str, findings: &mut Vec<Finding>) -> Self {
        let mut read = |name: &str| {
            let raw = object.get(name)?;
            match objection(raw) {
                None | Some(Rule::ValueNegative) => return number(raw),
                Some(rule) => {
                    findings.push(Finding::new(rule, format!("{path}.{name}"), raw.get()));
                }
            }
            None
        };
        let (min, max) = (read("Min"), read("Max"));
        Statistics { min, max, sum: read("Sum"), count: read("Count") }
    }

    fn are_complete(self) -> bool {
        [self.min, self.max, self.sum, self.count].iter().all(Option::is_some)
    }
}

fn histogram(
    object: &Object<'_>,
    values: Raw<'_>,
    statistics: Statistics,
    path: &str,
    findings: &mut Vec<Finding>,
) {
    let at = format!("{path}.Values");
    let Json::Array(items) = json::open(values) else {
        findings.push(Finding::new(Rule::ValueNotNumber, at, values.get()));
        return;
    };
    let Some(values) = list(&items, &at, findings) else { return };
    let counts = if let Some(raw) = object.get("Counts") {
        counts(raw, &format!("{path}.Counts"), values.len(), findings)
    } else {
        findings.push(Finding::new(Rule::CountsMissing, path, ""));
        Some(vec![1.0; values.len()])
    };
    let Some(counts) = counts else { return };
    let pairs: Vec<(f64, f64)> =
        values.into_iter().zip(counts).filter(|pair| pair.1 > 0.0).collect();
    contradiction(statistics, &pairs, path, findings);
}

/// The counts, if there is one for each of `len` values and something was counted.
fn counts(raw: Raw<'_>, path: &str, len: usize, findings: &mut Vec<Finding>) -> Option<Vec<f64>> {
    let Json::Array(items) = json::open(raw) else {
        findings.push(Finding::new(Rule::CountNotNumber, path, raw.get()));
        return None;
    };
    if items.len() != len {
        let found = format!("{} counts, {len} values", items.len());
        findings.push(Finding::new(Rule::CountsLength, path, found));
        return None;
    }
    let count = |raw: Raw<'_>| number(raw).filter(|count| count.is_finite() && *count >= 0.0);
    if let Some(i) = items.iter().position(|raw| count(raw).is_none()) {
        findings.push(Finding::new(Rule::CountNotNumber, format!("{path}[{i}]"), items[i].get()));
        return None;
    }
    let counts: Vec<f64> = items.into_iter().filter_map(count).collect();
    if len > 0 && counts.iter().sum::<f64>() <= 0.0 {
        findings.push(Finding::new(Rule::ValuesEmpty, path, raw.get()));
        return None;
    }
    Some(counts)
}

/// Objects to the first way in which `statistics` cannot belong to the counted values.
fn contradiction(
    statistics: Statistics,
    pairs: &[(f64, f64)],
    path: &str,
    findings: &mut Vec<Finding>,
) {
    let Statistics { min, max, sum, count } = statistics;
    let (low, high) = (min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY));
    let counted = pairs.iter().map(|pair| pair.1).sum::<f64>();
    let outside = pairs.iter().find(|pair| !(low..=high).contains(&pair.0));
    let found = if low > high {
        format!("Min {low} is above Max {high}")
    } else if let Some((value, _)) = outside {
        format!("{value} lies outside of Min..Max")
    } else if let Some(count) = count.filter(|count| !pairs.is_empty() && differ(*count, counted)) {
        format!("Count is {count}, Counts add up to {counted}")
    } else if let (Some(sum), Some(count)) = (sum, count)
        && count > 0.0
        && !(low..=high).contains(&(sum / count))
        && differ(sum / count, low)
        && differ(sum / count, high)
    {
        format!("the average {} lies outside of Min..Max", sum / count)
    } else {
        return;
    };
    findings.push(Finding::new(Rule::StatisticsInconsistent, path, found));
}

/// Beyond what rounding explains.
fn differ(a: f64, b: f64) -> bool {
    (a - b).abs() > 1e-9 * a.abs().max(b.abs())
}
