//! `/api/pools`: the pools as JSON.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use local::PoolView;
use serde::Serialize;

use super::{App, ask, json};

/// Wait percentiles look back this far from the pool's newest event.
pub const WINDOW: Duration = Duration::from_hours(24);

/// One pool. Durations are whole seconds.
#[derive(Debug, Serialize)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// Jobs that ask for a runner now.
    pub waiting: u64,
    /// How long the oldest of them has waited; null when none waits.
    pub oldest_waiting_secs: Option<u64>,
    /// Jobs that have a runner now.
    pub running: u64,
    /// Nearest rank over [`WINDOW`]; null when no wait is known.
    pub wait_p50_secs: Option<u64>,
    /// Nearest rank over [`WINDOW`]; null when no wait is known.
    pub wait_p95_secs: Option<u64>,
    /// Distinct jobs of the retained history that were queued.
    pub queued_total: u64,
    /// Distinct jobs of the retained history that started.
    pub in_progress_total: u64,
    /// Distinct jobs of the retained history that are over, skipped and cancelled ones included.
    pub completed_total: u64,
}

impl From<PoolView> for Pool {
    /// From a view with one window.
    fn from(view: PoolView) -> Self {
        let waits = view.waits.first().copied().unwrap_or_default();
        Pool {
            name: view.name,
            waiting: view.waiting,
            oldest_waiting_secs: view.oldest_waiting.map(|age| age.as_secs()),
            running: view.running,
            wait_p50_secs: waits.p50_secs,
            wait_p95_secs: waits.p95_secs,
            queued_total: view.queued_total,
            in_progress_total: view.started_total,
            completed_total: view.completed_total,
        }
    }
}

/// All pools, by name.
pub(super) async fn pools(State(app): State<Arc<App>>) -> Response {
    match ask(&app, |app| app.reader.pools(app.clock.now(), &[WINDOW])).await {
        Ok(views) => {
            let pools: Vec<Pool> = views.into_iter().map(Pool::from).collect();
            json(StatusCode::OK, &pools)
        }
        Err(problem) => problem,
    }
}
