//! How series and their points lie in the file.

use std::collections::BTreeMap;

use model::series::Aggregate;
use model::{Dimension, Dimensions, Histogram, catalogue};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Statement, params};

use crate::{SeriesKey, StoreError};

/// Ids of series kept in memory; beyond, they are looked up again.
const IDS_MAX: usize = 20_000;

/// Ids of the series that were written lately.
#[derive(Debug, Default)]
pub(super) struct Ids(BTreeMap<SeriesKey, i64>);

impl Ids {
    /// The id of a series, which is made if need be.
    pub(super) fn of(
        &mut self,
        connection: &Connection,
        key: &SeriesKey,
    ) -> Result<i64, StoreError> {
        if let Some(id) = self.0.get(key) {
            return Ok(*id);
        }
        connection
            .prepare_cached("INSERT OR IGNORE INTO series (metric, dimensions) VALUES (?1, ?2)")?
            .execute(params![key.spec.name, dimensions_text(&key.dimensions)])?;
        let id = find(connection, key)?.ok_or(StoreError::Damaged { what: "list of series" })?;
        if self.0.len() >= IDS_MAX {
            self.0.clear();
        }
        self.0.insert(key.clone(), id);
        Ok(id)
    }

    /// Forgets a series whose row is gone.
    pub(super) fn forget(&mut self, id: i64) {
        self.0.retain(|_, known| *known != id);
    }
}

/// The id of a series that was written before.
pub(crate) fn find(connection: &Connection, key: &SeriesKey) -> Result<Option<i64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM series WHERE metric = ?1 AND dimensions = ?2")?;
    let key = params![key.spec.name, dimensions_text(&key.dimensions)];
    Ok(statement.query_row(key, |row| row.get(0)).optional()?)
}

/// Writes what a series was in one minute, in place of what was written before.
pub(super) fn write(
    connection: &Connection,
    ids: &mut Ids,
    (key, minute): (&SeriesKey, i64),
    a: &Aggregate,
) -> Result<(), StoreError> {
    let id = ids.of(connection, key)?;
    write_row(&mut *connection.prepare_cached(WRITE)?, id, minute, a)?;
    Ok(())
}

/// Writes what a series was in one minute, in place of what was written before.
pub(super) const WRITE: &str = "INSERT OR REPLACE INTO points (series, minute, samples, sum, max, last, histogram) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Writes what a series was in one minute, unless something was written before.
pub(super) const INSERT: &str = "INSERT INTO points (series, minute, samples, sum, max, last, histogram) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";

/// Writes what the series of this id was in one minute, by [`WRITE`] or [`INSERT`]: whether it did.
pub(super) fn write_row(
    statement: &mut Statement<'_>,
    id: i64,
    minute: i64,
    a: &Aggregate,
) -> Result<bool, StoreError> {
    let [samples, sum, max, last] = [a.samples, a.sum, a.max, a.last].map(u64::cast_signed);
    let histogram = a.histogram.as_ref().map(Histogram::to_text);
    Ok(statement.execute(params![id, minute, samples, sum, max, last, histogram])? > 0)
}

/// What the series of this id was in one minute.
pub(super) fn row(
    connection: &Connection,
    id: i64,
    minute: i64,
) -> Result<Option<Aggregate>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT samples, sum, max, last, histogram FROM points WHERE series = ?1 AND minute = ?2",
    )?;
    let mut rows = statement.query([id, minute])?;
    rows.next()?.map(|row| aggregate_from(row, 0)).transpose()
}

/// Everything that was counted in one minute.
pub(super) fn of_minute(
    connection: &Connection,
    minute: i64,
) -> Result<Vec<(SeriesKey, Aggregate)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT metric, dimensions, samples, sum, max, last, histogram FROM series \
         JOIN points ON points.series = series.id AND points.minute = ?1 ORDER BY series.id",
    )?;
    let mut rows = statement.query([minute])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let metric: String = row.get("metric")?;
        // A metric that this version no longer knows is left where it is.
        if let Some(spec) = catalogue::by_name(&metric) {
            let dimensions = dimensions_from(&row.get::<_, String>("dimensions")?)?;
            found.push((SeriesKey { spec, dimensions }, aggregate_from(row, 2)?));
        }
    }
    Ok(found)
}

/// What a row of points or hours says, read no further than it is asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted<'a> {
    pub(crate) samples: u64,
    pub(crate) sum: u64,
    pub(crate) max: u64,
    pub(crate) last: u64,
    /// The stored form of a distribution.
    pub(crate) distribution: Option<&'a str>,
}

impl<'a> Counted<'a> {
    /// Reads the columns `samples, sum, max, last, histogram`, which stand from `first` on: to look
    /// for their names in every row takes longer than to read them.
    pub(crate) fn of(row: &'a SqlRow<'_>, first: usize) -> Result<Self, StoreError> {
        let number = |n: usize| row.get::<_, i64>(first + n).map(i64::cast_unsigned);
        let distribution = row.get_ref(first + 4)?.as_str_or_null();
        Ok(Counted {
            samples: number(0)?,
            sum: number(1)?,
            max: number(2)?,
            last: number(3)?,
            distribution: distribution.map_err(|_| DAMAGED)?,
        })
    }

    /// One that is no distribution.
    pub(crate) fn plain(aggregate: &Aggregate) -> Self {
        let Aggregate { samples, sum, max, last, histogram: _ } = *aggregate;
        Counted { samples, sum, max, last, distribution: None }
    }

    /// Takes it in as a later period than all before. A distribution is dear: only if asked for.
    pub(crate) fn merge_into(
        &self,
        all: &mut Aggregate,
        with_distribution: bool,
    ) -> Result<(), StoreError> {
        let Counted { samples, sum, max, last, distribution } = *self;
        all.merge(&Aggregate { samples, sum, max, last, histogram: None });
        match distribution.filter(|_| with_distribution) {
            Some(text) => {
                all.histogram.get_or_insert_default().merge_text(text).map_err(|_| DAMAGED)
            }
            None => Ok(()),
        }
    }
}

const DAMAGED: StoreError = StoreError::Damaged { what: "histogram" };

/// Reads the columns of [`Counted::of`].
pub(crate) fn aggregate_from(row: &SqlRow<'_>, first: usize) -> Result<Aggregate, StoreError> {
    let counted = Counted::of(row, first)?;
    let mut aggregate = Aggregate::default();
    counted.merge_into(&mut aggregate, true)?;
    aggregate.last = counted.last;
    Ok(aggregate)
}

/// Dimensions for their column.
pub(super) fn dimensions_text(dimensions: &Dimensions) -> String {
    let pairs: Vec<_> = dimensions.iter().map(|(d, value)| (d.as_str(), value)).collect();
    serde_json::to_string(&pairs).expect("texts always serialise")
}

/// One value as it stands within their column.
pub(crate) fn pair_text(dimension: Dimension, value: &str) -> String {
    serde_json::to_string(&(dimension.as_str(), value)).expect("texts always serialise")
}

/// Reads the column `dimensions`.
pub(crate) fn dimensions_from(text: &str) -> Result<Dimensions, StoreError> {
    let damaged = || StoreError::Damaged { what: "list of dimensions" };
    let pairs: Vec<(String, String)> = serde_json::from_str(text).map_err(|_| damaged())?;
    pairs.into_iter().try_fold(Dimensions::none(), |dimensions, (name, value)| {
        Ok(dimensions.with(Dimension::from_name(&name).ok_or_else(damaged)?, value))
    })
}
