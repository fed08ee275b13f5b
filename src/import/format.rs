//! What a file holds, told from its beginning.

use clap::ValueEnum;
use model::Timestamp;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Webhooks, one JSON object with headers and body a line.
    Webhook,
    /// EMF, one document a line, as CloudWatch Logs exports it.
    Emf,
    /// Jobs, one row of CSV each.
    Trace,
}

impl Format {
    /// By the first line that tells; `start` may end within a line.
    pub fn of(start: &[u8]) -> Option<Format> {
        let start = String::from_utf8_lossy(start);
        start.lines().map(str::trim).filter(|line| !line.is_empty()).find_map(of_line)
    }
}

fn of_line(line: &str) -> Option<Format> {
    let line = line.trim_start_matches('\u{feff}');
    if line.starts_with('{') {
        let place = |key: &str| line.find(key);
        let webhook = place("\"headers\"").into_iter().chain(place("\"body\"")).min();
        return match (place("\"_aws\""), webhook) {
            (Some(aws), Some(headers)) if aws < headers => Some(Format::Emf),
            (_, Some(_)) => Some(Format::Webhook),
            (Some(_), None) => Some(Format::Emf),
            (None, None) => None,
        };
    }
    if line.split(',').any(|column| column.trim() == "job_id") {
        return Some(Format::Trace);
    }
    let prefix = line.split([' ', '\t']).next().unwrap_or_default();
    prefix.parse::<Timestamp>().is_ok().then_some(Format::Emf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_the_first_line_that_tells() {
        for (start, expected) in [
            ("job_id,pool,queued_at_unix_ms\n1,linux,5", Some(Format::Trace)),
            ("\u{feff}run_id,job_id\n", Some(Format::Trace)),
            ("{\"headers\":{\"X-GitHub-Event\":\"ping\"},\"body\":{}}", Some(Format::Webhook)),
            ("{\"body\":\"{\\\"action\\\":\\\"queued\\\", cut off", Some(Format::Webhook)),
            ("{\"_aws\":{\"Timestamp\":1},\"body\":\"x\"}", Some(Format::Emf)),
            ("2026-01-31T12:00:00.000Z START RequestId: 1", Some(Format::Emf)),
            ("START RequestId: 1\n\n{\"a\":1,\"_aws\":{}}", Some(Format::Emf)),
            ("hello\n", None),
            ("", None),
        ] {
            assert_eq!(Format::of(start.as_bytes()), expected, "{start}");
        }
    }
}
