//! What the scaler decided, as the page shows it.

use dashboards::{Change, Content, Decision, DecisionList, Page, Scaling, ScalingMode};
use local::{Kept, StoreError};
use model::Timestamp;
use scaler::{Levels, Occasion, Plan, Policy, Reason, Snapshot, State, summary};

use super::App;
use crate::config::Mode;

/// Decisions on a page of the list; more are in the API.
const ROWS_MAX: u32 = 50;

fn mode(app: &App) -> ScalingMode {
    match app.scaling.mode() {
        Mode::Off => ScalingMode::Off,
        Mode::DryRun => ScalingMode::DryRun,
        Mode::Simulated => ScalingMode::Simulated,
        Mode::Act => ScalingMode::Act,
    }
}

/// The latest that changed something; nothing while the scaler is off.
pub(super) fn latest(
    app: &App,
    pool: Option<&str>,
    limit: u32,
) -> Result<Option<Scaling>, StoreError> {
    let mode = mode(app);
    if mode == ScalingMode::Off {
        return Ok(None);
    }
    let kept = app.scaling.decisions(pool, Timestamp::EPOCH, true, limit)?;
    let changes = kept.iter().map(|kept| change(app, kept)).collect();
    Ok(Some(Scaling { mode, changes }))
}

/// Those of the stretch of time.
pub(super) fn content(app: &App, page: &Page, now: Timestamp) -> Result<Content, StoreError> {
    let view = &page.view;
    let (from_ms, to_ms) = view.span.bounds_ms(now.as_millis());
    let to_ms = view.listing.before_ms.map_or(to_ms.saturating_add(1), |ms| ms.min(to_ms));
    let stretch = (Timestamp::from_millis(from_ms), Timestamp::from_millis(to_ms));
    let is_notable = !view.listing.everything;
    let kept =
        app.scaling.decisions_between(view.pool.as_deref(), stretch, is_notable, ROWS_MAX)?;
    let older_ms = kept.last().filter(|_| kept.len() >= ROWS_MAX as usize);
    Ok(Content::Decisions(DecisionList {
        older_ms: older_ms.map(|kept| kept.at().as_millis()),
        scaling: Scaling {
            mode: mode(app),
            changes: kept.iter().map(|kept| change(app, kept)).collect(),
        },
    }))
}

/// The decision about a pool at an instant.
pub(super) fn one(app: &App, pool: &str, at: Timestamp) -> Result<Content, StoreError> {
    let next = Timestamp::from_millis(at.as_millis().saturating_add(1));
    let found = app.scaling.decisions_between(Some(pool), (at, next), false, 1)?;
    let Some(kept) = found.first() else {
        return Ok(Content::Missing(
            format!("No decision about {pool} of {at} is kept"),
            "Decisions are let go with their retention.".to_owned(),
        ));
    };
    let Kept { snapshot, plan, is_real } = kept;
    let policy = app.scaling.policy(pool);
    let member = |member: &scaler::Member| {
        (member.id.to_string(), state(member.state).to_owned(), member.since.as_millis())
    };
    Ok(Content::Decision(Box::new(Decision {
        change: change(app, kept),
        is_set: *is_real,
        known: vec![
            ("What was known".to_owned(), known(snapshot, &policy)),
            ("What was planned".to_owned(), planned(snapshot, plan)),
        ],
        members: snapshot.fleet.members.iter().take(MEMBERS_MAX).map(member).collect(),
        json_url: dashboards::decisions_url(pool, &at.to_string()),
    })))
}

/// Instances on the page; all of them are in the API.
const MEMBERS_MAX: usize = 500;

fn state(state: State) -> &'static str {
    match state {
        State::Booting => "booting",
        State::Idle => "idle",
        State::Busy => "busy",
        State::Leaving => "leaving",
        State::Gone => "gone",
    }
}

fn change(app: &App, kept: &Kept) -> Change {
    let Kept { snapshot, plan, is_real } = kept;
    Change {
        at_ms: kept.at().as_millis(),
        pool: snapshot.pool.clone(),
        summary: summary(snapshot, plan, *is_real),
        sentences: plan.because.iter().map(Reason::to_string).collect(),
        figures: figures(snapshot, plan, &app.scaling.policy(&snapshot.pool)),
    }
}

/// The figures that a decision rests on, in a line.
fn figures(snapshot: &Snapshot, plan: &Plan, policy: &Policy) -> Vec<(String, String)> {
    let levels = Levels::of(snapshot, policy);
    let warm = &snapshot.fleet.warm;
    [
        ("waiting", snapshot.backlog.queued.to_string()),
        ("busy", levels.busy.to_string()),
        ("idle", levels.idle.to_string()),
        ("booting", levels.booting.to_string()),
        ("stopped", warm.stopped.to_string()),
        ("desired", format!("{} → {}", snapshot.fleet.desired, plan.desired)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn planned(snapshot: &Snapshot, plan: &Plan) -> Vec<(String, String)> {
    let removed: Vec<String> = plan.remove.iter().map(|removal| removal.id.to_string()).collect();
    let removed = if removed.is_empty() { "none".to_owned() } else { removed.join(", ") };
    let warm = plan.warm.map_or("left alone".to_owned(), |warm| warm.to_string());
    let until = plan.same_until.map_or("new facts".to_owned(), |at| at.to_string());
    [
        ("Desired", format!("{} (before {})", plan.desired, snapshot.fleet.desired)),
        ("Stopped pool", warm),
        ("Removed by name", removed),
        ("The same on these facts until", until),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Everything that was known, by name.
fn known(snapshot: &Snapshot, policy: &Policy) -> Vec<(String, String)> {
    let Snapshot { backlog, fleet, outlook, .. } = snapshot;
    let levels = Levels::of(snapshot, policy);
    let occasion = match snapshot.occasion {
        Occasion::Schedule => "its schedule",
        Occasion::Event => "a queued job",
    };
    let oldest = backlog.oldest_queued_at.map_or("none".to_owned(), |at| at.to_string());
    let expectation = match outlook.learned {
        true => format!(
            "{:.1} bursts an hour of {:.1} jobs (lately {:.1}, usual at this hour {:.1})",
            outlook.bursts_per_hour,
            outlook.burst_jobs,
            outlook.recent_per_hour,
            outlook.usual_per_hour
        ),
        false => "not learned yet".to_owned(),
    };
    let warm = fleet.warm;
    [
        ("Decided because of", occasion.to_owned()),
        ("State of jobs as of", backlog.as_of.to_string()),
        ("Jobs waiting", backlog.queued.to_string()),
        ("Oldest queued", oldest),
        ("Jobs running", backlog.running.to_string()),
        ("Desired before", fleet.desired.to_string()),
        ("Instances busy", levels.busy.to_string()),
        ("Instances idle", levels.idle.to_string()),
        ("Instances booting", levels.booting.to_string()),
        ("Instances overdue", levels.overdue.to_string()),
        (
            "Stopped pool",
            format!("{} of {}, {} ready", warm.stopped + warm.preparing, warm.size, warm.stopped),
        ),
        ("Expected demand", expectation),
        ("Worth holding stopped", outlook.stopped.instances.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
