//! How many job events are usual in the present hour, from the stored series.

use model::catalogue as c;
use rusqlite::{Connection, params};

use super::{levels, points};
use crate::StoreError;

/// An hour is known if at least half of its minutes were counted.
const MINUTES_MIN: i64 = 30;

/// What is usual in one hour, looked up once.
#[derive(Debug, Default)]
pub(super) struct Usual {
    /// Hours since the epoch, and the job events that are usual in it.
    known: Option<(i64, Option<u64>)>,
}

impl Usual {
    /// Of the hour in which this minute lies.
    pub(super) fn at(
        &mut self,
        connection: &Connection,
        minute: i64,
    ) -> Result<Option<u64>, StoreError> {
        let hour = minute.div_euclid(60);
        match self.known {
            Some((known, usual)) if known == hour => Ok(usual),
            _ => {
                let usual = ingest::usual(hour, |hour| counted(connection, hour))?;
                self.known = Some((hour, usual));
                Ok(usual)
            }
        }
    }
}

fn counted(connection: &Connection, hour: i64) -> Result<Option<u64>, StoreError> {
    let Some(heartbeat) = points::find(connection, &levels::heartbeat())? else { return Ok(None) };
    let minutes: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM points WHERE series = ?1 AND minute >= ?2 AND minute < ?3",
        )?
        .query_row(params![heartbeat, hour * 60, (hour + 1) * 60], |row| row.get(0))?;
    if minutes < MINUTES_MIN {
        return Ok(None);
    }
    let events: i64 = connection
        .prepare_cached(
            "SELECT coalesce(sum(points.sum), 0) FROM series JOIN points \
             ON points.series = series.id AND points.minute >= ?2 AND points.minute < ?3 \
             WHERE series.metric = ?1",
        )?
        .query_row(params![c::JOB_EVENTS.0.name, hour * 60, (hour + 1) * 60], |row| row.get(0))?;
    Ok(Some(events.unsigned_abs()))
}
