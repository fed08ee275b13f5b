//! Metric definitions: name, unit, resolution, and the target that the name resolves to.

use super::directive::Document;
use super::json::{self, Json, Object, Raw};
use super::text::{Alphabet, is_name};
use super::{Finding, Rule, envelope, finding, unit, values};
use crate::emf::{METRIC_NAME_LEN_MAX, METRICS_MAX, STORAGE_RESOLUTIONS};

const NAME: Alphabet = Alphabet {
    len_max: METRIC_NAME_LEN_MAX,
    length: Rule::MetricNameLength,
    charset: Rule::MetricNameCharset,
    allows: is_name,
};

/// A metric that no error concerns.
pub(super) struct Metric {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) unit: String,
}

/// The metrics of a directive that can be published. What stands beyond the limit is not read.
pub(super) fn check(
    (directive, path): (&Object<'_>, &str),
    document: &Document<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<Metric> {
    let listed = listed(directive, path).unwrap_or_else(|finding| {
        findings.push(finding);
        Vec::new()
    });
    if listed.len() > METRICS_MAX {
        let found = format!("{} metrics", listed.len());
        findings.push(Finding::new(Rule::MetricsTooMany, format!("{path}.Metrics"), found));
    }
    let mut metrics = Vec::with_capacity(listed.len().min(METRICS_MAX));
    for (i, raw) in listed.into_iter().take(METRICS_MAX).enumerate() {
        metrics.extend(metric(raw, format!("{path}.Metrics[{i}]"), document, findings));
    }
    metrics
}

fn listed<'a>(directive: &Object<'a>, path: &str) -> Result<Vec<Raw<'a>>, Finding> {
    let Some(raw) = directive.get("Metrics") else {
        return Err(Finding::new(Rule::MetricsMissing, path, ""));
    };
    let path = format!("{path}.Metrics");
    match json::open(raw) {
        Json::Array(items) if items.is_empty() => {
            Err(Finding::new(Rule::MetricsEmpty, path, raw.get()))
        }
        Json::Array(items) => Ok(items),
        _ => Err(Finding::new(Rule::MetricsNotArray, path, raw.get())),
    }
}

fn metric(
    raw: Raw<'_>,
    path: String,
    document: &Document<'_>,
    findings: &mut Vec<Finding>,
) -> Option<Metric> {
    let Json::Object(definition) = json::open(raw) else {
        findings.push(Finding::new(Rule::MetricNotObject, path, raw.get()));
        return None;
    };
    envelope::members(&definition, &path, &["Name", "Unit", "StorageResolution"], findings);
    let unit = unit(&definition, &path).map_err(|finding| findings.push(finding)).ok();
    let resolution = resolution(&definition, &path);
    let resolves = resolution.is_none();
    findings.extend(resolution);
    let name = name(&definition, &path, findings)?;
    let published = target(&name, &path, document, findings);
    let unit = unit.filter(|_| resolves && published)?;
    Some(Metric { path, name, unit })
}

fn name(definition: &Object<'_>, path: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let raw = definition.get("Name");
    let Some(Json::Text(name)) = raw.map(json::open) else {
        let found = raw.map_or("", |raw| raw.get());
        findings.push(Finding::new(Rule::MetricNameMissing, path, found));
        return None;
    };
    let before = findings.len();
    let path = format!("{path}.Name");
    findings.extend(NAME.objections(&name).map(|rule| Finding::new(rule, &path, &name)));
    (findings.len() == before).then_some(name)
}

fn unit(definition: &Object<'_>, path: &str) -> Result<String, Finding> {
    let Some(raw) = definition.get("Unit") else { return Ok("None".into()) };
    unit::check(raw, &format!("{path}.Unit"))
}

fn resolution(definition: &Object<'_>, path: &str) -> Option<Finding> {
    let raw = definition.get("StorageResolution")?;
    let known = raw.get().parse().is_ok_and(|secs| STORAGE_RESOLUTIONS.contains(&secs));
    let path = format!("{path}.StorageResolution");
    (!known).then(|| Finding::new(Rule::ResolutionUnknown, path, raw.get()))
}

/// Whether the metric has a value that CloudWatch takes.
fn target(name: &str, path: &str, document: &Document<'_>, findings: &mut Vec<Finding>) -> bool {
    if document.dimensions.contains(name) {
        findings.push(Finding::new(Rule::MetricIsDimension, format!("{path}.Name"), name));
        return false;
    }
    let Some(raw) = document.root.get(name) else {
        findings.push(Finding::new(Rule::ValueMissing, format!("{path}.Name"), name));
        return false;
    };
    values::check(raw, &finding::step(name), findings)
}
