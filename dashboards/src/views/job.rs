//! One job: what happened to it when, how long each stretch took, and why it waits.

use maud::{Markup, html};

use super::jobs::{self, badge};
use super::{instant, when};
use crate::format::{self, duration};
use crate::text::clipped;
use crate::{JobRow, JobState, Page, Place, link, utc};

/// One job with its history.
#[derive(Debug, Clone, PartialEq)]
pub struct JobStory {
    /// The job.
    pub row: JobRow,
    /// Its workflow run.
    pub run: u64,
    /// Its branch, if GitHub told it.
    pub branch: Option<String>,
    /// The group of its runner.
    pub runner_group: Option<String>,
    /// What happened, in order of time.
    pub moments: Vec<Moment>,
    /// The stretches between, in order of time.
    pub stretches: Vec<Stretch>,
    /// Why it waits or waited, as far as is known.
    pub reasons: Option<Reasons>,
    /// Every attempt at the same job of the run, this one included, the first first.
    pub attempts: Vec<JobRow>,
    /// The other jobs of the run.
    pub siblings: Vec<JobRow>,
}

/// Something that happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When, in milliseconds since the Unix epoch; `None` if only the fact is known.
    pub at_ms: Option<i64>,
    /// What: `Queued`.
    pub what: String,
    /// More about it, such as the runner's name; may be empty.
    pub note: String,
    /// The decision that it was.
    pub decision: Option<Launch>,
}

/// A decision about a pool, by which it is found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The pool.
    pub pool: String,
    /// When it was made, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// A stretch of a job's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// What it did: `waiting`.
    pub what: String,
    /// What it means, which decides its colour.
    pub state: JobState,
    /// From when, in milliseconds since the Unix epoch.
    pub from_ms: i64,
    /// Until when; `None` while it goes on.
    pub to_ms: Option<i64>,
}

/// Why a job waits or waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reasons {
    /// Jobs of its pool that wait for longer; `None` when it no longer waits.
    pub ahead: Option<u64>,
    /// The decision that tells why.
    pub decision: Launch,
    /// What that decision changes, in one line.
    pub summary: String,
    /// Its reasons.
    pub sentences: Vec<String>,
}

pub(super) fn view(page: &Page, story: &JobStory) -> Markup {
    let row = &story.row;
    html! {
        p class="crumbs" {
            a href=(page.view.at(Place::Jobs).address()) { "Jobs" }
            span class="sep" aria-hidden="true" { "/" }
            (clipped("", &row.repository))
        }
        h1 class="job-title" { (clipped("", &row.name)) }
        p class="lead job-state" {
            (badge(&row.state))
            span { (sentence(page, story)) }
            @if let Some(url) = link::external(row.url.as_deref()) {
                a href=(url) rel="noopener noreferrer" { "At GitHub" }
            }
        }
        (timeline(page, story))
        @if let Some(reasons) = &story.reasons { (why(page, reasons)) }
        (facts(page, story))
        @if story.attempts.len() > 1 {
            (others(page, "attempts", "Attempts", &story.attempts))
        }
        @if !story.siblings.is_empty() {
            (others(page, "siblings", "Other jobs of the run", &story.siblings))
        }
    }
}

/// Where it stands, in words.
fn sentence(page: &Page, story: &JobStory) -> String {
    let row = &story.row;
    let (waited, ran) = (duration(row.waited_ms), duration(row.ran_ms));
    match row.state {
        JobState::Waiting => format!("Waiting for a runner of {} for {waited}.", row.pool),
        JobState::Held => {
            "Held back until somebody approves it; it asks for no runner yet.".to_owned()
        }
        JobState::Running => format!("Waited {waited}, running for {ran}."),
        JobState::Skipped => "Skipped: it never asked for a runner.".to_owned(),
        _ if row.ran_ms.is_none() => {
            let age = duration(Some(page.now_ms.saturating_sub(row.changed_at_ms)));
            format!("Over since {age}; it never had a runner that is known.")
        }
        _ => format!("Waited {waited}, ran {ran}."),
    }
}

/// The whole life as one bar, and below it every moment.
fn timeline(page: &Page, story: &JobStory) -> Markup {
    html! {
        section id="timeline" class="panel" aria-labelledby="timeline-title" {
            h2 id="timeline-title" { "Timeline" }
            (bar(page, story))
            div class="scroll" role="region" aria-label="Moments" tabindex="0" {
                table class="moments" {
                    caption class="hidden" { "What happened, in order of time" }
                    thead { tr {
                        th scope="col" class="text" { "What" }
                        th scope="col" class="text" { "When (UTC)" }
                        th scope="col" { "Since the one before" }
                        th scope="col" class="text" { "More" }
                    } }
                    tbody { @for (i, moment) in story.moments.iter().enumerate() { tr {
                        th scope="row" class="text" { (moment.what) }
                        td class="text" {
                            @match moment.at_ms {
                                Some(at_ms) => { (instant(at_ms, &utc::full(at_ms))) }
                                None => { "not known" }
                            }
                        }
                        td { (duration(since_before(&story.moments, i))) }
                        td class="text note" {
                            (clipped("", &moment.note))
                            @if let Some(Launch { pool, at_ms }) = &moment.decision {
                                " " a href=(page.view.at(Place::Decision(pool.clone(), *at_ms)).address()) { "the decision" }
                            }
                        }
                    } } }
                }
            }
        }
    }
}

fn since_before(moments: &[Moment], index: usize) -> Option<i64> {
    let at_ms = moments.get(index)?.at_ms?;
    let before = moments[..index].iter().rev().find_map(|moment| moment.at_ms)?;
    Some(at_ms.saturating_sub(before))
}

/// Stretches of time side by side, as long as they were.
fn bar(page: &Page, story: &JobStory) -> Markup {
    let end = |stretch: &Stretch| stretch.to_ms.unwrap_or(page.now_ms).max(stretch.from_ms);
    let first = story.stretches.iter().map(|stretch| stretch.from_ms).min().unwrap_or(0);
    let last = story.stretches.iter().map(end).max().unwrap_or(first);
    let whole = last.saturating_sub(first).max(1);
    let words = |stretch: &Stretch| {
        format!("{} {}", stretch.what, duration(Some(end(stretch).saturating_sub(stretch.from_ms))))
    };
    let summary: Vec<String> = story.stretches.iter().map(words).collect();
    html! {
        @if !story.stretches.is_empty() {
            svg class="life" width="100%" height="30" role="img" aria-label=(summary.join(", ")) {
                @for stretch in &story.stretches {
                    rect class=(format!("stretch {}", stretch.state.icon())) y="0" height="30"
                        x=(share(stretch.from_ms.saturating_sub(first), whole))
                        width=(share(end(stretch).saturating_sub(stretch.from_ms).max(whole / 200), whole)) {
                        title { (words(stretch)) }
                    }
                }
            }
            ul class="legend life-legend" {
                @for stretch in &story.stretches {
                    li {
                        svg width="16" height="10" aria-hidden="true" {
                            rect class=(format!("stretch {}", stretch.state.icon())) width="16" height="10" rx="2" {}
                        }
                        (stretch.what) " " strong { (duration(Some(end(stretch).saturating_sub(stretch.from_ms)))) }
                        @if stretch.to_ms.is_none() { " so far" }
                    }
                }
            }
        }
    }
}

/// A share in percent of the width, rounded to a hundredth.
fn share(part: i64, whole: i64) -> String {
    let hundredths = i128::from(part) * 10_000 / i128::from(whole.max(1));
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

fn why(page: &Page, reasons: &Reasons) -> Markup {
    let Launch { pool, at_ms } = &reasons.decision;
    html! {
        section id="why" class="panel" aria-labelledby="why-title" {
            h2 id="why-title" {
                @if reasons.ahead.is_some() { "Why it waits" } @else { "What the scaler did about it" }
            }
            div class="body" {
                @if let Some(ahead) = reasons.ahead {
                    p {
                        @match ahead {
                            0 => { "It is the next in its pool." }
                            ahead => { (format::count(ahead)) " of its pool " @if ahead == 1 { "has" } @else { "have" } " waited for longer." }
                        }
                        " GitHub may give a free runner to any of them."
                    }
                }
                p {
                    (when(page, *at_ms)) " "
                    a href=(page.view.at(Place::Decision(pool.clone(), *at_ms)).address()) { strong { (reasons.summary) } }
                }
                ul class="why" { @for sentence in &reasons.sentences { li { (sentence) } } }
            }
        }
    }
}

fn facts(page: &Page, story: &JobStory) -> Markup {
    let row = &story.row;
    let text = |value: &Option<String>| clipped("", value.as_deref().unwrap_or(format::UNKNOWN));
    html! {
        section id="facts" class="panel" aria-labelledby="facts-title" {
            h2 id="facts-title" { "What is known" }
            dl class="known body" {
                dt { "Job" } dd { (row.id) ", attempt " (row.attempt) }
                dt { "Workflow run" } dd { (story.run) }
                dt { "Repository" } dd { (clipped("", &row.repository)) }
                dt { "Workflow" } dd { (text(&row.workflow)) }
                dt { "Branch" } dd { (text(&story.branch)) }
                dt { "Labels" } dd { (clipped("", &row.labels.join(", "))) }
                dt { "Pool" } dd {
                    a href=(page.view.at(Place::Overview).with_pool(Some(&row.pool)).address()) { (clipped("", &row.pool)) }
                }
                dt { "Runner" } dd { (text(&row.runner)) }
                dt { "Runner group" } dd { (text(&story.runner_group)) }
            }
        }
    }
}

fn others(page: &Page, id: &str, title: &str, rows: &[JobRow]) -> Markup {
    let title_id = format!("{id}-title");
    html! {
        section id=(id) class="panel" aria-labelledby=(title_id) {
            h2 id=(title_id) { (title) }
            (jobs::table(page, id, title, rows))
        }
    }
}
