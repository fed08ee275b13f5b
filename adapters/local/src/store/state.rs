//! What the writer keeps in memory, all of it derived from the file.

use ingest::{Content, Observer, Router, ledger};
use model::emf::Record;
use model::{JobEvent, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::book::Book;
use super::jobs::{self, Pools, Row};
use super::levels::Levels;
use super::{Intake, Settings, Taken, prune};
use crate::StoreError;

/// The writer's memory.
#[derive(Debug)]
pub(super) struct State {
    router: Router,
    pools: Pools,
    levels: Levels,
    book: Book,
}

impl State {
    pub(super) fn load(connection: &Connection, settings: &Settings) -> Result<Self, StoreError> {
        let mut pools = Pools::load(connection)?;
        let router = Router::new(settings.pools.clone(), pools.all().map(str::to_owned));
        for pool in &settings.pools {
            pools.id(connection, &pool.name)?;
        }
        Ok(State {
            router,
            levels: Levels::load(connection)?,
            book: Book::load(connection, settings.roll_ups.clone())?,
            pools,
        })
    }

    /// Whether time alone asks for a transaction.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.book.is_over(now)
    }

    /// Takes one delivery.
    pub(super) fn take_in(
        &mut self,
        connection: &Connection,
        observer: &Observer,
        intake: &Intake,
    ) -> Result<Taken, StoreError> {
        let at = intake.received_at;
        let taken = if is_repeated(connection, intake)? {
            Taken { duplicate: true, records: vec![observer.duplicate(at)] }
        } else {
            match &intake.delivery.content {
                Content::Job(event) => self.take_job(connection, observer, intake, event)?,
                Content::Run(run) => {
                    Taken { duplicate: false, records: vec![observer.run(run, at)] }
                }
                Content::Ping | Content::Ignored => Taken { duplicate: false, records: Vec::new() },
            }
        };
        self.note(connection, &taken.records)?;
        Ok(taken)
    }

    fn take_job(
        &mut self,
        connection: &Connection,
        observer: &Observer,
        intake: &Intake,
        event: &JobEvent,
    ) -> Result<Taken, StoreError> {
        let at = intake.received_at;
        let before = jobs::find(connection, event.key, &self.pools)?;
        let route = self.router.route(&event.labels);
        let job = before.as_ref().map(|row| row.job.clone());
        let Some((job, transition)) = ledger::fold(job, event.clone(), route, at) else {
            return Ok(Taken { duplicate: true, records: vec![observer.duplicate(at)] });
        };
        self.close_minutes(connection, at)?;
        let pool = self.pools.id(connection, &job.pool)?;
        let row = Row::after(before.as_ref(), job, at);
        jobs::save(connection, &row, pool)?;
        jobs::add_to_totals(connection, pool, before.as_ref(), &row, event.event_at())?;
        self.levels.change(before.as_ref(), &row);
        let records = observer.job(&row.job, &transition, Some(&intake.delivery.id));
        Ok(Taken { duplicate: false, records })
    }

    /// Writes records into the series of their minutes.
    pub(super) fn note(
        &mut self,
        connection: &Connection,
        records: &[Record],
    ) -> Result<(), StoreError> {
        for record in records {
            self.close_minutes(connection, record.at)?;
            self.book.note(record);
        }
        Ok(())
    }

    /// Closes the minutes before `now`: their levels and sums are written.
    fn close_minutes(&mut self, connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
        while let Some(minute) = self.book.next_to_close(now) {
            self.levels.write_into(&mut self.book, minute);
            self.book.close(connection, now)?;
            self.levels.start_minute();
        }
        Ok(())
    }

    /// Lets time pass: closes minutes, and once a minute gives up lost jobs and prunes.
    pub(super) fn advance(
        &mut self,
        connection: &Connection,
        observer: &Observer,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        if !self.book.is_over(now) {
            return Ok(Vec::new());
        }
        self.close_minutes(connection, now)?;
        let mut records = Vec::new();
        for (row, pool) in jobs::overdue(connection, &self.pools, now)? {
            let given_up = row.given_up(now);
            jobs::save(connection, &given_up, pool)?;
            self.levels.change(Some(&row), &given_up);
            records.push(observer.expired(&row.job.pool, row.job.stage(), 1, now));
        }
        self.note(connection, &records)?;
        prune::some(connection, settings.retention, self.book.minute(), now)?;
        Ok(records)
    }

    /// Writes what the open minute holds so far.
    pub(super) fn save(&mut self, connection: &Connection) -> Result<(), StoreError> {
        self.book.save(connection)
    }

    /// The names of all pools, in order.
    pub(super) fn pool_names(&self) -> impl Iterator<Item = &str> {
        self.pools.all()
    }

    /// The minute that is being counted.
    pub(super) fn open_minute(&self) -> Option<i64> {
        self.book.minute()
    }
}

/// Whether a delivery of that id was taken before; notes the id if not.
fn is_repeated(connection: &Connection, intake: &Intake) -> Result<bool, StoreError> {
    let id = compact(intake.delivery.id.as_str());
    let known: Option<i64> = connection
        .prepare_cached("SELECT number FROM deliveries WHERE id = ?1")?
        .query_row([&id], |row| row.get(0))
        .optional()?;
    if known.is_none() {
        connection
            .prepare_cached("INSERT INTO deliveries (id, received_at) VALUES (?1, ?2)")?
            .execute(params![id, intake.received_at.as_millis()])?;
    }
    Ok(known.is_some())
}

/// A GUID as its 16 bytes, any other id as its text.
fn compact(id: &str) -> Vec<u8> {
    let digits: String = id.chars().filter(|c| *c != '-').collect();
    let is_guid = id.len() == 36 && digits.len() == 32;
    match u128::from_str_radix(&digits, 16) {
        Ok(number) if is_guid => number.to_be_bytes().to_vec(),
        _ => id.as_bytes().to_vec(),
    }
}
