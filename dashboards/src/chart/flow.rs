//! Arrivals as bars, starts and completions as lines: where lines stay below bars, a queue grows.

use maud::{Markup, html};

use super::frame::Frame;
use super::path;
use super::scale::Scale;
use crate::{Charts, Page, format};

const HEIGHT: f64 = 120.0;

pub(super) fn chart(page: &Page) -> Markup {
    let Charts { grid, arrivals, starts, completions, .. } = &page.charts;
    let series = [arrivals, starts, completions];
    let most = path::max(series.map(Vec::as_slice));
    let scale = Scale::counts(most, HEIGHT);
    let frame = Frame {
        id: "flow",
        title: "Arrivals, starts, completions",
        unit: format!("jobs per {}", format::round_duration(grid.step_ms)),
        legend: vec![
            ("bar", "arrived".to_owned()),
            ("line start", "started".to_owned()),
            ("line done", "completed".to_owned()),
        ],
        summary: format!(
            "Up to {} jobs arrived in {}.",
            format::level(Some(path::max([arrivals.as_slice()]))),
            format::round_duration(grid.step_ms),
        ),
        height: HEIGHT,
        ticks: scale.ticks(),
        empty: (most <= 0.0).then_some("no jobs in this range"),
    };
    let whole = complete_steps(page);
    let shapes = html! {
        path class="gap" d=(path::gaps(&series.map(Vec::as_slice), grid, HEIGHT)) {}
        path class="bar" d=(path::bars(arrivals, scale, 0..whole)) {}
        path class="bar part" d=(path::bars(arrivals, scale, whole..grid.len)) {}
        path class="line start" d=(path::line(starts.get(..whole).unwrap_or(starts), scale)) {}
        path class="line done" d=(path::line(completions.get(..whole).unwrap_or(completions), scale)) {}
    };
    frame.draw(grid, &shapes)
}

/// How many steps are over: the last one is still filling, and must not look like a decline.
fn complete_steps(page: &Page) -> usize {
    let grid = &page.charts.grid;
    grid.index_of(page.now_ms).unwrap_or(grid.len)
}
