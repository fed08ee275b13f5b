//! The views, each in a file of its own.

mod alarms;
mod decision;
mod decisions;
mod filter;
mod first_steps;
mod headline;
mod job;
mod jobs;
mod overview;
mod pools;
mod runbook;

use maud::{Markup, html};

use crate::{Content, Page, chart, utc};

pub use alarms::AlarmList;
pub use decision::Decision;
pub use decisions::{Change, DecisionList, Scaling, ScalingMode};
pub use job::{JobStory, Launch, Moment, Reasons, Stretch};
pub use jobs::JobList;

pub(crate) use alarms::{firing, states as alarm_states};
pub(crate) use filter::bar;
pub(crate) use jobs::find;

/// What stands below the filter.
pub(crate) fn body(page: &Page) -> Markup {
    match &page.content {
        Content::FirstSteps(webhook_url) => first_steps::section(page, webhook_url),
        Content::Overview(overview) => overview::view(page, overview),
        Content::Board(board) => html! {
            h1 { (board.title) }
            p class="lead" { (board.description) }
            (chart::sections(page, &board.sections))
        },
        Content::Jobs(list) => jobs::view(page, list),
        Content::Job(story) => job::view(page, story),
        Content::Decisions(list) => decisions::view(page, list),
        Content::Decision(decision) => decision::view(page, decision),
        Content::Alarms(list) => alarms::view(page, list),
        Content::Runbook(markdown) => runbook::view(markdown),
        Content::Missing(what, remedy) => html! {
            h1 { (what) }
            p class="lead" { (remedy) }
        },
    }
}

/// The title of the window.
pub(crate) fn title(page: &Page) -> String {
    let scope = page.view.pool.as_ref().map(|pool| format!(" · {pool}")).unwrap_or_default();
    let what = match &page.content {
        Content::FirstSteps(_) | Content::Overview(_) => {
            format!("{} waiting", crate::format::count(page.waiting.into()))
        }
        Content::Board(board) => board.title.clone(),
        Content::Jobs(_) => "Jobs".to_owned(),
        Content::Job(story) => story.row.name.chars().take(TITLE_CHARS).collect(),
        Content::Decisions(_) => "Decisions".to_owned(),
        Content::Decision(decision) => format!("Decision about {}", decision.change.pool),
        Content::Alarms(_) => "Alarms".to_owned(),
        Content::Runbook(_) => "Runbook".to_owned(),
        Content::Missing(what, _) => what.clone(),
    };
    format!("{what}{scope} · Headroom")
}

/// A longer name is cut in the title of the window.
const TITLE_CHARS: usize = 80;

/// The time of day, with the day if that was not within the last 24 hours.
fn when(page: &Page, at_ms: i64) -> String {
    let clock = utc::clock_secs(at_ms);
    match page.now_ms.saturating_sub(at_ms) {
        ..86_400_000 => clock,
        _ => format!("{} {clock}", utc::date(at_ms)),
    }
}

/// An instant, in these words.
fn instant(at_ms: i64, text: &str) -> Markup {
    html! {
        time datetime=(utc::iso(at_ms)) title=(format!("{} UTC", utc::full(at_ms))) { (text) }
    }
}
