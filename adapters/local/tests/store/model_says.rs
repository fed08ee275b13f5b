//! The slow obvious model: a list of what was accepted, looked through again for each question.

use std::collections::{BTreeMap, BTreeSet};

use model::{Phase, Timestamp};

/// One accepted event.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    pub job: u64,
    pub phase: Phase,
    pub received_at: Timestamp,
    pub minute: i64,
}

/// Everything that the store should know.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub accepted: Vec<Accepted>,
    /// Ids of deliveries that were taken.
    pub ids: BTreeSet<u8>,
    /// The minutes of repeats.
    pub repeats: Vec<i64>,
    /// The minutes of which something is known.
    pub counted: BTreeSet<i64>,
    pub minute: Option<i64>,
    /// The process is new and knows nothing of the minutes since the last one.
    pub is_new: bool,
}

pub fn pool_of(job: u64) -> &'static str {
    if job.is_multiple_of(2) { "linux" } else { "mac" }
}

/// Jobs of this kind are skipped and never have a runner.
pub fn is_skipped(job: u64) -> bool {
    job.is_multiple_of(3)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Waiting,
    Running,
}

impl Model {
    /// Time is at least this minute: it never goes back.
    pub fn clock(&mut self, at: Timestamp) -> i64 {
        let minute = at.as_secs().div_euclid(60);
        let last = self.minute.unwrap_or(minute);
        let now = last.max(minute);
        if !self.is_new {
            self.counted.extend(last..=now);
        }
        self.counted.insert(now);
        if now > last {
            self.is_new = false;
        }
        self.minute = Some(now);
        now
    }

    pub fn deliver(&mut self, id: u8, job: u64, phase: Phase, received_at: Timestamp) -> bool {
        let minute = self.clock(received_at);
        let is_known = self.accepted.iter().any(|a| (a.job, a.phase) == (job, phase));
        let is_repeat = !self.ids.insert(id) || is_known;
        match is_repeat {
            true => self.repeats.push(minute),
            false => self.accepted.push(Accepted { job, phase, received_at, minute }),
        }
        is_repeat
    }

    /// Where the jobs of a pool stand after the first `events` events, and since when.
    pub fn open(&self, events: usize, pool: Option<&str>) -> BTreeMap<u64, (Stage, Timestamp)> {
        let mut open = BTreeMap::new();
        let mut over = BTreeSet::new();
        for Accepted { job, phase, received_at, .. } in &self.accepted[..events] {
            if over.contains(job) || pool.is_some_and(|pool| pool_of(*job) != pool) {
                continue;
            }
            match (phase, open.get(job)) {
                (Phase::Queued, None) => {
                    open.insert(*job, (Stage::Waiting, *received_at));
                }
                (Phase::InProgress, None | Some((Stage::Waiting, _))) => {
                    open.insert(*job, (Stage::Running, *received_at));
                }
                (Phase::Completed, _) => {
                    over.insert(*job);
                    open.remove(job);
                }
                _ => {}
            }
        }
        open
    }

    /// Highest and last number of jobs in a stage, for each counted minute.
    pub fn level(&self, stage: Stage, pool: Option<&str>) -> Vec<(i64, u64, u64)> {
        let number =
            |events| self.open(events, pool).values().filter(|(at, _)| *at == stage).count() as u64;
        let numbers: Vec<u64> = (0..=self.accepted.len()).map(number).collect();
        self.counted
            .iter()
            .map(|minute| {
                let before = self.accepted.iter().take_while(|a| a.minute < *minute).count();
                let until = self.accepted.iter().take_while(|a| a.minute <= *minute).count();
                let highest = numbers[before..=until].iter().max().copied().unwrap_or(0);
                (*minute, highest, numbers[until])
            })
            .collect()
    }

    /// The oldest waiting job's age at the end of each counted minute.
    pub fn oldest(&self, pool: Option<&str>) -> Vec<(i64, u64)> {
        self.counted
            .iter()
            .map(|minute| {
                let until = self.accepted.iter().take_while(|a| a.minute <= *minute).count();
                let end = Timestamp::from_secs((minute + 1) * 60);
                let open = self.open(until, pool);
                let waiting = open.values().filter(|(stage, _)| *stage == Stage::Waiting);
                let age = waiting.map(|(_, since)| end.saturating_since(*since).as_secs()).max();
                (*minute, age.unwrap_or(0))
            })
            .collect()
    }

    /// The accepted events of a pool.
    pub fn of<'a>(&'a self, pool: Option<&'a str>) -> impl Iterator<Item = &'a Accepted> {
        self.accepted.iter().filter(move |a| pool.is_none_or(|pool| pool_of(a.job) == pool))
    }

    /// Distinct jobs queued, started and completed.
    pub fn totals(&self, pool: &str) -> [u64; 3] {
        let jobs = |is: &dyn Fn(&Accepted) -> bool| {
            self.of(Some(pool)).filter(|a| is(a)).map(|a| a.job).collect::<BTreeSet<_>>().len()
        };
        [
            jobs(&|a| a.phase == Phase::Queued) as u64,
            jobs(&has_started) as u64,
            jobs(&|a| a.phase == Phase::Completed) as u64,
        ]
    }

    /// The events that told a wait: the first that says that a job got its runner.
    pub fn waits(&self, pool: Option<&str>) -> Vec<(i64, u64)> {
        let mut told = BTreeSet::new();
        self.of(pool)
            .filter(|a| has_started(a) && told.insert(a.job))
            .map(|a| (a.minute, a.job))
            .collect()
    }
}

fn has_started(a: &Accepted) -> bool {
    a.phase == Phase::InProgress || (a.phase == Phase::Completed && !is_skipped(a.job))
}

/// How often each minute occurs.
pub fn by_minute(minutes: impl IntoIterator<Item = i64>) -> Vec<(i64, u64)> {
    let mut counts = BTreeMap::new();
    for minute in minutes {
        *counts.entry(minute).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}
