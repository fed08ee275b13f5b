//! What was to be reached, beside what was.

use std::fmt;

use super::capacity::From;
use super::report::Figures;

/// Verifying, parsing, routing and writing may take so many times as long as the HMAC.
pub(crate) const RATIO_MAX: f64 = 2.3;

/// Webhooks a second, each durable before it is acknowledged.
const PER_SEC_MIN: f64 = 20_000.0;

/// The latency that 99 % of them do not exceed.
const P99_MS_MAX: f64 = 50.0;

/// 150 MB.
const MEMORY_MIB_MAX: f64 = 150e6 / 1024.0 / 1024.0;

/// At a steady rate memory in the last part of a run may be so many times that in the second: in the
/// first, buffers and caches grow to their size.
const GROWTH_MAX: f64 = 1.1;

/// Events that an import takes a second.
const IMPORT_PER_SEC_MIN: f64 = 100_000.0;

/// From the start of a server with a long history to its first answer.
const START_MS_MAX: f64 = 1_000.0;

/// From the request of any view to its first paint, of a fleet of 500 pools.
const PAINT_MS_MAX: f64 = 300.0;

/// Describing ten million jobs of a trace, with lines of 300 bytes.
const DESCRIBED_SECS_MAX: f64 = 60.0;

/// Describing ten million jobs of a store.
const STORE_SECS_MAX: f64 = 20.0;

/// Replaying the latest of them.
const REPLAY_SECS_MAX: f64 = 60.0;

/// 200 MB.
const REPORT_MIB_MAX: f64 = 200e6 / 1024.0 / 1024.0;

/// One line of the budget.
struct Line {
    what: &'static str,
    required: String,
    reached: String,
    is_met: bool,
}

/// Writes the budget as a table.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, figures: &Figures) -> fmt::Result {
    writeln!(f, "| budget | required | reached | |\n|---|--:|--:|---|")?;
    for Line { what, required, reached, is_met } in lines(figures) {
        let word = if is_met { "met" } else { "**missed**" };
        writeln!(f, "| {what} | {required} | {reached} | {word} |")?;
    }
    writeln!(f)
}

fn lines(figures: &Figures) -> Vec<Line> {
    let Figures { bench, full, history, started, page, .. } = figures;
    let slowest = page.views.iter().map(|view| view.paint_ms).fold(0.0, f64::max);
    let at_least = |what, least: f64, found: f64, unit: &str| Line {
        what,
        required: format!("at least {least:.0}{unit}"),
        reached: format!("{found:.0}{unit}"),
        is_met: found >= least,
    };
    let at_most = |what, most: f64, found: f64, unit: &str, digits: usize| Line {
        what,
        required: format!("at most {most:.digits$}{unit}"),
        reached: format!("{found:.digits$}{unit}"),
        is_met: found <= most,
    };
    let rss = full.rss_mib_max().unwrap_or(f64::NAN);
    let started_ms = started.as_secs_f64() * 1e3;
    let mut lines = vec![
        at_most("one delivery, in times of the HMAC", RATIO_MAX, bench.all / bench.hmac, "", 2),
        at_least("webhooks a second", PER_SEC_MIN, full.per_sec(), ""),
        at_most("99 % of them are answered within", P99_MS_MAX, full.latency_ms(0.99), " ms", 0),
        at_most("memory meanwhile", MEMORY_MIB_MAX, rss, " MiB", 0),
        at_least("import, events a second", IMPORT_PER_SEC_MIN, history.per_sec(), ""),
        at_most("start with that history", START_MS_MAX, started_ms, " ms", 0),
        at_most("first paint of the slowest view", PAINT_MS_MAX, slowest, " ms", 0),
    ];
    let rss = |part: usize| figures.steady.as_ref()?.slices.get(part)?.rss_mib;
    if let Some((second, last)) = rss(1).zip(rss(9)) {
        let what = "memory at a steady rate, last part over second";
        lines.push(at_most(what, GROWTH_MAX, last / second, "", 2));
    }
    let longest = |from: From, has_replay: bool| {
        let runs =
            figures.reports.iter().filter(|run| run.from == from && run.has_replay == has_replay);
        runs.map(|run| run.took.as_secs_f64()).reduce(f64::max)
    };
    let limits = [
        ("description of 10 M jobs, from a trace", From::Trace, DESCRIBED_SECS_MAX),
        ("the same from a store", From::Store, STORE_SECS_MAX),
    ];
    for (what, from, most) in limits {
        if let Some((described, all)) = longest(from, false).zip(longest(from, true)) {
            lines.push(at_most(what, most, described, " s", 1));
            let what = match from {
                From::Trace => "replay for it, after the trace",
                From::Store => "replay for it, after the store",
            };
            lines.push(at_most(what, REPLAY_SECS_MAX, all - described, " s", 1));
        }
    }
    if let Some(most) = figures.reports.iter().map(|run| run.rss_mib_max).reduce(f64::max) {
        lines.push(at_most("memory of these reports", REPORT_MIB_MAX, most, " MiB", 0));
    }
    lines
}
