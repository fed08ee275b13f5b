//! The answer for someone who has three seconds: one sentence, six figures.

use maud::{Markup, html};

use crate::format::{self, duration};
use crate::text::clipped;
use crate::{Headline, Page, Span};

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

pub(super) fn section(page: &Page, headline: &Headline) -> Markup {
    let now = Tone::of(headline.oldest_ms);
    let oldest = headline.oldest_ms.map_or("no job waits", |_| "and still waiting");
    let started = headline.waits.p95_ms.map_or("no job started".to_owned(), |_| phrase(page));
    html! {
        section id="headline" aria-labelledby="headline-title" {
            h1 id="headline-title" class=[now.class()] { (sentence(headline)) }
            dl class="tiles" {
                (tile("Waiting now", &format::count(headline.waiting.into()), "jobs without a runner", now))
                (tile("Oldest waiting", &duration(headline.oldest_ms), oldest, now))
                (tile("Running now", &format::count(headline.running.into()), "jobs on a runner", Tone::Calm))
                (tile("Median wait", &duration(headline.waits.p50_ms), &started, Tone::of(headline.waits.p50_ms)))
                (tile("p95 wait", &duration(headline.waits.p95_ms), &started, Tone::of(headline.waits.p95_ms)))
                (tile("Arrivals", &format::count(headline.arrivals.into()), &rate(page, headline), Tone::Calm))
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
fn sentence(headline: &Headline) -> Markup {
    let Headline { waiting, running, oldest_ms, oldest_in, .. } = headline;
    html! {
        @if *waiting == 0 && *running == 0 {
            "No job is waiting or running."
        } @else if *waiting == 0 {
            "No job is waiting; " (format::jobs(*running)) @if *running == 1 { " is" } @else { " are" } " running."
        } @else {
            (format::jobs(*waiting)) @if *waiting == 1 { " is" } @else { " are" } " waiting"
            @if oldest_ms.is_some() {
                ", " @if *waiting > 1 { "the oldest " } "for " (duration(*oldest_ms))
                @if let Some(pool) = oldest_in { " in " (clipped("", pool)) }
            }
            "."
        }
    }
}

/// The stretch of time in the fewest words.
fn phrase(page: &Page) -> String {
    match page.view.span {
        Span::Last(range) => range.phrase().to_owned(),
        Span::Between(..) => format!("in {}", duration(Some(page.view.span.duration_ms()))),
    }
}

/// The stretch, and arrivals by the hour: `last 24 hours, 12.5 per hour`.
fn rate(page: &Page, headline: &Headline) -> String {
    let length_ms = page.view.span.duration_ms().unsigned_abs().max(1);
    let tenths = u64::from(headline.arrivals) * 36_000_000 / length_ms;
    let stretch = phrase(page);
    match tenths {
        0 => stretch,
        1_000.. => format!("{stretch}, {} per hour", format::count(tenths / 10)),
        _ => format!("{stretch}, {}.{} per hour", tenths / 10, tenths % 10),
    }
}
