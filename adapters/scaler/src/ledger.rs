//! The open jobs of all pools, as the lines of the webhook tell them.
//!
//! A line may come twice, late or out of order: by a subscription, by reading the log group, and by
//! reading its last minute again. A job is the set of facts that its lines state, so none of that
//! matters; of a job that is over, its key is kept for a while, so that a late line reopens nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use ingest::Route;
use ingest::ledger::{QUEUE_AGE_MAX, RUN_AGE_MAX, Seen, Stage, fold};
use ingest::past::{Malformed, Past, PastEvent, emf};
use model::{JobEvent, JobKey, Phase, Repository, Timestamp, UNROUTED_POOL};
use scaler::ports::{Busy, Open};
use scaler::{Backlog, Source};
use serde::{Deserialize, Serialize};

use kept::KeptJob;

mod kept;

/// So long is remembered that a job is over. Lines of one job that are delivered again, by GitHub or
/// by Lambda, come within hours; a million jobs a day are 250,000 keys of 16 bytes.
pub const DONE_KEPT: Duration = Duration::from_hours(6);

/// Of these only the latest are written down, so that checkpoints stay small: a late line comes within
/// minutes, and a repeat that somebody asks for seldom falls into a restart.
const DONE_WRITTEN: Duration = Duration::from_hours(1);

/// Repositories are remembered for so long after their last job.
const HEARD_KEPT: Duration = Duration::from_hours(24);

/// Of more repositories the jobs cannot be asked for in a day.
const REPOSITORIES_MAX: usize = 10_000;

/// The open jobs of all pools.
#[derive(Debug)]
pub struct Ledger {
    open: BTreeMap<JobKey, ingest::Job>,
    done: BTreeMap<JobKey, Timestamp>,
    /// The same in the order in which they became known.
    forgetting: VecDeque<(Timestamp, JobKey)>,
    /// When jobs were queued, by pool, and not told yet. Of pools that nobody scales nobody asks.
    arrived: BTreeMap<String, Vec<Timestamp>>,
    /// When a job of each repository was heard of last.
    heard: BTreeMap<String, Timestamp>,
    as_of: Timestamp,
    /// Of jobs that were over before nothing is known.
    since: Option<Timestamp>,
}

/// A ledger as it is written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    open: Vec<KeptJob>,
    /// Jobs that are over, in the order in which that became known.
    done: Vec<(Timestamp, u64, u32)>,
    arrived: BTreeMap<String, Vec<Timestamp>>,
    /// Repositories, and when a job of each was heard of last.
    #[serde(default)]
    heard: BTreeMap<String, Timestamp>,
    as_of: Timestamp,
}

impl Kept {
    /// Up to when the log group was read.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }
}

/// An open job of which only that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub key: JobKey,
    /// Its pool.
    pub pool: String,
    /// When its first line was written.
    pub first_at: Timestamp,
    /// When its last line was written.
    pub last_at: Timestamp,
    /// Whether it was queued.
    pub is_queued: bool,
    /// Whether it got a runner, and which.
    pub started: Option<String>,
    /// Its repository; empty where that is not known.
    pub repository: String,
}

impl Ledger {
    /// Knows nothing; the arrivals of these pools will be asked for.
    pub fn new<'a>(pools: impl IntoIterator<Item = &'a str>) -> Self {
        Ledger {
            open: BTreeMap::new(),
            done: BTreeMap::new(),
            forgetting: VecDeque::new(),
            arrived: pools.into_iter().map(|pool| (pool.to_owned(), Vec::new())).collect(),
            heard: BTreeMap::new(),
            as_of: Timestamp::EPOCH,
            since: None,
        }
    }

    /// One that goes on from what was written down, with these pools.
    pub fn recalled<'a>(kept: Kept, pools: impl IntoIterator<Item = &'a str>) -> Self {
        let Kept { open, done, mut arrived, heard, as_of } = kept;
        let of_pool = |pool: &str| (pool.to_owned(), arrived.remove(pool).unwrap_or_default());
        let arrived = pools.into_iter().map(of_pool).collect();
        let done =
            || done.iter().map(|(at, job, attempt)| (*at, JobKey { job: *job, attempt: *attempt }));
        Ledger {
            open: open.into_iter().map(|job| (job.key, job.into())).collect(),
            done: done().map(|(at, key)| (key, at)).collect(),
            forgetting: done().collect(),
            arrived,
            heard,
            as_of,
            since: Some(as_of.minus(DONE_WRITTEN)),
        }
    }

    /// What is to be written down.
    pub fn kept(&self) -> Kept {
        let is_late = |at: Timestamp| self.as_of.saturating_since(at) <= DONE_WRITTEN;
        let done = self.forgetting.iter().filter(|(at, _)| is_late(*at));
        let arrived = self.arrived.iter().filter(|(_, at)| !at.is_empty());
        Kept {
            open: self.open.values().map(KeptJob::of).collect(),
            done: done.map(|(at, key)| (*at, key.job, key.attempt)).collect(),
            arrived: arrived.map(|(pool, at)| (pool.clone(), at.clone())).collect(),
            heard: self.heard.clone(),
            as_of: self.as_of,
        }
    }

    /// Takes in a job of which only its standing is known. It is no arrival: when it came is told
    /// elsewhere.
    pub fn stands(&mut self, standing: Standing) {
        let key = standing.key;
        if !self.done.contains_key(&key) {
            self.open.entry(key).or_insert_with(|| kept::standing(standing));
        }
    }

    /// Up to when the log group was read.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Takes a line in; comes back with the pool whose jobs are others now.
    ///
    /// # Errors
    /// When it is one of ours and does not hold what ours hold.
    pub fn take(&mut self, line: &str) -> Result<Option<String>, Malformed> {
        match emf::read(line)? {
            Past::Job(told) => Ok(self.hear(*told)),
            Past::Gone { key, at } => Ok(self.gone(key, at).map(|(pool, _)| pool)),
            Past::Run { .. } | Past::Minute(_) | Past::Unused | Past::Foreign => Ok(None),
        }
    }

    /// The log group was read up to this instant.
    pub fn read_until(&mut self, now: Timestamp) {
        self.as_of = self.as_of.max(now);
        self.since.get_or_insert(now);
        self.give_up(now);
        self.forget(now);
    }

    /// The open jobs of a pool, and those of its runners that have a job for longest.
    pub fn open(&self, pool: &str, names_max: u32) -> Open {
        let of_pool = || self.open.values().filter(|job| job.pool == pool);
        let waiting = || of_pool().filter(|job| job.stage() == Stage::Waiting);
        let mut busy: Vec<Busy> = of_pool()
            .filter(|job| job.stage() == Stage::Running)
            .map(|job| Busy {
                runner: job.runner.clone().unwrap_or_default(),
                since: job.started_at().unwrap_or(job.updated_at),
            })
            .collect();
        busy.sort_by(|a, b| (a.since, &a.runner).cmp(&(b.since, &b.runner)));
        let running = count(busy.len());
        busy.truncate(usize::try_from(names_max).unwrap_or(usize::MAX));
        let backlog = Backlog {
            as_of: self.as_of,
            source: Source::Jobs,
            queued: count(waiting().count()),
            oldest_queued_at: waiting().filter_map(|job| job.queued_received_at).min(),
            // Those that hear nothing for a day are given up: they are not open any more.
            ghosts: 0,
            running,
        };
        Open { backlog, busy }
    }

    /// When jobs of a pool were queued since this was asked last, in order of time.
    pub fn arrived(&mut self, pool: &str) -> Vec<Timestamp> {
        let mut arrived = self.arrived.get_mut(pool).map(std::mem::take).unwrap_or_default();
        arrived.sort_unstable();
        arrived
    }

    /// Open jobs, and when each was heard of last.
    pub(crate) fn standings(&self) -> Vec<lost::Standing> {
        let known = self.open.values().filter(|job| !job.repository.0.is_empty());
        let standing = |job: &ingest::Job| lost::Standing {
            key: job.key,
            repository: job.repository.clone(),
            since: job.updated_at,
        };
        known.map(standing).collect()
    }

    /// Repositories of which a job was heard since then.
    pub(crate) fn repositories(&self, since: Timestamp) -> BTreeSet<String> {
        let late = self.heard.iter().filter(|(_, at)| **at >= since);
        late.map(|(name, _)| name.clone()).collect()
    }

    /// Which phases were seen of a job. Of one that is over nothing else is kept.
    pub(crate) fn seen(&self, key: JobKey) -> Option<Seen> {
        match self.open.get(&key) {
            Some(job) => Some(job.seen),
            None => self.done.get(&key).map(|_| Seen::from_iter([Phase::Completed])),
        }
    }

    /// Whether a job that is over may be one that was known and is not kept any more.
    pub(crate) fn may_have_forgotten(&self, event: &JobEvent, now: Timestamp) -> bool {
        let since = self.since.unwrap_or(now).max(now.minus(DONE_KEPT));
        let is_old = event.completed_at.is_none_or(|at| at < since);
        event.phase == Phase::Completed && is_old && !self.open.contains_key(&event.key)
    }

    /// Gives up an open job that GitHub knows no more. Its pool, and how far it was.
    pub(crate) fn gone(&mut self, key: JobKey, now: Timestamp) -> Option<(String, Stage)> {
        let job = self.open.remove(&key)?;
        self.close(key, now);
        Some((job.pool.clone(), job.stage()))
    }

    fn hear(&mut self, PastEvent { event, pool, received_at, .. }: PastEvent) -> Option<String> {
        let key = event.key;
        self.heard_of(&event.repository, received_at);
        if self.done.contains_key(&key) {
            return None;
        }
        let is_queued = event.phase == Phase::Queued;
        let route = match pool {
            Some(pool) => Route { pool, routed: true },
            None => Route { pool: UNROUTED_POOL.to_owned(), routed: false },
        };
        let before = self.open.remove(&key);
        let kept = before.clone();
        let Some((job, _)) = fold(before, event, route, received_at) else {
            self.open.extend(kept.map(|job| (key, job)));
            return None;
        };
        let pool = job.pool.clone();
        if let Some(arrived) = self.arrived.get_mut(&pool).filter(|_| is_queued) {
            arrived.push(received_at);
        }
        match job.stage() {
            Stage::Done => self.close(key, received_at),
            _ => {
                self.open.insert(key, job);
            }
        }
        Some(pool)
    }

    fn heard_of(&mut self, repository: &Repository, at: Timestamp) {
        let is_full = self.heard.len() >= REPOSITORIES_MAX;
        if !repository.0.contains('/') || (is_full && !self.heard.contains_key(&repository.0)) {
            return;
        }
        let last = self.heard.entry(repository.0.clone()).or_insert(at);
        *last = at.max(*last);
    }

    fn close(&mut self, key: JobKey, at: Timestamp) {
        self.done.insert(key, at);
        self.forgetting.push_back((at, key));
    }

    /// Jobs whose next event never came.
    fn give_up(&mut self, now: Timestamp) {
        self.open.retain(|_, job| {
            let age = now.saturating_since(job.updated_at);
            match job.stage() {
                Stage::Running => age <= RUN_AGE_MAX,
                _ => age <= QUEUE_AGE_MAX,
            }
        });
    }

    fn forget(&mut self, now: Timestamp) {
        self.heard.retain(|_, at| now.saturating_since(*at) <= HEARD_KEPT);
        while let Some((at, key)) = self.forgetting.front() {
            if now.saturating_since(*at) <= DONE_KEPT {
                return;
            }
            self.done.remove(key);
            self.forgetting.pop_front();
        }
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
