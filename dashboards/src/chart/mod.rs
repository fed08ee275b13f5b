//! The charts: three strips on one time axis, one cursor, and the same figures as a table.

mod capacity;
mod demand;
mod figures;
mod flow;
mod frame;
pub(crate) mod path;
pub(crate) mod scale;
mod spark;
mod waits;

use maud::{Markup, html};

use crate::Page;
pub(crate) use spark::Spark;

pub(crate) fn section(page: &Page) -> Markup {
    html! {
        section id="charts" class="panel" aria-labelledby="charts-title" {
            h2 id="charts-title" class="hidden" { "Over time, " (page.range.phrase()) }
            (demand::chart(page))
            (capacity::charts(page))
            (waits::chart(page))
            (flow::chart(page))
            (figures::table(page))
        }
    }
}
