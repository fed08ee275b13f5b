//! What a pool cost, what of it did not run jobs, and which events were lost.

use maud::{Markup, html};
use model::capacity::{PoolReport, Prices};

use super::figure::{amount, counted, money, secs, share};

/// Cost and spot mix.
pub fn cost(pool: &PoolReport, prices: &Prices) -> Markup {
    let cost = &pool.cost;
    html! {
        dl class="facts" {
            div { dt { "Runner-hours" } dd { (amount(Some(cost.runner_hours))) } }
            @if cost.on_demand.is_some() { div { dt { "All on demand" } dd { (money(cost.on_demand, prices)) } } }
            @if let Some(spot) = &cost.spot {
                div { dt { "Hours fit for spot" } dd { (amount(Some(spot.spot_hours))) } }
                div { dt { "Hours of long jobs" } dd { (amount(Some(spot.long_hours))) } }
                @if spot.mixed.is_some() {
                    div { dt { "Short on spot" } dd { (money(spot.short_on_spot, prices)) } }
                    div { dt { "Long on demand" } dd { (money(spot.long_on_demand, prices)) } }
                    div { dt { "Both together" } dd { (money(spot.mixed, prices)) } }
                }
            }
        }
        @if let (Some(spot), Some(split)) = (&prices.spot, &cost.spot) {
            p class="aside" {
                @match spot.long_job_secs {
                    Some(long) => { (counted(split.long_jobs, "job", "jobs")) " of " (secs(Some(long))) " or more should stay on demand: an interruption would cost them more than spot saves, at " (spot.hazard_per_hour) " interruptions an hour (assumed)." }
                    None => { "At " (spot.hazard_per_hour) " interruptions an hour (assumed) no job is too long for spot." }
                }
            }
        }
    }
}

/// Instance time without a job, where it was counted.
pub fn waste(pool: &PoolReport, prices: &Prices) -> Markup {
    html! {
        @if let Some(waste) = &pool.waste {
            h4 { "Instance time without a job" }
            dl class="facts" {
                @for (name, hours) in [
                    ("Booting", waste.boot_hours),
                    ("Idle", waste.idle_hours),
                    ("Never registered", waste.overdue_hours),
                    ("Stopped", waste.stopped_hours),
                ] {
                    div { dt { (name) } dd { (amount(Some(hours))) " h" } }
                }
                @if waste.cost.is_some() { div { dt { "Cost of all" } dd { (money(waste.cost, prices)) } } }
            }
        }
    }
}

/// Events that never came, where there are any.
pub fn lost(pool: &PoolReport) -> Markup {
    let lost = pool.lost;
    let rows = [
        (lost.queued_unseen, "got a runner although their \u{201c}queued\u{201d} event never came"),
        (
            lost.in_progress_unseen,
            "ended although their \u{201c}in progress\u{201d} event never came",
        ),
        (lost.completed_unseen, "ran and were never heard of again"),
        (lost.ghosts, "were queued and never heard of again"),
        (pool.job_counts.wait_unknown, "got a runner after a wait that nobody knows"),
    ];
    html! {
        @if rows.iter().any(|(count, _)| *count > 0) {
            h4 { "Events lost" }
            ul class="plain" {
                @for (count, what) in rows.iter().filter(|(count, _)| *count > 0) {
                    li { strong { (counted(*count, "job", "jobs")) } " " (what) "." }
                }
            }
        }
    }
}

/// How close the limit was.
pub fn at_max(pool: &PoolReport) -> Markup {
    html! {
        @if let (Some(max), Some(time)) = (pool.capacity.runners_max, pool.capacity.time_at_max) {
            p class="aside" { "All " (max) " runners that are allowed today were busy for " (share(Some(time))) " of the time." }
        }
    }
}
