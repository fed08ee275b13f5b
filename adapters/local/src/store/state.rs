//! What the writer keeps in memory, all of it derived from the file.

use ingest::{Content, Delivery, Observer, Route, Router, ledger};
use model::emf::Record;
use model::{DeliveryId, JobEvent, OTHER_POOL, Timestamp};
use rusqlite::Connection;

use super::book::Book;
use super::deliveries;
use super::jobs::{self, Row, Stood};
use super::levels::Levels;
use super::pools::{Pools, Totals};
use super::recent::Recent;
use super::rows::Rows;
use super::usual::Usual;
use super::{Intake, Settings, Taken, hours, minute_of, prune, set_right};
use crate::{Deleted, StoreError};

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
        self.book.is_over(now)
            || self.book.is_short()
            || set_right::is_ahead(self.book.minute(), now)
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
        rows: &mut Rows<'_>,
        observer: &Observer,
        intake: Intake,
    ) -> Result<Taken, StoreError> {
        let at = intake.received_at;
        let taken = if self.is_repeated(connection, &intake)? {
            Taken { duplicate: true, records: vec![observer.duplicate(at)] }
        } else {
            let Delivery { id, content } = intake.delivery;
            match content {
                Content::Job(event) => {
                    self.take_job((connection, rows), observer, (id, at), *event)?
                }
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
            (Some(guid), Content::Job(_)) => Ok(self.recent.is_repeated(guid)),
            (Some(guid), _) if self.recent.knows(guid) => Ok(true),
            _ => deliveries::is_repeated(connection, intake),
        }
    }

    fn take_job(
        &mut self,
        (connection, rows): (&Connection, &mut Rows<'_>),
        observer: &Observer,
        (delivery, at): (DeliveryId, Timestamp),
        event: JobEvent,
    ) -> Result<Taken, StoreError> {
        let before = rows.find(event.key, &self.pools)?;
        let stood = before.as_ref().map(Stood::of);
        let job = before.map(|row| row.job);
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
        let row = Row::after(stood.as_ref(), job, at);
        rows.save(stood.as_ref(), &row, pool)?;
        self.totals.add(pool, stood.as_ref(), &row, happened_at);
        self.levels.change(stood.as_ref(), &row);
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
        let mut lost = self.deleted(connection, &settings.deleted)?;
        if self.swept == minute {
            let records = self.give_up(connection, observer, lost, now)?;
            self.note(connection, &records)?;
            return Ok(records);
        }
        self.swept = minute;
        let is_other = |(row, _): &(Row, i64)| lost.iter().all(|(it, _)| it.job.key != row.job.key);
        let overdue: Vec<_> =
            jobs::overdue(connection, &self.pools, now)?.into_iter().filter(is_other).collect();
        lost.extend(overdue);
        let mut records = self.give_up(connection, observer, lost, now)?;
        let usual = minute.map(|minute| self.usual.at(connection, minute)).transpose()?;
        records.extend(usual.flatten().map(|events| observer.usual(events, now)));
        self.note(connection, &records)?;
        if let Some(series) = prune::some(connection, settings.retention, minute, now)? {
            self.book.forget(series);
        }
        if let Some(minute) = minute {
            let first_kept = minute_of(now.minus(settings.retention.series));
            hours::tell(connection, minute, hours::DAYS_AT_ONCE, first_kept)?;
        }
        for pool in prune::pools(connection, &settings.pools)? {
            if let Some(name) = self.pools.forget(pool) {
                self.router.forget(&name);
                self.levels.forget(&name);
            }
        }
        Ok(records)
    }

    /// Those of the jobs that GitHub does not know any more that are open.
    fn deleted(
        &self,
        connection: &Connection,
        deleted: &Deleted,
    ) -> Result<Vec<(Row, i64)>, StoreError> {
        let find = |key| jobs::open(connection, &self.pools, key).transpose();
        deleted.take().into_iter().filter_map(find).collect()
    }

    fn give_up(
        &mut self,
        connection: &Connection,
        observer: &Observer,
        lost: Vec<(Row, i64)>,
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        let mut records = Vec::new();
        for (row, pool) in lost {
            let given_up = row.given_up(now);
            jobs::save(connection, &given_up, pool)?;
            self.levels.change(Some(&Stood::of(&row)), &given_up);
            records.push(observer.job_gone(row.job.key, &row.job.pool, row.job.stage(), now));
        }
        Ok(records)
    }

    /// Writes what the open minute, the totals of pools and the list of ids hold so far.
    pub(super) fn save(
        &mut self,
        connection: &Connection,
        is_flood: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(minute) = self.book.minute() {
            self.note_levels(minute);
        }
        self.totals.save(connection)?;
        self.recent.save(connection)?;
        self.book.save_at(connection, is_flood, now)
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
