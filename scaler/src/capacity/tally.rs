//! What is counted while facts stream by, for all pools and for the period before.

use std::collections::BTreeMap;

use model::Timestamp;
use model::capacity::{Period, Prices, Slo};

use super::bins::Bins;
use super::grain::Grain;
use super::pool::{PoolTally, Waited, millis, ran, waited};
use super::{Batch, Fact, Fate, Stretches};

/// Instants of all pools that are held: about 25 MB. Beyond, they are rounded.
const INSTANTS_MAX: usize = 6_000_000;

/// To which instants are rounded, one after the other, in milliseconds.
const STEPS_MS: [i64; 6] = [1, 1000, 5000, 10_000, 60_000, 600_000];

/// `runners_min` and `runners_max` of a pool, as far as the configuration says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Members at least.
    pub runners_min: Option<u32>,
    /// Members at most.
    pub runners_max: Option<u32>,
}

/// What is asked of the facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The time to report.
    pub period: Period,
    /// The time before, of equal length.
    pub previous: Period,
    /// The objective.
    pub slo: Slo,
    /// What instances cost.
    pub prices: Prices,
    /// What the configuration says, by pool.
    pub bounds: BTreeMap<String, Bounds>,
    /// Which jobs of each pool are replayed.
    pub stretches: Stretches,
}

impl Question {
    /// Of so long a time up to `newest`; a second of it at least.
    pub fn until(newest: Timestamp, since: std::time::Duration, slo: Slo, prices: Prices) -> Self {
        let since = since.max(std::time::Duration::from_secs(1));
        let from = newest.minus(since);
        Question {
            period: Period { from, to: newest },
            previous: Period {
                from: from.minus(since),
                to: from.minus(std::time::Duration::from_millis(1)),
            },
            slo,
            prices,
            bounds: BTreeMap::new(),
            stretches: Stretches::default(),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an objective is positive, and a larger one than fits is the largest"
    )]
    pub(super) fn slo_ms(&self) -> u64 {
        (self.slo.wait_secs * 1000.0).round() as u64
    }
}

/// How much is held in memory, of all pools.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    pub(super) rows: usize,
}

/// The period before, as far as changes are told.
#[derive(Clone, Debug)]
pub(super) struct Before {
    pub(super) jobs: u64,
    pub(super) waits: Bins,
    /// Runner time by the number of the pool.
    pub(super) busy_ms: BTreeMap<usize, u64>,
}

/// All that is counted.
#[derive(Clone, Debug)]
pub struct Tally {
    pub(super) ask: Question,
    pub(super) pools: BTreeMap<usize, PoolTally>,
    pub(super) before: Before,
    pub(super) first_at: Option<Timestamp>,
    pub(super) step_ms: i64,
    pub(super) held: Held,
}

impl Tally {
    /// Of nothing yet.
    pub fn new(ask: Question) -> Self {
        let waits = Bins::new(Grain::Fine);
        Tally {
            ask,
            pools: BTreeMap::new(),
            before: Before { jobs: 0, waits, busy_ms: BTreeMap::new() },
            first_at: None,
            step_ms: STEPS_MS[0],
            held: Held::default(),
        }
    }

    /// Takes facts, in any order; each job is to come once.
    pub fn take(&mut self, batch: &Batch) {
        for fact in batch.facts() {
            self.first_at = Some(self.first_at.map_or(fact.at, |first| first.min(fact.at)));
            self.note_before(fact);
            let (number, step_ms) = (fact.pool.index(), self.step_ms);
            let new = || PoolTally::new(step_ms, self.ask.stretches.of_pool(number));
            let pool = self.pools.entry(number).or_insert_with(new);
            pool.take(&self.ask, fact, batch, &mut self.held);
        }
        self.make_room();
    }

    fn note_before(&mut self, fact: &Fact) {
        let Period { from, to } = self.ask.previous;
        if let Some((start, end)) = ran(fact, self.ask.period.to) {
            let within = millis(start.max(from), end.min(to));
            if within > 0 {
                *self.before.busy_ms.entry(fact.pool.index()).or_default() += within;
            }
        }
        if !self.ask.previous.contains(fact.at) || fact.fate == Fate::NeverAsked {
            return;
        }
        self.before.jobs += 1;
        match waited(fact, self.ask.period.to) {
            Waited::Known(ms) => self.before.waits.record(ms, ms <= self.ask.slo_ms()),
            Waited::AtLeast(ms) => self.before.waits.censor(ms),
            Waited::Unknown | Waited::Nothing => {}
        }
    }

    /// Rounds instants once there are too many of them.
    fn make_room(&mut self) {
        let held =
            |pools: &BTreeMap<usize, PoolTally>| -> usize { pools.values().map(instants).sum() };
        while held(&self.pools) > INSTANTS_MAX {
            let Some(step) = STEPS_MS.into_iter().find(|step| *step > self.step_ms) else { return };
            self.step_ms = step;
            for pool in self.pools.values_mut() {
                pool.running.coarsen(step);
                pool.arrivals.coarsen(step);
            }
        }
    }
}

fn instants(pool: &PoolTally) -> usize {
    pool.running.len() + pool.arrivals.len()
}
