//! Pictures on one time axis, with one cursor, and the same figures as a table.

mod figures;
mod frame;
mod heat;
pub(crate) mod path;
mod picture;
pub(crate) mod scale;
mod spark;

use maud::{Markup, html};

use crate::views::alarm_states;
pub(crate) use picture::figure;

use crate::text::prose;
use crate::{Page, Panel, Picture, Section, Table};
pub(crate) use spark::Spark;

/// Sections of panels, and below them their figures.
pub(crate) fn sections(page: &Page, sections: &[Section]) -> Markup {
    let columns = figures::columns(sections);
    html! {
        @for (i, section) in sections.iter().enumerate().filter(|(_, section)| !section.panels.is_empty()) {
            @let id = format!("section-{i}");
            section class="group" aria-labelledby=(id) {
                h2 id=(id) { (section.title) }
                div class="panels" {
                    @for panel in &section.panels { (draw(page, panel, &columns)) }
                }
            }
        }
        (figures::table(page, sections))
    }
}

fn draw(page: &Page, panel: &Panel, columns: &figures::Columns) -> Markup {
    let class = format!("card w{}", panel.columns);
    match &panel.picture {
        Picture::Chart(chart) => picture::draw(page, panel, chart, columns.of(&panel.id)),
        Picture::Figures(figures) => html! {
            div id=(panel.id) class=(format!("{class} figure-card")) title=(panel.help) {
                h3 { (panel.title) }
                dl { @for figure in figures {
                    dt class=[(figures.len() == 1).then_some("hidden")] { (figure.name) }
                    dd class="figure" { (figure.value) }
                } }
            }
        },
        Picture::Table(table) => html! {
            div id=(panel.id) class=(class) {
                (caption(panel, &table.note))
                (rows(panel, table))
            }
        },
        Picture::Alarms(rows) => html! {
            div id=(panel.id) class=(class) {
                (caption(panel, ""))
                (alarm_states(page, rows))
            }
        },
        Picture::Text => {
            html! { div id=(panel.id) class=(class) { h3 { (panel.title) } p { (panel.help) } } }
        }
    }
}

/// Title, what to see in it, and a note.
fn caption(panel: &Panel, note: &str) -> Markup {
    html! {
        div class="caption" {
            h3 { (panel.title) }
            span class="unit" { (note) }
            p class="help" { (prose(&panel.help)) }
        }
    }
}

fn rows(panel: &Panel, table: &Table) -> Markup {
    let id = format!("{}-scroll", panel.id);
    html! {
        @if table.rows.is_empty() {
            p class="nothing" { "Nothing is known here of this time." }
        } @else {
            div id=(id) class="scroll" role="region" aria-label=(panel.title) tabindex="0" {
                table {
                    caption class="hidden" { (panel.title) }
                    thead { tr {
                        th scope="col" class="text" { (table.by) }
                        @for column in &table.columns { th scope="col" { (column) } }
                    } }
                    tbody { @for (name, cells) in &table.rows { tr {
                        th scope="row" class="text" { (crate::text::clipped("", name)) }
                        @for cell in cells { td { (cell) } }
                    } } }
                }
            }
        }
    }
}
