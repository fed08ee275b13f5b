//! The figures behind the charts as a table: for those who cannot see them, for copying, and for
//! the script, which reads from here what to show at the cursor.

use maud::{Markup, html};

use super::path::value;
use crate::{Capacity, Charts, Page, format, utc};

const DAY_MS: i64 = 86_400_000;

pub(super) fn table(page: &Page) -> Markup {
    let grid = &page.charts.grid;
    html! {
        details id="figures" class="figures" {
            summary { "The same figures as a table" }
            div id="figures-scroll" class="scroll" role="region" aria-label="Figures" tabindex="0" {
                table {
                    caption class="hidden" { "Figures of the charts above" }
                    thead { tr {
                        th scope="col" { "Time (UTC)" }
                        @for name in ["Running", "Waiting", "Wait p50", "Wait p95", "Oldest waiting", "Arrived", "Started", "Completed"] {
                            th scope="col" { (name) }
                        }
                        @if only(page).is_some() {
                            @for name in ["Runners desired", "Idle", "Booting", "Stopped"] {
                                th scope="col" { (name) }
                            }
                        }
                    } }
                    tbody { @for index in 0..grid.len { (row(page, index)) } }
                }
            }
        }
    }
}

fn row(page: &Page, index: usize) -> Markup {
    let Charts {
        running,
        waiting,
        p50_secs,
        p95_secs,
        oldest_secs,
        arrivals,
        starts,
        completions,
        ..
    } = &page.charts;
    html! {
        tr {
            th scope="row" { (step(page, index)) }
            @for series in [running, waiting] {
                td { (format::level(value(series, index))) }
            }
            @for series in [p50_secs, p95_secs, oldest_secs] {
                td { (format::duration_secs(value(series, index))) }
            }
            @for series in [arrivals, starts, completions] {
                td { (format::level(value(series, index))) }
            }
            @if let Some(pool) = only(page) {
                @for series in [&pool.desired, &pool.idle, &pool.booting, &pool.stopped] {
                    td { (format::level(value(series, index))) }
                }
            }
        }
    }
}

/// The one pool whose instances are shown.
fn only(page: &Page) -> Option<&Capacity> {
    page.scaling.as_ref().and_then(|scaling| match &scaling.pools[..] {
        [pool] => Some(pool),
        _ => None,
    })
}

/// From when to when, as short as the range allows: `Sun 22 Nov 22:00–23:00`.
fn step(page: &Page, index: usize) -> String {
    let grid = &page.charts.grid;
    let (from, until) = (grid.at_ms(index), grid.at_ms(index + 1));
    let clock = if grid.step_ms < 60_000 { utc::clock_secs } else { utc::clock };
    let day = if page.range.duration_ms() < DAY_MS { String::new() } else { utc::date(from) + " " };
    format!("{day}{}–{}", clock(from), clock(until.min(page.now_ms).max(from)))
}
