//! How the alarms stand and stood, and what to do about each.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use alarms::{Alarm, Figure, Severity, Standing, State, Transition};
use dashboards::{AlarmChange, AlarmList, AlarmRow, AlarmSeverity, AlarmState, Content, Page};
use local::StoreError;
use model::Timestamp;

use super::App;

/// Changes of alarms on the page; more are in the API.
const CHANGES_MAX: u32 = 200;

/// Those that fire and are not part of another that does, the most severe first.
pub(super) fn firing(app: &App) -> Vec<AlarmRow> {
    let seen = app.watch.seen();
    let firing = seen.standings.iter().filter(|it| it.state == State::Alarm);
    let mut rows: Vec<AlarmRow> = firing
        .filter_map(|it| {
            let alarm = alarm(app, it)?;
            alarm.part_of.is_none().then(|| row(alarm, it))
        })
        .collect();
    rows.sort_by_key(|row| (row.severity, row.since_ms));
    rows
}

pub(super) fn content(app: &App, page: &Page, now: Timestamp) -> Result<Content, StoreError> {
    let pool = page.view.pool.as_deref();
    Ok(Content::Alarms(AlarmList {
        rows: rows(app, pool),
        changes: changes(app, page, pool, now)?,
    }))
}

/// The runbook of an alarm.
pub(super) fn runbook(name: &str) -> Content {
    match alarms::runbook(name) {
        Some(markdown) => Content::Runbook(markdown.to_owned()),
        None => Content::Missing(
            format!("There is no runbook {name}"),
            "Each alarm links to its own.".to_owned(),
        ),
    }
}

/// Every alarm, those that fire first; of one pool, or of all. What does not fire has one row for
/// all the pools in which it stands alike.
pub(super) fn rows(app: &App, pool: Option<&str>) -> Vec<AlarmRow> {
    let seen = app.watch.seen();
    let asked = |it: &&Standing| pool.is_none_or(|pool| it.pool.as_deref() == Some(pool));
    let (mut rows, mut alike) = (Vec::new(), BTreeMap::new());
    for it in seen.standings.iter().filter(asked) {
        let Some(alarm) = alarm(app, it) else { continue };
        if it.state == State::Alarm {
            rows.push(row(alarm, it));
            continue;
        }
        match alike.entry((it.alarm.as_str(), state(it.state))) {
            Entry::Vacant(place) => {
                place.insert(rows.len());
                rows.push(row(alarm, it));
            }
            Entry::Occupied(place) => rows[*place.get()].more += 1,
        }
    }
    rows.sort_by_key(|row| (row.state, row.severity, row.pool.clone(), row.name.clone()));
    rows
}

/// Those of a pool that are not calm.
pub(super) fn loud(app: &App, pool: Option<&str>) -> Vec<AlarmRow> {
    let mut rows = rows(app, pool);
    rows.retain(|row| row.state == AlarmState::Firing);
    rows
}

fn changes(
    app: &App,
    page: &Page,
    pool: Option<&str>,
    now: Timestamp,
) -> Result<Vec<AlarmChange>, StoreError> {
    let (from_ms, to_ms) = page.view.span.bounds_ms(now.as_millis());
    let from = Timestamp::from_millis(from_ms);
    let found = app.reader.changes(from, None, pool, CHANGES_MAX)?;
    let told = found.into_iter().filter(|change| change.at.as_millis() <= to_ms);
    let told = told.filter_map(|change| serde_json::from_str::<Transition>(&change.text).ok());
    Ok(told.map(change).collect())
}

fn change(it: Transition) -> AlarmChange {
    let lasted = it.at.saturating_since(it.since);
    AlarmChange {
        at_ms: it.at.as_millis(),
        severity: severity(it.severity),
        to: state(it.to),
        figures: said(&it.reason, &it.figures),
        lasted_ms: (it.from == State::Alarm).then(|| super::as_millis(lasted)),
        name: it.alarm,
        pool: it.pool,
    }
}

fn alarm<'a>(app: &'a App, it: &Standing) -> Option<&'a Alarm> {
    app.watch.alarm(&it.alarm, it.pool.as_deref())
}

fn row(alarm: &Alarm, it: &Standing) -> AlarmRow {
    let words = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let since = it.began_at.filter(|_| it.state == State::Alarm).unwrap_or(it.since);
    AlarmRow {
        name: it.alarm.clone(),
        pool: it.pool.clone(),
        more: 0,
        severity: severity(alarm.severity),
        state: state(it.state),
        since_ms: Some(since.as_millis()),
        meaning: alarm.meaning.to_owned(),
        condition: alarm.when(),
        figures: said(&it.reason, &it.figures),
        causes: words(alarm.causes),
        actions: words(alarm.remedy),
        runbook: Some(alarm.name.to_owned()),
    }
}

/// The reason, and the figures that are known.
fn said(reason: &str, figures: &[Figure]) -> String {
    let known: Vec<String> = figures
        .iter()
        .filter_map(|figure| {
            let value = figure.value?;
            let value = match figure.unit.as_str() {
                "Seconds" => dashboards::duration_secs(Some(value)),
                "Milliseconds" => format!("{value} ms"),
                "Percent" => format!("{value} %"),
                _ => format!("{value}"),
            };
            Some(format!("{} {value}", figure.label))
        })
        .collect();
    match known.is_empty() {
        true => reason.to_owned(),
        false => format!("{reason} ({})", known.join(", ")),
    }
}

fn severity(severity: Severity) -> AlarmSeverity {
    match severity {
        Severity::Page => AlarmSeverity::Page,
        Severity::Ticket => AlarmSeverity::Ticket,
        Severity::Info => AlarmSeverity::Info,
    }
}

fn state(state: State) -> AlarmState {
    match state {
        State::Alarm => AlarmState::Firing,
        State::InsufficientData => AlarmState::Unknown,
        State::Ok => AlarmState::Calm,
    }
}
