//! Structured logs on stderr: text on a terminal, JSON lines elsewhere.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// For people.
    Text,
    /// For machines: one object a line.
    Json,
}

/// Libraries that log the addresses they call, which may be secret, where all is to be logged.
/// AWS's SDK logs requests with their signatures and session tokens.
const TELLTALES: [&str; 8] = [
    "ureq",
    "ureq_proto",
    "aws_config",
    "aws_credential_types",
    "aws_runtime",
    "aws_sdk",
    "aws_sigv4",
    "aws_smithy",
];

/// Starts logging. `HEADROOM_LOG` chooses what is logged, such as `debug` or `warn`; else `usual`.
pub fn start(format: LogFormat, usual: &str) {
    let filter = EnvFilter::try_from_env("HEADROOM_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let filter = TELLTALES.iter().fold(filter, |filter, target| {
        let silence = format!("{target}=off").parse();
        filter.add_directive(silence.expect("a target and a level"))
    });
    let terminal = io::stderr().is_terminal();
    let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second call, as when a demo serves, keeps the first.
    let _ = match format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Auto if !terminal => builder.json().flatten_event(true).try_init(),
        LogFormat::Auto | LogFormat::Text => {
            builder.with_target(false).with_ansi(colour).try_init()
        }
    };
}
