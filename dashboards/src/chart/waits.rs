//! How long jobs waited: a heat map by the logarithm of the wait, percentiles drawn over it.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::frame::Frame;
use super::path;
use super::scale::Scale;
use crate::{Charts, HeatMap, Page, format};

const HEIGHT: f64 = 190.0;

/// Shades of the heat map, pale to full.
const SHADES: usize = 5;

/// Their classes in the stylesheet.
const HEAT: [&str; SHADES] = ["heat h1", "heat h2", "heat h3", "heat h4", "heat h5"];

/// The axis reaches at least this far up, in seconds, so that short waits look short.
const TOP_SECS_MIN: f64 = 120.0;

pub(super) fn chart(page: &Page) -> Markup {
    let Charts { grid, waits, p50_secs, p95_secs, oldest_secs, .. } = &page.charts;
    let scale = scale(&page.charts);
    let longest = path::max([p95_secs.as_slice()]);
    let lines = [p50_secs, p95_secs, oldest_secs];
    let known = fullest(waits) > 0 || lines.into_iter().flatten().any(Option::is_some);
    let frame = Frame {
        id: "waits",
        title: "Wait for a runner",
        unit: format!("jobs started in {}, by wait", format::round_duration(grid.step_ms)),
        legend: legend(&page.charts),
        summary: format!(
            "95th percentile of the wait up to {}.",
            format::duration_secs(Some(longest))
        ),
        height: HEIGHT,
        ticks: scale.ticks(),
        empty: (!known).then_some("no waits in this range"),
    };
    let shapes = html! {
        @for (class, cells) in HEAT.iter().zip(cells(waits, scale)) {
            @if !cells.is_empty() { path class=(class) d=(cells) {} }
        }
        path class="line oldest" d=(path::line(oldest_secs, scale)) {}
        path class="line halo" d=(path::line(p95_secs, scale)) {}
        path class="line p95" d=(path::line(p95_secs, scale)) {}
        path class="line halo" d=(path::line(p50_secs, scale)) {}
        path class="line p50" d=(path::line(p50_secs, scale)) {}
    };
    frame.draw(grid, &shapes)
}

fn legend(charts: &Charts) -> Vec<(&'static str, String)> {
    let fullest = fullest(&charts.waits);
    let palest = shade(1, f64::from(fullest).ln_1p()).and_then(|shade| HEAT.get(shade));
    let mut legend = vec![
        (palest.copied().unwrap_or("heat h1"), "1 job".to_owned()),
        ("heat h5", format::jobs(fullest)),
        ("line p50", "median".to_owned()),
        ("line p95", "p95".to_owned()),
    ];
    if fullest <= 1 {
        legend.remove(1);
    }
    if charts.oldest_secs.iter().any(Option::is_some) {
        legend.push(("line oldest", "oldest still waiting".to_owned()));
    }
    legend
}

/// From half the first bound to the first bound above everything drawn.
fn scale(charts: &Charts) -> Scale {
    let bounds = &charts.waits.bounds_secs;
    let lines = [&charts.p50_secs, &charts.p95_secs, &charts.oldest_secs];
    let drawn = path::max(lines.map(Vec::as_slice)).max(highest(&charts.waits)).max(TOP_SECS_MIN);
    let top = bounds.iter().copied().find(|bound| *bound >= drawn).unwrap_or(drawn);
    Scale::Log { low: bounds.first().map_or(0.5, |first| first / 2.0), top, height: HEIGHT }
}

/// The upper bound of the highest bucket that holds a wait.
fn highest(map: &HeatMap) -> f64 {
    let filled = |index: &usize| map.columns.iter().any(|column| column.get(*index) > Some(&0));
    let index = (0..map.bounds_secs.len()).rev().find(filled);
    index.and_then(|index| map.bounds_secs.get(index)).copied().unwrap_or(0.0)
}

fn fullest(map: &HeatMap) -> u32 {
    map.columns.iter().flatten().copied().max().unwrap_or(0)
}

/// One path for each shade: far shorter than a rectangle for each cell. Bucket by bucket,
/// neighbours of the same shade are one rectangle.
fn cells(map: &HeatMap, scale: Scale) -> [String; SHADES] {
    let mut paths: [String; SHADES] = Default::default();
    let full = f64::from(fullest(map)).ln_1p();
    let mut lower = scale.y(0.0);
    for (bucket, bound) in map.bounds_secs.iter().enumerate() {
        let upper = scale.y(*bound);
        let shades = map.columns.iter().map(|column| shade(*column.get(bucket)?, full));
        for (start, width, shade) in stretches(shades) {
            if let Some(path) = paths.get_mut(shade) {
                let _ = write!(path, "M{start} {upper}h{width}V{lower}h-{width}z");
            }
        }
        lower = upper;
    }
    paths
}

/// Where equal shades stand side by side: start, width, shade.
fn stretches(shades: impl Iterator<Item = Option<usize>>) -> Vec<(usize, usize, usize)> {
    let mut stretches: Vec<(usize, usize, usize)> = Vec::new();
    for (step, shade) in shades.enumerate() {
        let Some(shade) = shade else { continue };
        match stretches.last_mut() {
            Some((start, width, last)) if *last == shade && *start + *width == step => *width += 1,
            _ => stretches.push((step, 1, shade)),
        }
    }
    stretches
}

/// By the logarithm of the count: one lone wait must be seen beside a burst of hundreds.
fn shade(count: u32, full: f64) -> Option<usize> {
    let heat = f64::from(count).ln_1p() / full;
    (count > 0).then(|| [0.2, 0.4, 0.6, 0.8].iter().filter(|limit| heat > **limit).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lone_wait_is_seen_beside_a_burst() {
        let full = 500f64.ln_1p();
        assert_eq!(shade(0, full), None);
        assert_eq!(shade(1, full), Some(0));
        assert_eq!(shade(500, full), Some(SHADES - 1));
    }

    #[test]
    fn cells_of_a_shade_share_a_path_and_neighbours_a_rectangle() {
        let map = HeatMap { bounds_secs: vec![1.0, 10.0], columns: vec![vec![3, 3], vec![3]] };
        let scale = Scale::Log { low: 0.1, top: 10.0, height: 100.0 };
        let cells = cells(&map, scale);
        assert_eq!(cells[SHADES - 1], "M0 50h2V100h-2zM0 0h1V50h-1z");
    }
}
