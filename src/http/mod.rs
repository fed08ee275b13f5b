//! The doors of `serve`: the webhook, the page, the API, Prometheus and health.
//!
//! | path | for | token beyond this machine |
//! |---|---|---|
//! | `POST /webhook` | GitHub | never: the signature is the proof |
//! | `GET /healthz`, `/readyz` | orchestration | never |
//! | `GET /`, `/jobs`, `/decisions`, `/alarms`, `/runbooks/*`, `/pipeline`, `/cost`, `/events`, `/assets/*` | people | yes |
//! | `GET /api/pools`, `/api/decisions`, `/api/alarms`, `/metrics` | machines | yes |

mod access;
mod alarms;
pub mod api;
mod body;
mod cache;
mod decisions;
mod events;
mod health;
mod pace;
mod page;
mod params;
mod prometheus;
mod server;
mod view;
mod webhook;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Router, middleware};
use dashboards::Banner;
use ingest::{Observer, Secrets};
use local::{Deleted, Meter, Reader, Writer};
use tokio::sync::{Semaphore, watch};

use crate::clock::Clock;
use crate::config::Token;
use crate::notify::Doorbell;
use crate::scaling::Scaling;
use crate::watch::Watch;

pub use access::Access;
pub use body::Room;
pub use ingest::Throttle;
pub use page::Pages;
pub use server::{Limits, serve};

/// Everything the doors share.
#[derive(Debug)]
pub struct App {
    /// The present.
    pub clock: Clock,
    /// What webhooks are signed with.
    pub secrets: Secrets,
    /// Who may look.
    pub access: Access,
    /// What the rim counts.
    pub observer: Observer,
    /// Counts since the process started.
    pub meter: Arc<Meter>,
    /// Makes deliveries durable.
    pub writer: Writer,
    /// Takes jobs that GitHub does not know any more.
    pub deleted: Arc<Deleted>,
    /// Whether the writer takes too long to answer.
    pub is_stuck: AtomicBool,
    /// Whether nobody reads the EMF output.
    pub is_emf_stalled: AtomicBool,
    /// Answers questions.
    pub reader: Arc<Reader>,
    /// Decides about the pools.
    pub scaling: Arc<Scaling>,
    /// Looks at the alarms.
    pub watch: Watch,
    /// Wakes those who bring notifications to their targets.
    pub doorbell: Doorbell,
    /// Keeps floods out of the log.
    pub throttle: Throttle,
    /// The memory for bodies of deliveries.
    pub bodies: Room,
    /// Questions that may be put to the store at once; further ones wait for their turn.
    pub questions: Arc<Semaphore>,
    /// What was shown lately.
    pub pages: Pages,
    /// Rises whenever something changed.
    pub news: watch::Sender<u64>,
    /// Becomes true when the process is about to end.
    pub closing: watch::Receiver<bool>,
    /// When the last genuine delivery came; 0 before the first.
    pub last_delivery_ms: AtomicI64,
    /// Said above everything on the page.
    pub banner: Option<Banner>,
    /// The address to enter at GitHub.
    pub webhook_url: String,
}

/// Questions to the store at once: each has a thread, a connection and an answer in memory, so a
/// crowd before the page must not take the machine. The reader keeps as many connections open.
pub const QUESTIONS_MAX: usize = 4;

impl App {
    /// Whether a delivery would be made durable.
    pub fn can_store(&self) -> bool {
        self.writer.is_healthy() && !self.is_stuck.load(Ordering::Relaxed)
    }

    /// Whether EMF lines reach their output, where there is one.
    pub fn can_publish(&self) -> bool {
        !self.writer.is_emf_failing() && !self.is_emf_stalled.load(Ordering::Relaxed)
    }

    /// Who may look at an app that listens at an address like this.
    pub fn access(is_loopback: bool, token: Option<Token>) -> Access {
        Access::new(is_loopback, token)
    }
}

/// All doors.
pub fn router(app: Arc<App>) -> Router {
    let guarded = Router::new()
        .route("/", get(page::overview))
        .route("/jobs", get(page::jobs))
        .route("/jobs/{id}", get(page::job))
        .route("/decisions", get(page::decisions))
        .route("/alarms", get(page::alarms))
        .route("/runbooks/{name}", get(page::runbook))
        .route("/decision", get(page::decision))
        .route("/pipeline", get(page::pipeline))
        .route("/cost", get(page::cost))
        .route("/events", get(events::stream))
        .route("/api/pools", get(api::pools))
        .route("/api/decisions", get(decisions::list))
        .route("/api/alarms", get(alarms::list))
        .route("/metrics", get(prometheus::metrics))
        .route("/assets/{file}", get(page::asset))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&app), access::guard));
    Router::new()
        .route("/webhook", any(webhook::take))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .merge(guarded)
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "there is nothing at this path", "") })
        .with_state(app)
}

/// An answer that says what is wrong and what to do.
fn problem(status: StatusCode, error: &str, remedy: &str) -> Response {
    let body = match remedy {
        "" => serde_json::json!({ "error": error }),
        remedy => serde_json::json!({ "error": error, "remedy": remedy }),
    };
    json(status, &body)
}

fn json<T: serde::Serialize>(status: StatusCode, value: &T) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => (status, [(header::CONTENT_TYPE, "application/json")], format!("{text}\n"))
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Runs a question to the store where it may block.
async fn ask<T: Send + 'static>(
    app: &Arc<App>,
    question: impl FnOnce(&App) -> Result<T, local::StoreError> + Send + 'static,
) -> Result<T, Response> {
    let app = Arc::clone(app);
    let turn = Arc::clone(&app.questions).acquire_owned().await;
    let asking = move || {
        // Kept until the answer is there, also when nobody waits for it any more.
        let _turn = turn;
        question(&app)
    };
    let answer = tokio::task::spawn_blocking(asking).await;
    let failed = |error: &dyn std::error::Error| {
        tracing::error!(error = crate::exit::chain(error), "the store cannot be read");
        problem(StatusCode::SERVICE_UNAVAILABLE, "the store cannot be read now", "try again")
    };
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(failed(&error)),
        Err(error) => Err(failed(&error)),
    }
}
