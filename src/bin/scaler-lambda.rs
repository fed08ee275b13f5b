//! `scaler-lambda`: the scaler as an AWS Lambda function, the `bootstrap` of `provided.al2023`.
//!
//! Deployed twice: `HEADROOM_ROLE` says which of its two functions it is. Here only clock,
//! environment and log are read; what an event does is `scaler_lambda::Tick` and
//! `scaler_lambda::Lifecycle`.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws::{Aws, Patience, Place};
use lambda::{Lines, RUNTIME_VARIABLES};
use model::Timestamp;
use model::emf::Encoder;
use scaler_lambda::{Function, Lifecycle, Role, Settings, Tick};
use tokio::runtime::Runtime;

/// Started by something else than Lambda, or with variables that make no sense.
const USAGE: u8 = 2;

/// The Runtime API went away.
const UNAVAILABLE: u8 = 3;

/// A look is repeated within ten seconds: what AWS does not answer by then is held against the next.
const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(1),
    attempt: Duration::from_secs(4),
    call: Duration::from_secs(8),
    tries: 4,
};

fn main() -> ExitCode {
    let missing: Vec<_> =
        RUNTIME_VARIABLES.into_iter().filter(|name| env(name).is_none()).collect();
    if !missing.is_empty() {
        eprintln!("error: AWS Lambda starts this program, and sets {}", missing.join(", "));
        eprintln!("hint: docs/AWS.md says how to deploy it");
        return ExitCode::from(USAGE);
    }
    lambda::start_log(&env);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the system refused an event loop");
            return ExitCode::from(UNAVAILABLE);
        }
    };
    let settings = match Settings::read(&env) {
        Ok(settings) => settings,
        Err(error) => return cannot_start(&runtime, &error),
    };
    let aws = match Aws::connect(&Place::default(), PATIENCE, runtime.handle()) {
        Ok(aws) => aws,
        Err(error) => return cannot_start(&runtime, &error),
    };
    match runtime.block_on(scaler_lambda::run(function(settings, &aws), now)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the Runtime API does not answer any more");
            ExitCode::from(UNAVAILABLE)
        }
    }
}

fn function(settings: Settings, aws: &Aws) -> Function {
    let lines = Lines::new(Box::new(io::stdout()), Encoder::default(), settings.stamp);
    match settings.role {
        Role::Tick => Function::Tick(Box::new(Tick::new(settings, aws, lines, now))),
        Role::Lifecycle => Function::Lifecycle(Box::new(Lifecycle::new(settings, aws, lines))),
    }
}

fn cannot_start(runtime: &Runtime, error: &dyn Display) -> ExitCode {
    tracing::error!(%error, "the function cannot start");
    let address = env("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
    if let Err(error) = runtime.block_on(lambda::report_init_error(&address, error)) {
        tracing::error!(%error, "the Runtime API cannot be told");
    }
    ExitCode::from(USAGE)
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
