//! What the scaler decided: each decision with its figures and its sentences.

use maud::{Markup, html};

use super::when;
use crate::text::clipped;
use crate::{Listing, Page, Place, utc};

/// The scaler on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaling {
    /// What it does.
    pub mode: ScalingMode,
    /// What changed last, the latest first.
    pub changes: Vec<Change>,
}

/// What the scaler does with its decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalingMode {
    /// It is off.
    Off,
    /// It says them.
    DryRun,
    /// It sets simulated instances.
    Simulated,
    /// It sets the groups of pools that have one.
    Act,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When it was made.
    pub at_ms: i64,
    /// About which pool.
    pub pool: String,
    /// What changes, in one line.
    pub summary: String,
    /// Why.
    pub sentences: Vec<String>,
    /// The figures that it rests on: a name and a value each.
    pub figures: Vec<(String, String)>,
}

/// A list of decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionList {
    /// What the scaler does, and the latest first.
    pub scaling: Scaling,
    /// Where the list goes on: decisions before this instant, in milliseconds since the epoch.
    pub older_ms: Option<i64>,
}

/// Decisions on the overview; the rest has a view of its own.
const LATEST_MAX: usize = 5;

/// The latest, on the overview.
pub(super) fn latest(page: &Page, scaling: &Scaling) -> Markup {
    html! {
        section id="decisions" class="panel" aria-labelledby="decisions-title" {
            div class="head" {
                h2 id="decisions-title" { (title(scaling.mode)) }
                a class="aside" href=(page.view.at(Place::Decisions).address()) { "All decisions" }
            }
            p class="nothing" { (explanation(scaling.mode)) }
            (list(page, scaling.changes.get(..LATEST_MAX).unwrap_or(&scaling.changes)))
        }
    }
}

pub(super) fn view(page: &Page, decisions: &DecisionList) -> Markup {
    let scaling = &decisions.scaling;
    let listing = &page.view.listing;
    let everything = |everything| {
        page.view.listed(Listing { everything, before_ms: None, ..listing.clone() }).address()
    };
    html! {
        h1 { (title(scaling.mode)) }
        p class="lead" { (explanation(scaling.mode)) }
        nav class="tabs" aria-label="Which decisions" {
            a href=(everything(false)) aria-current=[(!listing.everything).then_some("true")] { "Changes" }
            a href=(everything(true)) aria-current=[listing.everything.then_some("true")] { "All that were kept" }
        }
        section id="decisions" class="panel" aria-label="Decisions" { (list(page, &scaling.changes)) }
        nav class="pages" aria-label="More decisions" {
            @if listing.before_ms.is_some() { a href=(everything(listing.everything)) { "Newest" } }
            @if let Some(before_ms) = decisions.older_ms {
                a rel="next" href=(page.view.listed(Listing { before_ms: Some(before_ms), ..listing.clone() }).address()) { "Older" }
            }
        }
    }
}

fn list(page: &Page, changes: &[Change]) -> Markup {
    html! {
        @if changes.is_empty() {
            p class="nothing" { "Nothing was decided here in this stretch of time." }
        } @else {
            ol class="decisions" { @for change in changes { (decision(page, change)) } }
        }
    }
}

fn title(mode: ScalingMode) -> &'static str {
    match mode {
        ScalingMode::DryRun => "What the scaler would do",
        ScalingMode::Simulated | ScalingMode::Act | ScalingMode::Off => "What the scaler did",
    }
}

fn explanation(mode: ScalingMode) -> &'static str {
    match mode {
        ScalingMode::Off => "The scaler is off now.",
        ScalingMode::DryRun => {
            "Dry run: nothing is changed. Each line is what would be set, and why."
        }
        ScalingMode::Simulated => "The instances are simulated; the decisions are real.",
        ScalingMode::Act => {
            "Auto Scaling groups are set. Of a pool without a group it is said what would be set."
        }
    }
}

fn decision(page: &Page, change: &Change) -> Markup {
    let Change { at_ms, pool, .. } = change;
    let place = Place::Decision(pool.clone(), *at_ms);
    html! {
        li data-key=(format!("decision {pool} {at_ms}")) {
            p class="what" {
                time datetime=(utc::iso(*at_ms)) { (when(page, *at_ms)) }
                " "
                @if page.view.pool.is_none() {
                    a href=(page.view.at(Place::Decisions).with_pool(Some(pool)).address()) { (clipped("", pool)) }
                    " "
                }
                a class="summary" href=(page.view.at(place).address()) { (change.summary) }
            }
            ul class="why" { @for sentence in &change.sentences { li { (sentence) } } }
            (figures(change))
        }
    }
}

/// The figures in one line.
pub(super) fn figures(change: &Change) -> Markup {
    html! {
        dl class="inline" {
            @for (name, value) in &change.figures { div { dt { (name) } dd { (value) } } }
        }
    }
}
