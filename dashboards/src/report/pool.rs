//! All about one pool, in the order in which it is asked.

use maud::{Markup, html};
use model::capacity::{PoolReport, Report, Slo};

use super::figure::{secs, share};
use super::{Detail, advice, boots, frontier, hours, load, money, slowest, sweep, waits};
use crate::format;
use crate::text::clipped;

/// Pools that are unfolded at first; all are on paper.
const UNFOLDED: usize = 3;

/// One pool.
pub fn section(report: &Report, pool: &PoolReport, at: usize, detail: Detail) -> Markup {
    let prices = &report.prices;
    html! {
        details class="pool panel" id=(format!("pool-{at}")) open[at < UNFOLDED] {
            summary { h2 { (clipped("", &pool.name)) } (gist(pool, &report.slo)) }
            div class="body" {
                @if let Some(warning) = report.not_replayed(pool) { (advice::none(warning)) }
                @if let Some(advice) = &pool.advice {
                    (advice::recommendation(pool, advice, prices))
                    (frontier::section(pool, at, prices, detail))
                    (sweep::section(pool, advice, at))
                    (advice::levers(advice))
                }
                h3 { "How long jobs wait" }
                (waits::own(pool))
                (hours::section(pool, at))
                h3 { "Is the pool big enough" }
                (load::chart(pool, at, detail))
                (money::at_max(pool))
                (load::bursts(&pool.bursts, at))
                @if let Some(advice) = &pool.advice { (hours::held(&advice.held_by_hour, at)) }
                h3 { "What it costs" }
                (money::cost(pool, prices))
                (money::waste(pool, prices))
                (boots::section(pool))
                (waits::tables(pool, prices, detail))
                (slowest::table(pool, detail))
                (money::lost(pool))
                @if let Some(advice) = &pool.advice { (advice::trust(advice)) }
            }
        }
    }
}

/// The pool in a line.
fn gist(pool: &PoolReport, slo: &Slo) -> Markup {
    let is_late = pool.within_slo.is_some_and(|within| within < slo.share);
    html! {
        span class="gist" {
            (format::count(pool.jobs)) " jobs"
            span class="sep" aria-hidden="true" { "·" } "p95 wait " (secs(pool.wait_secs.p95))
            span class="sep" aria-hidden="true" { "·" }
            span class=[is_late.then_some("late")] { (share(pool.within_slo)) " in time" }
        }
    }
}
