//! Our own line of a minute: what was counted, as one record for each list of dimensions.

use std::collections::BTreeMap;

use model::catalogue::{NAMESPACE, by_name};
use model::emf::Record;
use model::{Dimension, Dimensions, Histogram, Kind, Point, Quantity, Spec, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::super::{Malformed, Past};
use super::Directive;
use crate::reject::told;

/// A distribution as our encoder writes it.
#[derive(Deserialize)]
struct Distribution {
    #[serde(rename = "Values")]
    values: Vec<u64>,
    #[serde(rename = "Counts")]
    counts: Vec<u64>,
    #[serde(rename = "Min")]
    min: u64,
    #[serde(rename = "Max")]
    max: u64,
}

/// Reads the metrics of `text`; those that this version does not know are left out.
pub(super) fn read(text: &str, at: Timestamp, directives: &[Directive]) -> Result<Past, Malformed> {
    let root: BTreeMap<String, Value> = serde_json::from_str(text)
        .map_err(|error| Malformed::Shape(told(&error), "a JSON object"))?;
    let mut records = Vec::new();
    for directive in directives.iter().filter(|directive| directive.namespace == NAMESPACE) {
        let Some(dimensions) = dimensions(&root, directive)? else { continue };
        let mut record = Record::new(at, dimensions);
        for metric in &directive.metrics {
            if let Some(spec) = by_name(&metric.name) {
                let value = root.get(&metric.name).unwrap_or(&Value::Null);
                let quantity = quantity(spec, value).ok_or_else(|| {
                    let expected = "whole numbers, as one, a list, or Values and Counts";
                    Malformed::value(spec.name, value, expected)
                })?;
                record.points.push(Point { spec, quantity });
            }
        }
        records.push(record);
    }
    records.retain(|record| !record.points.is_empty());
    Ok(if records.is_empty() { Past::Unused } else { Past::Minute(records) })
}

/// All dimensions of a directive; `None` when this version does not know one.
fn dimensions(
    root: &BTreeMap<String, Value>,
    directive: &Directive,
) -> Result<Option<Dimensions>, Malformed> {
    let mut dimensions = Dimensions::none();
    for name in directive.sets.iter().flatten() {
        let Some(dimension) = Dimension::from_name(name) else { return Ok(None) };
        let value = root.get(name).unwrap_or(&Value::Null);
        let text = value.as_str().ok_or_else(|| Malformed::value(name, value, "a text"))?;
        dimensions = dimensions.with(dimension, text);
    }
    Ok(Some(dimensions))
}

fn quantity(spec: &Spec, value: &Value) -> Option<Quantity> {
    match spec.kind {
        Kind::Counter => value.as_u64().map(Quantity::Add),
        Kind::Level => value.as_u64().map(Quantity::Is),
        Kind::Timing => distribution(value).map(Quantity::Distribution),
    }
}

fn distribution(value: &Value) -> Option<Histogram> {
    match value {
        Value::Number(number) => number.as_u64().map(|value| Histogram::from_iter([value])),
        Value::Array(values) => values.iter().map(Value::as_u64).collect(),
        Value::Object(_) => {
            let told = Distribution::deserialize(value).ok()?;
            let is_whole = told.values.len() == told.counts.len() && told.min <= told.max;
            let buckets = told.values.into_iter().zip(told.counts);
            is_whole.then(|| Histogram::from_buckets(buckets, told.min, told.max))
        }
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}
