//! One row of the catalogue as a value to serialise, and as cells of a table.

use serde::Serialize;

use crate::{Dimension, RollUp, Spec, catalogue};

use super::Table;

/// What the catalogue says about one metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MetricRow {
    /// The name in CloudWatch.
    pub name: &'static str,
    /// `counter`, `level` or `timing`.
    pub kind: &'static str,
    /// CloudWatch's word for the unit.
    pub unit: &'static str,
    /// What it is.
    pub help: &'static str,
    /// Whether a repeated delivery can be seen in it.
    pub exact: &'static str,
    /// The dimension sets it is published under.
    pub published: Vec<PublishedSets>,
    /// Its family in Prometheus; `None` where it is for CloudWatch alone.
    pub prometheus: Option<PrometheusFamily>,
}

/// One dimension set and the roll-up that switches it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublishedSets {
    /// `pool` is always on.
    pub roll_up: &'static str,
    /// The dimensions; none for the whole fleet.
    pub dimensions: Vec<&'static str>,
}

/// A metric in Prometheus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrometheusFamily {
    /// Its name; a timing adds `_bucket`, `_sum` and `_count`.
    pub family: String,
    /// Its labels with the roll-ups that are on by default.
    pub labels: Vec<String>,
}

/// Every metric, in the order of the catalogue.
pub fn rows() -> Vec<MetricRow> {
    catalogue::ALL.iter().map(|spec| row(spec)).collect()
}

fn row(spec: &'static Spec) -> MetricRow {
    let published = spec.published.iter().map(|published| PublishedSets {
        roll_up: published.roll_up.as_str(),
        dimensions: published.by.iter().map(|dimension| dimension.as_str()).collect(),
    });
    MetricRow {
        name: spec.name,
        kind: spec.kind.as_str(),
        unit: spec.unit.as_str(),
        help: spec.help.trim(),
        exact: spec.exact.as_str(),
        published: published.collect(),
        prometheus: spec
            .is_in_prometheus()
            .then(|| PrometheusFamily { family: spec.prometheus(), labels: labels(spec) }),
    }
}

/// The labels with the roll-ups that are on by default.
fn labels(spec: &'static Spec) -> Vec<String> {
    Dimension::ALL
        .into_iter()
        .filter(|dimension| spec.splits_by(*dimension, &[RollUp::Pool]))
        .map(Dimension::prometheus)
        .collect()
}

impl MetricRow {
    /// `[Pool, Status] [Status]; repository: [Repository, Status]`
    pub fn sets(&self) -> String {
        let words = RollUp::ALL.map(RollUp::as_str).into_iter().filter_map(|word| {
            let sets: Vec<String> = self
                .published
                .iter()
                .filter(|published| published.roll_up == word)
                .map(|published| format!("[{}]", published.dimensions.join(", ")))
                .collect();
            let always = word == RollUp::Pool.as_str();
            let mark = if always { String::new() } else { format!("{word}: ") };
            (!sets.is_empty()).then(|| format!("{mark}{}", sets.join(" ")))
        });
        words.collect::<Vec<_>>().join("; ")
    }
}

impl PrometheusFamily {
    /// `headroom_jobs_waiting{pool}`
    pub fn text(&self) -> String {
        match self.labels.as_slice() {
            [] => self.family.clone(),
            labels => format!("{}{{{}}}", self.family, labels.join(",")),
        }
    }
}

/// Every metric as a row of texts.
pub fn table() -> Table {
    let columns =
        ["Metric", "Kind", "Unit", "Dimension sets", "Repeats", "Prometheus", "What it is"];
    Table::new(columns).with(rows().into_iter().map(|row| {
        let sets = row.sets();
        let family = row.prometheus.map_or("CloudWatch only".to_owned(), |family| family.text());
        let [name, kind, unit, exact, help] =
            [row.name, row.kind, row.unit, row.exact, row.help].map(str::to_owned);
        [name, kind, unit, sets, exact, family, help]
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_metric_of_the_catalogue_is_a_row_once_and_in_order() {
        let names: Vec<_> = rows().iter().map(|row| row.name).collect();
        let expected: Vec<_> = catalogue::ALL.iter().map(|spec| spec.name).collect();
        assert_eq!(names, expected);
        assert_eq!(table().rows.len(), expected.len());
    }

    #[test]
    fn a_row_serialises_with_its_sets_and_its_family() {
        let row = row(catalogue::JOB_EVENTS.0);
        assert_eq!(
            serde_json::to_value(&row).unwrap(),
            json!({
                "name": "JobEvents", "kind": "counter", "unit": "Count",
                "help": catalogue::JOB_EVENTS.0.help.trim(), "exact": "exact with a store",
                "published": [
                    {"roll_up": "pool", "dimensions": ["Pool", "Status"]},
                    {"roll_up": "pool", "dimensions": ["Status"]},
                    {"roll_up": "repository", "dimensions": ["Repository", "Status"]}],
                "prometheus": {
                    "family": "headroom_job_events_total", "labels": ["pool", "status"]},
            })
        );
    }

    #[test]
    fn sets_and_families_read_as_one_text() {
        for (spec, sets, family) in [
            (
                catalogue::JOB_WAIT.0,
                "[Pool] []; repository: [Repository]",
                "headroom_job_wait_seconds{pool}",
            ),
            (catalogue::JOBS_UNROUTED.0, "[]", "headroom_jobs_unrouted_total"),
            (
                catalogue::BUILD_EVENT.0,
                "article: [status, eventName, repository, name]",
                "CloudWatch only",
            ),
        ] {
            let cells = table().rows.into_iter().find(|cells| cells[0] == spec.name).unwrap();
            assert_eq!((cells[3].as_str(), cells[5].as_str()), (sets, family));
        }
    }
}
