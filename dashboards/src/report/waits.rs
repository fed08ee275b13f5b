//! Waits of a pool, and of its repositories, workflows and runner groups, with their cost.

use maud::{Markup, html};
use model::capacity::{PoolReport, Prices, Row, Table, Wait, WaitMethod};

use super::figure::{amount, money, secs, share};
use super::{Detail, figure};
use crate::format;
use crate::text::clipped;

/// The pool's own waits.
pub fn own(pool: &PoolReport) -> Markup {
    let wait = &pool.wait_secs;
    html! {
        dl class="facts" {
            @for (name, value) in [
                ("Mean wait", secs(wait.mean)),
                ("Median", secs(wait.p50)),
                ("p90", secs(wait.p90)),
                ("p95", secs(wait.p95)),
                ("p99", secs(wait.p99)),
                ("Longest", secs(wait.max)),
                ("In time", share(pool.within_slo)),
                ("Jobs", format::count(pool.jobs)),
            ] {
                div { dt { (name) } dd { (value) } }
            }
        }
        @if let Some(note) = censored(wait) { p class="aside" { (note) } }
    }
}

/// What is to be said of waits that have not ended.
fn censored(wait: &Wait) -> Option<String> {
    let open = figure::counted(wait.censored, "job", "jobs");
    match wait.method {
        WaitMethod::None | WaitMethod::Observed => None,
        WaitMethod::KaplanMeier => Some(format!(
            "{open} that still waited, or were cancelled while they did, count as waits of at least so long."
        )),
        WaitMethod::AtLeast => Some(format!(
            "{open} that still waited, or were cancelled while they did, count as waits of at least so long. The longest of all is among them, so the mean is a lower bound."
        )),
    }
}

/// The tables.
pub fn tables(pool: &PoolReport, prices: &Prices, detail: Detail) -> Markup {
    html! {
        (table("By repository", "Repository", &pool.repositories, prices, detail))
        (table("By workflow", "Workflow", &pool.workflows, prices, detail))
        (table("By runner group", "Runner group", &pool.runner_groups, prices, detail))
    }
}

fn table(title: &str, of: &str, table: &Table, prices: &Prices, detail: Detail) -> Markup {
    let is_worth_it = table.rows.len() > 1 || table.other.is_some();
    let has_cost = table.rows.iter().any(|row| row.cost.on_demand.is_some());
    let shown = &table.rows[..table.rows.len().min(detail.rows)];
    let hidden = (table.rows.len() - shown.len()) as u64;
    html! {
        @if is_worth_it {
            h4 { (title) }
            div class="scroll" tabindex="0" role="region" aria-label=(title) {
                table class="sortable" {
                    thead { tr {
                        th scope="col" { (of) }
                        @for name in ["Jobs", "Mean wait", "p50", "p95", "In time", "Runner-hours"] { th scope="col" { (name) } }
                        @if has_cost { th scope="col" { "Cost" } }
                    } }
                    tbody {
                        @for row in shown { (row_of(row, &row.name, prices, has_cost)) }
                        @if let Some(other) = &table.other {
                            (row_of(other, &format!("all others ({} or more)", table.others), prices, has_cost))
                        }
                    }
                }
            }
            @if hidden > 0 { p class="aside" { (figure::counted(hidden, "smaller row is", "smaller rows are")) " left out here; the JSON form has them." } }
        }
    }
}

fn row_of(row: &Row, name: &str, prices: &Prices, has_cost: bool) -> Markup {
    html! {
        tr {
            th scope="row" { (clipped("", name)) }
            td data-value=(row.jobs) { (format::count(row.jobs)) }
            @for value in [row.wait_secs.mean, row.wait_secs.p50, row.wait_secs.p95] {
                td data-value=(value.unwrap_or(-1.0)) { (secs(value)) }
            }
            td data-value=(row.within_slo.unwrap_or(-1.0)) { (share(row.within_slo)) }
            td data-value=(row.runner_hours) { (amount(Some(row.runner_hours))) }
            @if has_cost { td data-value=(row.cost.on_demand.unwrap_or_default()) { (money(row.cost.on_demand, prices)) } }
        }
    }
}
