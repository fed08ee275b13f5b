//! Demand and capacity of one pool: where the orange line rises above the stack, jobs wait.

use maud::{Markup, html};

use super::frame::Frame;
use super::path::{self, value};
use super::scale::Scale;
use crate::{Capacity, Page, ScalingMode, Series, format};

const HEIGHT: f64 = 130.0;

pub(super) fn charts(page: &Page) -> Markup {
    html! {
        @if let Some(scaling) = &page.scaling {
            @for (i, pool) in scaling.pools.iter().enumerate() {
                (chart(page, scaling.mode, pool, &format!("capacity-{i}")))
            }
        }
    }
}

fn chart(page: &Page, mode: ScalingMode, pool: &Capacity, id: &str) -> Markup {
    let grid = &page.charts.grid;
    let Capacity { demand, desired, busy, idle, booting, stopped, .. } = pool;
    let ready = above(busy, idle);
    let all = above(&ready, booting);
    let series = [demand, desired, &all, stopped];
    let scale = Scale::counts(path::max(series.map(Vec::as_slice)), HEIGHT);
    let most = |series: &Series| format::level(Some(path::max([series.as_slice()])));
    let (runners, would) = match mode {
        ScalingMode::DryRun => ("jobs and the runners there would be", "would be desired"),
        ScalingMode::Simulated => ("jobs and runners", "desired"),
    };
    let frame = Frame {
        id,
        title: &format!("{}: {runners}", pool.pool.chars().take(TITLE_CHARS).collect::<String>()),
        unit: format!("average over {}", format::round_duration(grid.step_ms)),
        legend: legend(mode, would),
        summary: format!(
            "Up to {} jobs waiting or running, {} runners {would}, {} stopped.",
            most(demand),
            most(desired),
            most(stopped),
        ),
        height: HEIGHT,
        ticks: scale.ticks(),
        empty: desired.iter().all(Option::is_none).then_some("the scaler was not here yet"),
    };
    let shapes = html! {
        path class="gap" d=(path::gaps(&[demand, desired], grid, HEIGHT)) {}
        path class="area run" d=(path::area(&[], busy, scale)) {}
        path class="area idle" d=(path::area(busy, &ready, scale)) {}
        path class="area boot" d=(path::area(&ready, &all, scale)) {}
        path class="line stopped" d=(path::line(stopped, scale)) {}
        path class="line desired" d=(path::line(desired, scale)) {}
        path class="line wait" d=(path::line(demand, scale)) {}
    };
    frame.draw(grid, &shapes)
}

/// A longer name is cut in the title; it stands in full in the table of pools.
const TITLE_CHARS: usize = 60;

fn legend(mode: ScalingMode, would: &str) -> Vec<(&'static str, String)> {
    let mut legend = vec![
        ("line wait", "jobs waiting or running".to_owned()),
        ("line desired", would.to_owned()),
        ("area run", "busy".to_owned()),
    ];
    if mode == ScalingMode::Simulated {
        legend.push(("area idle", "idle".to_owned()));
        legend.push(("area boot", "booting".to_owned()));
        legend.push(("line stopped", "stopped, ready".to_owned()));
    }
    legend
}

/// What stands on a series; where nothing is known of the upper one, it adds nothing.
fn above(lower: &[Option<f64>], upper: &[Option<f64>]) -> Series {
    let sum = |index| value(lower, index).map(|v| v + value(upper, index).unwrap_or(0.0));
    (0..lower.len()).map(sum).collect()
}
