//! What the scaler decided: the latest changes, each with its sentences, and on request everything
//! that was known when it was made.

use maud::{Markup, html};

use crate::text::clipped;
use crate::{Page, Series, link, utc};

/// The scaler on the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// What it does.
    pub mode: ScalingMode,
    /// Pools over time, worst first.
    pub pools: Vec<Capacity>,
    /// What changed last, the latest first.
    pub changes: Vec<Change>,
}

/// What the scaler does with its decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalingMode {
    /// It says them.
    DryRun,
    /// It sets simulated instances.
    Simulated,
}

/// The instances of one pool on the grid of the charts.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacity {
    /// The pool's name.
    pub pool: String,
    /// Jobs that wait or run.
    pub demand: Series,
    /// What the scaler asked for, or would have.
    pub desired: Series,
    /// Instances with a job.
    pub busy: Series,
    /// Instances that wait for one.
    pub idle: Series,
    /// Instances that boot, overdue ones included.
    pub booting: Series,
    /// Stopped instances that are ready to start.
    pub stopped: Series,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Unlike that of any other.
    pub key: String,
    /// When it was made.
    pub at_ms: i64,
    /// About which pool.
    pub pool: String,
    /// What changes, in one line.
    pub summary: String,
    /// Why.
    pub sentences: Vec<String>,
    /// What was known: a name and a value each.
    pub known: Vec<(String, String)>,
    /// Where it stands as JSON.
    pub json_url: String,
}

pub(crate) fn section(page: &Page) -> Markup {
    let Some(scaling) = &page.scaling else { return html! {} };
    html! {
        section id="decisions" class="panel" aria-labelledby="decisions-title" {
            h2 id="decisions-title" { (title(scaling.mode)) }
            p class="nothing" { (explanation(scaling.mode)) }
            @if scaling.changes.is_empty() {
                p class="nothing" { "Nothing was decided here yet." }
            } @else {
                ol class="decisions" { @for change in &scaling.changes { (decision(page, change)) } }
            }
        }
    }
}

fn title(mode: ScalingMode) -> &'static str {
    match mode {
        ScalingMode::DryRun => "What the scaler would do",
        ScalingMode::Simulated => "What the scaler did",
    }
}

fn explanation(mode: ScalingMode) -> &'static str {
    match mode {
        ScalingMode::DryRun => {
            "Dry run: nothing is changed. Each line is what would be set, and why."
        }
        ScalingMode::Simulated => "The instances are simulated; the decisions are real.",
    }
}

fn decision(page: &Page, change: &Change) -> Markup {
    html! {
        li data-key=(format!("decision {}", change.key)) {
            p class="what" {
                time datetime=(utc::iso(change.at_ms)) { (when(page, change.at_ms)) }
                " "
                @if page.pool.is_none() {
                    a href=(link::view(page.range, Some(&change.pool))) { (clipped("", &change.pool)) }
                    " "
                }
                strong { (change.summary) }
            }
            ul class="why" { @for sentence in &change.sentences { li { (sentence) } } }
            details {
                summary { "What was known" }
                dl class="known" {
                    @for (name, value) in &change.known { dt { (name) } dd { (value) } }
                }
                p { a href=(change.json_url) { "As JSON" } }
            }
        }
    }
}

/// The time of day, with the day if that was not within the last 24 hours.
fn when(page: &Page, at_ms: i64) -> String {
    let clock = utc::clock_secs(at_ms);
    match page.now_ms.saturating_sub(at_ms) {
        ..86_400_000 => clock,
        _ => format!("{} {clock}", utc::date(at_ms)),
    }
}
