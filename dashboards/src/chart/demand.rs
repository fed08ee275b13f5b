//! Running and waiting jobs, stacked: where blue stays flat under orange, the pool was full.

use maud::{Markup, html};

use super::frame::Frame;
use super::path::{self, value};
use super::scale::Scale;
use crate::{Charts, Page, Series, format};

const HEIGHT: f64 = 150.0;

/// An average below this is a moment, not a queue: it has an area, but no outline.
const WAITING_MIN: f64 = 0.1;

pub(super) fn chart(page: &Page) -> Markup {
    let Charts { grid, running, waiting, .. } = &page.charts;
    let total = stack(running, waiting);
    let scale = Scale::counts(path::max([total.as_slice()]), HEIGHT);
    let frame = Frame {
        id: "demand",
        title: "Running and waiting",
        unit: format!("jobs, average over {}", format::round_duration(grid.step_ms)),
        legend: vec![
            ("area run", "running".to_owned()),
            ("area wait", "waiting for a runner".to_owned()),
        ],
        summary: format!(
            "Up to {} jobs running and {} waiting.",
            format::level(Some(path::max([running.as_slice()]))),
            format::level(Some(path::max([waiting.as_slice()]))),
        ),
        height: HEIGHT,
        ticks: scale.ticks(),
        empty: total.iter().all(Option::is_none).then_some("nothing known about this time"),
    };
    let shapes = html! {
        path class="gap" d=(path::gaps(&[running, waiting], grid, HEIGHT)) {}
        path class="area run" d=(path::area(&[], running, scale)) {}
        path class="area wait" d=(path::area(running, &total, scale)) {}
        path class="line run" d=(path::line(running, scale)) {}
        path class="line wait" d=(path::line(&above(&total, waiting), scale)) {}
    };
    frame.draw(grid, &shapes)
}

/// Running plus waiting; one of them is enough to know something.
fn stack(running: &[Option<f64>], waiting: &[Option<f64>]) -> Series {
    let sum = |index| match (value(running, index), value(waiting, index)) {
        (None, None) => None,
        (running, waiting) => Some(running.unwrap_or(0.0) + waiting.unwrap_or(0.0)),
    };
    (0..running.len().max(waiting.len())).map(sum).collect()
}

/// The total where someone waited, so that the upper edge is not drawn along the lower one.
fn above(total: &[Option<f64>], waiting: &[Option<f64>]) -> Series {
    let waits = |index| value(waiting, index).is_some_and(|waiting| waiting >= WAITING_MIN);
    (0..total.len()).map(|index| value(total, index).filter(|_| waits(index))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_known_is_known_and_unknown_is_not_zero() {
        let running = [Some(2.0), None, None];
        let waiting = [None, Some(3.0), None];
        assert_eq!(stack(&running, &waiting), [Some(2.0), Some(3.0), None]);
    }
}
