//! A directive: a namespace, dimension sets and metrics, of which each set times each metric is a
//! series.

use std::collections::{BTreeMap, BTreeSet};

use super::dimensions::{self, Known, Set};
use super::json::{self, Json, Object, Raw};
use super::metrics::{self, Metric};
use super::text::Alphabet;
use super::{Finding, Rule, Yield, envelope};
use crate::emf::NAMESPACE_LEN_MAX;

const NAMESPACE: Alphabet = Alphabet {
    len_max: NAMESPACE_LEN_MAX,
    length: Rule::NamespaceLength,
    charset: Rule::NamespaceCharset,
    allows: |text| {
        let known = |b: u8| b.is_ascii_alphanumeric() || b" .-_/#:".contains(&b);
        text.bytes().all(known) && !text.trim().is_empty() && !text.starts_with(':')
    },
};

/// What the directives of one document share.
pub(super) struct Document<'a> {
    pub(super) root: &'a Object<'a>,
    /// The names of all dimensions.
    pub(super) dimensions: BTreeSet<String>,
    known: Known,
    /// Every distinct set by a number, so that it is kept once.
    sets: BTreeMap<Set, usize>,
    /// By namespace and name.
    published: BTreeMap<(String, String), Published>,
}

/// How a metric stood in the document so far.
struct Published {
    unit: String,
    sets: BTreeSet<usize>,
}

impl<'a> Document<'a> {
    pub(super) fn new(root: &'a Object<'a>, directives: &[Raw<'_>]) -> Self {
        Document {
            root,
            dimensions: dimensions::names(directives),
            known: BTreeMap::new(),
            sets: BTreeMap::new(),
            published: BTreeMap::new(),
        }
    }

    fn number(&mut self, set: Set) -> usize {
        let next = self.sets.len();
        *self.sets.entry(set).or_insert(next)
    }

    /// Notes `metric` and objects when it stood in this document before.
    fn publish(&mut self, namespace: &str, metric: &Metric, sets: &[usize]) -> Vec<Finding> {
        let key = (namespace.to_owned(), metric.name.clone());
        let new = || Published { unit: metric.unit.clone(), sets: BTreeSet::new() };
        let known = self.published.entry(key).or_insert_with(new);
        let mut objections = Vec::new();
        let before = known.sets.len();
        known.sets.extend(sets);
        if known.sets.len() < before + sets.len() {
            objections.push(Finding::new(Rule::MetricRepeated, &metric.path, &metric.name));
        }
        if known.unit != metric.unit {
            let found = format!("{}, elsewhere {}", metric.unit, known.unit);
            objections.push(Finding::new(Rule::UnitConflict, &metric.path, found));
        }
        objections
    }
}

/// Checks one directive of `document`.
pub(super) fn check(
    raw: Raw<'_>,
    path: &str,
    document: &mut Document<'_>,
    findings: &mut Vec<Finding>,
) -> Yield {
    let Json::Object(directive) = json::open(raw) else {
        findings.push(Finding::new(Rule::DirectiveNotObject, path, raw.get()));
        return Yield::default();
    };
    envelope::members(&directive, path, &["Namespace", "Dimensions", "Metrics"], findings);
    let namespace = namespace(&directive, path, findings);
    let at = (&directive, path);
    let sets = dimensions::check(at, document.root, &mut document.known, findings);
    let metrics = metrics::check(at, document, findings);
    let Some(namespace) = namespace else { return Yield::default() };
    let sets: Vec<usize> = sets.into_iter().map(|set| document.number(set)).collect();
    for metric in &metrics {
        findings.extend(document.publish(&namespace, metric, &sets));
    }
    match sets.len() {
        0 => Yield::default(),
        sets => Yield { metrics: metrics.len(), series: metrics.len() * sets },
    }
}

/// The namespace, if it is fit to be published in.
fn namespace(directive: &Object<'_>, path: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let raw = directive.get("Namespace");
    let Some(Json::Text(namespace)) = raw.map(json::open) else {
        let found = raw.map_or("", |raw| raw.get());
        findings.push(Finding::new(Rule::NamespaceMissing, path, found));
        return None;
    };
    let before = findings.len();
    let path = format!("{path}.Namespace");
    let objections = NAMESPACE.objections(&namespace);
    findings.extend(objections.map(|rule| Finding::new(rule, &path, &namespace)));
    if namespace.starts_with("AWS/") {
        findings.push(Finding::new(Rule::NamespaceReserved, path, &namespace));
    }
    (findings.len() == before).then_some(namespace)
}
