//! The document around the figures, and the order of its sections.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::FINGERPRINT;
use crate::text::clipped;
use crate::{
    Banner, Page, Range, Severity, chart, first_steps, format, headline, jobs, link, pools,
    scaling, utc,
};

/// Symbols that rows refer to by `#i-NAME`, so that each is sent once.
const SPRITE: &str = include_str!("../assets/icons.svg");

/// Seconds between reloads where there is no script.
const RELOAD_SECS: u32 = 10;

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
    html! {
        div id="view" data-title=(title(page)) data-assets=(version()) {
            @for banner in &page.banners { (notice(banner)) }
            (scope(page))
            @if is_stranger(page) {
                (first_steps::section(page))
            } @else {
                (headline::section(page))
                (pools::section(page))
                (chart::section(page))
                (scaling::section(page))
                (jobs::longest_waiting(page))
                (jobs::recent(page))
            }
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
            title { (title(page)) }
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
            a class="brand" href=(link::view(page.range, None)) {
                svg class="logo" viewBox="0 0 32 32" aria-hidden="true" { use href="#i-logo" {} }
                "Headroom"
            }
            nav class="ranges" aria-label="Range" {
                @for range in Range::ALL {
                    a href=(link::view(range, page.pool.as_deref()))
                        aria-current=[(range == page.range).then_some("page")]
                        title=(range.phrase()) { (range.label()) }
                }
            }
            button id="live-toggle" class="status" type="button" data-state="live" hidden {
                span class="dot" aria-hidden="true" {}
                span id="live-state" role="status" { "Live" }
            }
            noscript { span class="status" { "Reloads every " (RELOAD_SECS) " s" } }
        }
    }
}

/// What the figures below cover, and how old they are.
fn scope(page: &Page) -> Markup {
    let last_delivery = page.last_delivery_ms.map(|at_ms| page.now_ms.saturating_sub(at_ms));
    html! {
        div class="scope" {
            p class="chosen" {
                @match &page.pool {
                    None => { "All pools" }
                    Some(pool) => {
                        "Pool " strong { (clipped("", pool)) }
                        a class="chip" href=(link::view(page.range, None)) { "All pools" }
                    }
                }
                span class="sep" aria-hidden="true" { "·" } (page.range.phrase())
            }
            p class="asof" {
                "as of " time datetime=(utc::iso(page.now_ms)) { (utc::full(page.now_ms)) " UTC" }
                @if let Some(age) = last_delivery {
                    span class="sep" aria-hidden="true" { "·" }
                    span { "last webhook " (format::duration(Some(age))) " ago" }
                }
            }
        }
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
                a href="/healthz" { "/healthz" }
            }
        }
    }
}

fn title(page: &Page) -> String {
    let scope = page.pool.as_ref().map(|pool| format!(" · {pool}")).unwrap_or_default();
    format!("{} waiting{scope} · Headroom", format::count(page.headline.waiting.into()))
}

/// No pool was ever seen: the reader needs instructions, not empty charts.
fn is_stranger(page: &Page) -> bool {
    page.pools.is_empty() && page.recent.is_empty() && page.longest_waiting.is_empty()
}

fn asset(name: &str) -> String {
    format!("/assets/{name}?v={}", version())
}

fn version() -> String {
    format!("{FINGERPRINT:08x}")
}
