//! What CloudWatch would extract from lines: the slow and obvious reading of the specification.
//!
//! Every dimension set times every metric is a series; a value is a number, an array of numbers, or
//! an object with Values and Counts. It trusts the lines, which lint has passed before.

use std::collections::BTreeMap;

use serde_json::Value;

/// A custom metric as CloudWatch tells them apart, its unit, and the time of its data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Series {
    pub(crate) namespace: String,
    pub(crate) metric: String,
    pub(crate) unit: String,
    pub(crate) dimensions: BTreeMap<String, String>,
    pub(crate) at: i64,
}

/// How often each value was seen; a value stands as the text of a double.
pub(crate) type Counts = BTreeMap<String, u64>;

/// Everything in `lines`.
pub(crate) fn extract(lines: &[u8]) -> BTreeMap<Series, Counts> {
    let mut all = BTreeMap::new();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let document: Value = serde_json::from_slice(line).unwrap();
        for directive in list(&document["_aws"]["CloudWatchMetrics"]) {
            for (set, metric) in pairs(directive) {
                let counts: &mut Counts =
                    all.entry(series(&document, directive, set, metric)).or_default();
                count(&document[text(&metric["Name"])], counts);
            }
        }
    }
    all
}

fn pairs(directive: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let metrics = |set| list(&directive["Metrics"]).iter().map(move |metric| (set, metric));
    list(&directive["Dimensions"]).iter().flat_map(metrics)
}

fn series(document: &Value, directive: &Value, set: &Value, metric: &Value) -> Series {
    let names = list(set).iter().map(text);
    Series {
        namespace: text(&directive["Namespace"]).into(),
        metric: text(&metric["Name"]).into(),
        unit: metric.get("Unit").map_or("None", text).into(),
        dimensions: names.map(|name| (name.into(), text(&document[name]).into())).collect(),
        at: document["_aws"]["Timestamp"].as_i64().unwrap(),
    }
}

fn count(target: &Value, counts: &mut Counts) {
    let mut add = |value: &Value, times: u64| {
        *counts.entry(value.as_f64().unwrap().to_string()).or_default() += times;
    };
    match target {
        Value::Array(values) => values.iter().for_each(|value| add(value, 1)),
        Value::Object(members) => {
            let pairs = list(&members["Values"]).iter().zip(list(&members["Counts"]));
            pairs.for_each(|(value, times)| add(value, times.as_u64().unwrap()));
        }
        value => add(value, 1),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
