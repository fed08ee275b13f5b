//! The frame of the report's charts: title, unit, legend, axes.
//!
//! Across, places are in percent of the width, so text keeps its size on every screen; down, they
//! are pixels.

use maud::{Markup, html};

use crate::chart::scale::Tick;

/// Room for the labels below, in pixels.
const BELOW: f64 = 38.0;

/// One chart.
pub struct Plot<'a> {
    pub id: String,
    pub title: &'a str,
    pub unit: &'a str,
    /// Class of the swatch and meaning.
    pub legend: Vec<(&'a str, String)>,
    /// The drawing in a sentence, for those who cannot see it.
    pub summary: String,
    pub height: f64,
    /// Places in pixels.
    pub down: Vec<Tick>,
    /// Places in percent.
    pub across: Vec<Tick>,
    /// What the axis across is.
    pub across_title: &'a str,
}

impl Plot<'_> {
    /// The figure around these shapes.
    pub fn draw(&self, shapes: &Markup) -> Markup {
        html! {
            figure id=(self.id) class="chart" {
                figcaption {
                    h4 { (self.title) }
                    span class="unit" { (self.unit) }
                    (self.legend())
                }
                div class="plot" {
                    svg width="100%" height=(self.height + BELOW) role="img" aria-label=(self.summary) {
                        @for tick in &self.down {
                            line class="grid" x1="0" x2="100%" y1=(tick.at) y2=(tick.at) {}
                            text class="y" x="-8" y=(tick.at + 4.0) { (tick.label) }
                        }
                        line class="base" x1="0" x2="100%" y1=(self.height) y2=(self.height) {}
                        @for tick in &self.across {
                            @let x = format!("{}%", tick.at);
                            line class="grid" x1=(x) x2=(x) y1="0" y2=(self.height) {}
                            text class=(if tick.minor { "x minor" } else { "x" }) x=(x) y=(self.height + 16.0) { (tick.label) }
                        }
                        text class="x axis" x="50%" y=(self.height + 34.0) { (self.across_title) }
                        (shapes)
                    }
                }
            }
        }
    }

    fn legend(&self) -> Markup {
        html! {
            @if !self.legend.is_empty() {
                ul class="legend" {
                    @for (class, name) in &self.legend {
                        li {
                            svg width="16" height="10" aria-hidden="true" {
                                @if class.contains("line") {
                                    line class=(class) x1="0" x2="16" y1="5" y2="5" {}
                                } @else if class.contains("dot") {
                                    circle class=(class) cx="8" cy="5" r="4" {}
                                } @else {
                                    rect class=(class) width="16" height="10" rx="2" {}
                                }
                            }
                            (name)
                        }
                    }
                }
            }
        }
    }
}

/// A place in percent, to a hundredth.
pub fn percent(share: f64) -> String {
    format!("{}%", (share.clamp(0.0, 1.0) * 10_000.0).round() / 100.0)
}
