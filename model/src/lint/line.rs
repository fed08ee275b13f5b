//! From a line to the object that may be a document.
//!
//! Logs hold more than documents. A line that says nothing of `_aws` is a log line and only that,
//! an error of its own kind; a line that does, and is no document, was meant to be one. A line
//! beyond the limit is not read, which bounds all work.

use super::json::{self, Json, Object};
use super::{Finding, Rule};
use crate::emf::{EVENT_BYTES_ADVISED, EVENT_BYTES_MAX};

/// Finds the document of `line`; what is in the way of it becomes a finding.
pub(super) fn document<'a>(line: &'a str, findings: &mut Vec<Finding>) -> Option<Object<'a>> {
    let line = line.trim_end_matches(['\r', '\n']);
    findings.extend(size(line));
    if line.len() > EVENT_BYTES_MAX {
        return None;
    }
    let text = match line.strip_prefix('\u{feff}') {
        Some(rest) => {
            findings.push(Finding::new(Rule::ByteOrderMark, "", excerpt(line)));
            rest.trim()
        }
        None => line.trim(),
    };
    if text.is_empty() {
        return None;
    }
    let read = bare(text, findings).and_then(object);
    read.map_err(|finding| findings.push(finding)).ok()
}

fn size(line: &str) -> Option<Finding> {
    let rule = match line.len() {
        n if n > EVENT_BYTES_MAX => Rule::EventTooLarge,
        n if n > EVENT_BYTES_ADVISED => Rule::EventLarge,
        _ => return None,
    };
    Some(Finding::new(rule, "", format!("{} bytes", line.len())))
}

/// `text` from the brace that begins its document.
fn bare<'a>(text: &'a str, findings: &mut Vec<Finding>) -> Result<&'a str, Finding> {
    if text.starts_with('{') {
        return Ok(text);
    }
    let Some(start) = text.find('{').filter(|_| is_meant(text)) else {
        return Err(Finding::new(Rule::PlainLine, "", text));
    };
    if let Ok((_, "")) = json::first(text) {
        let rule = if text.starts_with('[') { Rule::NotObject } else { Rule::NotAtRoot };
        return Err(Finding::new(rule, "", text));
    }
    findings.push(Finding::new(Rule::TextBefore, "", &text[..start]));
    Ok(&text[start..])
}

fn object(text: &str) -> Result<Object<'_>, Finding> {
    let (raw, rest) = match json::first(text) {
        Ok(read) => read,
        Err(error) => return Err(Finding::new(Rule::NotJson, "", error.to_string())),
    };
    if !is_meant(text) {
        return Err(Finding::new(Rule::PlainLine, "", text));
    }
    if !rest.is_empty() {
        return Err(Finding::new(Rule::TextAfter, "", rest));
    }
    match json::open(raw) {
        Json::Object(root) if root.get("_aws").is_some() => Ok(root),
        Json::Object(_) => Err(Finding::new(Rule::NotAtRoot, "", text)),
        _ => Err(Finding::new(Rule::NotJson, "", "a member's name holds a broken escape")),
    }
}

/// Whether `text` speaks of `_aws`, at the root, deeper, or in a text that holds JSON.
fn is_meant(text: &str) -> bool {
    text.contains("_aws\"") || text.contains("_aws\\\"")
}

/// The beginning of `line` with its mark made visible.
fn excerpt(line: &str) -> String {
    line.chars().take(8).collect()
}
