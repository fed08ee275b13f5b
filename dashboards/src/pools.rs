//! The table of pools: what each is doing now, and how long its jobs have waited.

use maud::{Markup, html};

use crate::chart::Spark;
use crate::format::{self, duration};
use crate::headline::Tone;
use crate::text::clipped;
use crate::{Page, PoolRow, Range, Waits, link};

pub(crate) fn section(page: &Page) -> Markup {
    let spark = Spark::over(page.pools.iter().map(|pool| &pool.waiting_trend), page.charts.grid);
    html! {
        section id="pools" class="panel" aria-labelledby="pools-title" {
            h2 id="pools-title" { "Pools" }
            div id="pools-scroll" class="scroll" role="region" aria-labelledby="pools-title" tabindex="0" {
                table class="pools" {
                    caption class="hidden" { "Pools, worst first; waits as median and 95th percentile" }
                    (head(page.range))
                    tbody { @for pool in &page.pools { (row(page, pool, &spark)) } }
                }
            }
        }
    }
}

fn head(range: Range) -> Markup {
    html! {
        thead {
            tr {
                th scope="col" rowspan="2" class="name" { "Pool" }
                th scope="colgroup" colspan="3" { "Now" }
                @for range in Range::ALL {
                    th scope="colgroup" colspan="2" { "Wait, " (range.label()) }
                }
                th scope="colgroup" colspan="2" { (capitalised(range.phrase())) }
            }
            tr {
                th scope="col" { "Waiting" }
                th scope="col" { "Oldest" }
                th scope="col" { "Running" }
                @for _ in Range::ALL {
                    th scope="col" class="edge" { abbr title="median" { "p50" } }
                    th scope="col" { abbr title="95th percentile" { "p95" } }
                }
                th scope="col" class="edge" { "Arrivals" }
                th scope="col" class="trend" { "Waiting" }
            }
        }
    }
}

fn row(page: &Page, pool: &PoolRow, spark: &Spark) -> Markup {
    let chosen = page.pool.as_deref() == Some(pool.name.as_str());
    let tone = Tone::of(pool.oldest_ms).class();
    html! {
        tr data-key=(format!("pool {}", pool.name)) class=[chosen.then_some("chosen")] {
            th scope="row" class="name" {
                a href=(link::view(page.range, Some(&pool.name)))
                    aria-current=[chosen.then_some("true")] { (clipped("", &pool.name)) }
            }
            td class=(format!("{} {}", if pool.waiting == 0 { "zero" } else { "strong" }, tone.unwrap_or_default()).trim_end()) {
                (format::count(pool.waiting.into()))
            }
            td class=[pool.oldest_ms.map_or(Some("zero"), |_| tone)] { (duration(pool.oldest_ms)) }
            td class=[(pool.running == 0).then_some("zero")] { (format::count(pool.running.into())) }
            @for (range, waits) in Range::ALL.iter().zip(&pool.waits) {
                (wait_cells(waits, *range == page.range))
            }
            td class="edge" { (format::count(pool.arrivals.into())) }
            td class="trend" { (spark.draw(&pool.waiting_trend)) }
        }
    }
}

/// Median and 95th percentile; the chosen range stands out.
fn wait_cells(waits: &Waits, chosen: bool) -> Markup {
    let class = |edge: &str, wait_ms| {
        let tone = Tone::of(wait_ms).class().unwrap_or_default();
        [edge, if chosen && wait_ms.is_some() { "" } else { "aside" }, tone]
            .join(" ")
            .trim()
            .to_owned()
    };
    html! {
        td class=(class("edge", waits.p50_ms)) { (duration(waits.p50_ms)) }
        td class=(class("", waits.p95_ms)) { (duration(waits.p95_ms)) }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
