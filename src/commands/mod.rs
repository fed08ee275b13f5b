//! One file for each subcommand.

pub mod alarms;
pub mod completions;
pub mod dashboards;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod import;
pub mod lint;
pub mod metrics;
pub mod serve;
pub mod simulate;

use crate::exit::Failure;

/// A failure to write to stdout.
fn stdout(source: std::io::Error) -> Failure {
    Failure::File { what: "stdout".into(), source }
}
