//! One decision with everything that was known when it was made.

use maud::{Markup, html};

use super::decisions::{Change, figures};
use crate::format::duration;
use crate::text::clipped;
use crate::{Page, Place, utc};

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it changes and why.
    pub change: Change,
    /// Whether it was set; otherwise it is what would have been.
    pub is_set: bool,
    /// What was known, group by group: a title, and a name and a value each.
    pub known: Vec<(String, Vec<(String, String)>)>,
    /// The instances that counted: id, what it did, since when in milliseconds since the epoch.
    pub members: Vec<(String, String, i64)>,
    /// Where it stands as JSON.
    pub json_url: String,
}

pub(super) fn view(page: &Page, decision: &Decision) -> Markup {
    let Change { at_ms, pool, summary, sentences, .. } = &decision.change;
    html! {
        p class="crumbs" {
            a href=(page.view.at(Place::Decisions).address()) { "Decisions" }
            span class="sep" aria-hidden="true" { "/" }
            a href=(page.view.at(Place::Overview).with_pool(Some(pool)).address()) { (clipped("", pool)) }
        }
        h1 { (summary) }
        p class="lead" {
            time datetime=(utc::iso(*at_ms)) { (utc::full(*at_ms)) " UTC" }
            span class="sep" aria-hidden="true" { "·" }
            @if decision.is_set { "it was set" } @else { "a dry run: nothing was set" }
        }
        section id="reasons" class="panel" aria-labelledby="reasons-title" {
            h2 id="reasons-title" { "Why" }
            div class="body" {
                ul class="why" { @for sentence in sentences { li { (sentence) } } }
                (figures(&decision.change))
            }
        }
        @for (i, (title, facts)) in decision.known.iter().enumerate() {
            @let id = format!("known-{i}");
            section class="panel" aria-labelledby=(id) {
                h2 id=(id) { (title) }
                dl class="known body" { @for (name, value) in facts { dt { (name) } dd { (value) } } }
            }
        }
        (members(decision))
        p class="json" { a href=(decision.json_url) { "The decision as JSON" } }
    }
}

fn members(decision: &Decision) -> Markup {
    html! {
        section id="members" class="panel" aria-labelledby="members-title" {
            h2 id="members-title" { "Instances that counted" }
            @if decision.members.is_empty() {
                p class="nothing" { "None." }
            } @else {
                div id="members-scroll" class="scroll" role="region" aria-labelledby="members-title" tabindex="0" {
                    table {
                        caption class="hidden" { "Instances, what each did and since when" }
                        thead { tr {
                            th scope="col" class="text" { "Instance" }
                            th scope="col" class="text" { "State" }
                            th scope="col" { "For" }
                        } }
                        tbody { @for (id, state, since_ms) in &decision.members { tr {
                            th scope="row" class="text" { (clipped("", id)) }
                            td class="text" { (state) }
                            td { (duration(Some(decision.change.at_ms.saturating_sub(*since_ms)))) }
                        } } }
                    }
                }
            }
        }
    }
}
