//! How instances became runners.

use maud::{Markup, html};
use model::capacity::PoolReport;

use super::figure::secs;
use crate::format;

/// Boots and their stages, as far as they are known.
pub fn section(pool: &PoolReport) -> Markup {
    html! {
        @if let Some(boots) = &pool.boots {
            h4 { "Boots" }
            dl class="facts" {
                div { dt { "Became runners" } dd { (format::count(boots.started)) } }
                @for (name, time) in [
                    ("On average", boots.mean_secs),
                    ("95 % within", boots.p95_secs),
                    ("Machine", boots.machine_secs),
                    ("Registration", boots.config_secs),
                    ("Connection", boots.connect_secs),
                ] {
                    @if time.is_some() { div { dt { (name) } dd { (secs(time)) } } }
                }
                div { dt { "Failed" } dd { (format::count(boots.failed)) } }
            }
        }
    }
}
