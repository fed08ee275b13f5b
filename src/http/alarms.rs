//! `/api/alarms`: how the alarms stand, what changed lately, and what is on its way to whom.

use std::sync::Arc;

use alarms::{Figure, Severity, Standing, State as Stands, Transition};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::Timestamp;
use serde::{Deserialize, Serialize};

use super::{App, ask, json, problem};

/// Transitions in one answer unless asked otherwise, and at most.
const LIMIT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// `?pool=linux&alarm=pool-exhausted&state=ALARM&since=2026-01-31T12:00:00Z&limit=20`.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    pool: Option<String>,
    alarm: Option<String>,
    state: Option<String>,
    since: Option<String>,
    limit: Option<u32>,
}

/// The answer.
#[derive(Debug, Serialize)]
struct Answer {
    /// The end of the last minute that was looked at; none before the first look.
    at: Option<Timestamp>,
    /// Those that fire first, the most severe first.
    alarms: Vec<Alarm>,
    /// The latest first.
    transitions: Vec<Transition>,
    /// By target.
    notifications: Vec<Mailbox>,
}

/// One alarm of one pool, or of the fleet.
#[derive(Debug, Serialize)]
struct Alarm {
    name: String,
    title: &'static str,
    pool: Option<String>,
    severity: Severity,
    state: Stands,
    /// Since when it stands so.
    since: Timestamp,
    /// Since when what makes it fire is so.
    began_at: Option<Timestamp>,
    /// When it fires, in words.
    condition: String,
    /// The value that was compared last.
    value: Option<f64>,
    figures: Vec<Figure>,
    reason: String,
    /// The path of its page.
    runbook: String,
}

/// What is on its way to one target.
#[derive(Debug, Serialize)]
struct Mailbox {
    target: String,
    pending: u64,
    /// When the oldest of them was made.
    oldest_at: Option<Timestamp>,
    /// Why the last attempt failed.
    trouble: Option<String>,
    delivered_at: Option<Timestamp>,
    given_up: u64,
}

/// How the alarms stand.
pub(super) async fn list(State(app): State<Arc<App>>, Query(wanted): Query<Wanted>) -> Response {
    let since = match wanted.since.as_deref().map(str::parse::<Timestamp>).transpose() {
        Ok(since) => since.unwrap_or(Timestamp::EPOCH),
        Err(error) => return problem(StatusCode::BAD_REQUEST, &format!("since: {error}"), ""),
    };
    let state = wanted.state.as_deref().filter(|state| !state.is_empty());
    let parsed = state.and_then(parsed);
    if state.is_some() && parsed.is_none() {
        let error = "state must be OK, ALARM or INSUFFICIENT_DATA";
        return problem(StatusCode::BAD_REQUEST, error, "");
    }
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (pool, alarm) = (some(wanted.pool), some(wanted.alarm));
    let limit = wanted.limit.unwrap_or(LIMIT).min(LIMIT_MAX);
    let seen = app.watch.seen();
    let is_wanted = |it: &&Standing| {
        pool.as_ref().is_none_or(|pool| it.pool.as_ref() == Some(pool))
            && alarm.as_ref().is_none_or(|alarm| it.alarm == *alarm)
            && parsed.is_none_or(|state| it.state == state)
    };
    let mut alarms: Vec<Alarm> =
        seen.standings.iter().filter(is_wanted).filter_map(|it| row(&app, it)).collect();
    alarms.sort_by_key(|it| (it.state != Stands::Alarm, it.severity));
    let asked = ask(&app, move |app| {
        let changes = app.reader.changes(since, alarm.as_deref(), pool.as_deref(), limit)?;
        Ok((changes, app.reader.mailboxes()?))
    });
    match asked.await {
        Ok((changes, mailboxes)) => {
            let read = |change: local::news::Change| serde_json::from_str(&change.text).ok();
            let transitions = changes.into_iter().filter_map(read).collect();
            let notifications = mailboxes.into_iter().map(mailbox).collect();
            json(StatusCode::OK, &Answer { at: seen.at, alarms, transitions, notifications })
        }
        Err(problem) => problem,
    }
}

fn parsed(text: &str) -> Option<Stands> {
    let all = [Stands::Ok, Stands::Alarm, Stands::InsufficientData];
    all.into_iter().find(|state| state.as_str().eq_ignore_ascii_case(text))
}

fn row(app: &App, standing: &Standing) -> Option<Alarm> {
    let pool = standing.pool.as_deref();
    let alarm = app.watch.alarm(&standing.alarm, pool)?;
    Some(Alarm {
        name: standing.alarm.clone(),
        title: alarm.title,
        pool: standing.pool.clone(),
        severity: alarm.severity,
        state: standing.state,
        since: standing.since,
        began_at: standing.began_at,
        condition: alarm.when(),
        value: standing.value,
        figures: standing.figures.clone(),
        reason: standing.reason.clone(),
        runbook: format!("/runbooks/{}", alarm.name),
    })
}

fn mailbox(it: local::news::Mailbox) -> Mailbox {
    Mailbox {
        target: it.target,
        pending: it.pending,
        oldest_at: it.oldest_at,
        trouble: it.trouble,
        delivered_at: it.delivered_at,
        given_up: it.given_up,
    }
}
