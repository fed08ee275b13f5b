//! Lists of jobs: those that wait longest, what happened last, and any that one looks for.

use maud::{Markup, html};

use super::filter::carried;
use super::headline::Tone;
use super::{instant, when};
use crate::format::duration;
use crate::text::clipped;
use crate::{JobFilter, JobRow, JobState, Listing, Page, Place, link};

/// A list of jobs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JobList {
    /// What was searched for and not found, if anything was.
    pub not_found: Option<String>,
    /// The jobs.
    pub rows: Vec<JobRow>,
    /// Where the list goes on: jobs before this instant, in milliseconds since the Unix epoch.
    pub older_ms: Option<i64>,
    /// Jobs that wait or run beyond those listed.
    pub left_out: u64,
}

pub(super) fn view(page: &Page, list: &JobList) -> Markup {
    html! {
        h1 { "Jobs" }
        @if let Some(text) = &list.not_found {
            p class="banner warning" role="status" {
                strong { "Not found" } " No job here is " (clipped("", text)) "."
                span class="remedy" { " Enter the number of a job or of a run, or their address at GitHub." }
            }
        }
        (states(page))
        section id="jobs" class="panel" aria-label="Jobs" {
            @if list.rows.is_empty() {
                p class="nothing" { "No job is like that in this stretch of time." }
            } @else {
                (table(page, "job", "Jobs", &list.rows))
            }
        }
        nav class="pages" aria-label="More jobs" {
            @if list.left_out > 0 { span { "and " (crate::format::count(list.left_out)) " more" } }
            @if page.view.listing.before_ms.is_some() {
                a href=(page.view.listed(Listing { before_ms: None, ..page.view.listing.clone() }).address()) { "Newest" }
            }
            @if let Some(before_ms) = list.older_ms {
                a rel="next" href=(page.view.listed(Listing { before_ms: Some(before_ms), ..page.view.listing.clone() }).address()) {
                    "Older"
                }
            }
        }
    }
}

/// Which states are listed.
fn states(page: &Page) -> Markup {
    let listing = &page.view.listing;
    let all = [None].into_iter().chain(JobFilter::ALL.map(Some));
    html! {
        nav class="tabs" aria-label="State" {
            @for state in all {
                a href=(page.view.listed(Listing { state, before_ms: None, ..listing.clone() }).address())
                    aria-current=[(state == listing.state).then_some("true")] {
                    (state.map_or("All", |state| match state {
                        JobFilter::Waiting => "Waiting",
                        JobFilter::Running => "Running",
                        JobFilter::Done => "Done",
                    }))
                }
            }
        }
    }
}

/// The field in which a job is looked for.
pub(crate) fn find(page: &Page) -> Markup {
    html! {
        form class="find" role="search" aria-label="Job" action="/jobs" method="get" {
            (carried(&page.view.at(Place::Jobs)))
            label class="hidden" for="find" { "Number or address of a job" }
            input id="find" type="search" name="find" placeholder="Job number or GitHub URL";
        }
    }
}

/// Jobs without a runner. Their state is the title, and they have neither runner nor run time.
pub(super) fn longest_waiting(page: &Page, rows: &[JobRow]) -> Markup {
    let table = html! {
        table class="jobs waiting" {
            caption class="hidden" { "Jobs that wait for a runner, oldest first" }
            thead {
                tr {
                    th scope="col" class="job" { "Job" }
                    th scope="col" class="pool" { "Pool" }
                    th scope="col" class="num" { "Waiting for" }
                    th scope="col" class="num when" { "Since" }
                }
            }
            tbody {
                @for job in rows {
                    tr data-key=(format!("waits {}", job.key)) {
                        (job_cell(page, job)) (pool_cell(page, job)) (waited_cell(job, "waiting"))
                        td class="num when" { (instant(job.changed_at_ms, &when(page, job.changed_at_ms))) }
                    }
                }
            }
        }
    };
    let empty = rows.is_empty().then_some("No job is waiting for a runner.");
    section("longest", "Longest waiting", empty, &table)
}

/// Jobs of any state, by their last change.
pub(super) fn recent(page: &Page, rows: &[JobRow]) -> Markup {
    let table = table(page, "recent", "Jobs by their last change, newest first", rows);
    let empty = rows.is_empty().then_some("No job was seen here.");
    section("recent", "Recent jobs", empty, &table)
}

/// Jobs of any state; `key` tells the rows of this list from those of others.
pub(super) fn table(page: &Page, key: &str, caption: &str, rows: &[JobRow]) -> Markup {
    html! {
        table class="jobs" {
            caption class="hidden" { (caption) }
            thead {
                tr {
                    th scope="col" class="state" { "State" }
                    th scope="col" class="job" { "Job" }
                    th scope="col" class="pool" { "Pool" }
                    th scope="col" class="num" { "Waited" }
                    th scope="col" class="num" { "Ran" }
                    th scope="col" class="runner" { "Runner" }
                    th scope="col" class="num when" { "Changed" }
                }
            }
            tbody { @for job in rows { (recent_row(page, key, job)) } }
        }
    }
}

fn section(id: &str, title: &str, empty: Option<&str>, table: &Markup) -> Markup {
    let title_id = format!("{id}-title");
    html! {
        section id=(id) class="panel" aria-labelledby=(title_id) {
            h2 id=(title_id) { (title) }
            @match empty {
                Some(text) => { p class="nothing" { (text) } }
                None => { (table) }
            }
        }
    }
}

fn recent_row(page: &Page, key: &str, job: &JobRow) -> Markup {
    let age = duration(Some(page.now_ms.saturating_sub(job.changed_at_ms)));
    html! {
        tr data-key=(format!("{key} {}", job.key)) {
            td class="state" { (badge(&job.state)) }
            (job_cell(page, job)) (pool_cell(page, job)) (waited_cell(job, "waited"))
            td class="num" data-label="ran" { (duration(job.ran_ms)) }
            td class="runner" { @if let Some(runner) = &job.runner { (clipped("", runner)) } }
            td class="num when" { (instant(job.changed_at_ms, &format!("{age} ago"))) }
        }
    }
}

pub(super) fn badge(state: &JobState) -> Markup {
    let icon = state.icon();
    html! {
        span class=(format!("badge {icon}")) {
            svg viewBox="0 0 16 16" aria-hidden="true" { use href=(format!("#i-{icon}")) {} }
            (clipped("", state.label()))
        }
    }
}

fn job_cell(page: &Page, job: &JobRow) -> Markup {
    let origin = match &job.workflow {
        Some(workflow) => format!("{} · {workflow}", job.repository),
        None => job.repository.clone(),
    };
    html! {
        th scope="row" class="job" {
            a href=(page.view.at(Place::Job(job.id, Some(job.attempt))).address()) { (clipped("", &job.name)) }
            @if let Some(url) = link::external(job.url.as_deref()) {
                a class="out" href=(url) rel="noopener noreferrer" aria-label="At GitHub" { "↗" }
            }
            (clipped("under", &origin))
        }
    }
}

fn pool_cell(page: &Page, job: &JobRow) -> Markup {
    let labels = job.labels.join(", ");
    html! {
        td class="pool" {
            a href=(page.view.at(Place::Overview).with_pool(Some(&job.pool)).address()) { (clipped("", &job.pool)) }
            @if !labels.is_empty() && labels != job.pool { (clipped("under", &labels)) }
        }
    }
}

fn waited_cell(job: &JobRow, label: &str) -> Markup {
    let tone = Tone::of(job.waited_ms).class().unwrap_or_default();
    html! {
        td class=(format!("num {tone}").trim_end()) data-label=(label) { (duration(job.waited_ms)) }
    }
}
