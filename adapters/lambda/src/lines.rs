//! EMF lines on stdout, from where Lambda carries them to CloudWatch Logs.
//!
//! In Lambda's text format a line goes there as it is. In the JSON format Lambda drops lines below
//! the function's log level; a line counts as INFO unless it has a `level`, which is believed only
//! beside an RFC 3339 `timestamp`. So each line then carries both, and at least the function's
//! level: a metric is no matter of verbosity.
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>

use std::fmt;
use std::io::{self, Write};

use model::Timestamp;
use model::emf::{Encoder, MissingDimension, Record};

/// `AWS_LAMBDA_LOG_FORMAT`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines go to CloudWatch Logs as they are.
    #[default]
    Text,
    /// Lines are objects with a level, by which Lambda drops some.
    Json,
}

/// What each line carries for Lambda.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// How Lambda reads lines.
    pub format: LogFormat,
    /// The level of our lines in the JSON format: INFO, or the function's where that is higher.
    pub level: &'static str,
}

impl Stamp {
    /// What every function's level lets pass unless somebody raised it.
    pub const USUAL: &'static str = "INFO";

    /// Levels above INFO, which `AWS_LAMBDA_LOG_LEVEL` may name.
    const HIGHER: [&'static str; 3] = ["WARN", "ERROR", "FATAL"];

    /// By the values of `AWS_LAMBDA_LOG_FORMAT` and `AWS_LAMBDA_LOG_LEVEL`.
    pub fn new(format: Option<&str>, level: Option<&str>) -> Self {
        let is_json = format.is_some_and(|format| format.eq_ignore_ascii_case("json"));
        let is = |higher: &&&str| level.is_some_and(|level| level.eq_ignore_ascii_case(higher));
        let level = Self::HIGHER.iter().find(is).copied().unwrap_or(Self::USUAL);
        Stamp { format: if is_json { LogFormat::Json } else { LogFormat::Text }, level }
    }

    /// Whether lines of the usual level would be dropped.
    pub fn is_raised(&self) -> bool {
        self.format == LogFormat::Json && self.level != Self::USUAL
    }
}

/// Why lines are not written.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// stdout takes nothing.
    #[error("stdout cannot be written")]
    Output(#[from] io::Error),
    /// A record lacks what its metrics are published by.
    #[error(transparent)]
    Record(#[from] MissingDimension),
}

/// Writes records.
pub struct Lines {
    out: Box<dyn Write + Send>,
    encoder: Encoder,
    stamp: Stamp,
    lines: Vec<u8>,
    line: Vec<u8>,
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("stamp", &self.stamp).finish()
    }
}

impl Lines {
    /// To `out`, which gets each line whole, in one piece.
    pub fn new(out: Box<dyn Write + Send>, encoder: Encoder, stamp: Stamp) -> Self {
        Lines { out, encoder, stamp, lines: Vec::new(), line: Vec::new() }
    }

    /// Writes the lines of all records.
    ///
    /// # Errors
    /// When a record cannot be encoded, before anything is written; or when `out` fails.
    pub fn write(&mut self, records: &[Record], now: Timestamp) -> Result<(), LineError> {
        self.lines.clear();
        for record in records {
            self.encoder.write(record, &mut self.lines)?;
        }
        for line in self.lines.split_inclusive(|byte| *byte == b'\n') {
            match (self.stamp.format, line.strip_prefix(b"{")) {
                (LogFormat::Json, Some(rest)) => {
                    self.line.clear();
                    let level = self.stamp.level;
                    write!(self.line, "{{\"timestamp\":\"{now}\",\"level\":\"{level}\",")?;
                    self.line.extend_from_slice(rest);
                    self.out.write_all(&self.line)?;
                }
                _ => self.out.write_all(line)?,
            }
        }
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Dimensions;
    use model::catalogue::DELIVERIES_IGNORED;
    use std::sync::{Arc, Mutex};

    /// Keeps each piece that is written.
    #[derive(Clone, Default)]
    struct Pieces(Arc<Mutex<Vec<String>>>);

    impl Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().push(String::from_utf8(bytes.to_vec()).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(stamp: Stamp) -> Vec<String> {
        let pieces = Pieces::default();
        let mut lines = Lines::new(Box::new(pieces.clone()), Encoder::default(), stamp);
        let at = Timestamp::from_secs(1_800_000_000);
        let record = Record::new(at, Dimensions::none()).with(DELIVERIES_IGNORED.inc());
        lines.write(&[record.clone(), record], at).unwrap();
        std::mem::take(&mut pieces.0.lock().unwrap())
    }

    #[test]
    fn each_line_is_written_whole_and_at_once() {
        let pieces = written(Stamp::default());
        assert_eq!(pieces.len(), 2);
        for piece in pieces {
            assert!(piece.starts_with("{\"_aws\":") && piece.ends_with("}\n"), "{piece}");
            assert_eq!(piece.matches('\n').count(), 1);
        }
    }

    #[test]
    fn in_the_json_format_a_line_carries_a_level_that_is_not_dropped() {
        for (level, expected) in [
            (None, "INFO"),
            (Some("DEBUG"), "INFO"),
            (Some("INFO"), "INFO"),
            (Some("WARN"), "WARN"),
            (Some("error"), "ERROR"),
            (Some("FATAL"), "FATAL"),
        ] {
            let stamp = Stamp::new(Some("JSON"), level);
            assert_eq!(stamp.is_raised(), expected != "INFO");
            let line: serde_json::Value = serde_json::from_str(&written(stamp)[0]).unwrap();
            assert_eq!(line["level"], expected);
            assert_eq!(line["timestamp"], "2027-01-15T08:00:00Z");
            assert!(line["_aws"].is_object());
        }
    }

    #[test]
    fn the_text_format_knows_no_levels() {
        for format in [None, Some("Text"), Some("")] {
            let stamp = Stamp::new(format, Some("ERROR"));
            assert!(!stamp.is_raised() && !written(stamp)[0].contains("level"));
        }
    }
}
