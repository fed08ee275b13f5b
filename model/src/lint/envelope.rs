//! `_aws`: the time of the metrics and the list of directives.

use super::directive::{self, Document};
use super::json::{self, Json, Object, Raw};
use super::{Finding, Rule, Yield, finding, timestamp};
use crate::Timestamp;

/// The list of directives, as a path.
const DIRECTIVES: &str = "_aws.CloudWatchMetrics";

/// Checks the document `root`.
pub(super) fn check(root: &Object<'_>, now: Timestamp, findings: &mut Vec<Finding>) -> Yield {
    repeated(root, "", findings);
    let Some(raw) = root.get("_aws") else { return Yield::default() };
    let Json::Object(aws) = json::open(raw) else {
        findings.push(Finding::new(Rule::AwsNotObject, "_aws", raw.get()));
        return Yield::default();
    };
    let known = ["Timestamp", "CloudWatchMetrics", "LogGroupName", "LogStreamName"];
    members(&aws, "_aws", &known, findings);
    findings.extend(timestamp::check(aws.get("Timestamp"), now));
    let items = directives(&aws).unwrap_or_else(|finding| {
        findings.push(finding);
        Vec::new()
    });
    let mut document = Document::new(root, &items);
    let yields = items.iter().enumerate().map(|(i, item)| {
        directive::check(item, &format!("{DIRECTIVES}[{i}]"), &mut document, findings)
    });
    yields.fold(Yield::default(), |sum, one| Yield {
        metrics: sum.metrics + one.metrics,
        series: sum.series + one.series,
    })
}

fn directives<'a>(aws: &Object<'a>) -> Result<Vec<Raw<'a>>, Finding> {
    let Some(raw) = aws.get("CloudWatchMetrics") else {
        return Err(Finding::new(Rule::DirectivesMissing, "_aws", ""));
    };
    match json::open(raw) {
        Json::Array(items) if items.is_empty() => {
            Err(Finding::new(Rule::DirectivesEmpty, DIRECTIVES, raw.get()))
        }
        Json::Array(items) => Ok(items),
        _ => Err(Finding::new(Rule::DirectivesNotArray, DIRECTIVES, raw.get())),
    }
}

/// Objects to members that stand twice in `object` or are not `known`.
pub(super) fn members(
    object: &Object<'_>,
    path: &str,
    known: &[&str],
    findings: &mut Vec<Finding>,
) {
    repeated(object, path, findings);
    for (name, raw) in &object.members {
        if !known.contains(&name.as_str()) {
            findings.push(Finding::new(Rule::MemberUnknown, join(path, name), raw.get()));
        }
    }
}

fn repeated(object: &Object<'_>, path: &str, findings: &mut Vec<Finding>) {
    for name in &object.repeated {
        findings.push(Finding::new(Rule::MemberRepeated, join(path, name), ""));
    }
}

fn join(path: &str, name: &str) -> String {
    let step = finding::step(name);
    let dot = if path.is_empty() || step.starts_with('[') { "" } else { "." };
    format!("{path}{dot}{step}")
}
