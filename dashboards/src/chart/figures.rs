//! The figures behind the charts as a table: for those who cannot see them, for copying, and for
//! the script, which reads from here what to show at the cursor.

use std::collections::BTreeMap;
use std::ops::Range;

use maud::{Markup, html};

use super::path::value;
use super::picture::figure;
use crate::panel::{Chart, Layer, Picture, Shape};
use crate::{Page, Section, format, utc};

const DAY_MS: i64 = 86_400_000;

/// Which columns of the table are whose, by the id of the panel.
pub(super) struct Columns(BTreeMap<String, Range<usize>>);

impl Columns {
    /// Those of one panel.
    pub(super) fn of(&self, panel: &str) -> Range<usize> {
        self.0.get(panel).cloned().unwrap_or_default()
    }
}

/// Which columns are whose; the time is column 0.
pub(super) fn columns(sections: &[Section]) -> Columns {
    let mut next = 1;
    let mut columns = BTreeMap::new();
    for (id, chart) in charts(sections) {
        let of_chart = layers(chart).count();
        columns.insert(id.to_owned(), next..next + of_chart);
        next += of_chart;
    }
    Columns(columns)
}

fn charts(sections: &[Section]) -> impl Iterator<Item = (&str, &Chart)> {
    let panels = sections.iter().flat_map(|section| &section.panels);
    panels.filter_map(|panel| match &panel.picture {
        Picture::Chart(chart) => Some((panel.id.as_str(), chart)),
        _ => None,
    })
}

fn layers(chart: &Chart) -> impl Iterator<Item = &Layer> {
    chart.layers.iter().filter(|layer| !matches!(layer.shape, Shape::Heat(_)))
}

pub(super) fn table(page: &Page, sections: &[Section]) -> Markup {
    let panels = || {
        let panels = sections.iter().flat_map(|section| &section.panels);
        panels.filter_map(|panel| match &panel.picture {
            Picture::Chart(chart) => Some((panel, chart, layers(chart).count())),
            _ => None,
        })
    };
    html! {
        @if panels().next().is_some() {
            details id="figures" class="figures panel" {
                summary { "The same figures as a table" }
                div id="figures-scroll" class="scroll" role="region" aria-label="Figures" tabindex="0" {
                    table {
                        caption class="hidden" { "Figures of the charts above" }
                        thead {
                            tr {
                                td {}
                                @for (panel, _, of_chart) in panels().filter(|(_, _, n)| *n > 0) {
                                    th scope="colgroup" colspan=(of_chart) { (panel.title) }
                                }
                            }
                            tr id="figure-names" {
                                th scope="col" { "Time (UTC)" }
                                @for (_, chart, _) in panels() {
                                    @for layer in layers(chart) { th scope="col" { (layer.name) } }
                                }
                            }
                        }
                        tbody { @for index in 0..page.grid.len { tr {
                            th scope="row" { (step(page, index)) }
                            @for (_, chart, _) in panels() {
                                @for layer in layers(chart) {
                                    td { (figure(chart.unit, value(&layer.values, index))) }
                                }
                            }
                        } } }
                    }
                }
            }
        }
    }
}

/// From when to when, as short as the stretch allows: `Sun 22 Nov 22:00–23:00`.
fn step(page: &Page, index: usize) -> String {
    let (from, until) = (page.grid.at_ms(index), page.grid.at_ms(index + 1));
    if page.grid.step_ms >= DAY_MS {
        return format!("{} ({})", utc::date(from), format::round_duration(page.grid.step_ms));
    }
    let is_short = page.view.span.duration_ms() < DAY_MS;
    let day = if is_short { String::new() } else { utc::date(from) + " " };
    format!("{day}{}–{}", utc::clock(from), utc::clock(until.min(page.now_ms).max(from)))
}
