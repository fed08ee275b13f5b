//! `/api/decisions`: what the scaler decided, with everything it knew and why, as JSON.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use local::Kept;
use model::Timestamp;
use scaler::{Plan, Reason, Snapshot, summary};
use serde::{Deserialize, Serialize};

use super::{App, ask, json, problem};

/// Decisions in one answer unless asked otherwise, and at most.
const LIMIT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// `?pool=linux&since=2026-01-31T12:00:00Z&limit=20`.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    pool: Option<String>,
    since: Option<String>,
    limit: Option<u32>,
}

/// The answer.
#[derive(Debug, Serialize)]
struct Decisions {
    /// `off`, `dry-run`, `simulated` or `act`: what the scaler does now.
    mode: &'static str,
    /// The latest first.
    decisions: Vec<Decision>,
}

/// One decision.
#[derive(Debug, Serialize)]
pub struct Decision {
    /// The pool.
    pub pool: String,
    /// When it was made.
    pub at: Timestamp,
    /// Whether it was set; otherwise it is what would have been.
    pub is_set: bool,
    /// What changes, in one line.
    pub summary: String,
    /// Why, a sentence a reason.
    pub sentences: Vec<String>,
    /// What was known.
    pub snapshot: Snapshot,
    /// What was planned.
    pub plan: Plan,
}

impl From<Kept> for Decision {
    fn from(kept: Kept) -> Self {
        Decision {
            pool: kept.snapshot.pool.clone(),
            at: kept.at(),
            is_set: kept.is_real,
            summary: summary(&kept.snapshot, &kept.plan, kept.is_real),
            sentences: kept.plan.because.iter().map(Reason::to_string).collect(),
            snapshot: kept.snapshot,
            plan: kept.plan,
        }
    }
}

/// The latest decisions.
pub(super) async fn list(State(app): State<Arc<App>>, Query(wanted): Query<Wanted>) -> Response {
    let since = match wanted.since.as_deref().map(str::parse::<Timestamp>).transpose() {
        Ok(since) => since.unwrap_or(Timestamp::EPOCH),
        Err(error) => {
            return problem(StatusCode::BAD_REQUEST, &format!("since: {error}"), "");
        }
    };
    let limit = wanted.limit.unwrap_or(LIMIT).min(LIMIT_MAX);
    let pool = wanted.pool.filter(|pool| !pool.is_empty());
    match ask(&app, move |app| app.scaling.decisions(pool.as_deref(), since, false, limit)).await {
        Ok(kept) => {
            let decisions = kept.into_iter().map(Decision::from).collect();
            json(StatusCode::OK, &Decisions { mode: app.scaling.mode().as_str(), decisions })
        }
        Err(problem) => problem,
    }
}
