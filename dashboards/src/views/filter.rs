//! The second line of the page: which stretch of time, which pool, which repository. All of it is a
//! form that works without the script.

use maud::{Markup, html};

use crate::text::clipped;
use crate::{Page, Place, Range, Span, View, format, utc};

pub(crate) fn bar(page: &Page) -> Markup {
    let view = &page.view;
    html! {
        div class="filter" {
            p class="chosen" { (scope(page)) }
            @if is_of_time(&view.place) {
                nav class="ranges" aria-label="Range" {
                    @for range in Range::ALL {
                        @let chosen = view.span == Span::Last(range);
                        a href=(view.over(Span::Last(range)).address())
                            aria-current=[chosen.then_some("page")]
                            title=(range.phrase()) { (range.label()) }
                    }
                }
                details id="filter" class="more" {
                    summary { "Range and filter" }
                    (form(page))
                }
            }
            p class="asof" { (as_of(page)) }
        }
    }
}

/// Whether the place shows a stretch of time at all.
fn is_of_time(place: &Place) -> bool {
    match place {
        Place::Overview
        | Place::Jobs
        | Place::Decisions
        | Place::Alarms
        | Place::Pipeline
        | Place::Cost => true,
        Place::Job(..) | Place::Decision(..) | Place::Runbook(_) => false,
    }
}

/// What is looked at, each narrowing with a way out of it.
fn scope(page: &Page) -> Markup {
    let view = &page.view;
    html! {
        @match &view.pool {
            None => { "All pools" }
            Some(pool) => {
                "Pool " strong { (clipped("", pool)) }
                a class="chip" href=(view.with_pool(None).address()) { "All pools" }
            }
        }
        @if let Some(repository) = &view.repository {
            span class="sep" aria-hidden="true" { "·" }
            "Repository " strong { (clipped("", repository)) }
            a class="chip" href=(view.with_repository(None).address()) { "All repositories" }
        }
        @if is_of_time(&view.place) {
            span class="sep" aria-hidden="true" { "·" } (view.span.phrase())
        }
    }
}

fn form(page: &Page) -> Markup {
    let view = &page.view;
    let (from_ms, to_ms) = view.span.bounds_ms(page.now_ms);
    html! {
        form id="filter-form" class="fields" action=(view.place.path()) method="get" {
            (choice("pool", "Pool", view.pool.as_deref(), &page.choices.pools))
            (choice("repository", "Repository", view.repository.as_deref(), &page.choices.repositories))
            div class="field" {
                label for="from" { "From (UTC)" }
                input id="from" name="from" type="datetime-local" value=(utc::input(from_ms));
            }
            div class="field" {
                label for="to" { "To (UTC)" }
                input id="to" name="to" type="datetime-local" value=(utc::input(to_ms));
            }
            @if let Some(state) = view.listing.state {
                input type="hidden" name="state" value=(state.key());
            }
            button type="submit" name="span" value="between" { "Show this stretch" }
            button type="submit" name="span" value=(last(view)) { "Up to now" }
        }
    }
}

/// The range that "up to now" means.
fn last(view: &View) -> &'static str {
    match view.span {
        Span::Last(range) => range.key(),
        Span::Between(..) => Range::default().key(),
    }
}

/// A field with suggestions: with hundreds of them one types, and finds.
fn choice(name: &str, title: &str, chosen: Option<&str>, choices: &[String]) -> Markup {
    let list = format!("{name}-choices");
    html! {
        div class="field" {
            label for=(format!("filter-{name}")) { (title) }
            input id=(format!("filter-{name}")) name=(name) type="text" list=(list) autocomplete="off"
                placeholder="all" value=[chosen];
            datalist id=(list) { @for choice in choices { option value=(choice) {} } }
        }
    }
}

fn as_of(page: &Page) -> Markup {
    let last_delivery = page.last_delivery_ms.map(|at_ms| page.now_ms.saturating_sub(at_ms));
    html! {
        "as of " time datetime=(utc::iso(page.now_ms)) { (utc::full(page.now_ms)) " UTC" }
        @if let Some(age) = last_delivery {
            span class="sep" aria-hidden="true" { "·" }
            span { "last webhook " (format::duration(Some(age))) " ago" }
        }
    }
}

/// The fields of a view as a form carries them, without those of its list.
pub(super) fn carried(view: &View) -> Markup {
    let place = view.at(view.place.clone());
    html! {
        @for (name, value) in place.parameters() { input type="hidden" name=(name) value=(value); }
    }
}
