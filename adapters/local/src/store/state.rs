//! What the writer keeps in memory, all of it derived from the file.

use ingest::{Content, Delivery, Observer, Route, Router, ledger};
use model::emf::Record;
use model::{DeliveryId, JobEvent, OTHER_POOL, Timestamp};
use rusqlite::Connection;

use super::book::Book;
use super::deliveries;
use super::jobs::{self, Row};
use super::levels::Levels;
use super::pools::{Pools, Totals};
use super::recent::Recent;
use super::usual::Usual;
use super::{Intake, Settings, Taken, prune, set_right};
use crate::StoreError;

/// The writer's memory.
#[derive(Debug)]
pub(super) struct State {
    recent: Recent,
    router: Router,
    pools: Pools,
    totals: Totals,
    levels: Levels,
    book: Book,
    usual: Usual,
    /// The minute in which lost jobs were last given up and old rows let go.
    swept: Option<i64>,
}

impl State {
    pub(super) fn load(connection: &Connection, settings: &Settings) -> Result<Self, StoreError> {
        let mut pools = Pools::load(connection)?;
        let router = Router::new(settings.pools.clone(), pools.all().map(str::to_owned));
        for pool in &settings.pools {
            pools.id(connection, &pool.name)?;
        }
        let book = Book::load(connection, settings.roll_ups.clone())?;
        let levels = Levels::load(connection, &book)?;
        let (recent, totals) = (Recent::load(connection)?, Totals::default());
        let usual = Usual::default();
        Ok(State { recent, router, pools, totals, levels, book, usual, swept: None })
    }

    /// Whether time alone asks for a transaction.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.book.is_over(now) || set_right::is_ahead(self.book.minute(), now)
    }

    /// Brings everything to the present, if the clock was ahead and is set right.
    pub(super) fn set_right(
        &mut self,
        connection: &Connection,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(open) = self.book.minute().filter(|open| set_right::is_ahead(Some(*open), now))
        else {
            return Ok(());
        };
        self.book.save(connection)?;
        if set_right::set_right(connection, open, now)? {
            *self = State::load(connection, settings)?;
            self.book.go_on();
        }
        Ok(())
    }

    /// Takes one delivery.
    pub(super) fn take_in(
        &mut self,
        connection: &Connection,
        observer: &Observer,
        intake: Intake,
    ) -> Result<Taken, StoreError> {
        let at = intake.received_at;
        let taken = if self.is_repeated(connection, &intake)? {
            Taken { duplicate: true, records: vec![observer.duplicate(at)] }
        } else {
            let Delivery { id, content } = intake.delivery;
            match content {
                Content::Job(event) => self.take_job(connection, observer, (id, at), *event)?,
                Content::Run(run) => {
                    Taken { duplicate: false, records: vec![observer.run(&run, at)] }
                }
                Content::Ping | Content::Ignored => Taken { duplicate: false, records: Vec::new() },
            }
        };
        self.note(connection, &taken.records)?;
        Ok(taken)
    }

    /// Whether a delivery of that id was taken before; notes the id if not.
    fn is_repeated(
        &mut self,
        connection: &Connection,
        intake: &Intake,
    ) -> Result<bool, StoreError> {
        let guid = deliveries::guid(intake.delivery.id.as_str());
        match (guid, &intake.delivery.content) {
            (Some(guid), Content::Job(_)) => self.recent.is_repeated(connection, guid),
            (Some(guid), _) if self.recent.knows(guid) => Ok(true),
            _ => deliveries::is_repeated(connection, intake),
        }
    }

    fn take_job(
        &mut self,
        connection: &Connection,
        observer: &Observer,
        (delivery, at): (DeliveryId, Timestamp),
        event: JobEvent,
    ) -> Result<Taken, StoreError> {
        let before = jobs::find(connection, event.key, &self.pools)?;
        let job = before.as_ref().map(|row| row.job.clone());
        // A job stays where it was first routed to.
        let route = match &job {
            Some(job) => Route { pool: job.pool.clone(), routed: job.routed },
            None => self.router.route(&event.labels),
        };
        let happened_at = event.event_at();
        let Some((job, transition)) = ledger::fold(job, event, route, at) else {
            return Ok(Taken { duplicate: true, records: vec![observer.duplicate(at)] });
        };
        self.close_minutes(connection, at)?;
        if job.pool == OTHER_POOL && !self.pools.has(OTHER_POOL) {
            tracing::warn!(
                labels = %job.labels,
                "{} label sets are pools of their own already; further ones share the pool \
                 `{OTHER_POOL}`. Name pools in the configuration to tell them apart",
                Router::LABEL_SETS_MAX
            );
        }
        let pool = self.pools.id(connection, &job.pool)?;
        let row = Row::after(before.as_ref(), job, at);
        jobs::save(connection, &row, pool)?;
        self.totals.add(pool, before.as_ref(), &row, happened_at);
        self.levels.change(before.as_ref(), &row);
        let records = observer.job(row.job, &transition, Some(delivery));
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
            self.note_levels(minute);
            self.book.close(connection, now)?;
            self.levels.start_minute();
        }
        Ok(())
    }

    fn note_levels(&mut self, minute: i64) {
        if self.book.is_counted() {
            self.levels.write_into(&mut self.book, minute);
        }
    }

    /// Lets time pass: closes minutes, and once a minute gives up lost jobs and lets go of old rows.
    pub(super) fn advance(
        &mut self,
        connection: &Connection,
        observer: &Observer,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        self.close_minutes(connection, now)?;
        // Deliveries close minutes as well, so this is no question of who closed the last one.
        let minute = self.book.minute();
        if self.swept == minute {
            return Ok(Vec::new());
        }
        self.swept = minute;
        let mut records = self.give_up(connection, observer, now)?;
        let usual = minute.map(|minute| self.usual.at(connection, minute)).transpose()?;
        records.extend(usual.flatten().map(|events| observer.usual(events, now)));
        self.note(connection, &records)?;
        if let Some(series) = prune::some(connection, settings.retention, minute, now)? {
            self.book.forget(series);
        }
        for pool in prune::pools(connection, &settings.pools)? {
            if let Some(name) = self.pools.forget(pool) {
                self.router.forget(&name);
                self.levels.forget(&name);
            }
        }
        Ok(records)
    }

    fn give_up(
        &mut self,
        connection: &Connection,
        observer: &Observer,
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        let mut records = Vec::new();
        for (row, pool) in jobs::overdue(connection, &self.pools, now)? {
            let given_up = row.given_up(now);
            jobs::save(connection, &given_up, pool)?;
            self.levels.change(Some(&row), &given_up);
            records.push(observer.expired(&row.job.pool, row.job.stage(), 1, now));
        }
        Ok(records)
    }

    /// Writes what the open minute and the totals of pools hold so far.
    pub(super) fn save(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if let Some(minute) = self.book.minute() {
            self.note_levels(minute);
        }
        self.totals.save(connection)?;
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
