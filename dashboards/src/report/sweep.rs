//! What other limits would have given: `runners_max` against the wait.

use maud::{Markup, html};
use model::capacity::{Advice, MaxPoint, PoolReport};

use super::figure::{secs, share, times};
use super::plot::{Plot, percent};
use crate::chart::scale::{Scale, Tick};

const HEIGHT: f64 = 180.0;

/// The axis of waits ends here, in seconds: no job waits for longer than a day.
const WAIT_SHOWN_MAX: f64 = 86_400.0;

/// Ticks of the limits.
const TICKS: u32 = 6;

/// The chart and its table.
pub fn section(pool: &PoolReport, advice: &Advice, at: usize) -> Markup {
    html! {
        @if advice.sweep.len() > 1 {
            (chart(pool, advice, at))
            details {
                summary { "Each limit in figures" }
                (table(&advice.sweep))
            }
        }
    }
}

fn chart(pool: &PoolReport, advice: &Advice, at: usize) -> Markup {
    let sweep = &advice.sweep;
    let highest =
        sweep.iter().map(|point| point.wait_p95_secs).fold(120.0, f64::max).min(WAIT_SHOWN_MAX);
    let scale = Scale::Log { low: 5.0, top: highest, height: HEIGHT };
    let most = sweep.iter().map(|point| point.runners_max).max().unwrap_or(1);
    let x = |limit: u32| f64::from(limit) / (f64::from(most) * 1.04);
    let plot = Plot {
        id: format!("sweep-{at}"),
        title: "If there were at most so many runners",
        unit: "p95 and median wait, all else as recommended; by powers of ten",
        legend: vec![("line p95", "p95 wait".to_owned()), ("line p50", "median wait".to_owned())],
        summary: summary(advice),
        height: HEIGHT,
        down: scale.ticks(),
        across: ticks(most)
            .into_iter()
            .map(|limit| Tick {
                at: (x(limit) * 10_000.0).round() / 100.0,
                label: limit.to_string(),
                minor: false,
            })
            .collect(),
        across_title: "runners_max",
    };
    let of = |value: fn(&MaxPoint) -> f64| {
        sweep.iter().map(|point| (x(point.runners_max), scale.y(value(point)))).collect::<Vec<_>>()
    };
    let today = pool.capacity.runners_max.filter(|max| *max <= most);
    let shapes = html! {
        @if let Some(max) = today {
            line class="limit" x1=(percent(x(max))) x2=(percent(x(max))) y1="0" y2=(HEIGHT) {}
            text class="mark" x=(percent(x(max))) y="12" { "today" }
        }
        (line(&of(|point| point.wait_p50_secs), "p50"))
        (line(&of(|point| point.wait_p95_secs), "p95"))
    };
    plot.draw(&shapes)
}

/// Straight pieces from point to point, with a dot at each.
fn line(points: &[(f64, f64)], class: &str) -> Markup {
    html! {
        @for pair in points.windows(2) {
            line class=(format!("line {class}")) x1=(percent(pair[0].0)) y1=(pair[0].1) x2=(percent(pair[1].0)) y2=(pair[1].1) {}
        }
        @for (x, y) in points { circle class=(format!("point {class}")) cx=(percent(*x)) cy=(y) r="3" {} }
    }
}

fn ticks(most: u32) -> Vec<u32> {
    let rough = (most / TICKS).max(1);
    let power = 10_u32.pow(rough.ilog10());
    let step = [1, 2, 5, 10]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    (1..=most / step).map(|n| n * step).collect()
}

fn summary(advice: &Advice) -> String {
    let told = |point: &MaxPoint| {
        format!("with {} runners p95 {}", point.runners_max, secs(Some(point.wait_p95_secs)))
    };
    let points: Vec<String> = advice.sweep.iter().step_by(2).map(told).collect();
    format!("Wait by limit: {}.", points.join(", "))
}

fn table(sweep: &[MaxPoint]) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="Limits" {
            table class="sortable" {
                thead { tr { @for name in ["runners_max", "p50", "p95", "In time", "Bill", "Never served"] { th scope="col" { (name) } } } }
                tbody {
                    @for point in sweep {
                        tr {
                            th scope="row" data-value=(point.runners_max) { (point.runners_max) }
                            td data-value=(point.wait_p50_secs) { (secs(Some(point.wait_p50_secs))) }
                            td data-value=(point.wait_p95_secs) { (secs(Some(point.wait_p95_secs))) }
                            td data-value=(point.within_slo) { (share(Some(point.within_slo))) }
                            td data-value=(point.bill_over_oracle) { (times(point.bill_over_oracle)) }
                            td data-value=(point.unserved) { (point.unserved) }
                        }
                    }
                }
            }
        }
    }
}
