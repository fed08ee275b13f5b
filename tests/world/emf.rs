//! EMF lines read back the way CloudWatch does: directives name metrics, values stand at the root.

use std::collections::BTreeSet;

use model::Spec;
use serde_json::Value;

/// Lines of EMF.
#[derive(Clone, Debug, Default)]
pub(crate) struct Emf(pub(crate) Vec<Value>);

impl Emf {
    /// Reads every line.
    #[track_caller]
    pub(crate) fn read(text: &str) -> Self {
        let told = |line, error| panic!("{error}: {line}");
        let value = |line| serde_json::from_str(line).unwrap_or_else(|error| told(line, error));
        Emf(text.lines().map(value).collect())
    }

    /// Reads what processes wrote that were killed: the same line twice is the same minute, written
    /// again because nobody knew any more that it had been, and counts once.
    #[track_caller]
    pub(crate) fn read_after_crashes(text: &str) -> Self {
        let distinct: BTreeSet<&str> = text.lines().collect();
        Emf::read(&Vec::from_iter(distinct).join("\n"))
    }

    /// The sum of a counter, or how many durations a timing has, of lines with these members.
    pub(crate) fn sum(&self, spec: &Spec, members: &[(&str, &str)]) -> u64 {
        let fits = |line: &&Value| members.iter().all(|(key, value)| line[*key] == *value);
        self.values(spec.name).filter(fits).map(|line| amount(spec, &line[spec.name])).sum()
    }

    /// Lines that publish a metric.
    pub(crate) fn values<'a>(&'a self, metric: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |line| metrics(line).any(|name| name == metric))
    }

    /// The names of all metrics.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.0.iter().flat_map(metrics).collect()
    }

    /// The dimension sets under which a metric is published, each sorted, as text.
    pub(crate) fn sets(&self, metric: &str) -> BTreeSet<String> {
        let of = |directive: &&Value| names(directive).any(|name| name == metric);
        let sets = self.0.iter().flat_map(directives).filter(of);
        sets.flat_map(|directive| directive["Dimensions"].as_array().unwrap())
            .map(Value::to_string)
            .collect()
    }
}

/// A counter's value; of a timing one for a duration, or the counts of a distribution.
fn amount(spec: &Spec, value: &Value) -> u64 {
    let is_timing = spec.kind == model::Kind::Timing;
    match value.get("Counts").or(value.is_array().then_some(value)) {
        Some(Value::Array(items)) if value.is_array() => items.len() as u64,
        Some(Value::Array(counts)) => counts.iter().filter_map(Value::as_u64).sum(),
        _ if is_timing => 1,
        _ => value.as_u64().unwrap(),
    }
}

fn directives(line: &Value) -> impl Iterator<Item = &Value> {
    line["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten()
}

fn names(directive: &Value) -> impl Iterator<Item = &str> {
    directive["Metrics"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|metric| metric["Name"].as_str())
}

fn metrics(line: &Value) -> impl Iterator<Item = &str> {
    directives(line).flat_map(names)
}
