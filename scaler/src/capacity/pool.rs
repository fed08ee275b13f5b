//! What is counted for one pool while facts stream by.

use model::Timestamp;
use model::capacity::{JobCounts, LostEvents, Period};

use super::bins::Bins;
use super::grain::Grain;
use super::levels::HOURS;
use super::rows::Rows;
use super::sample::Taken;
use super::slowest::Slowest;
use super::spend::Spend;
use super::steps::Steps;
use super::tally::{Held, Question};
use super::{Batch, Fact, Fate, Stretch};

/// Jobs of one hour of the week.
#[derive(Clone, Debug)]
pub(super) struct HourTally {
    pub(super) jobs: u64,
    pub(super) waits: Bins,
}

/// One pool.
#[derive(Clone, Debug)]
pub(super) struct PoolTally {
    pub(super) jobs: u64,
    pub(super) unrouted: u64,
    pub(super) counts: JobCounts,
    pub(super) lost: LostEvents,
    pub(super) waits: Bins,
    pub(super) durations: Bins,
    pub(super) spend: Spend,
    pub(super) repositories: Rows,
    pub(super) workflows: Rows,
    pub(super) runner_groups: Rows,
    pub(super) hours: Vec<HourTally>,
    pub(super) running: Steps,
    pub(super) arrivals: Steps,
    pub(super) slowest: Slowest,
    pub(super) taken: Taken,
}

/// How long a job waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    /// So long, and then it got its runner.
    Known(u64),
    /// At least so long.
    AtLeast(u64),
    /// It has a runner, and nobody knows since when it asked.
    Unknown,
    /// It asked for none, or nothing is known of it.
    Nothing,
}

/// How long a job waited, as of the end of a period.
pub(super) fn waited(fact: &Fact, end: Timestamp) -> Waited {
    let since = |to: Timestamp| fact.asked_at.map(|asked| millis(asked, to));
    match fact.fate {
        Fate::NeverAsked | Fate::Ghost => Waited::Nothing,
        Fate::Waiting => since(end).map_or(Waited::Nothing, Waited::AtLeast),
        Fate::EndedWaiting => {
            fact.ended_at.and_then(since).map_or(Waited::Nothing, Waited::AtLeast)
        }
        Fate::Running | Fate::LostRunning | Fate::Ended => {
            fact.started_at.and_then(since).map_or(Waited::Unknown, Waited::Known)
        }
    }
}

/// From when to when a job had its runner, as far as it is known; a running one has it until `end`.
pub(super) fn ran(fact: &Fact, end: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let started = fact.started_at?;
    match fact.fate {
        Fate::Running => Some((started, end.max(started))),
        Fate::Ended => Some((started, fact.ended_at?.max(started))),
        Fate::NeverAsked | Fate::Waiting | Fate::EndedWaiting | Fate::Ghost | Fate::LostRunning => {
            None
        }
    }
}

/// Milliseconds from one instant to another; zero where they are reversed.
pub(super) fn millis(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millis().saturating_sub(from.as_millis())).unwrap_or(0)
}

impl PoolTally {
    pub(super) fn new(step_ms: i64, stretch: Stretch) -> Self {
        let hour = HourTally { jobs: 0, waits: Bins::new(Grain::Coarse) };
        PoolTally {
            jobs: 0,
            unrouted: 0,
            counts: JobCounts::default(),
            lost: LostEvents::default(),
            waits: Bins::new(Grain::Fine),
            durations: Bins::new(Grain::Fine),
            spend: Spend::default(),
            repositories: Rows::default(),
            workflows: Rows::default(),
            runner_groups: Rows::default(),
            hours: vec![hour; HOURS],
            running: Steps::new(step_ms),
            arrivals: Steps::new(step_ms),
            slowest: Slowest::default(),
            taken: Taken::new(stretch),
        }
    }

    /// Takes one fact: its runner time as far as it lies in the period, and the job itself if it
    /// counts in the period.
    pub(super) fn take(&mut self, ask: &Question, fact: &Fact, batch: &Batch, held: &mut Held) {
        let ran = ran(fact, ask.period.to);
        let spend = ran.map(|ran| self.run(ask, ran)).unwrap_or_default();
        let counts_here = ask.period.contains(fact.at);
        if fact.fate == Fate::NeverAsked {
            self.counts.never_asked += u64::from(counts_here);
            return;
        }
        if !counts_here && spend == Spend::default() {
            return;
        }
        self.spend.add(&spend);
        let waited = waited(fact, ask.period.to);
        let rows = [
            (&mut self.repositories, fact.repository),
            (&mut self.workflows, fact.workflow),
            (&mut self.runner_groups, fact.runner_group),
        ];
        for (rows, name) in rows {
            let row = rows.of(name, &mut held.rows);
            row.spend.add(&spend);
            if counts_here {
                row.jobs += 1;
                record(&mut row.waits, waited, ask);
            }
        }
        if counts_here {
            self.job(ask, fact, waited, batch);
            self.sample(fact, waited, ran);
        }
    }

    /// Notes that a job ran, and what of it lies in the period.
    fn run(&mut self, ask: &Question, (from, to): (Timestamp, Timestamp)) -> Spend {
        let Period { from: first, to: last } = ask.period;
        let within = (from.max(first), to.min(last));
        if within.0 >= within.1 {
            return Spend::default();
        }
        self.running.add(within.0.as_millis(), 1);
        self.running.add(within.1.as_millis(), -1);
        Spend::of(millis(from, to), millis(within.0, within.1), ask.prices.spot.as_ref())
    }

    fn job(&mut self, ask: &Question, fact: &Fact, waited: Waited, batch: &Batch) {
        self.jobs += 1;
        self.unrouted += u64::from(!fact.routed);
        self.arrivals.add(fact.at.as_millis(), 1);
        let (day, hour) = fact.at.weekday_and_hour();
        let hour = &mut self.hours[usize::from(day) * 24 + usize::from(hour)];
        hour.jobs += 1;
        record(&mut hour.waits, waited, ask);
        record(&mut self.waits, waited, ask);
        self.count(fact, waited);
        match (waited, fact.asked_at) {
            (Waited::Known(ms), Some(at)) => self.slowest.note(ms, false, at, fact, batch),
            (Waited::AtLeast(ms), Some(at)) if fact.fate == Fate::Waiting => {
                self.slowest.note(ms, true, at, fact, batch);
            }
            _ => {}
        }
    }

    fn count(&mut self, fact: &Fact, waited: Waited) {
        let counts = &mut self.counts;
        match waited {
            Waited::Known(_) => counts.started += 1,
            Waited::Unknown => counts.wait_unknown += 1,
            Waited::AtLeast(_) | Waited::Nothing => {}
        }
        counts.waiting += u64::from(fact.fate == Fate::Waiting);
        counts.ended_waiting += u64::from(fact.fate == Fate::EndedWaiting);
        counts.ghosts += u64::from(fact.fate == Fate::Ghost);
        let reversed = |from: Option<Timestamp>, to: Option<Timestamp>| {
            u64::from(from.zip(to).is_some_and(|(from, to)| to < from))
        };
        counts.waits_clamped += reversed(fact.asked_at, fact.started_at);
        counts.durations_clamped += reversed(fact.started_at, fact.ended_at);
        self.lost.queued_unseen += u64::from(fact.queued_unseen);
        self.lost.in_progress_unseen += u64::from(fact.in_progress_unseen);
        self.lost.completed_unseen += u64::from(fact.fate == Fate::LostRunning);
        self.lost.ghosts += u64::from(fact.fate == Fate::Ghost);
    }

    /// A job that ended teaches how long jobs run, and can be replayed.
    fn sample(&mut self, fact: &Fact, waited: Waited, ran: Option<(Timestamp, Timestamp)>) {
        let Some((from, to)) = ran.filter(|_| fact.fate == Fate::Ended) else { return };
        let length = millis(from, to);
        self.durations.record(length, true);
        let known = match waited {
            Waited::Known(ms) => Some(ms),
            Waited::AtLeast(_) | Waited::Unknown | Waited::Nothing => None,
        };
        let queued = fact.asked_at.unwrap_or(from);
        self.taken.take(queued, known, length);
    }
}

fn record(bins: &mut Bins, waited: Waited, ask: &Question) {
    match waited {
        Waited::Known(ms) => bins.record(ms, ms <= ask.slo_ms()),
        Waited::AtLeast(ms) => bins.censor(ms),
        Waited::Unknown | Waited::Nothing => {}
    }
}
