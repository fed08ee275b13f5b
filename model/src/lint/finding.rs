//! What lint found: where, what, and what to do.
//!
//! Excerpts of the line are short and hold no control character, so that a finding is always one
//! line of a terminal.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use super::Rule;

/// Characters of an excerpt of the line.
const FOUND_LEN_MAX: usize = 60;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// CloudWatch takes it, and it is probably not what was meant.
    Warning,
    /// CloudWatch drops the event, the document, the metric or a value of it.
    Error,
}

/// One objection to one place of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// How bad.
    pub severity: Severity,
    /// Where: `_aws.CloudWatchMetrics[0].Metrics[3].Name`; empty for the line as a whole.
    pub path: String,
    /// What stands there, shortened.
    pub found: String,
    /// What to do about it.
    pub remedy: String,
}

impl Finding {
    pub(super) fn new(rule: Rule, path: impl Into<String>, found: impl AsRef<str>) -> Self {
        let (severity, found) = (rule.severity(), excerpt(found.as_ref()));
        Finding { rule, severity, path: path.into(), found, remedy: rule.remedy() }
    }

    /// The same with a remedy that fits this case better than the rule's.
    pub(super) fn but(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

impl fmt::Display for Finding {
    /// `error[unit-unknown] _aws.CloudWatchMetrics[0].Metrics[0].Unit: "seconds"; write Seconds`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.severity, self.rule)?;
        let place = [&self.path, &self.found].map(String::as_str);
        for (part, before) in place.into_iter().zip([" ", ": "]) {
            if !part.is_empty() {
                write!(f, "{before}{part}")?;
            }
        }
        write!(f, "; {}", self.remedy)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// The beginning of `text`, printable on one line.
pub(super) fn excerpt(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == FOUND_LEN_MAX {
            out.push_str("..");
            break;
        }
        if printable(c) {
            out.push(c);
        } else {
            out.extend(c.escape_default());
        }
    }
    out
}

/// Neither a control character nor one that reorders or hides its neighbours.
fn printable(c: char) -> bool {
    !c.is_control()
        && !('\u{200b}'..='\u{200f}').contains(&c)
        && !('\u{2028}'..='\u{202e}').contains(&c)
        && !('\u{2060}'..='\u{206f}').contains(&c)
        && c != '\u{feff}'
}

/// `name` as a step of a path: plain where it is a word, else in brackets and quotes.
pub(super) fn step(name: &str) -> Cow<'_, str> {
    let word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if word && !name.is_empty() && name.len() <= FOUND_LEN_MAX {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("[\"{}\"]", excerpt(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_finding_is_one_readable_line() {
        let finding =
            Finding::new(Rule::UnitUnknown, "A.Unit", "\"se\u{1b}c\"").but("write Seconds");
        assert_eq!(
            finding.to_string(),
            "error[unit-unknown] A.Unit: \"se\\u{1b}c\"; write Seconds"
        );
        let whole = Finding::new(Rule::NotJson, "", "x".repeat(99)).to_string();
        assert!(whole.starts_with("error[not-json]: xxx") && whole.contains("xx..; "), "{whole}");
    }

    #[test]
    fn codes_are_stable_words_and_every_rule_says_why_and_what_to_do() {
        let codes: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            let code = rule.code();
            assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
            assert!(rule.explain().ends_with('.'), "{code}: {}", rule.explain());
            assert!(!rule.remedy().is_empty() && !rule.remedy().contains("MAX"), "{code}");
        }
    }

    #[test]
    fn a_name_that_is_no_word_is_quoted_in_a_path() {
        let expected = [("JobWait", "JobWait"), ("a b", "[\"a b\"]"), ("", "[\"\"]")];
        for (name, path) in expected {
            assert_eq!(step(name), path);
        }
    }
}
