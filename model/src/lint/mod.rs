//! Checks anybody's EMF line against the specification and the limits behind it.
//!
//! One line in, findings out: what CloudWatch drops, what it takes although it is hardly meant, and
//! what to do. It resolves names, which a JSON schema cannot, and reads repeated members and
//! overflowing numbers, which most JSON readers hide. It never reads a clock, never asks AWS, and
//! never stops at the first finding unless nothing can be read behind it. A blank line and a
//! newline of either kind at the end are nothing to object to.
//!
//! What CloudWatch takes beyond the published schema is accepted as well, because AWS's own writers
//! rely on it: distributions as `{"Values":[..],"Counts":[..]}`, and, with a warning, statistic
//! sets.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

mod dimensions;
mod directive;
mod distribution;
mod envelope;
mod finding;
mod json;
mod line;
mod metrics;
mod rules;
mod text;
mod timestamp;
mod unit;
mod values;

pub use finding::{Finding, Severity};
pub use rules::Rule;

use crate::Timestamp;

/// What lint says about one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// In the order of reading; empty when there is nothing to object to.
    pub findings: Vec<Finding>,
    /// Metrics with a value that this line yields: those that no error concerns. CloudWatch may
    /// drop a whole document for one bad metric, so beside errors this is an upper bound.
    pub metrics: usize,
    /// The same for each dimension set: how many of the billed custom metrics this line feeds.
    pub series: usize,
}

/// Checks one line, as of `now`.
pub fn check(line: &str, now: Timestamp) -> Checked {
    let mut findings = Vec::new();
    let Some(root) = line::document(line, &mut findings) else {
        return Checked { findings, ..Checked::default() };
    };
    let yielded = envelope::check(&root, now, &mut findings);
    if findings.iter().any(|finding| drops_event(finding.rule)) {
        return Checked { findings, ..Checked::default() };
    }
    Checked { findings, metrics: yielded.metrics, series: yielded.series }
}

/// Whether the event is lost as a whole, however good its metrics are.
fn drops_event(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::TimestampMissing
            | Rule::TimestampNotInteger
            | Rule::TimestampUnit
            | Rule::TimestampOld
            | Rule::TimestampAhead
    )
}

impl Checked {
    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// What a directive or a document yields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Yield {
    metrics: usize,
    series: usize,
}
