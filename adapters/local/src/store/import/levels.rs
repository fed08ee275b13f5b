//! The levels of a time that is over, told anew from all jobs.
//!
//! Every minute from the first to the last imported event is told anew. Beside these, and between
//! two changes, minutes of which nothing is known are filled; a gap in which no job was open is
//! filled up to a day, and a longer one stays unknown. So the end is the same in whatever order and
//! pieces a history was imported.

use std::collections::BTreeMap;

use model::series::Aggregate;
use model::{Dimension, Dimensions};
use rusqlite::{CachedStatement, Connection, params};

use super::super::levels::{Gauge, KEPT};
use super::super::minute_of;
use super::super::points::{self, Ids};
use super::super::pools::Pools;
use super::timeline::{self, Change, Step};
use crate::{SeriesKey, StoreError};

/// A gap without open jobs is filled for at most this many minutes: a day.
const FILL_MAX: i64 = 24 * 60;

/// So far around the stretch gaps are filled: as long as a job can be open, and a day.
pub(super) const AROUND: i64 = 6 * 24 * 60;

/// Tells the levels of `stretch` anew, its first to its last minute; after the minute `newest`
/// nothing is known. `jobs` reads the jobs as they were when `connection` began to write.
pub(super) fn tell_anew(
    jobs: &Connection,
    connection: &Connection,
    pools: &Pools,
    ids: &mut Ids,
    (first, last): (i64, i64),
    newest: i64,
) -> Result<(), StoreError> {
    let mut sweep = Sweep {
        rows: Rows::new(connection, pools, ids)?,
        stretch: (first, last),
        minute: None,
        fleet: Gauge::default(),
        pools: BTreeMap::new(),
    };
    sweep.rows.clear_pools(first, last)?;
    let around = (first - AROUND, newest.min(last + AROUND));
    timeline::each(jobs, around, |change| sweep.take(change))?;
    sweep.pass_until(last + 1)
}

struct Sweep<'a> {
    rows: Rows<'a>,
    stretch: (i64, i64),
    /// The minute that is under way; `None` before the first change.
    minute: Option<i64>,
    fleet: Gauge,
    pools: BTreeMap<i64, Gauge>,
}

impl Sweep<'_> {
    fn take(&mut self, change: Change) -> Result<(), StoreError> {
        self.pass_until(minute_of(change.at))?;
        let pool = self.pools.entry(change.pool).or_default();
        for gauge in [pool, &mut self.fleet] {
            match change.step {
                Step::Enters => gauge.enter(change.waits),
                Step::Leaves => gauge.leave(change.waits),
                Step::Passes => {}
            }
            gauge.note_highest();
        }
        Ok(())
    }

    /// Writes the minutes before `present`.
    fn pass_until(&mut self, present: i64) -> Result<(), StoreError> {
        let (first, _) = self.stretch;
        let mut minute = self.minute.replace(present).unwrap_or(first.min(present));
        while minute < present {
            self.write(minute)?;
            self.fleet.start_minute();
            for gauge in self.pools.values_mut() {
                gauge.start_minute();
            }
            minute += 1;
            let is_unknown = self.fleet.is_empty() && present - minute > FILL_MAX;
            if is_unknown {
                return Ok(());
            }
        }
        Ok(())
    }

    fn write(&mut self, minute: i64) -> Result<(), StoreError> {
        let (first, last) = self.stretch;
        let anew = (first..=last).contains(&minute);
        let end = model::Timestamp::from_secs((minute + 1) * 60);
        if !self.rows.fleet(minute, anew, &self.fleet.at(end))? {
            return Ok(());
        }
        for (pool, gauge) in &self.pools {
            let levels = gauge.at(end);
            if levels.iter().any(|level| level.max > 0) {
                self.rows.pool(*pool, minute, &levels)?;
            }
        }
        Ok(())
    }
}

/// Rows of the levels.
struct Rows<'a> {
    connection: &'a Connection,
    insert: CachedStatement<'a>,
    put: CachedStatement<'a>,
    fleet: [i64; 3],
    pools: BTreeMap<i64, [i64; 3]>,
}

impl<'a> Rows<'a> {
    fn new(connection: &'a Connection, pools: &Pools, ids: &mut Ids) -> Result<Self, StoreError> {
        let mut of = |dimensions: &Dimensions| -> Result<[i64; 3], StoreError> {
            let mut found = [0; 3];
            for (id, level) in found.iter_mut().zip(KEPT) {
                let key = SeriesKey { spec: level.0, dimensions: dimensions.clone() };
                *id = ids.of(connection, &key)?;
            }
            Ok(found)
        };
        let fleet = of(&Dimensions::none())?;
        let pools = pools
            .ids()
            .map(|id| Ok((id, of(&Dimensions::none().with(Dimension::Pool, pools.name(id)))?)))
            .collect::<Result<_, StoreError>>()?;
        let insert = connection.prepare_cached(points::INSERT)?;
        let put = connection.prepare_cached(points::WRITE)?;
        Ok(Rows { connection, insert, put, fleet, pools })
    }

    /// A pool without jobs has no rows.
    fn clear_pools(&self, first: i64, last: i64) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("DELETE FROM points WHERE series = ?1 AND minute BETWEEN ?2 AND ?3")?;
        for id in self.pools.values().flatten() {
            statement.execute(params![id, first, last])?;
        }
        Ok(())
    }

    /// Whether the minute was written: not `anew`, only where nothing is known of it.
    fn fleet(
        &mut self,
        minute: i64,
        anew: bool,
        levels: &[Aggregate; 3],
    ) -> Result<bool, StoreError> {
        for (id, level) in self.fleet.iter().zip(levels) {
            if !points::write_row(&mut self.insert, *id, minute, level)? {
                if !anew {
                    return Ok(false);
                }
                points::write_row(&mut self.put, *id, minute, level)?;
            }
        }
        Ok(true)
    }

    fn pool(&mut self, pool: i64, minute: i64, levels: &[Aggregate; 3]) -> Result<(), StoreError> {
        let Some(ids) = self.pools.get(&pool) else { return Ok(()) };
        for (id, level) in ids.iter().zip(levels).filter(|(_, level)| level.max > 0) {
            points::write_row(&mut self.insert, *id, minute, level)?;
        }
        Ok(())
    }
}
