//! Series as CSV: `metric,dimensions,minute,value`, a row for each value of a minute.
//!
//! ```csv
//! metric,dimensions,minute,value
//! JobsWaiting,Pool=linux,2026-01-31T12:00:00Z,5
//! JobEvents,Pool=linux;Status=queued,2026-01-31T12:00:00Z,12
//! ScalerTicks,,2026-01-31T12:00:00Z,6
//! ```
//!
//! A minute is an RFC 3339 time or the number of minutes since 1970. A value of a timing is one
//! duration, in the unit of the metric; several rows of a minute are several.

use std::io::BufRead;

use ::csv::{ReaderBuilder, StringRecord};
use model::{Dimension, Dimensions, Kind, Point, Quantity, Spec, Timestamp, catalogue};

use super::Table;

/// The columns.
const HEADER: [&str; 4] = ["metric", "dimensions", "minute", "value"];

/// Reads all rows. A row that cannot be read is told to `problem` with its line, and skipped; how
/// many were.
///
/// # Errors
/// When the stream cannot be read or its header is another.
pub fn read(
    from: impl BufRead,
    table: &mut Table,
    mut problem: impl FnMut(u64, String),
) -> Result<u64, String> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(from);
    let header = reader.headers().map_err(|error| error.to_string())?;
    if header.iter().map(str::trim).ne(HEADER) {
        let found: Vec<&str> = header.iter().collect();
        return Err(format!(
            "the header {} was expected, not {}",
            HEADER.join(","),
            found.join(",")
        ));
    }
    let mut skipped = 0;
    for record in reader.records() {
        let (line, row) = match record {
            Ok(record) => (record.position().map_or(0, ::csv::Position::line), row(&record)),
            Err(error) if error.is_io_error() => return Err(error.to_string()),
            Err(error) => {
                (error.position().map_or(0, ::csv::Position::line), Err(error.to_string()))
            }
        };
        match row {
            Ok((at, by, point)) => table.add(at, &by, &point),
            Err(what) => {
                skipped += 1;
                problem(line, what);
            }
        }
    }
    Ok(skipped)
}

fn row(record: &StringRecord) -> Result<(Timestamp, Dimensions, Point), String> {
    let cells: Vec<&str> = record.iter().map(str::trim).collect();
    let [metric, dimensions, minute, value] = cells[..] else {
        return Err(format!("4 columns were expected, not {}", cells.len()));
    };
    let spec = catalogue::by_name(metric).ok_or_else(|| {
        format!("metric: {metric:?} is not in the catalogue (`headroom metrics`)")
    })?;
    let quantity = quantity(spec, value)
        .ok_or_else(|| format!("value: a whole number from 0 was expected, not {value:?}"))?;
    Ok((at(minute)?, self::dimensions(dimensions)?, Point { spec, quantity }))
}

fn at(minute: &str) -> Result<Timestamp, String> {
    if let Ok(minutes) = minute.parse::<i64>() {
        return Ok(Timestamp::from_secs(minutes.saturating_mul(60)));
    }
    minute.parse().map_err(|_| {
        format!("minute: a time such as 2026-01-31T12:00:00Z was expected, not {minute:?}")
    })
}

fn dimensions(text: &str) -> Result<Dimensions, String> {
    let mut by = Dimensions::none();
    for pair in text.split(';').filter(|pair| !pair.is_empty()) {
        let known = pair
            .split_once('=')
            .and_then(|(name, value)| Some((Dimension::from_name(name.trim())?, value.trim())));
        let (name, value) = known.ok_or_else(|| {
            format!(
                "dimensions: pairs such as Pool=linux;Status=queued were expected, not {pair:?}"
            )
        })?;
        by = by.with(name, value);
    }
    Ok(by)
}

/// Whole; what others write as `5.0` is.
fn quantity(spec: &Spec, text: &str) -> Option<Quantity> {
    let number: f64 = text.parse().ok()?;
    if !(0.0..=2_f64.powi(53)).contains(&number) || number.fract() != 0.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within 0..=2^53"
    )]
    let value = number as u64;
    Some(match spec.kind {
        Kind::Counter => Quantity::Add(value),
        Kind::Level => Quantity::Is(value),
        Kind::Timing => Quantity::Took(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(u64, Vec<(u64, String)>), String> {
        let mut problems = Vec::new();
        let told = |line, what| problems.push((line, what));
        let skipped = read(text.as_bytes(), &mut Table::default(), told)?;
        Ok((skipped, problems))
    }

    #[test]
    fn a_row_that_cannot_be_read_is_named_and_skipped() {
        let text = "metric,dimensions,minute,value\nJobsWaiting,Pool=linux,0,5.0\n\
                    JobsWaitng,,0,5\nJobsWaiting,Pol=linux,0,5\nJobsWaiting,,noon,5\n\
                    JobsWaiting,,0,-1\nJobsWaiting,0\n";
        let (skipped, problems) = check(text).unwrap();
        assert_eq!(skipped, 5);
        for ((line, what), (at, expected)) in problems.iter().zip([
            (3, "catalogue"),
            (4, "Pool=linux"),
            (5, "2026-01-31"),
            (6, "whole number"),
            (7, "4 columns"),
        ]) {
            assert!(*line == at && what.contains(expected), "{line}: {what}");
        }
    }

    #[test]
    fn another_header_is_refused() {
        assert!(check("a,b\n1,2\n").unwrap_err().contains("metric,dimensions,minute,value"));
    }
}
