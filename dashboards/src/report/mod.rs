//! The capacity report as one HTML file that needs nothing else: a [`Report`] in, a document out.
//!
//! - Stylesheet and script stand inside; nothing is loaded from elsewhere, and
//!   [`CONTENT_SECURITY_POLICY`] forbids it. Without the script all of it can be read; with it tables
//!   sort, and the hours of the heat maps tell their figures.
//! - Each chart is SVG with a title, units and a sentence for those who cannot see it; the figures
//!   behind it are in a table beside it.
//! - Light and dark follow the reader's setting; on paper it is light, and nothing is folded away.
//! - Of more than [`POOLS_IN_FULL`] pools each is told in brief, in about 45 KB instead of 70, so that
//!   the file of fifty is some 2 MB and opens at once.
//! - Nothing is computed here but places on a drawing. Every text that came from a webhook is
//!   escaped.

mod advice;
mod boots;
mod document;
mod figure;
mod frontier;
mod hours;
mod load;
mod money;
mod plot;
mod pool;
mod slowest;
mod sweep;
mod waits;

use model::capacity::Report;

/// Nothing may be loaded; what stands inside may work.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
     script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// More pools than these are told in brief.
const POOLS_IN_FULL: usize = 8;

/// The document. `version` is that of the binary, such as `0.1.0`.
pub fn html(report: &Report, version: &str) -> String {
    document::document(report, version).into_string()
}

/// How much is told of each pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Detail {
    /// Rows of a table.
    pub rows: usize,
    /// Steps of a time axis.
    pub steps: usize,
    /// Whether settings that are neither bounds nor best of their kind have a row.
    pub is_full: bool,
}

impl Detail {
    fn of(report: &Report) -> Detail {
        match report.pools.len() <= POOLS_IN_FULL {
            true => Detail { rows: 50, steps: 336, is_full: true },
            false => Detail { rows: 8, steps: 112, is_full: false },
        }
    }
}
