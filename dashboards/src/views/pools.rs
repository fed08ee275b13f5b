//! The table of pools: what each is doing now, and how long its jobs have waited. It is searched,
//! sorted and turned over by the server, so that five hundred pools are as handy as five.

use maud::{Markup, html};

use super::filter::carried;
use super::headline::Tone;
use crate::chart::Spark;
use crate::format::{self, duration};
use crate::text::clipped;
use crate::{Listing, Page, Place, PoolRow, PoolTable, Range, Sort, Waits};

/// Fewer pools need no search.
const SEARCHED_MIN: usize = 8;

pub(super) fn section(page: &Page, pools: &PoolTable) -> Markup {
    let spark = Spark::over(pools.rows.iter().map(|pool| &pool.waiting_trend), pools.grid);
    html! {
        section id="pools" class="panel" aria-labelledby="pools-title" {
            div class="head" {
                h2 id="pools-title" { "Pools" }
                @if pools.all >= SEARCHED_MIN { (search(page, pools)) }
            }
            @if pools.rows.is_empty() {
                p class="nothing" { "No pool has a name like that." }
            } @else {
                div id="pools-scroll" class="scroll" role="region" aria-labelledby="pools-title" tabindex="0" {
                    table class="pools" {
                        caption class="hidden" { "Pools; waits as median and 95th percentile" }
                        (head(page))
                        tbody { @for pool in &pools.rows { (row(page, pool, &spark)) } }
                    }
                }
                (pages(page, pools))
            }
        }
    }
}

fn search(page: &Page, pools: &PoolTable) -> Markup {
    let listing = &page.view.listing;
    html! {
        form class="search" role="search" aria-label="Pools" action="/" method="get" {
            (carried(&page.view))
            @if listing.sort != Sort::default() {
                input type="hidden" name="sort" value=(listing.sort.key());
            }
            label class="hidden" for="pool-search" { "Pools whose name holds" }
            input id="pool-search" type="search" name="q" placeholder="Find a pool" value=[listing.search.as_deref()];
            button type="submit" { "Find" }
            span class="unit" {
                @if listing.search.is_some() { (format::count(pools.found as u64)) " of " }
                (format::count(pools.all as u64)) " pools"
            }
        }
    }
}

fn head(page: &Page) -> Markup {
    html! {
        thead {
            tr {
                (column(page, Sort::Name, "Pool", "name", true))
                th scope="colgroup" colspan="3" { "Now" }
                @for range in Range::COMPARED {
                    th scope="colgroup" colspan="2" { "Wait, " (range.label()) }
                }
                th scope="colgroup" colspan="2" { "Last 24 hours" }
            }
            tr {
                (column(page, Sort::Waiting, "Waiting", "", false))
                (column(page, Sort::Worst, "Oldest", "", false))
                (column(page, Sort::Running, "Running", "", false))
                @for range in Range::COMPARED {
                    th scope="col" class="edge" { abbr title="median" { "p50" } }
                    @if range == Range::Day {
                        (column(page, Sort::Wait, "p95", "", false))
                    } @else {
                        th scope="col" { abbr title="95th percentile" { "p95" } }
                    }
                }
                (column(page, Sort::Arrivals, "Arrivals", "edge", false))
                th scope="col" class="trend" { "Waiting" }
            }
        }
    }
}

/// A heading that sorts.
fn column(page: &Page, sort: Sort, title: &str, class: &str, is_name: bool) -> Markup {
    let view = &page.view;
    let chosen = view.listing.sort == sort;
    let order = if is_name { "ascending" } else { "descending" };
    let listing = Listing { sort, page: 0, ..view.listing.clone() };
    html! {
        th scope="col" class=[(!class.is_empty()).then_some(class)] rowspan=[is_name.then_some("2")]
            aria-sort=[chosen.then_some(order)] {
            a class="sort" href=(view.listed(listing).address()) { (title) }
        }
    }
}

fn row(page: &Page, pool: &PoolRow, spark: &Spark) -> Markup {
    let tone = Tone::of(pool.oldest_ms).class();
    html! {
        tr data-key=(format!("pool {}", pool.name)) {
            th scope="row" class="name" {
                a href=(page.view.at(Place::Overview).with_pool(Some(&pool.name)).address()) {
                    (clipped("", &pool.name))
                }
            }
            td class=(format!("{} {}", if pool.waiting == 0 { "zero" } else { "strong" }, tone.unwrap_or_default()).trim_end()) {
                (format::count(pool.waiting.into()))
            }
            td class=[pool.oldest_ms.map_or(Some("zero"), |_| tone)] { (duration(pool.oldest_ms)) }
            td class=[(pool.running == 0).then_some("zero")] { (format::count(pool.running.into())) }
            @for (range, waits) in Range::COMPARED.iter().zip(&pool.waits) {
                (wait_cells(waits, *range == Range::Day))
            }
            td class="edge" { (format::count(pool.arrivals.into())) }
            td class="trend" { (spark.draw(&pool.waiting_trend)) }
        }
    }
}

/// Median and 95th percentile; those of the last day stand out.
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

fn pages(page: &Page, pools: &PoolTable) -> Markup {
    let listing = &page.view.listing;
    let to = |number: u32| page.view.listed(Listing { page: number, ..listing.clone() }).address();
    html! {
        @if pools.pages > 1 {
            nav class="pages" aria-label="Pages of pools" {
                @if listing.page > 0 { a href=(to(listing.page - 1)) rel="prev" { "Previous" } }
                span { "Page " (listing.page + 1) " of " (pools.pages) }
                @if listing.page + 1 < pools.pages { a href=(to(listing.page + 1)) rel="next" { "Next" } }
            }
        }
    }
}
