//! The document around the figures: header, places, filter, footer.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::FINGERPRINT;
use crate::{Banner, Content, Page, Place, Severity, View, views};

/// Symbols that rows refer to by `#i-NAME`, so that each is sent once.
const SPRITE: &str = include_str!("../assets/icons.svg");

/// Seconds between reloads where there is no script: long enough to fill in a form.
const RELOAD_SECS: u32 = 30;

pub(crate) fn document(page: &Page) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(page))
            body {
                a class="skip" href="#live" { "Skip to the figures" }
                (PreEscaped(SPRITE))
                (header(page))
                main id="live" tabindex="-1" { (live(page)) }
                (footer(page))
            }
        }
    }
}

/// The part that changes. Its root tells the script the title and the assets it was made for.
pub(crate) fn live(page: &Page) -> Markup {
    let is_stranger = matches!(page.content, Content::FirstSteps(_));
    html! {
        div id="view" data-title=(views::title(page)) data-assets=(version()) {
            @for banner in &page.banners { (notice(banner)) }
            (views::firing(page))
            @if !is_stranger { (views::bar(page)) }
            (views::body(page))
        }
    }
}

fn head(page: &Page) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="same-origin";
            title { (views::title(page)) }
            link rel="icon" type="image/svg+xml" href=(asset("favicon.svg"));
            link rel="stylesheet" href=(asset("app.css"));
            script src=(asset("app.js")) defer {}
            noscript { meta http-equiv="refresh" content=(RELOAD_SECS); }
        }
    }
}

fn header(page: &Page) -> Markup {
    html! {
        header class="top" {
            a class="brand" href=(page.view.at(Place::Overview).with_pool(None).address()) {
                svg class="logo" viewBox="0 0 32 32" aria-hidden="true" { use href="#i-logo" {} }
                "Headroom"
            }
            nav class="places" aria-label="Views" {
                @for (place, title) in places(page) {
                    a href=(page.view.at(place.clone()).address())
                        aria-current=[is_at(&page.view, &place).then_some("page")] { (title) }
                }
            }
            (views::find(page))
            button id="live-toggle" class="status" type="button" data-state="live" hidden {
                span class="dot" aria-hidden="true" {}
                span id="live-state" role="status" { "Live" }
            }
            noscript { span class="status" { "Reloads every " (RELOAD_SECS) " s" } }
        }
    }
}

/// The places that can be gone to from everywhere.
fn places(page: &Page) -> Vec<(Place, &'static str)> {
    let mut places = vec![
        (Place::Overview, "Overview"),
        (Place::Jobs, "Jobs"),
        (Place::Decisions, "Decisions"),
        (Place::Alarms, "Alarms"),
        (Place::Pipeline, "Pipeline"),
        (Place::Cost, "Cost"),
    ];
    places.retain(|(place, _)| *place != Place::Alarms || page.firing.is_some());
    places
}

/// Whether a view lies below one of these places.
fn is_at(view: &View, place: &Place) -> bool {
    match &view.place {
        Place::Job(..) => *place == Place::Jobs,
        Place::Decision(..) => *place == Place::Decisions,
        Place::Runbook(_) => *place == Place::Alarms,
        other => other == place,
    }
}

fn notice(banner: &Banner) -> Markup {
    let (class, word) = match banner.severity {
        Severity::Info => ("banner info", "Note"),
        Severity::Warning => ("banner warning", "Warning"),
        Severity::Critical => ("banner critical", "Problem"),
    };
    html! {
        p class=(class) {
            strong { (word) } " " (banner.text)
            @if let Some(remedy) = &banner.remedy { " " span class="remedy" { (remedy) } }
        }
    }
}

fn footer(page: &Page) -> Markup {
    html! {
        footer class="bottom" {
            p { "Headroom " (page.version) span class="sep" aria-hidden="true" { "·" } "all times UTC" }
            nav aria-label="Data" {
                a href="/metrics" { "/metrics" }
                a href="/api/pools" { "/api/pools" }
                a href="/api/decisions" { "/api/decisions" }
                @if page.firing.is_some() { a href="/api/alarms" { "/api/alarms" } }
                a href="/healthz" { "/healthz" }
            }
        }
    }
}

fn asset(name: &str) -> String {
    format!("/assets/{name}?v={}", version())
}

fn version() -> String {
    format!("{FINGERPRINT:08x}")
}
