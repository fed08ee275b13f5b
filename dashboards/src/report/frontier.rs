//! The wait-cost frontier: each setting that was replayed, by its bill and its wait.

use maud::{Markup, html};
use model::capacity::{FrontierPoint, PoolReport, Prices, Role};

use super::figure::{secs, share, times};
use super::plot::{Plot, percent};
use super::{Detail, figure};
use crate::chart::scale::{Scale, Tick};

const HEIGHT: f64 = 260.0;

/// Bills above this, as a multiple of the least possible, are in the table only.
const BILL_SHOWN_MAX: f64 = 4.0;

/// Waits above this, in seconds, are in the table only.
const WAIT_SHOWN_MAX: f64 = 600.0;

/// Where the axis of bills may have a tick.
const BILLS: [f64; 8] = [1.0, 1.1, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0];

/// Class and meaning of each role, as the legend tells them.
const ROLES: [(Role, &str, &str); 9] = [
    (Role::Recommended, "dot recommended", "recommended"),
    (Role::Current, "dot current", "as it is set today"),
    (Role::SelfSizing, "dot sizing", "stopped pool that sizes itself"),
    (Role::StoppedPool, "dot stopped", "stopped pool of constant size"),
    (Role::HotPool, "dot hot", "idle runners"),
    (Role::Schedule, "dot schedule", "idle runners by schedule"),
    (Role::PerWebhook, "dot cold", "nothing held"),
    (Role::Peer, "dot peer", "what others do"),
    (Role::Bound, "dot bound", "knows the future"),
];

/// The chart and its table.
pub fn section(pool: &PoolReport, at: usize, prices: &Prices, detail: Detail) -> Markup {
    let frontier = &pool.frontier;
    html! {
        @if !frontier.is_empty() {
            (chart(frontier, at))
            details {
                summary { "The settings in figures" }
                (table(frontier, prices, detail))
            }
        }
    }
}

fn is_shown(point: &FrontierPoint) -> bool {
    point.bill_over_oracle <= BILL_SHOWN_MAX && point.wait_p95_secs <= WAIT_SHOWN_MAX
}

fn chart(frontier: &[FrontierPoint], at: usize) -> Markup {
    let shown: Vec<&FrontierPoint> = frontier.iter().filter(|point| is_shown(point)).collect();
    let left_out = frontier.len() - shown.len();
    let highest = shown.iter().map(|point| point.wait_p95_secs).fold(30.0, f64::max);
    let dearest = shown.iter().map(|point| point.bill_over_oracle).fold(1.3, f64::max);
    let scale = Scale::Linear { top: highest * 1.08, height: HEIGHT };
    let across = Across { top: dearest * 1.03 };
    let plot = Plot {
        id: format!("frontier-{at}"),
        title: "What waiting costs",
        unit: "each dot is one setting, replayed on these jobs; low and left is best",
        legend: legend(&shown),
        summary: summary(frontier),
        height: HEIGHT,
        down: scale
            .ticks()
            .into_iter()
            .map(|tick| Tick { label: format!("{} s", tick.label), ..tick })
            .collect(),
        across: across.ticks(),
        across_title: "bill, as a multiple of the least possible (1 = each job's duration and one boot)",
    };
    let shapes = html! {
        @for (role, class, _) in ROLES.iter().rev() {
            @for point in shown.iter().filter(|point| point.role == *role) {
                (dot(point, class, scale, across))
            }
        }
        @for point in shown.iter().filter(|point| [Role::Recommended, Role::Current].contains(&point.role)) {
            (mark(point, scale, across))
        }
    };
    html! {
        (plot.draw(&shapes))
        @if left_out > 0 {
            p class="aside" {
                "Not drawn: " (figure::counted(left_out as u64, "setting", "settings")) " with a bill over "
                (BILL_SHOWN_MAX) " or a p95 wait over " (secs(Some(WAIT_SHOWN_MAX))) "; the table has them."
            }
        }
    }
}

/// The axis of bills: by powers, from one.
#[derive(Clone, Copy)]
struct Across {
    top: f64,
}

impl Across {
    /// A little room is left for the dots of the least bill.
    fn at(self, bill: f64) -> f64 {
        0.02 + 0.96 * (bill.max(1.0).ln() / self.top.ln())
    }

    fn ticks(self) -> Vec<Tick> {
        let within = BILLS.into_iter().enumerate().filter(|(_, bill)| *bill <= self.top);
        within
            .map(|(index, bill)| Tick {
                at: (self.at(bill) * 10_000.0).round() / 100.0,
                label: format!("{bill}"),
                minor: index % 2 == 1,
            })
            .collect()
    }
}

fn dot(point: &FrontierPoint, class: &str, scale: Scale, across: Across) -> Markup {
    let radius = if [Role::Recommended, Role::Current].contains(&point.role) { 7.0 } else { 4.5 };
    let x = percent(across.at(point.bill_over_oracle));
    html! {
        circle class=(class) cx=(x) cy=(scale.y(point.wait_p95_secs)) r=(radius) {
            title { (point.title) ": p95 " (secs(Some(point.wait_p95_secs))) ", bill " (times(point.bill_over_oracle)) }
        }
    }
}

/// The name of a point that matters, where there is room for it.
fn mark(point: &FrontierPoint, scale: Scale, across: Across) -> Markup {
    let at = across.at(point.bill_over_oracle);
    let (name, above) = match point.role {
        Role::Recommended => ("recommended", 14.0),
        _ => ("today", -20.0),
    };
    let class = if at > 0.8 { "mark end" } else { "mark" };
    html! { text class=(class) x=(percent(at)) y=(scale.y(point.wait_p95_secs) - above) { (name) } }
}

fn legend(shown: &[&FrontierPoint]) -> Vec<(&'static str, String)> {
    let is_there = |role: Role| shown.iter().any(|point| point.role == role);
    let there = ROLES.iter().filter(|(role, ..)| is_there(*role));
    there.map(|(_, class, meaning)| (*class, (*meaning).to_owned())).collect()
}

fn summary(frontier: &[FrontierPoint]) -> String {
    let told = |role: Role, name: &str| {
        let point = frontier.iter().find(|point| point.role == role)?;
        Some(format!(
            "{name}: p95 wait {}, bill {} times the least possible.",
            secs(Some(point.wait_p95_secs)),
            times(point.bill_over_oracle)
        ))
    };
    let ends = [
        told(Role::Current, "Today"),
        told(Role::Recommended, "Recommended"),
        told(Role::PerWebhook, "Nothing held"),
    ];
    ends.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn table(frontier: &[FrontierPoint], prices: &Prices, detail: Detail) -> Markup {
    let has_cost = frontier.iter().any(|point| point.cost_per_week.is_some());
    let is_told = |point: &&FrontierPoint| {
        let is_key = !matches!(
            point.role,
            Role::SelfSizing | Role::StoppedPool | Role::HotPool | Role::Schedule
        );
        detail.is_full || is_key || is_best_of_its_kind(frontier, point)
    };
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="Settings" {
            table class="sortable" {
                thead { tr {
                    th scope="col" { "Setting" }
                    @for name in ["Mean wait", "p50", "p95", "In time", "Bill", "Instance-hours a week"] { th scope="col" { (name) } }
                    @if has_cost { th scope="col" { "Cost a week" } }
                    th scope="col" { "Most at once" }
                } }
                tbody {
                    @for point in frontier.iter().filter(is_told) {
                        tr class=[row_class(point)] {
                            th scope="row" { (point.title) " " span class="aside" { (point.policy) } }
                            @for value in [point.wait_mean_secs, point.wait_p50_secs, point.wait_p95_secs] {
                                td data-value=(value) { (secs(Some(value))) }
                            }
                            td data-value=(point.within_slo) { (share(Some(point.within_slo))) }
                            td data-value=(point.bill_over_oracle) { (times(point.bill_over_oracle)) }
                            td data-value=(point.instance_hours_per_week) { (figure::amount(Some(point.instance_hours_per_week))) }
                            @if has_cost {
                                td data-value=(point.cost_per_week.unwrap_or_default()) { (figure::money(point.cost_per_week, prices)) }
                            }
                            td data-value=(point.runners_max_used) { (point.runners_max_used) }
                        }
                    }
                }
            }
        }
    }
}

fn row_class(point: &FrontierPoint) -> Option<&'static str> {
    match point.role {
        Role::Recommended => Some("best"),
        Role::Current => Some("today"),
        _ => None,
    }
}

/// Nothing of its kind has as short a wait for a lower bill.
fn is_best_of_its_kind(frontier: &[FrontierPoint], point: &FrontierPoint) -> bool {
    !frontier.iter().any(|it| {
        it.role == point.role
            && it.wait_p95_secs <= point.wait_p95_secs
            && it.bill_over_oracle < point.bill_over_oracle
    })
}
