//! Dimension sets: their names, and the values that the names resolve to at the root.

use std::collections::{BTreeMap, BTreeSet};

use super::json::{self, Json, Object, Raw};
use super::text::{Alphabet, is_name, is_plain};
use super::{Finding, Rule, finding};
use crate::emf::{DIMENSION_NAME_LEN_MAX, DIMENSION_VALUE_LEN_MAX, DIMENSIONS_MAX};

/// A set without regard to the order, as CloudWatch sees it.
pub(super) type Set = BTreeSet<String>;

const NAME: Alphabet = Alphabet {
    len_max: DIMENSION_NAME_LEN_MAX,
    length: Rule::DimensionNameLength,
    charset: Rule::DimensionNameCharset,
    allows: |name| is_name(name) && !name.starts_with(':'),
};

const VALUE: Alphabet = Alphabet {
    len_max: DIMENSION_VALUE_LEN_MAX,
    length: Rule::DimensionValueLength,
    charset: Rule::DimensionValueCharset,
    allows: is_plain,
};

/// The names that were looked at, and whether each is fit to be published.
pub(super) type Known = BTreeMap<String, bool>;

/// The names in all sets of `directives`, whatever else is wrong with them.
pub(super) fn names(directives: &[Raw<'_>]) -> BTreeSet<String> {
    let sets = directives.iter().filter_map(|raw| match json::open(raw) {
        Json::Object(directive) => directive.get("Dimensions"),
        _ => None,
    });
    sets.flat_map(items).flat_map(items).filter_map(text).collect()
}

/// The distinct sets of a directive that can be published.
pub(super) fn check(
    (directive, path): (&Object<'_>, &str),
    root: &Object<'_>,
    known: &mut Known,
    findings: &mut Vec<Finding>,
) -> BTreeSet<Set> {
    let mut sets = BTreeSet::new();
    let Some(raw) = directive.get("Dimensions") else {
        findings.push(Finding::new(Rule::DimensionsMissing, path, ""));
        return sets;
    };
    let path = format!("{path}.Dimensions");
    let Json::Array(listed) = json::open(raw) else {
        findings.push(Finding::new(Rule::DimensionsNotArray, path, raw.get()));
        return sets;
    };
    if listed.is_empty() {
        findings.push(Finding::new(Rule::DimensionsEmpty, &path, raw.get()));
    }
    for (i, raw) in listed.into_iter().enumerate() {
        let path = format!("{path}[{i}]");
        if let Some(set) = check_set(raw, &path, root, known, findings)
            && !sets.insert(set)
        {
            findings.push(Finding::new(Rule::DimensionSetRepeated, path, raw.get()));
        }
    }
    sets
}

fn check_set(
    raw: Raw<'_>,
    path: &str,
    root: &Object<'_>,
    known: &mut Known,
    findings: &mut Vec<Finding>,
) -> Option<Set> {
    let Json::Array(listed) = json::open(raw) else {
        findings.push(Finding::new(Rule::DimensionsNotArray, path, raw.get()));
        return None;
    };
    let mut fit = listed.len() <= DIMENSIONS_MAX;
    if !fit {
        let found = format!("{} dimensions", listed.len());
        findings.push(Finding::new(Rule::DimensionsTooMany, path, found));
    }
    let mut set = Set::new();
    for (i, raw) in listed.into_iter().enumerate() {
        let path = format!("{path}[{i}]");
        let Some(name) = text(raw) else {
            findings.push(Finding::new(Rule::DimensionNotText, path, raw.get()));
            fit = false;
            continue;
        };
        fit &=
            *known.entry(name.clone()).or_insert_with(|| dimension(&name, &path, root, findings));
        if !set.insert(name) {
            findings.push(Finding::new(Rule::DimensionRepeated, path, raw.get()));
            fit = false;
        }
    }
    fit.then_some(set)
}

/// Whether name and value of one dimension can be published.
fn dimension(name: &str, path: &str, root: &Object<'_>, findings: &mut Vec<Finding>) -> bool {
    let before = findings.len();
    findings.extend(NAME.objections(name).map(|rule| Finding::new(rule, path, name)));
    match root.get(name) {
        Some(raw) => value(raw, &finding::step(name), findings),
        None => findings.push(Finding::new(Rule::DimensionMissing, path, name)),
    }
    findings.len() == before
}

fn value(raw: Raw<'_>, path: &str, findings: &mut Vec<Finding>) {
    let Some(value) = text(raw) else {
        findings.push(Finding::new(Rule::DimensionValueNotText, path, raw.get()));
        return;
    };
    if value.trim().is_empty() {
        findings.push(Finding::new(Rule::DimensionValueBlank, path, raw.get()));
        return;
    }
    findings.extend(VALUE.objections(&value).map(|rule| Finding::new(rule, path, raw.get())));
}

fn items(raw: Raw<'_>) -> Vec<Raw<'_>> {
    match json::open(raw) {
        Json::Array(items) => items,
        _ => Vec::new(),
    }
}

fn text(raw: Raw<'_>) -> Option<String> {
    match json::open(raw) {
        Json::Text(text) => Some(text),
        _ => None,
    }
}
