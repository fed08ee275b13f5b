//! What a server says of itself: `/api/pools` and `/metrics`.

use std::collections::{BTreeMap, BTreeSet};

use model::Spec;
use serde::Deserialize;

/// One pool of `/api/pools`. A field that is new, missing or renamed breaks the contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pool {
    pub(crate) name: String,
    pub(crate) waiting: u64,
    pub(crate) oldest_waiting_secs: Option<u64>,
    pub(crate) running: u64,
    pub(crate) wait_p50_secs: Option<u64>,
    pub(crate) wait_p95_secs: Option<u64>,
    pub(crate) queued_total: u64,
    pub(crate) in_progress_total: u64,
    pub(crate) completed_total: u64,
}

impl Pool {
    /// Waiting and running now.
    pub(crate) fn levels(&self) -> [u64; 2] {
        [self.waiting, self.running]
    }

    /// Jobs that were queued, started and are over.
    pub(crate) fn totals(&self) -> [u64; 3] {
        [self.queued_total, self.in_progress_total, self.completed_total]
    }
}

/// Everything that `/metrics` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exposition {
    /// Families by name, with their types.
    pub(crate) types: BTreeMap<String, String>,
    samples: Vec<Sample>,
}

#[derive(Clone, Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: String,
}

impl Exposition {
    /// Reads the text format, of which no value here holds a quote or a comma within a label.
    pub(crate) fn parse(text: &str) -> Self {
        let mut exposition = Exposition::default();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                exposition.types.insert(name.to_owned(), kind.to_owned());
            } else if !line.starts_with('#') {
                exposition.samples.push(sample(line));
            }
        }
        exposition
    }

    /// The sum of all samples of a metric with these labels; of a timing, how many were timed.
    #[track_caller]
    pub(crate) fn sum(&self, spec: &Spec, labels: &[(&str, &str)]) -> u64 {
        let count = if spec.kind == model::Kind::Timing { "_count" } else { "" };
        self.sum_of(&format!("{}{count}", spec.prometheus()), labels)
    }

    /// The same by the name of the sample, where values are whole.
    #[track_caller]
    pub(crate) fn sum_of(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        self.find(name, labels).map(|sample| sample.value.parse::<u64>().unwrap()).sum()
    }

    /// Whether there is a sample of a counter with these labels, zero or not.
    pub(crate) fn has(&self, spec: &Spec, labels: &[(&str, &str)]) -> bool {
        self.find(&spec.prometheus(), labels).next().is_some()
    }

    fn find<'a>(
        &'a self,
        name: &'a str,
        labels: &'a [(&str, &str)],
    ) -> impl Iterator<Item = &'a Sample> {
        self.samples.iter().filter(move |sample| {
            let has = |(key, value): &(&str, &str)| {
                sample.labels.get(*key).is_some_and(|known| known == value)
            };
            sample.name == name && labels.iter().all(has)
        })
    }

    /// The names of samples that are above zero.
    pub(crate) fn above_zero(&self) -> BTreeSet<&str> {
        let above = self.samples.iter().filter(|sample| sample.value != "0");
        above.map(|sample| sample.name.as_str()).collect()
    }
}

fn sample(line: &str) -> Sample {
    let (name, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = name.split_once('{').unwrap_or((name, ""));
    let pairs = labels.trim_end_matches('}').split("\",").filter_map(|pair| pair.split_once('='));
    let text = |value: &str| value.trim_matches('"').to_owned();
    let labels = pairs.map(|(key, value)| (key.to_owned(), text(value))).collect();
    Sample { name: name.to_owned(), labels, value: value.to_owned() }
}
