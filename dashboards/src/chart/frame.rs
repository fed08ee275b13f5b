//! The frame of every chart: title, legend, axes, gridlines, cursor.
//!
//! The outer drawing has no `viewBox`: text and hairlines keep their size on every screen, and
//! follow the width by percentages. Only the shapes inside are stretched.

use std::ops::Range;

use maud::{Markup, html};

use super::scale::{Tick, time_ticks};
use crate::Grid;
use crate::text::prose;

/// One chart, ready to be framed.
pub(super) struct Frame<'a> {
    /// Its id in the document.
    pub(super) id: &'a str,
    /// Its classes in the stylesheet.
    pub(super) class: String,
    /// What it shows.
    pub(super) title: &'a str,
    /// How to read it.
    pub(super) help: &'a str,
    /// The unit of the values, and what one step covers.
    pub(super) unit: String,
    /// What the shapes mean: class of the swatch and name.
    pub(super) legend: Vec<(String, String)>,
    /// The drawing in a sentence, for those who cannot see it.
    pub(super) summary: String,
    /// Height of the drawing in pixels, without the time axis.
    pub(super) height: f64,
    /// The most ticks of the time axis.
    pub(super) times_max: i64,
    /// Ticks of the vertical axis.
    pub(super) ticks: Vec<Tick>,
    /// Shown instead of the shapes if there is nothing to draw.
    pub(super) empty: Option<&'a str>,
    /// The columns of the table of figures that are its own.
    pub(super) columns: Range<usize>,
}

/// Room for the labels of the time axis, in pixels.
const AXIS_HEIGHT: f64 = 22.0;

/// From here on, in percent of the width, a label ends at its tick instead of standing across it:
/// half of the longest, 33 pixels, is more than the room that the narrowest charts, of 220, leave
/// between such a tick and the edge of their panel, which is 20 pixels further.
const LAST_FROM: f64 = 94.0;

impl Frame<'_> {
    /// The figure, around shapes drawn in steps by pixels.
    pub(super) fn draw(&self, grid: &Grid, shapes: &Markup) -> Markup {
        let view = format!("0 0 {} {}", grid.len.max(1), self.height);
        html! {
            figure id=(self.id) class=(self.class) {
                figcaption {
                    h3 { (self.title) }
                    span class="unit" { (self.unit) }
                    p class="help" { (prose(self.help)) }
                    @if self.empty.is_none() { (self.legend()) }
                }
                div id=(format!("{}-plot", self.id)) class="plot" data-from=(self.columns.start) data-to=(self.columns.end) {
                    svg width="100%" height=(self.height + AXIS_HEIGHT) role="img" aria-label=(self.summary) {
                        (self.rows())
                        (self.columns(grid))
                        @match self.empty {
                            Some(text) => { text class="empty" x="50%" y=(self.height / 2.0 + 4.0) { (text) } }
                            None => {
                                svg width="100%" height=(self.height) viewBox=(view) preserveAspectRatio="none" { (shapes) }
                            }
                        }
                        line class="cursor" x1="0" x2="0" y1="0" y2=(self.height) {}
                    }
                }
            }
        }
    }

    fn legend(&self) -> Markup {
        html! {
            ul class="legend" {
                @for (class, name) in &self.legend {
                    li {
                        svg width="16" height="10" aria-hidden="true" { (swatch(class)) }
                        (name)
                    }
                }
            }
        }
    }

    fn rows(&self) -> Markup {
        html! {
            @for tick in &self.ticks {
                line class="grid" x1="0" x2="100%" y1=(tick.at) y2=(tick.at) {}
                text class="y" x="-8" y=(tick.at + 4.0) { (tick.label) }
            }
            line class="base" x1="0" x2="100%" y1=(self.height) y2=(self.height) {}
        }
    }

    fn columns(&self, grid: &Grid) -> Markup {
        html! {
            @for tick in time_ticks(grid, self.times_max) {
                @let x = format!("{}%", tick.at);
                line class="grid" x1=(x) x2=(x) y1="0" y2=(self.height) {}
                text class=(class(&tick)) x=(x) y=(self.height + 16.0) { (tick.label) }
            }
        }
    }
}

fn class(tick: &Tick) -> String {
    let minor = if tick.minor { " minor" } else { "" };
    let last = if tick.at >= LAST_FROM { " last" } else { "" };
    format!("x{minor}{last}")
}

/// A sample of a shape: lines are drawn as lines, everything else as a block.
fn swatch(class: &str) -> Markup {
    html! {
        @if class.contains("line") {
            line class=(class) x1="0" x2="16" y1="5" y2="5" {}
        } @else {
            rect class=(class) width="16" height="10" rx="2" {}
        }
    }
}
