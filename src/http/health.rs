//! `/healthz`: the process lives. `/readyz`: it can take deliveries.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{App, json};

/// The process lives.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// Deliveries would be taken.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    let (secret, store) = (!app.secrets.is_empty(), app.can_store());
    let closing = *app.closing.borrow();
    let ready = secret && store && !closing;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |fine: bool, otherwise: &'static str| if fine { "ok" } else { otherwise };
    json(
        status,
        &serde_json::json!({
            "ready": ready,
            "secret": word(secret, "missing: set HEADROOM_WEBHOOK_SECRET or webhook.secret_files"),
            "store": word(store, "it cannot be written; see the log"),
            // Deliveries are taken and stored all the same.
            "emf": word(app.can_publish(), "its output is not read or fails; see the log"),
            "process": word(!closing, "shutting down"),
        }),
    )
}
