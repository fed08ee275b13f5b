//! One chart: its axis, its layers from back to front, its legend.

use std::ops::Range;

use maud::{Markup, html};

use super::frame::Frame;
use super::scale::{Scale, TIME_TICKS_MAX};
use super::{heat, path};
use crate::board::Role;
use crate::panel::{Chart, Layer, Measured, Panel, Shape, Tone};
use crate::{Page, Series, format};

/// Height of a chart that is as wide as the board, and of others, in pixels.
const HEIGHT: f64 = 170.0;
const HEIGHT_LOW: f64 = 130.0;

/// An average below this is a moment, not a queue: it has an area, but no outline.
const OUTLINE_MIN: f64 = 0.1;

/// With more layers than this, rims would hide more than they set off.
const RIMS_MAX: usize = 4;

/// A threshold this many times above the highest value is beyond the axis; the legend has it.
const REACH: f64 = 3.0;

/// Shares that add up to a little more than everything, by rounding, are everything.
const PERCENT_TOP: f64 = 100.0;

/// An axis of waits reaches at least this far up and begins here, in seconds, so that short waits
/// look short.
const TOP_SECS_MIN: f64 = 120.0;
const LOW_SECS: f64 = 0.5;

/// A layer with the foot that it stands on.
struct Placed<'a> {
    layer: &'a Layer,
    foot: Series,
    top: Series,
}

pub(super) fn draw(page: &Page, panel: &Panel, chart: &Chart, columns: Range<usize>) -> Markup {
    let height = if panel.columns > 12 { HEIGHT } else { HEIGHT_LOW };
    let placed = placed(chart);
    let scale = scale(chart, &placed, height);
    let known = |placed: &Placed<'_>| match &placed.layer.shape {
        Shape::Heat(map) => heat::fullest(map) > 0,
        _ => placed.top.iter().any(Option::is_some),
    };
    let is_known = placed.iter().any(known);
    let frame = Frame {
        id: &panel.id,
        class: format!("card chart w{}", panel.columns),
        title: &panel.title,
        help: &panel.help,
        unit: unit(page, chart),
        legend: legend(chart),
        summary: summary(panel, chart),
        height,
        times_max: match panel.columns {
            13.. => TIME_TICKS_MAX,
            12 => TIME_TICKS_MAX * 2 / 3,
            _ => TIME_TICKS_MAX / 2,
        },
        ticks: scale.ticks(),
        empty: (!is_known).then_some("nothing in this range"),
        columns,
    };
    let whole = page.grid.index_of(page.now_ms).unwrap_or(page.grid.len);
    let series: Vec<&[Option<f64>]> = chart
        .layers
        .iter()
        .filter(|layer| !is_heat(layer))
        .map(|layer| &layer.values[..])
        .collect();
    let shapes = html! {
        @if chart.unit != Measured::Waits {
            path class="gap" d=(path::gaps(&series, &page.grid, height)) {}
        }
        @for placed in &placed { (shapes(placed, scale, whole)) }
        @for placed in &placed { (outline(placed, scale, chart.layers.len() <= RIMS_MAX)) }
        (marks(chart, scale, page.grid.len))
    };
    frame.draw(&page.grid, &shapes)
}

fn is_heat(layer: &Layer) -> bool {
    matches!(layer.shape, Shape::Heat(_))
}

/// Each layer with its foot: areas stand upon those before them.
fn placed(chart: &Chart) -> Vec<Placed<'_>> {
    let mut foot = Series::new();
    let place = |layer: &'_ Layer, foot: &mut Series| match layer.shape {
        Shape::Area => {
            let top = path::above(foot, &layer.values);
            std::mem::replace(foot, top)
        }
        _ => Series::new(),
    };
    let mut placed = Vec::new();
    for layer in &chart.layers {
        let below = place(layer, &mut foot);
        let top = if layer.shape == Shape::Area { foot.clone() } else { layer.values.clone() };
        placed.push(Placed { layer, foot: below, top });
    }
    placed
}

fn scale(chart: &Chart, placed: &[Placed<'_>], height: f64) -> Scale {
    let drawn = path::max(placed.iter().map(|placed| placed.top.as_slice()));
    let drawn = within_reach(chart, drawn).fold(drawn, f64::max);
    match chart.unit {
        Measured::Count | Measured::Hours => Scale::counts(drawn, height),
        Measured::Percent => Scale::counts(drawn.min(PERCENT_TOP), height),
        Measured::Secs => Scale::secs(drawn, height),
        Measured::Waits => {
            let maps = chart.layers.iter().filter_map(|layer| match &layer.shape {
                Shape::Heat(map) => Some(heat::highest(map)),
                _ => None,
            });
            let drawn = maps.fold(drawn.max(TOP_SECS_MIN), f64::max);
            let top = crate::WAIT_BOUNDS_SECS.into_iter().find(|bound| *bound >= drawn);
            Scale::Log { low: LOW_SECS, top: top.unwrap_or(drawn), height }
        }
    }
}

/// Thresholds that are not so far above everything that they would press it flat.
fn within_reach(chart: &Chart, drawn: f64) -> impl Iterator<Item = f64> {
    chart.marks.iter().map(|mark| mark.at).filter(move |at| *at <= drawn * REACH)
}

/// Thresholds across the chart, as far as its axis reaches.
fn marks(chart: &Chart, scale: Scale, steps: usize) -> Markup {
    html! {
        @for mark in chart.marks.iter().filter(|mark| scale.holds(mark.at)) {
            path class="line mark" d=(format!("M0 {}H{steps}", scale.y(mark.at))) {}
        }
    }
}

fn shapes(Placed { layer, foot, top }: &Placed<'_>, scale: Scale, whole: usize) -> Markup {
    let tone = class(layer.tone);
    html! {
        @match &layer.shape {
            Shape::Heat(map) => {
                @for (class, cells) in heat::HEAT.iter().zip(heat::cells(map, scale)) {
                    @if !cells.is_empty() { path class=(class) d=(cells) {} }
                }
            }
            Shape::Area => { path class=(format!("area {tone}")) d=(path::area(foot, top, scale)) {} }
            Shape::Bars => {
                path class=(format!("bar {tone}")) d=(path::bars(top, scale, 0..whole)) {}
                // The last step is still filling, and must not look like a decline.
                path class=(format!("bar part {tone}")) d=(path::bars(top, scale, whole..top.len())) {}
            }
            Shape::Line => {}
        }
    }
}

/// Lines lie above everything else, each with a rim that sets it off where they are few.
fn outline(Placed { layer, top, .. }: &Placed<'_>, scale: Scale, has_rim: bool) -> Markup {
    let tone = class(layer.tone);
    html! {
        @match layer.shape {
            Shape::Heat(_) | Shape::Bars => {}
            Shape::Area => {
                path class=(format!("line {tone}")) d=(path::line(&where_any(top, &layer.values), scale)) {}
            }
            Shape::Line => {
                @if has_rim { path class="line halo" d=(path::line(top, scale)) {} }
                path class=(format!("line {tone}")) d=(path::line(top, scale)) {}
            }
        }
    }
}

/// The top where the layer adds anything, so that its edge is not drawn along the one below.
fn where_any(top: &[Option<f64>], values: &[Option<f64>]) -> Series {
    let adds = |index| path::value(values, index).is_some_and(|value| value >= OUTLINE_MIN);
    (0..top.len()).map(|index| path::value(top, index).filter(|_| adds(index))).collect()
}

fn legend(chart: &Chart) -> Vec<(String, String)> {
    let mut legend = Vec::new();
    for layer in &chart.layers {
        let tone = class(layer.tone);
        match &layer.shape {
            Shape::Heat(map) => {
                legend.push((heat::palest(map).to_owned(), format!("1 {}", map.noun)));
                if heat::fullest(map) > 1 {
                    let most = format::count(heat::fullest(map).into());
                    legend.push(("heat h5".to_owned(), format!("{most} {}s", map.noun)));
                }
            }
            Shape::Area => legend.push((format!("area {tone}"), layer.name.clone())),
            Shape::Bars => legend.push((format!("bar {tone}"), layer.name.clone())),
            Shape::Line => legend.push((format!("line {tone}"), layer.name.clone())),
        }
    }
    legend.extend(chart.marks.iter().map(|mark| ("line mark".to_owned(), mark.name.clone())));
    legend
}

fn unit(page: &Page, chart: &Chart) -> String {
    let step = format::round_duration(page.grid.step_ms);
    let unit = match chart.unit {
        Measured::Count => format!("per {step}"),
        Measured::Waits | Measured::Secs => format!("in {step}"),
        Measured::Hours => format!("hours per {step}"),
        Measured::Percent => format!("% of {step}"),
    };
    match chart.note.as_str() {
        "" => unit,
        note => format!("{unit} · {note}"),
    }
}

/// The drawing in a sentence: the most that each layer reaches.
fn summary(panel: &Panel, chart: &Chart) -> String {
    let most = |layer: &Layer| {
        let most = Some(path::max([layer.values.as_slice()]));
        format!("{} up to {}", layer.name, figure(chart.unit, most))
    };
    let layers: Vec<String> =
        chart.layers.iter().filter(|layer| !is_heat(layer)).map(most).collect();
    match layers.is_empty() {
        true => panel.title.clone(),
        false => format!("{}: {}.", panel.title, layers.join(", ")),
    }
}

/// One figure of a chart in words.
pub(crate) fn figure(unit: Measured, value: Option<f64>) -> String {
    match unit {
        Measured::Count => format::level(value),
        Measured::Waits | Measured::Secs => format::duration_secs(value),
        Measured::Hours => format::hours(value),
        Measured::Percent => format::percent(value),
    }
}

/// The class of a colour in the stylesheet.
fn class(tone: Tone) -> &'static str {
    const PARTS: [&str; 8] = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"];
    match tone {
        Tone::Part(place) => PARTS[place % PARTS.len()],
        Tone::Role(role) => match role {
            Role::Waiting => "wait",
            Role::Running => "run",
            Role::Idle => "idle",
            Role::Booting => "boot",
            Role::Stopped => "stopped",
            Role::Desired => "desired",
            Role::Limit => "limit",
            Role::Good => "done",
            Role::Bad => "bad",
            Role::Odd => "odd",
            Role::Typical => "p50",
            Role::High => "p95",
            Role::Extreme => "p99",
            Role::Plain => "p0",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(name: &str, values: &[f64]) -> Layer {
        Layer {
            name: name.to_owned(),
            tone: Tone::Part(0),
            shape: Shape::Area,
            values: values.iter().copied().map(Some).collect(),
        }
    }

    #[test]
    fn an_area_stands_upon_those_before_it() {
        let layers = vec![area("a", &[1.0, 2.0]), area("b", &[3.0, 0.0])];
        let chart = Chart { unit: Measured::Count, layers, marks: Vec::new(), note: String::new() };
        let placed = placed(&chart);
        assert_eq!(placed[1].foot, [Some(1.0), Some(2.0)]);
        assert_eq!(placed[1].top, [Some(4.0), Some(2.0)]);
        assert_eq!(where_any(&placed[1].top, &placed[1].layer.values), [Some(4.0), None]);
    }
}
