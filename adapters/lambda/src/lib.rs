//! The webhook as an AWS Lambda function: an invocation in, EMF lines on stdout and an answer out.
//!
//! ```text
//! Event (API Gateway, function URL, load balancer, SQS) -> Sent -> ingest::receive -> Delivery
//!   -> Recent (near repeats) -> ingest::stateless -> Records -> Lines (stdout) -> Answer
//! Keys: secrets from the environment, or from the AWS Parameters and Secrets extension
//! ```
//!
//! The same functions decide as in `headroom serve`, and the answers are the same. There is no
//! store: what an event says goes to CloudWatch Logs with the function's output, and an invocation
//! is answered only after its lines are written. It links no AWS SDK, reads neither clock nor
//! environment (`src/bin/ingest-lambda.rs` does), and nothing that a client sends fails it.

mod answer;
mod event;
mod extension;
mod keys;
mod lines;
mod log;
mod loopback;
mod packed;
mod recent;
mod runtime;
mod settings;
mod webhook;

pub use answer::{Answer, Reply};
pub use event::{Door, Event, Headers, Http, Message, Sent};
pub use extension::{Extension, FetchError, Place};
pub use keys::{AGE_MAX, ASK_EVERY_MIN, Keys, Source};
pub use lines::{LineError, Lines, LogFormat, Stamp};
pub use log::start as start_log;
pub use packed::unpacked;
pub use recent::REMEMBERED_MAX;
pub use runtime::{RUNTIME_VARIABLES, report_init_error, run};
pub use settings::{ROLL_UPS, Settings, SettingsError, roll_ups};
pub use webhook::Webhook;
