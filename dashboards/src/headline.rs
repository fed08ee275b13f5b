//! The answer for someone who has three seconds: one sentence, six figures.

use maud::{Markup, html};

use crate::format::{self, duration};
use crate::text::clipped;
use crate::{Headline, Page, PoolRow};

/// A wait longer than this is worth a look: a runner that has to boot first takes about as long.
const LATE_MS: i64 = 2 * 60 * 1_000;

/// A wait longer than this is a full pool or a broken one, not a boot.
const STUCK_MS: i64 = 10 * 60 * 1_000;

/// How worried a wait should make the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing to do.
    Calm,
    /// Longer than a boot.
    Late,
    /// Longer than anyone should wait.
    Stuck,
}

impl Tone {
    /// The tone of one wait, or age, in milliseconds.
    pub(crate) fn of(wait_ms: Option<i64>) -> Self {
        match wait_ms {
            Some(ms) if ms >= STUCK_MS => Self::Stuck,
            Some(ms) if ms >= LATE_MS => Self::Late,
            _ => Self::Calm,
        }
    }

    /// Its class in the stylesheet; calm needs none.
    pub(crate) fn class(self) -> Option<&'static str> {
        match self {
            Self::Calm => None,
            Self::Late => Some("late"),
            Self::Stuck => Some("stuck"),
        }
    }
}

pub(crate) fn section(page: &Page) -> Markup {
    let headline = &page.headline;
    let now = Tone::of(headline.oldest_ms);
    let oldest = headline.oldest_ms.map_or("no job waits", |_| "and still waiting");
    let started = headline.waits.p95_ms.map_or("no job started", |_| page.range.phrase());
    html! {
        section id="headline" aria-labelledby="headline-title" {
            h1 id="headline-title" class=[now.class()] { (sentence(page)) }
            dl class="tiles" {
                (tile("Waiting now", &format::count(headline.waiting.into()), "jobs without a runner", now))
                (tile("Oldest waiting", &duration(headline.oldest_ms), oldest, now))
                (tile("Running now", &format::count(headline.running.into()), "jobs on a runner", Tone::Calm))
                (tile("Median wait", &duration(headline.waits.p50_ms), started, Tone::of(headline.waits.p50_ms)))
                (tile("p95 wait", &duration(headline.waits.p95_ms), started, Tone::of(headline.waits.p95_ms)))
                (tile("Arrivals", &format::count(headline.arrivals.into()), &rate(page), Tone::Calm))
            }
        }
    }
}

fn tile(name: &str, figure: &str, note: &str, tone: Tone) -> Markup {
    html! {
        div class=(format!("tile {}", tone.class().unwrap_or_default()).trim_end()) {
            dt { (name) }
            dd class="figure" { (figure) }
            dd class="note" { (note) }
        }
    }
}

/// What is the case right now, in words.
fn sentence(page: &Page) -> Markup {
    let Headline { waiting, running, oldest_ms, .. } = page.headline;
    html! {
        @if waiting == 0 && running == 0 {
            "No job is waiting or running."
        } @else if waiting == 0 {
            "No job is waiting; " (format::jobs(running)) @if running == 1 { " is" } @else { " are" } " running."
        } @else {
            (format::jobs(waiting)) @if waiting == 1 { " is" } @else { " are" } " waiting"
            @if oldest_ms.is_some() {
                ", " @if waiting > 1 { "the oldest " } "for " (duration(oldest_ms))
                @if let Some(pool) = culprit(page) { " in " (clipped("", &pool.name)) }
            }
            "."
        }
    }
}

/// The pool of the oldest waiting job, unless the view shows one pool anyway.
fn culprit(page: &Page) -> Option<&PoolRow> {
    let all = page.pool.is_none() && page.pools.len() > 1;
    let waiting = page.pools.iter().filter(|pool| all && pool.oldest_ms.is_some());
    waiting.max_by_key(|pool| pool.oldest_ms)
}

/// The range, and arrivals by the hour: `last 24 hours, 12.5 per hour`.
fn rate(page: &Page) -> String {
    let tenths = u64::from(page.headline.arrivals) * 36_000_000
        / page.range.duration_ms().unsigned_abs().max(1);
    let range = page.range.phrase();
    match tenths {
        0 => range.to_owned(),
        1_000.. => format!("{range}, {} per hour", format::count(tenths / 10)),
        _ => format!("{range}, {}.{} per hour", tenths / 10, tenths % 10),
    }
}
