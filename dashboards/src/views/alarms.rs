//! Alarms: those that fire above everything else, and all of them with their history.

use maud::{Markup, html};

use super::{instant, when};
use crate::format::duration;
use crate::text::clipped;
use crate::{AlarmChange, AlarmRow, AlarmSeverity, AlarmState, Page, Place};

/// How the alarms stand and stood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlarmList {
    /// Every alarm, those that fire first.
    pub rows: Vec<AlarmRow>,
    /// What changed in the stretch of time, the latest first.
    pub changes: Vec<AlarmChange>,
}

/// Alarms in the banner; more are only counted.
const FIRING_MAX: usize = 4;

/// Pools that the banner names for each of them.
const POOLS_MAX: usize = 4;

/// Alarms that fire and are told whole; a pool has its own page.
const TOLD_MAX: usize = 50;

/// The banner: what fires, where, since when, what to do. An alarm that fires in many pools is told
/// once.
pub(crate) fn firing(page: &Page) -> Markup {
    let alarms = by_name(page.firing.as_deref().unwrap_or_default());
    let shown = alarms.get(..FIRING_MAX).unwrap_or(&alarms);
    html! {
        @if !alarms.is_empty() {
            section id="firing" class="firing" aria-label="Alarms that fire" {
                @for rows in shown { (notice(page, rows)) }
                @if alarms.len() > shown.len() {
                    p class="banner warning" {
                        a href=(page.view.at(Place::Alarms).address()) { "and " (alarms.len() - shown.len()) " more" }
                    }
                }
            }
        }
    }
}

/// Rows of one alarm together, in the order of the first of each.
fn by_name(rows: &[AlarmRow]) -> Vec<Vec<&AlarmRow>> {
    let mut alarms: Vec<Vec<&AlarmRow>> = Vec::new();
    for row in rows {
        let same =
            |known: &&mut Vec<&AlarmRow>| known.first().is_some_and(|it| it.name == row.name);
        match alarms.iter_mut().find(same) {
            Some(known) => known.push(row),
            None => alarms.push(vec![row]),
        }
    }
    alarms
}

fn notice(page: &Page, rows: &[&AlarmRow]) -> Markup {
    let Some(row) = rows.first() else { return Markup::default() };
    let class = match row.severity {
        AlarmSeverity::Page => "banner critical",
        AlarmSeverity::Ticket => "banner warning",
        AlarmSeverity::Info => "banner info",
    };
    let since_ms = rows.iter().filter_map(|row| row.since_ms).min();
    html! {
        div class=(class) data-key=(key(row)) {
            p {
                strong { (row.name) }
                (pools(page, rows))
                @if let Some(since_ms) = since_ms {
                    " for " (duration(Some(page.now_ms.saturating_sub(since_ms))))
                }
                ". " (row.meaning)
                @if rows.len() == 1 { " " (row.figures) }
            }
            @if let Some(action) = row.actions.first() {
                p class="remedy" {
                    "What to do: " (action) " "
                    @if let Some(runbook) = &row.runbook {
                        a href=(page.view.at(Place::Runbook(runbook.clone())).address()) { "Runbook" }
                    }
                }
            }
        }
    }
}

/// Where an alarm fires.
fn pools(page: &Page, rows: &[&AlarmRow]) -> Markup {
    let pools: Vec<&str> = rows.iter().filter_map(|row| row.pool.as_deref()).collect();
    let named = pools.get(..POOLS_MAX).unwrap_or(&pools);
    html! {
        @for (i, pool) in named.iter().enumerate() {
            @if i == 0 { " in " } @else { ", " }
            a href=(page.view.at(Place::Overview).with_pool(Some(pool)).address()) { (clipped("", pool)) }
        }
        @if pools.len() > named.len() {
            " and " a href=(page.view.at(Place::Alarms).address()) { (more_pools(pools.len() - named.len())) }
        }
    }
}

fn more_pools(count: usize) -> String {
    format!("{count} more pool{}", if count == 1 { "" } else { "s" })
}

fn key(row: &AlarmRow) -> String {
    format!("alarm {} {}", row.name, row.pool.as_deref().unwrap_or_default())
}

pub(super) fn view(page: &Page, list: &AlarmList) -> Markup {
    let count = list.rows.iter().filter(|row| row.state == AlarmState::Firing).count();
    html! {
        h1 {
            @match count {
                0 => { "No alarm fires." }
                1 => { "1 alarm fires." }
                count => { (count) " alarms fire." }
            }
        }
        section id="states" class="panel" aria-labelledby="states-title" {
            h2 id="states-title" { "Now" }
            (states(page, &list.rows))
        }
        section id="history" class="panel" aria-labelledby="history-title" {
            h2 id="history-title" { "History" }
            (history(page, &list.changes))
        }
    }
}

/// Alarms and how each stands.
pub(crate) fn states(page: &Page, rows: &[AlarmRow]) -> Markup {
    html! {
        @if rows.is_empty() {
            p class="nothing" { "No alarm fires here." }
        } @else {
            @let told = told(rows);
            ul class="alarms" { @for row in &told { (state(page, row)) } }
            @if told.len() < rows.len() {
                p class="nothing" { "and " (rows.len() - told.len()) " more that fire: choose a pool to see its own" }
            }
        }
    }
}

/// All but those that fire beyond [`TOLD_MAX`].
fn told(rows: &[AlarmRow]) -> Vec<&AlarmRow> {
    let mut firing = 0;
    let is_told = |row: &&AlarmRow| {
        firing += usize::from(row.state == AlarmState::Firing);
        row.state != AlarmState::Firing || firing <= TOLD_MAX
    };
    rows.iter().filter(is_told).collect()
}

fn state(page: &Page, row: &AlarmRow) -> Markup {
    html! {
        li data-key=(key(row)) {
            p class="what" {
                (mark(row.state)) " "
                strong { (row.name) } " "
                @if let Some(pool) = &row.pool {
                    a href=(page.view.at(Place::Alarms).with_pool(Some(pool)).address()) { (clipped("", pool)) } " "
                }
                @if row.more > 0 { "and " (more_pools(row.more)) " " }
                span class="unit" {
                    (row.severity.as_str())
                    @if let Some(since_ms) = row.since_ms { " · since " (instant(since_ms, &when(page, since_ms))) }
                }
            }
            p class="help" { (row.meaning) }
            @if row.more == 0 && !row.figures.is_empty() {
                p class="help" { "Last look: " (row.figures) }
            }
            details {
                summary { "Condition, causes, what to do" }
                p { code { (row.condition) } }
                @if !row.causes.is_empty() {
                    h3 { "Likely causes" }
                    ul { @for cause in &row.causes { li { (cause) } } }
                }
                @if !row.actions.is_empty() {
                    h3 { "What to do" }
                    ol { @for action in &row.actions { li { (action) } } }
                }
                @if let Some(runbook) = &row.runbook {
                    p { a href=(page.view.at(Place::Runbook(runbook.clone())).address()) { "Runbook" } }
                }
            }
        }
    }
}

fn mark(state: AlarmState) -> Markup {
    let (class, icon) = match state {
        AlarmState::Firing => ("badge failure", "#i-failure"),
        AlarmState::Unknown => ("badge held", "#i-held"),
        AlarmState::Calm => ("badge success", "#i-success"),
    };
    html! {
        span class=(class) { svg viewBox="0 0 16 16" aria-hidden="true" { use href=(icon) {} } (state.as_str()) }
    }
}

fn history(page: &Page, changes: &[AlarmChange]) -> Markup {
    html! {
        @if changes.is_empty() {
            p class="nothing" { "No alarm changed in this stretch of time." }
        } @else {
            div id="history-scroll" class="scroll" role="region" aria-labelledby="history-title" tabindex="0" {
                table class="history" {
                    caption class="hidden" { "Changes of alarms, the latest first" }
                    thead { tr {
                        th scope="col" class="text" { "When (UTC)" }
                        th scope="col" class="text" { "Alarm" }
                        th scope="col" class="text" { "Pool" }
                        th scope="col" class="text" { "Became" }
                        th scope="col" { "After" }
                        th scope="col" class="text" { "Figures" }
                    } }
                    tbody { @for change in changes { tr {
                        td class="text" { (instant(change.at_ms, &when(page, change.at_ms))) }
                        th scope="row" class="text" { (change.name) }
                        td class="text" { (clipped("", change.pool.as_deref().unwrap_or("all"))) }
                        td class="text" { (mark(change.to)) }
                        td { (duration(change.lasted_ms)) }
                        td class="text note" { (clipped("", &change.figures)) }
                    } } }
                }
            }
        }
    }
}
