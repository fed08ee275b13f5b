//! The words around the figures, and their place in the document.

use std::fmt;
use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::Timestamp;

use super::measure::{Figures, Program};

/// The section's heading, by which it is found again.
const HEADING: &str = "## On AWS Lambda";

/// The most processor time for an event, in microseconds.
const CPU_US_MAX: f64 = 60.0;

/// What a loop without a runtime took where that limit was set.
const LOOP_US: f64 = 10.6;

/// A figure: its name, its limit, and how it is told of a program.
type Row<'a> = (&'a str, &'a str, &'a dyn Fn(&Program) -> String);

/// The document with this section in place of the one it had, or at its end.
pub(crate) fn put(document: &str, section: &str) -> String {
    let begin = document.find(HEADING).unwrap_or(document.len());
    let after = document[begin..].get(HEADING.len()..).and_then(|rest| rest.find("\n## "));
    let rest = after.map_or("", |at| &document[begin + HEADING.len() + at + 1..]);
    let before = document[..begin].trim_end();
    let parts = [before, section.trim_end(), rest.trim_end()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}\n", parts.join("\n\n"))
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let date = Timestamp::from_secs(i64::try_from(now).unwrap_or(0)).to_string();
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        writeln!(
            f,
            "{HEADING}\n\n\
             Written by `cargo run --release --package headroom-lambda --example \
             lambda-performance` on {} at a load average of {}: `ingest-lambda` behind a Runtime \
             API on loopback, with GitHub's own payloads in the envelope of an HTTP API, {} bytes \
             on average, each signed and new; beside it the same runtime with nothing in it, and a \
             loop over the same two requests without a runtime. \
             Processor time is that of the function's threads, their side of the sockets included. \
             The binary is as `cargo build` leaves it; the zip of cargo-lambda is stripped. The \
             limit on processor time is of a machine on which such a loop took {LOOP_US} µs; most \
             of it is the system's, which wakes the function twice for each event, so it is told \
             by what the loop takes here as well.\n",
            &date[..10],
            load.split(' ').next().unwrap_or("?"),
            self.event_bytes,
        )?;
        writeln!(
            f,
            "| | ingest-lambda | at most | nothing in it | without a runtime |\n|---|--:|--:|--:|--:|"
        )?;
        let mib = |program: &Program| {
            let kib = u32::try_from(program.bytes / 1024).unwrap_or(u32::MAX);
            format!("{:.1} MiB", f64::from(kib) / 1024.0)
        };
        let ms = |took: Duration| format!("{:.1} ms", took.as_secs_f64() * 1e3);
        let (most, most_loops) = (format!("{CPU_US_MAX} µs"), loops(CPU_US_MAX, LOOP_US));
        let rows: [Row<'_>; 6] = [
            ("binary", "4 MB", &mib),
            ("start to first answer, median", "25 ms", &|program| ms(program.start_p50)),
            ("start to first answer, p95", "", &|program| ms(program.start_p95)),
            ("processor time for an event", &most, &|p| format!("{:.1} µs", p.cpu_us)),
            ("the same, in such loops", &most_loops, &|p| loops(p.cpu_us, self.sockets.cpu_us)),
            ("memory at most", "12 MB", &|program| format!("{:.1} MiB", program.rss_mib)),
        ];
        for (name, limit, figure) in rows {
            let [ours, echo, sockets] = [&self.function, &self.echo, &self.sockets].map(figure);
            writeln!(f, "| {name} | **{ours}** | {limit} | {echo} | {sockets} |")?;
        }
        Ok(())
    }
}

/// How many times as long as a loop something takes.
fn loops(us: f64, loop_us: f64) -> String {
    format!("{:.1}", us / loop_us)
}
