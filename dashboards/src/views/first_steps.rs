//! What a stranger sees before the first job: exactly what to enter at GitHub.

use maud::{Markup, html};

use crate::format::duration;
use crate::{Page, utc};

pub(super) fn section(page: &Page, webhook_url: &str) -> Markup {
    html! {
        section id="first-steps" class="panel steps" aria-labelledby="first-steps-title" {
            h1 id="first-steps-title" { "Waiting for the first job" }
            (news(page))
            ol {
                li {
                    "At GitHub, open the " strong { "Settings" } " of your organization or repository, "
                    "then " strong { "Webhooks" } ", then " strong { "Add webhook" } "."
                }
                li { "Fill in the form:" (form(webhook_url)) }
                li {
                    "Save. GitHub sends a ping at once, and a webhook for every job from then on. "
                    "This page fills by itself; there is nothing to reload."
                }
            }
            (trouble())
        }
    }
}

/// Whether GitHub has found its way here yet.
fn news(page: &Page) -> Markup {
    html! {
        @match page.last_delivery_ms {
            Some(at_ms) => {
                p class="news good" {
                    "GitHub reached this server "
                    time datetime=(utc::iso(at_ms)) { (duration(Some(page.now_ms.saturating_sub(at_ms)))) " ago" }
                    ". The next job will appear here."
                }
            }
            None => { p class="news" { "No webhook has arrived yet. Three steps, about two minutes:" } }
        }
    }
}

fn form(webhook_url: &str) -> Markup {
    html! {
        dl class="form" {
            dt { "Payload URL" }
            dd { code { (webhook_url) } }
            dt { "Content type" }
            dd { code { "application/json" } }
            dt { "Secret" }
            dd { "the secret that this server was started with" }
            dt { "SSL verification" }
            dd { "enabled, if the address is " code { "https" } }
            dt { "Events" }
            dd {
                em { "Let me select individual events" } ": tick " strong { "Workflow jobs" }
                " and untick " strong { "Pushes" }
            }
        }
    }
}

fn trouble() -> Markup {
    html! {
        details id="trouble" {
            summary { "Nothing arrives?" }
            ul {
                li {
                    "GitHub shows each attempt and our answer under " strong { "Recent Deliveries" }
                    " of the webhook. 401 means that the secrets differ, 503 that this server has none."
                }
                li { "GitHub must be able to reach the address: " code { "localhost" } " or a private address will not do." }
                li { "Only jobs queued after the webhook was added are sent. Re-run any workflow to see one." }
            }
        }
    }
}
