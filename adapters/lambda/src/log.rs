//! The function's own log.

use std::io;

use tracing::level_filters::LevelFilter;

use crate::{LogFormat, Stamp};

/// Starts it: it goes to stderr in the function's own log format and down to its own level.
pub fn start(env: &dyn Fn(&str) -> Option<String>) {
    let level = env("HEADROOM_LOG").or_else(|| env("AWS_LAMBDA_LOG_LEVEL"));
    let level = level.and_then(|level| match level.to_ascii_lowercase().as_str() {
        // Lambda's word for what is worse than an error.
        "fatal" => Some(LevelFilter::ERROR),
        level => level.parse().ok(),
    });
    let log = tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(LevelFilter::INFO))
        .with_writer(io::stderr)
        .with_target(false);
    match Stamp::new(env("AWS_LAMBDA_LOG_FORMAT").as_deref(), None).format {
        LogFormat::Json => log.json().flatten_event(true).init(),
        // CloudWatch has a time of its own beside each line.
        LogFormat::Text => log.without_time().with_ansi(false).init(),
    }
}
