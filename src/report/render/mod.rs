//! The report as text: HTML for people, JSON for machines, CSV for spreadsheets, Markdown for issues and summaries.

mod csv;
mod markdown;

use model::capacity::Report;

use crate::cli::ReportFormat;

/// The whole report.
pub fn text(report: &Report, format: ReportFormat) -> String {
    match format {
        ReportFormat::Json => {
            serde_json::to_string_pretty(report).expect("a report is JSON") + "\n"
        }
        ReportFormat::Html => dashboards::report::html(report, env!("CARGO_PKG_VERSION")),
        ReportFormat::Csv => csv::text(report),
        ReportFormat::Markdown => markdown::text(report),
    }
}
