//! The sums of the open minute in one row, for as long as a flood lasts.
//!
//! A minute has a sum of each series, and each series its own part of the file: writing them all
//! with each transaction would be most of what a transaction writes. In a flood they are written
//! together, as absolute sums, and to their own places once a second. Whoever opens the file next
//! brings them there first.

use std::fmt::Write;

use model::Histogram;
use model::series::Aggregate;
use rusqlite::{Connection, OptionalExtension, params};

use super::points;
use crate::StoreError;

/// Adds a line with what the series of this id was.
pub(super) fn add(lines: &mut String, series: i64, a: &Aggregate) {
    let Aggregate { samples, sum, max, last, histogram } = a;
    let histogram = histogram.as_ref().map_or_else(|| NONE.to_owned(), Histogram::to_text);
    // Writing to a text never fails.
    let _ = writeln!(lines, "{series} {samples} {sum} {max} {last} {histogram}");
}

/// Stands where a series has no histogram.
const NONE: &str = "-";

/// Writes the lines of a minute, in place of those that were written before.
pub(super) fn write(connection: &Connection, minute: i64, lines: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO open_sums (minute, sums) VALUES (?1, ?2)")?
        .execute(params![minute, lines])?;
    Ok(())
}

/// The sums lie in their own places.
pub(super) fn clear(connection: &Connection) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM open_sums")?.execute([])?;
    Ok(())
}

/// Brings what a process left there to its own place.
pub(super) fn settle(connection: &Connection) -> Result<(), StoreError> {
    let mut find = connection.prepare_cached("SELECT minute, sums FROM open_sums")?;
    let found: Option<(i64, String)> =
        find.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((minute, lines)) = found else { return Ok(()) };
    let mut write = connection.prepare_cached(points::WRITE)?;
    for line in lines.lines() {
        let (series, sum) =
            read(line).ok_or(StoreError::Damaged { what: "sum of the open minute" })?;
        points::write_row(&mut write, series, minute, &sum)?;
    }
    clear(connection)
}

fn read(line: &str) -> Option<(i64, Aggregate)> {
    let mut words = line.splitn(6, ' ');
    let series = words.next()?.parse().ok()?;
    let mut number = || words.next()?.parse().ok();
    let (samples, sum, max, last) = (number()?, number()?, number()?, number()?);
    let histogram = match words.next()? {
        NONE => None,
        text => Some(Histogram::from_text(text).ok()?),
    };
    Some((series, Aggregate { samples, sum, max, last, histogram }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Quantity;

    #[test]
    fn a_sum_is_read_as_it_was_written() {
        let mut timed = Aggregate::default();
        for value in [3, 99, 3, 1_000_000] {
            timed.observe(&Quantity::Took(value));
        }
        let mut counted = Aggregate::default();
        counted.observe(&Quantity::Add(7));
        let mut lines = String::new();
        for (series, sum) in [(1, &timed), (20, &counted)] {
            add(&mut lines, series, sum);
        }
        let found: Vec<_> = lines.lines().map(|line| read(line).unwrap()).collect();
        assert_eq!(found[1], (20, counted));
        assert_eq!(
            found[0].1.histogram.as_ref().map(Histogram::to_text),
            timed.histogram.as_ref().map(Histogram::to_text)
        );
        assert_eq!((found[0].0, found[0].1.sum), (1, timed.sum));
        for line in ["", "1 2 3", "1 2 3 4 5", "1 2 3 4 5 {}", "x 2 3 4 5 -"] {
            assert!(read(line).is_none(), "{line}");
        }
    }
}
