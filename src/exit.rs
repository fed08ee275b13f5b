//! How a command ends: one table of failures, exit codes and hints.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use local::StoreError;

use crate::cloud::Trouble;
use crate::config::ConfigError;

/// Everything went well, and nothing was found wrong.
pub const OK: u8 = 0;
/// The command did its work, and what it looked at is not in order.
pub const FINDINGS: u8 = 1;
/// The arguments or the configuration are wrong.
pub const USAGE: u8 = 2;
/// A file or address cannot be used: the world's fault.
pub const UNAVAILABLE: u8 = 3;

/// The table of exit codes, for the help text.
pub const HELP: &str = "Exit codes:
  0  done
  1  done, and something was found wrong (lint, doctor, import, simulate, report, alarms,
     dashboards diff)
  2  wrong arguments or configuration
  3  a file, address or store cannot be used";

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration is wrong.
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    /// The store cannot be used.
    #[error("the store cannot be used")]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be read or written.
    #[error("cannot use {what}")]
    File {
        /// Which file.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// A file that is to be imported does not say what it holds.
    #[error("{file} begins neither like webhooks nor like EMF nor like a trace")]
    Format {
        /// Which file.
        file: String,
    },
    /// A trace has no usable first line.
    #[error("{file} is no trace: {problem}")]
    Trace {
        /// Which file.
        file: String,
        /// What stands there and what was expected.
        problem: String,
    },
    /// There is nothing to work on.
    #[error("{from} holds no finished job{of}")]
    NoJobs {
        /// Which file.
        from: String,
        /// Of which pool, if one was named.
        of: String,
    },
    /// An argument makes no sense.
    #[error("{key}: {problem}")]
    Argument {
        /// Which.
        key: String,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// Somebody else's server did not answer.
    #[error("there is no answer")]
    Call {
        /// Why.
        source: client::CallError,
    },
    /// Somebody else's server refused.
    #[error("{who} answers {status}: {message}")]
    Refused {
        /// Who.
        who: String,
        /// The HTTP status.
        status: u16,
        /// What it says of it.
        message: String,
    },
    /// AWS did not do what was asked.
    #[error(transparent)]
    Cloud(#[from] Trouble),
    /// What was asked needs AWS.
    #[error("this build of headroom does not speak to AWS")]
    #[cfg_attr(feature = "aws", expect(dead_code, reason = "this build does"))]
    NoAws,
    /// Alarms that somebody else would not take.
    #[error(transparent)]
    Alarms(Box<dyn Error + Send + Sync>),
    /// Anything else that the system refused.
    #[error("the system refused {what}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The player of the demo was not understood by its own server.
    #[error("the demo could not play: {0}")]
    Demo(String),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Failure::Config(_)
            | Failure::Format { .. }
            | Failure::Trace { .. }
            | Failure::NoJobs { .. }
            | Failure::Alarms(_)
            | Failure::NoAws
            | Failure::Argument { .. } => USAGE,
            Failure::Store(_)
            | Failure::Listen { .. }
            | Failure::File { .. }
            | Failure::System { .. }
            | Failure::Call { .. }
            | Failure::Cloud(_)
            | Failure::Refused { .. }
            | Failure::Demo(_) => UNAVAILABLE,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        if let Failure::Cloud(trouble) = self {
            return trouble.hint.clone();
        }
        self.usual_hint().map(str::to_owned)
    }

    fn usual_hint(&self) -> Option<&'static str> {
        match self {
            Failure::Listen { .. } => {
                Some("choose another address with --listen, such as 127.0.0.1:0 for any free port")
            }
            Failure::Store(error) => Some(error.remedy()),
            Failure::NoAws => Some(
                "build one that does, from Headroom's repository: cargo build --release --features aws",
            ),
            Failure::Refused { status: 401 | 403, .. } => {
                Some("name a token that may do this, by --token-file or HEADROOM_GRAFANA_TOKEN")
            }
            Failure::Format { .. } => Some(
                "say what it holds with --format webhook, emf or trace; see `headroom import --help`",
            ),
            _ => None,
        }
    }
}

/// Prints a failure with its causes, once, and gives the exit code.
pub fn report(outcome: Result<u8, Failure>) -> ExitCode {
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("error: {}", chain(&failure));
            if let Some(hint) = failure.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(failure.code())
        }
    }
}

/// An error and its causes in one line. A cause that says nothing new is left out: SQLite's errors
/// repeat themselves with a number.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        let news = more.rsplit(": ").next().unwrap_or_default();
        if !text.contains(news) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
