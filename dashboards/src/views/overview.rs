//! All pools, or one: what is the case, what was, and what is done about it.

use maud::{Markup, html};

use super::{decisions, headline, jobs, pools};
use crate::{Overview, Page, chart};

pub(super) fn view(page: &Page, overview: &Overview) -> Markup {
    html! {
        (headline::section(page, &overview.headline))
        @if page.view.pool.is_none() { (pools::section(page, &overview.pools)) }
        (chart::sections(page, &overview.sections))
        @if let Some(scaling) = &overview.scaling { (decisions::latest(page, scaling)) }
        (jobs::longest_waiting(page, &overview.longest_waiting))
        (jobs::recent(page, &overview.recent))
    }
}
