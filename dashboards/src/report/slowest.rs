//! The jobs that waited longest.

use maud::{Markup, html};
use model::capacity::{PoolReport, SlowJob};

use super::Detail;
use super::figure::{instant, secs};
use crate::format::UNKNOWN;
use crate::text::clipped;

/// As a table; nothing where no wait is known.
pub fn table(pool: &PoolReport, detail: Detail) -> Markup {
    let slowest = &pool.slowest[..pool.slowest.len().min(detail.rows)];
    let has_repository = slowest.iter().any(|job| job.repository.is_some());
    html! {
        @if !slowest.is_empty() {
            h3 { "The longest waits" }
            div class="scroll" tabindex="0" role="region" aria-label="The longest waits" {
                table class="sortable" {
                    thead { tr {
                        th scope="col" { "Job" }
                        @if has_repository { th scope="col" { "Repository" } }
                        @for name in ["Asked (UTC)", "Waited", "Running then"] { th scope="col" { (name) } }
                    } }
                    tbody { @for job in slowest { (row(job, has_repository)) } }
                }
            }
        }
    }
}

fn row(job: &SlowJob, has_repository: bool) -> Markup {
    let name = if job.name.is_empty() { format!("job {}", job.job) } else { job.name.clone() };
    // Whoever wrote the events chose the address: only GitHub's own form is followed.
    let url = job.url.as_deref().filter(|url| url.starts_with("https://"));
    html! {
        tr {
            th scope="row" {
                @match url {
                    Some(url) => { a href=(url) rel="noreferrer" { (clipped("", &name)) } }
                    None => { (clipped("", &name)) }
                }
            }
            @if has_repository { td { (clipped("", job.repository.as_deref().unwrap_or(UNKNOWN))) } }
            td data-value=(job.queued_at.as_millis()) { (instant(job.queued_at)) }
            td data-value=(job.wait_secs) { (secs(Some(job.wait_secs))) @if job.is_waiting { ", waits still" } }
            td data-value=(job.running_then) { (job.running_then) }
        }
    }
}
