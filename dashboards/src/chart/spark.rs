//! The small chart in a row of the pools table. All rows share one scale: tall means many.

use maud::{Markup, html};

use super::path;
use super::scale::Scale;
use crate::{Grid, Series, format};

const HEIGHT: f64 = 22.0;

/// What the rows of one table have in common.
pub(crate) struct Spark {
    scale: Scale,
    grid: Grid,
}

impl Spark {
    /// The scale that holds every row.
    pub(crate) fn over<'a>(rows: impl Iterator<Item = &'a Series>, grid: Grid) -> Self {
        let max = path::max(rows.map(Vec::as_slice));
        Self { scale: Scale::Linear { top: max.max(1.0), height: HEIGHT }, grid }
    }

    /// One row's chart.
    pub(crate) fn draw(&self, series: &[Option<f64>]) -> Markup {
        let view = format!("0 0 {} {HEIGHT}", self.grid.len.max(1));
        let peak = format::level(Some(path::max([series])));
        html! {
            @if !series.is_empty() {
                svg class="spark" height=(HEIGHT) viewBox=(view) preserveAspectRatio="none" role="img" {
                    title { "up to " (peak) " waiting" }
                    path class="area wait" d=(path::area(&[], &some(series), self.scale)) {}
                    path class="line base" d=(format!("M0 {}H{}", HEIGHT - 0.5, self.grid.len)) {}
                }
            }
        }
    }
}

/// The stretches in which anyone waited, so that zero is a plain line.
fn some(series: &[Option<f64>]) -> Series {
    series.iter().map(|value| value.filter(|value| *value > 0.0)).collect()
}
