//! `ingest-lambda`: the webhook as an AWS Lambda function, the `bootstrap` of `provided.al2023`.
//!
//! Here only clock, environment and log are read; what an event does is `lambda::Webhook`.

use std::io;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use lambda::{RUNTIME_VARIABLES, Settings, Webhook};
use model::Timestamp;

/// Started by something else than Lambda, or with variables that make no sense.
const USAGE: u8 = 2;

/// The Runtime API went away.
const UNAVAILABLE: u8 = 3;

fn main() -> ExitCode {
    let missing: Vec<_> =
        RUNTIME_VARIABLES.into_iter().filter(|name| env(name).is_none()).collect();
    if !missing.is_empty() {
        eprintln!("error: AWS Lambda starts this program, and sets {}", missing.join(", "));
        eprintln!("hint: README.md says under \"On AWS\" how to deploy it");
        return ExitCode::from(USAGE);
    }
    lambda::start_log(&env);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the system refused an event loop");
            return ExitCode::from(UNAVAILABLE);
        }
    };
    runtime.block_on(serve())
}

async fn serve() -> ExitCode {
    let settings = match Settings::read(&env) {
        Ok(settings) => settings,
        Err(error) => {
            tracing::error!(%error, "the function cannot start");
            let address = env("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
            if let Err(error) = lambda::report_init_error(&address, &error).await {
                tracing::error!(%error, "the Runtime API cannot be told");
            }
            return ExitCode::from(USAGE);
        }
    };
    tracing::debug!(version = env!("CARGO_PKG_VERSION"), ?settings, "the function starts");
    tell_level(&settings);
    let webhook = Webhook::new(settings, Box::new(io::stdout()));
    match lambda::run(webhook, now).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the Runtime API does not answer any more");
            ExitCode::from(UNAVAILABLE)
        }
    }
}

/// Says, at a level that is not dropped, what is unusual about the level of the metrics.
fn tell_level(settings: &Settings) {
    let (level, told) = (
        settings.stamp.level,
        "the function's log level drops what is below it, so EMF lines are written with that level",
    );
    match level {
        _ if !settings.stamp.is_raised() => {}
        "WARN" => tracing::warn!(level, told),
        _ => tracing::error!(level, told),
    }
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
