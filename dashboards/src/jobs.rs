//! The lists of jobs: those that wait longest, and what happened last.

use maud::{Markup, html};

use crate::format::duration;
use crate::headline::Tone;
use crate::text::clipped;
use crate::{JobRow, JobState, Page, link, utc};

/// Jobs without a runner. Their state is the title, and they have neither runner nor run time.
pub(crate) fn longest_waiting(page: &Page) -> Markup {
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
                @for job in &page.longest_waiting {
                    tr data-key=(format!("waits {}", job.key)) {
                        (job_cell(job)) (pool_cell(page, job)) (waited_cell(job, "waiting"))
                        td class="num when" { (instant(job.changed_at_ms, &since(page, job))) }
                    }
                }
            }
        }
    };
    let empty = page.longest_waiting.is_empty().then_some("No job is waiting for a runner.");
    section("longest", "Longest waiting", empty, &table)
}

/// Jobs of any state, by their last change.
pub(crate) fn recent(page: &Page) -> Markup {
    let table = html! {
        table class="jobs" {
            caption class="hidden" { "Jobs by their last change, newest first" }
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
            tbody { @for job in &page.recent { (recent_row(page, job)) } }
        }
    };
    let empty = page.recent.is_empty().then_some("No job was seen here.");
    section("recent", "Recent jobs", empty, &table)
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

fn recent_row(page: &Page, job: &JobRow) -> Markup {
    let age = duration(Some(page.now_ms.saturating_sub(job.changed_at_ms)));
    html! {
        tr data-key=(format!("recent {}", job.key)) {
            td class="state" { (badge(&job.state)) }
            (job_cell(job)) (pool_cell(page, job)) (waited_cell(job, "waited"))
            td class="num" data-label="ran" { (duration(job.ran_ms)) }
            td class="runner" { @if let Some(runner) = &job.runner { (clipped("", runner)) } }
            td class="num when" { (instant(job.changed_at_ms, &format!("{age} ago"))) }
        }
    }
}

fn badge(state: &JobState) -> Markup {
    let icon = state.icon();
    html! {
        span class=(format!("badge {icon}")) {
            svg viewBox="0 0 16 16" aria-hidden="true" { use href=(format!("#i-{icon}")) {} }
            (clipped("", state.label()))
        }
    }
}

fn job_cell(job: &JobRow) -> Markup {
    let origin = match &job.workflow {
        Some(workflow) => format!("{} · {workflow}", job.repository),
        None => job.repository.clone(),
    };
    html! {
        th scope="row" class="job" {
            @match link::external(job.url.as_deref()) {
                Some(url) => { a href=(url) rel="noopener noreferrer" { (clipped("", &job.name)) } }
                None => { (clipped("", &job.name)) }
            }
            (clipped("under", &origin))
        }
    }
}

fn pool_cell(page: &Page, job: &JobRow) -> Markup {
    let labels = job.labels.join(", ");
    html! {
        td class="pool" {
            a href=(link::view(page.range, Some(&job.pool))) { (clipped("", &job.pool)) }
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

/// The time of day, with the day if that was not within the last 24 hours.
fn since(page: &Page, job: &JobRow) -> String {
    let clock = utc::clock_secs(job.changed_at_ms);
    match page.now_ms.saturating_sub(job.changed_at_ms) {
        ..86_400_000 => clock,
        _ => format!("{} {clock}", utc::date(job.changed_at_ms)),
    }
}

fn instant(at_ms: i64, text: &str) -> Markup {
    html! {
        time datetime=(utc::iso(at_ms)) title=(format!("{} UTC", utc::full(at_ms))) { (text) }
    }
}
