//! What series were in each hour of the days that are over, so that a chart of weeks does not read
//! every minute of them.
//!
//! A day (UTC) is told once, after it ended. Under the dimensions by which a series is stored only
//! days with many minutes are told: of a quiet day its few minutes are read. The sums over several
//! series, such as the fleet's, are told of every day. Whoever writes minutes of the past first says
//! so by [`forget_since`], in the same transaction.

use std::collections::BTreeMap;

use model::series::Aggregate;
use model::{Dimension, Dimensions, Kind, RollUp, Spec, catalogue};
use rusqlite::{Connection, OptionalExtension, params};

use super::levels::{KEPT, heartbeat};
use super::{meta, points};
use crate::{SeriesKey, StoreError};

/// Minutes in an hour and in a day.
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// With fewer minutes than this a day is quiet: reading them costs as little as reading hours.
const BUSY_MINUTES: usize = 96;

/// A day is told when it has been over for this long: what is received late belongs to the open
/// minute, but a clock may be set right.
const SETTLES_MINUTES: i64 = 10;

/// Days told in one transaction while deliveries wait, so that the first start on a long history
/// holds none of them up for long.
pub(super) const DAYS_AT_ONCE: i64 = 1;

/// One series of minutes.
struct Source {
    id: i64,
    key: SeriesKey,
}

/// What one key was in the hours of a day.
#[derive(Default)]
struct Day {
    hours: BTreeMap<i64, Aggregate>,
    minutes: usize,
}

/// Nothing that was told of this minute and later holds any more.
pub(super) fn forget_since(connection: &Connection, minute: i64) -> Result<(), StoreError> {
    let day = minute.div_euclid(DAY);
    match meta::get(connection, meta::HOURS_UNTIL_DAY)? {
        Some(until) if until > day => meta::set(connection, meta::HOURS_UNTIL_DAY, day),
        _ => Ok(()),
    }
}

/// Tells the next days that are over at the minute `now`, at most so many. Whether any is left.
pub(super) fn tell(
    connection: &Connection,
    now: i64,
    days_max: i64,
    first_kept: i64,
) -> Result<bool, StoreError> {
    forget_since(connection, now)?;
    let over = (now - SETTLES_MINUTES).div_euclid(DAY);
    let from = match meta::get(connection, meta::HOURS_UNTIL_DAY)? {
        Some(day) => day,
        None => match first_minute(connection)? {
            Some(minute) => minute.div_euclid(DAY),
            None => return Ok(false),
        },
    };
    let until = over.min(from.saturating_add(days_max));
    if until <= from {
        return Ok(false);
    }
    let sources = sources(connection)?;
    let mut ids = BTreeMap::new();
    for day in from..until {
        tell_day(connection, &sources, &mut ids, day)?;
    }
    let_go(connection, first_kept.div_euclid(HOUR))?;
    meta::set(connection, meta::HOURS_UNTIL_DAY, until)?;
    Ok(until < over)
}

fn first_minute(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let mut first = None;
    for source in sources(connection)? {
        let minute: Option<i64> = connection
            .prepare_cached("SELECT min(minute) FROM points WHERE series = ?1")?
            .query_row([source.id], |row| row.get(0))?;
        first = first.into_iter().chain(minute).min();
    }
    Ok(first)
}

/// Every series, by metric.
fn sources(connection: &Connection) -> Result<Vec<Source>, StoreError> {
    let mut statement =
        connection.prepare("SELECT id, metric, dimensions FROM series ORDER BY metric")?;
    let mut rows = statement.query([])?;
    let mut sources = Vec::new();
    while let Some(row) = rows.next()? {
        // A metric that this version no longer knows is drawn by nobody.
        if let Some(spec) = catalogue::by_name(&row.get::<_, String>("metric")?) {
            let dimensions = points::dimensions_from(&row.get::<_, String>("dimensions")?)?;
            sources.push(Source { id: row.get("id")?, key: SeriesKey { spec, dimensions } });
        }
    }
    Ok(sources)
}

fn tell_day(
    connection: &Connection,
    sources: &[Source],
    ids: &mut BTreeMap<SeriesKey, (i64, bool)>,
    day: i64,
) -> Result<(), StoreError> {
    let counted = counted(connection, day)?;
    for of_metric in sources.chunk_by(|a, b| a.key.spec == b.key.spec) {
        let mut coarse: BTreeMap<SeriesKey, Day> = BTreeMap::new();
        for source in of_metric {
            let mut minutes = minutes(connection, source.id, day)?;
            if minutes.is_empty() {
                clear(connection, ids, &source.key, false, day)?;
                continue;
            }
            for key in coarser(&source.key) {
                coarse.entry(key).or_default().add(&minutes);
            }
            let is_busy = minutes.len() >= BUSY_MINUTES;
            if is_quiet_level(&source.key) && is_busy {
                fill(&mut minutes, &counted);
            }
            let mut own = Day::default();
            own.add(&minutes);
            own.minutes = if is_busy { own.minutes } else { 0 };
            own.write(connection, ids, &source.key, false, day)?;
        }
        for (key, told) in coarse {
            told.write(connection, ids, &key, true, day)?;
        }
    }
    Ok(())
}

/// The minutes of a day that were counted at all.
fn counted(connection: &Connection, day: i64) -> Result<Vec<i64>, StoreError> {
    let Some(id) = points::find(connection, &heartbeat())? else { return Ok(Vec::new()) };
    let minutes = minutes(connection, id, day)?;
    Ok(minutes.into_iter().map(|(minute, _)| minute).collect())
}

fn minutes(
    connection: &Connection,
    series: i64,
    day: i64,
) -> Result<Vec<(i64, Aggregate)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT minute, samples, sum, max, last, histogram FROM points \
         WHERE series = ?1 AND minute >= ?2 AND minute < ?3 ORDER BY minute",
    )?;
    let mut rows = statement.query([series, day * DAY, (day + 1) * DAY])?;
    let mut minutes = Vec::new();
    while let Some(row) = rows.next()? {
        minutes.push((row.get(0)?, points::aggregate_from(row, 1)?));
    }
    Ok(minutes)
}

/// The sums that a series is part of: those by fewer dimensions that are published. Levels do not
/// add up.
fn coarser(key: &SeriesKey) -> impl Iterator<Item = SeriesKey> {
    let SeriesKey { spec, dimensions } = key;
    let published = spec.published.iter().filter(|published| {
        spec.kind != Kind::Level
            && published.roll_up != RollUp::Article
            && dimensions.cover(published.by)
            && !dimensions.are_exactly(published.by)
    });
    published.map(|published| SeriesKey {
        spec,
        dimensions: dimensions.only(|dimension| published.by.contains(&dimension)),
    })
}

/// A level whose row is missing where it was zero.
fn is_quiet_level(key: &SeriesKey) -> bool {
    let is_kept = KEPT.iter().any(|level| level.0 == key.spec);
    is_kept && key.dimensions.are_exactly(&[Dimension::Pool])
}

/// The zeros of a level, in the minutes that were counted.
fn fill(minutes: &mut Vec<(i64, Aggregate)>, counted: &[i64]) {
    let zero = Aggregate { samples: 1, ..Aggregate::default() };
    let known: BTreeMap<i64, Aggregate> = std::mem::take(minutes).into_iter().collect();
    *minutes = counted.iter().map(|minute| (*minute, zero.clone())).collect();
    for (minute, aggregate) in known {
        match minutes.binary_search_by_key(&minute, |(minute, _)| *minute) {
            Ok(at) => minutes[at].1 = aggregate,
            Err(at) => minutes.insert(at, (minute, aggregate)),
        }
    }
}

impl Day {
    fn add(&mut self, minutes: &[(i64, Aggregate)]) {
        self.minutes += minutes.len();
        for (minute, aggregate) in minutes {
            self.hours.entry(minute.div_euclid(HOUR)).or_default().merge(aggregate);
        }
    }

    /// Writes it in place of what was told before; a quiet day is left out.
    fn write(
        self,
        connection: &Connection,
        ids: &mut BTreeMap<SeriesKey, (i64, bool)>,
        key: &SeriesKey,
        is_sum: bool,
        day: i64,
    ) -> Result<(), StoreError> {
        if !is_sum && self.minutes == 0 && id(connection, ids, key, None)?.is_none() {
            return Ok(());
        }
        let is_whole = clear(connection, ids, key, is_sum, day)?;
        if self.minutes == 0 && !is_whole {
            return Ok(());
        }
        let Some((id, _)) = id(connection, ids, key, Some(is_sum))? else { return Ok(()) };
        let mut insert = connection.prepare_cached(
            "INSERT INTO hours (series, hour, samples, sum, max, last, histogram) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for (hour, aggregate) in self.hours {
            points::write_row(&mut insert, id, hour, &aggregate)?;
        }
        Ok(())
    }
}

/// Takes away what was told of a day; whether every day of the key is told.
fn clear(
    connection: &Connection,
    ids: &mut BTreeMap<SeriesKey, (i64, bool)>,
    key: &SeriesKey,
    is_sum: bool,
    day: i64,
) -> Result<bool, StoreError> {
    let Some((id, is_whole)) = id(connection, ids, key, None)? else { return Ok(is_sum) };
    connection
        .prepare_cached("DELETE FROM hours WHERE series = ?1 AND hour >= ?2 AND hour < ?3")?
        .execute([id, day * 24, (day + 1) * 24])?;
    Ok(is_whole || is_sum)
}

/// The id of a key and whether each of its days is told; made if `make` says how.
fn id(
    connection: &Connection,
    ids: &mut BTreeMap<SeriesKey, (i64, bool)>,
    key: &SeriesKey,
    make: Option<bool>,
) -> Result<Option<(i64, bool)>, StoreError> {
    if let Some(known) = ids.get(key) {
        return Ok(Some(*known));
    }
    let text = points::dimensions_text(&key.dimensions);
    if let Some(is_sum) = make {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO hour_series (metric, dimensions, is_whole) \
                 VALUES (?1, ?2, ?3)",
            )?
            .execute(params![key.spec.name, text, is_sum])?;
    }
    let found = find(connection, key.spec, &key.dimensions)?;
    if let Some(found) = found {
        ids.insert(key.clone(), found);
    }
    Ok(found)
}

/// The id of what is told under exactly these dimensions, and whether every day of it is.
pub(crate) fn find(
    connection: &Connection,
    spec: &Spec,
    dimensions: &Dimensions,
) -> Result<Option<(i64, bool)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, is_whole FROM hour_series WHERE metric = ?1 AND dimensions = ?2",
    )?;
    let key = params![spec.name, points::dimensions_text(dimensions)];
    Ok(statement.query_row(key, |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// The first minute of which nothing is told yet; `None` while nothing is.
pub(crate) fn told_until(connection: &Connection) -> Result<Option<i64>, StoreError> {
    Ok(meta::get(connection, meta::HOURS_UNTIL_DAY)?.map(|day| day * DAY))
}

/// Lets go of the hours before one.
fn let_go(connection: &Connection, first_kept: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM hours WHERE series IN (SELECT id FROM hour_series) AND hour < ?1",
        )?
        .execute([first_kept])?;
    Ok(())
}
