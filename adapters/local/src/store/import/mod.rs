//! Takes in what was recorded earlier, in any order and any number of times.
//!
//! The live way only goes forward in time; here each event is counted in the minute of its own
//! receipt, on top of what is there. Events are gathered into chunks, and a chunk is one
//! transaction: jobs, totals and series of the same events become durable together, so an import
//! that was killed can be repeated. A job and phase that is known counts as repeated and changes
//! nothing.
//!
//! Into an empty file jobs go without the indexes that only readers need. These are built at the end;
//! an import that was killed leaves that to whoever opens the file next to write.
//!
//! What an event alone cannot tell is worked out by [`Importer::finish`]: jobs whose next event
//! never came are given up by the usual limits, as of the newest instant known, and the levels of
//! the imported time are told anew from all jobs.

mod fold;
mod give_up;
mod levels;
mod settle;
mod tally;
mod timeline;
mod told;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ingest::past::{Past, PastEvent};
use ingest::{Observer, Router};
use model::emf::Record;
use model::{DeliveryId, JobKey, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::pools::Pools;
use super::{Settings, deliveries, hours, minute_of, short};
use crate::lock::WriterLock;
use crate::{StoreError, schema};
use tally::Tally;

/// Events in one transaction: enough that its own cost does not show, and a few megabytes.
const CHUNK_EVENTS: usize = 60_000;

/// What became of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Job events that were new.
    pub events: u64,
    /// Events that were known.
    pub repeated: u64,
    /// Jobs that were new.
    pub jobs: u64,
    /// Workflow run events that were new.
    pub runs: u64,
    /// Lines of minutes that were taken into the series.
    pub minutes: u64,
    /// Jobs that were given up: somebody else did, or their next event never came.
    pub given_up: u64,
    /// The receipt of the oldest and of the newest event, or when the job of a line was given up.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// Imports into one file, which nobody else writes to meanwhile.
#[derive(Debug)]
pub struct Importer {
    path: PathBuf,
    connection: Connection,
    observer: Observer,
    router: Router,
    pools: Pools,
    tally: Tally,
    #[expect(clippy::vec_box, reason = "events come boxed, and sorting moves them")]
    pending: Vec<Box<PastEvent>>,
    runs: Vec<(DeliveryId, Record)>,
    minutes: Vec<Record>,
    /// Jobs that somebody gave up, and when: few of all that there are. Held until the end, for their
    /// events may come after that.
    gone: BTreeMap<JobKey, Timestamp>,
    imported: Imported,
    reach: Timestamp,
    _lock: WriterLock,
}

impl Importer {
    /// Opens or makes the file at `path`.
    ///
    /// # Errors
    /// When it cannot be opened or written, is in use, is not a store, or is of a newer version.
    pub fn open(path: &Path, settings: &Settings) -> Result<Self, StoreError> {
        schema::refuse_foreign(path)?;
        let lock = WriterLock::take(path)?;
        let connection = schema::open_to_write(path)?;
        settle::begin(&connection)?;
        if !has_jobs(&connection)? {
            schema::drop_job_indexes(&connection)?;
        }
        short::settle(&connection)?;
        let pools = Pools::load(&connection)?;
        let router = Router::new(settings.pools.clone(), pools.all().map(str::to_owned));
        Ok(Importer {
            path: path.to_owned(),
            connection,
            observer: Observer::new(settings.roll_ups.clone()),
            router,
            pools,
            tally: Tally::new(settings.roll_ups.clone()),
            pending: Vec::with_capacity(CHUNK_EVENTS),
            runs: Vec::new(),
            minutes: Vec::new(),
            gone: BTreeMap::new(),
            imported: Imported::default(),
            reach: Timestamp::EPOCH,
            _lock: lock,
        })
    }

    /// Takes what one line tells. It is durable after [`Importer::finish`], and mostly earlier.
    ///
    /// # Errors
    /// When a full chunk cannot be written; then nothing of the chunk was.
    pub fn take(&mut self, past: Past) -> Result<(), StoreError> {
        match past {
            Past::Job(event) => {
                self.stretch(event.received_at);
                self.pending.push(event);
            }
            Past::Run { id, run, received_at } => {
                self.runs.push((id, self.observer.run(&run, received_at)));
            }
            Past::Minute(records) => self.minutes.extend(records),
            Past::Gone { key, at } => {
                self.stretch(at);
                let known = self.gone.entry(key).or_insert(at);
                *known = at.min(*known);
            }
            Past::Unused | Past::Foreign => {}
        }
        match self.pending.len() + self.runs.len() + self.minutes.len() >= CHUNK_EVENTS {
            true => self.write(),
            false => Ok(()),
        }
    }

    fn stretch(&mut self, at: Timestamp) {
        let (from, to) = self.imported.span.unwrap_or((at, at));
        self.imported.span = Some((from.min(at), to.max(at)));
    }

    /// Writes the chunk.
    fn write(&mut self) -> Result<(), StoreError> {
        // What is kept in memory is not rolled back: an importer whose transaction failed ends.
        let transaction =
            rusqlite::Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let receipts = self.pending.iter().map(|past| past.received_at);
        let counts =
            self.runs.iter().map(|(_, run)| run.at).chain(self.minutes.iter().map(|m| m.at));
        if let Some(oldest) = receipts.chain(counts).min() {
            hours::forget_since(&transaction, minute_of(oldest) - levels::AROUND)?;
        }
        let mut events = std::mem::take(&mut self.pending);
        let fold = fold::Fold {
            connection: &transaction,
            observer: &self.observer,
            router: &mut self.router,
            pools: &mut self.pools,
            tally: &mut self.tally,
            imported: &mut self.imported,
            reach: &mut self.reach,
        };
        fold.take(&mut events)?;
        for (id, record) in self.runs.drain(..) {
            match is_new(&transaction, &id)? {
                true => {
                    self.tally.note(&record);
                    self.imported.runs += 1;
                }
                false => self.imported.repeated += 1,
            }
        }
        self.tally.write(&transaction)?;
        self.imported.minutes += self.minutes.len() as u64;
        told::join(&transaction, &mut self.tally, &mut self.pools, self.minutes.drain(..))?;
        transaction.commit()?;
        events.clear();
        self.pending = events;
        Ok(())
    }

    /// Writes what is left, gives up lost jobs, tells the levels anew, and brings the file into the
    /// state in which others expect it. `now` is the present.
    ///
    /// # Errors
    /// When the file cannot be written; repeating the import mends that.
    pub fn finish(mut self, now: Timestamp) -> Result<Imported, StoreError> {
        self.write()?;
        settle::build_indexes(&self.connection)?;
        if let Some((from, to)) = self.imported.span {
            let newest = settle::newest(&self.connection, to)?;
            let from = self.give_up(newest)?.map_or(from, |oldest| oldest.min(from));
            self.tell_levels((from, self.reach.max(to).min(newest)), newest)?;
            settle::open_minute(&self.connection, minute_of(to), minute_of(now))?;
        }
        let transaction = begin(&self.connection)?;
        hours::tell(&transaction, minute_of(now), i64::MAX, 0)?;
        transaction.commit()?;
        settle::end(&self.connection)?;
        Ok(self.imported)
    }

    /// Gives up lost jobs: the earliest instant at which one was that somebody else gave up.
    fn give_up(&mut self, newest: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let transaction = begin(&self.connection)?;
        let mut give_up = give_up::GiveUp {
            connection: &transaction,
            observer: &self.observer,
            pools: &self.pools,
            tally: &mut self.tally,
            count: 0,
        };
        let oldest = give_up.gone(&self.gone)?;
        if let Some(oldest) = oldest {
            hours::forget_since(&transaction, minute_of(oldest) - levels::AROUND)?;
            self.reach = newest;
        }
        give_up.overdue(newest)?;
        self.imported.given_up = give_up.count;
        self.tally.write(&transaction)?;
        transaction.commit()?;
        Ok(oldest)
    }

    fn tell_levels(
        &mut self,
        imported: (Timestamp, Timestamp),
        newest: Timestamp,
    ) -> Result<(), StoreError> {
        let jobs = settle::open_to_sort(&self.path)?;
        let transaction = begin(&self.connection)?;
        let stretch = (minute_of(imported.0), minute_of(imported.1));
        let ids = self.tally.ids();
        levels::tell_anew(&jobs, &transaction, &self.pools, ids, stretch, minute_of(newest))?;
        Ok(transaction.commit()?)
    }
}

/// What is kept in memory is not rolled back: an importer whose transaction failed ends.
fn begin(connection: &Connection) -> Result<Transaction<'_>, StoreError> {
    Ok(Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?)
}

fn has_jobs(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.prepare("SELECT 1 FROM jobs")?.exists([])?)
}

/// Whether a delivery that tells of no job was never taken; notes it.
fn is_new(connection: &Connection, id: &DeliveryId) -> Result<bool, StoreError> {
    let id = deliveries::compact(id.as_str());
    let is_known =
        connection.prepare_cached("SELECT 1 FROM deliveries WHERE id = ?1")?.exists([&id])?;
    let noted = connection
        .prepare_cached("INSERT INTO imported (id) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([&id])?;
    Ok(!is_known && noted > 0)
}
