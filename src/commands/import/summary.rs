//! What an import says at its end.

use std::fmt::Write;

use local::{Imported, Retention};
use model::Timestamp;

use crate::import::Counts;

/// One line of what happened and, where there is something to say, a note.
pub fn text(read: &Counts, done: &Imported, retention: Retention, now: Timestamp) -> String {
    let mut text = format!(
        "{} lines: {} new events of jobs, {} new jobs, {} events known before",
        read.lines, done.events, done.jobs, done.repeated
    );
    for (count, what) in [
        (done.runs, "new events of runs"),
        (done.minutes, "records of minutes"),
        (done.given_up, "jobs given up for lost"),
        (read.unused, "lines that history does not keep"),
        (read.foreign, "lines that are not headroom's"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    }
    let _ = writeln!(text, ", {} malformed lines", read.malformed);
    let Some((from, to)) = done.span else { return text };
    let _ = writeln!(text, "from {from} to {to}");
    if from < now.minus(retention.jobs) {
        let days = retention.jobs.as_secs() / 86_400;
        let _ = writeln!(
            text,
            "note: `headroom serve` on this store keeps jobs for {days} days; set \
             retention.jobs_days and retention.series_days to keep what is older"
        );
    }
    text
}
