//! What demand is to be expected of a pool: learns from each arrival, and is asked for an
//! [`Outlook`].
//!
//! Jobs come in bursts: a push fans out into a matrix. So demand is a compound Poisson process:
//! bursts come at a rate that depends on the hour of the week and on the last hours ([`rhythm`],
//! [`sizes`]), each of some size. From these follows how often the n-th stopped instance would be
//! used ([`curve`]). It is held when that is often enough, and how often is enough is calibrated on
//! what happened: so that the wanted share of all past jobs would have found one
//! ([`calibration`]).
//!
//! A pure value: the same arrivals make the same model, however often it was asked meanwhile, so
//! it is rebuilt from history after a restart ([`Model::to_be_rebuilt`]).

mod calibration;
mod curve;
mod rhythm;
mod sizes;

use std::collections::VecDeque;
use std::time::Duration;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Hot, Outlook, PATIENCE, Policy, Stopped, Wanted};
use calibration::Calibration;
use curve::Curve;
use rhythm::Rhythm;
use sizes::Sizes;

/// Arrivals closer than this belong to one burst: a matrix is queued within a few seconds.
const BURST_GAP: Duration = Duration::from_secs(10);

/// A burst ends after this, so that a stream that never pauses is many bursts and not one.
const BURST_SPAN_MAX: Duration = Duration::from_mins(1);

/// Nothing is held by a model that has seen less than this.
const LEARNING: Duration = Duration::from_hours(3 * 24);

/// Nothing is held by a model that has seen fewer bursts than this.
const LEARNING_BURSTS: f64 = 10.0;

/// Without arrivals the expectation is worked out anew this often. Divides an hour, at whose start
/// it may jump.
const STEP: Duration = Duration::from_mins(10);

/// Bursts within this of each other are calibrated by the same expectation: another one would
/// differ little and cost work.
const SAME_EXPECTATION: Duration = Duration::from_mins(1);

/// The part of the expectation that comes from the last three quarters of an hour, and from the
/// last hours; the rest is what is usual at this hour of the week. Chosen on real traces, and flat
/// around these values.
const RECENT: [(Duration, f64); 2] =
    [(Duration::from_mins(45), 0.20), (Duration::from_hours(4), 0.20)];

/// The whole share of the jobs is served from stock where that saves each as much as this many warm
/// starts, and proportionally less of them where it saves less.
const WORTH_SAVING: f64 = 2.0;

/// The model of one pool's demand.
///
/// Written down and read back it goes on as if nothing had happened: only its policy, which is
/// whoever reads it's to give ([`Model::recalled`]), and what it can work out again are left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Model {
    #[serde(skip)]
    policy: Policy,
    first_at: Option<Timestamp>,
    rhythm: Rhythm,
    /// Jobs by hour of the week, where the time before its first arrival is known by the hour only.
    hourly: Option<Rhythm>,
    sizes: Sizes,
    burst: Option<Burst>,
    /// Arrivals within one replenishment.
    lately: VecDeque<Timestamp>,
    calibration: Calibration,
    #[serde(skip)]
    calibrating: Option<(Timestamp, Curve)>,
    /// How many stopped instances were wanted, falling: the first is the most of all.
    held: VecDeque<(Timestamp, u32)>,
    latest: Outlook,
    /// Up to here the expectation was worked out.
    worked_out_at: Option<Timestamp>,
    /// An arrival since then.
    news_at: Option<Timestamp>,
    /// What was wanted before this is of no interest.
    #[serde(skip, default = "always")]
    interest_from: Timestamp,
}

/// From when on everything is of interest.
const fn always() -> Timestamp {
    Timestamp::from_millis(i64::MIN)
}

/// The burst that may still go on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Burst {
    began_at: Timestamp,
    last_at: Timestamp,
    jobs: u32,
}

impl Model {
    /// A model that has seen nothing. `policy` says what times and costs it weighs.
    pub fn new(policy: &Policy) -> Self {
        Model {
            policy: policy.clone(),
            first_at: None,
            rhythm: Rhythm::default(),
            hourly: None,
            sizes: Sizes::new(RECENT.map(|(age, _)| age)),
            burst: None,
            lately: VecDeque::new(),
            calibration: Calibration::default(),
            calibrating: None,
            held: VecDeque::new(),
            latest: Outlook::default(),
            worked_out_at: None,
            news_at: None,
            interest_from: always(),
        }
    }

    /// A model that is to be shown the arrivals of a history, in order of time, and is asked at
    /// `now` at the earliest: then it is the same as one that was there all the time, in less work.
    pub fn to_be_rebuilt(policy: &Policy, now: Timestamp) -> Self {
        let interest_from = now.minus(policy.stopped_hold()).minus(STEP);
        Model { interest_from, ..Model::new(policy) }
    }

    /// A model that has seen no arrival and knows how many jobs came in each hour, in order of time.
    /// It still has to learn ([`Outlook::learned`]): hours tell nothing of bursts.
    pub fn primed(policy: &Policy, hours: &[(Timestamp, f64)]) -> Self {
        let mut hourly = Rhythm::default();
        for (hour, jobs) in hours {
            hourly.note_times(*hour, *jobs);
        }
        Model { hourly: (!hours.is_empty()).then_some(hourly), ..Model::new(policy) }
    }

    /// This one as it was written down, under that policy; none where it is not whole.
    pub fn recalled(self, policy: &Policy) -> Option<Self> {
        let is_whole = self.rhythm.is_whole()
            && self.calibration.is_whole()
            && self.hourly.as_ref().is_none_or(Rhythm::is_whole);
        is_whole.then(|| Model { policy: policy.clone(), ..self })
    }

    /// A job was queued. Arrivals come in order of time; one that is earlier than the last counts
    /// at the time of the last.
    pub fn arrived(&mut self, at: Timestamp) {
        let at = self.burst.map_or(at, |burst| burst.last_at.max(at));
        self.advance(at);
        self.first_at.get_or_insert(at);
        self.calibrate(at);
        self.fold(at);
        if let Some(hourly) = &mut self.hourly {
            hourly.note(at);
        }
        self.news_at = Some(at);
    }

    /// What is to be expected at `now`.
    pub fn outlook(&mut self, now: Timestamp) -> Outlook {
        self.advance(now);
        let mut outlook = self.latest.clone();
        outlook.stopped_held = self.held.front().map_or(0, |(_, instances)| *instances);
        let expires = self.held.front().map(|(at, _)| at.plus(self.policy.stopped_hold()));
        outlook.same_until =
            [expires, self.worked_out_at.map(next_step)].into_iter().flatten().min();
        outlook
    }

    /// Works out what was wanted between the last time and `at`, which is not before it.
    fn advance(&mut self, at: Timestamp) {
        if self.first_at.is_none() {
            return;
        }
        if self.news_at.is_some_and(|news| news < at) {
            self.catch_up();
        }
        let oldest = at.minus(self.policy.stopped_hold());
        while self.held.front().is_some_and(|(wanted_at, _)| *wanted_at <= oldest) {
            self.held.pop_front();
        }
        let known = self.worked_out_at.unwrap_or(at).max(oldest).max(self.interest_from);
        let mut step = next_step(known);
        while step <= at {
            self.work_out(step);
            step = step.plus(STEP);
        }
    }

    fn catch_up(&mut self) {
        if let Some(news) = self.news_at.take() {
            match news >= self.interest_from {
                true => self.work_out(news),
                false => self.worked_out_at = Some(news),
            }
        }
    }

    fn work_out(&mut self, at: Timestamp) {
        self.worked_out_at = Some(at);
        self.latest = self.expectation(at);
        let wanted = self.latest.stopped.instances;
        while self.held.back().is_some_and(|(_, instances)| *instances <= wanted) {
            self.held.pop_back();
        }
        self.held.push_back((at, wanted));
    }

    fn expectation(&mut self, at: Timestamp) -> Outlook {
        let learned = self.has_learned(at);
        let usual = self.usual_per_sec(at);
        let demand = self.demand(at, usual);
        let per_sec = demand.per_sec();
        let stopped = match learned {
            true => self.stopped(&demand),
            false => Wanted::default(),
        };
        let hot = if learned { self.hot(&demand) } else { Wanted::default() };
        Outlook {
            learned,
            bursts_per_hour: per_sec * HOUR_SECS,
            recent_per_hour: self.sizes.recent_per_sec(0, at, self.open()) * HOUR_SECS,
            usual_per_hour: usual * HOUR_SECS,
            burst_jobs: demand.burst_jobs(),
            stopped,
            hot,
            stopped_held: 0,
            same_until: None,
        }
    }

    fn has_learned(&self, at: Timestamp) -> bool {
        let span = self.first_at.map_or(Duration::ZERO, |first| at.saturating_since(first));
        span >= LEARNING && self.sizes.bursts() >= LEARNING_BURSTS
    }

    fn demand(&self, at: Timestamp, usual: f64) -> curve::Demand {
        self.sizes.demand(at, usual, RECENT.map(|(_, part)| part), self.open())
    }

    /// Bursts a second that are usual now.
    fn usual_per_sec(&mut self, at: Timestamp) -> f64 {
        self.rhythm.pass(at);
        match &mut self.hourly {
            Some(hourly) => {
                hourly.pass(at);
                hourly.bursts_per_sec(at) / self.sizes.mean()
            }
            None => self.rhythm.bursts_per_sec(at),
        }
    }

    fn open(&self) -> Option<(Timestamp, u32)> {
        self.burst.map(|burst| (burst.last_at, burst.jobs))
    }

    fn stopped(&self, demand: &curve::Demand) -> Wanted {
        let worth = match self.policy.stopped {
            Stopped::None | Stopped::Constant { .. } => return Wanted::default(),
            Stopped::Worthwhile { patience } => self.worth(patience),
            Stopped::Share { share } => self.calibrated(share),
        };
        self.curve(demand, worth).wanted(worth)
    }

    /// How often a second an instance must be used to be worth its disk.
    fn worth(&self, patience: f64) -> f64 {
        let times = &self.policy.times;
        let start = times.warm_start.as_secs_f64();
        let saved = times.cold_start.as_secs_f64() - start;
        // What a use saves in waiting, less the start that the stopped one is billed for besides.
        let gain = saved * patience - start;
        if gain > 0.0 { self.policy.stopped_cost / gain } else { f64::INFINITY }
    }

    fn calibrated(&self, share: f64) -> f64 {
        let times = &self.policy.times;
        let start = times.warm_start.as_secs_f64();
        let saved = times.cold_start.as_secs_f64() - start;
        if saved <= 0.0 {
            return f64::INFINITY;
        }
        let least = calibration::PATIENCE_MIN.max(2.0 * start / saved);
        let bounds = self.worth(calibration::PATIENCE_MAX.max(least))..=self.worth(least);
        // Where a boot is little longer than a warm start, few waits are worth a disk.
        let part = (saved / (WORTH_SAVING * start)).min(1.0);
        self.calibration.worth(share * part, self.worth(PATIENCE.max(least)), bounds)
    }

    fn curve(&self, demand: &curve::Demand, worth: f64) -> Curve {
        let lowest = self.worth(calibration::PATIENCE_MAX).min(worth);
        Curve::of(demand, self.replenishment(), lowest)
    }

    /// From the use of a stopped instance until another stands in its place.
    fn replenishment(&self) -> Duration {
        self.policy.times.cold_start + self.policy.times.stopping
    }

    fn hot(&self, demand: &curve::Demand) -> Wanted {
        let times = &self.policy.times;
        let lead = match self.policy.stopped {
            Stopped::None => times.cold_start,
            _ => times.warm_start,
        };
        match self.policy.hot {
            Hot::None | Hot::Flat { .. } | Hot::Schedule { .. } => Wanted::default(),
            Hot::Worthwhile { patience } => {
                let worth = 1.0 / (lead.as_secs_f64() * patience).max(f64::MIN_POSITIVE);
                Curve::of(demand, lead, worth).wanted(worth)
            }
            Hot::Quantile { share } => Wanted {
                instances: Curve::of(demand, times.cold_start, 0.0).quantile(share),
                ..Wanted::default()
            },
        }
    }

    /// Notes which stopped instance the job that comes now would use, and how often that one is
    /// used by what was expected before.
    fn calibrate(&mut self, at: Timestamp) {
        if !matches!(self.policy.stopped, Stopped::Share { .. }) {
            return;
        }
        let oldest = at.minus(self.replenishment());
        while self.lately.front().is_some_and(|earlier| *earlier < oldest) {
            self.lately.pop_front();
        }
        if self.lately.len() < sizes::JOBS_MAX {
            self.lately.push_back(at);
        }
        if self.sizes.bursts() < LEARNING_BURSTS {
            return;
        }
        let goes_on = self.burst.is_some_and(|burst| burst.takes(at));
        let near = |made_at: Timestamp| at.saturating_since(made_at) < SAME_EXPECTATION;
        if !self.calibrating.as_ref().is_some_and(|(made_at, _)| goes_on || near(*made_at)) {
            let usual = self.usual_per_sec(at);
            let demand = self.demand(at, usual);
            self.calibrating = Some((at, self.curve(&demand, f64::INFINITY)));
        }
        if let Some((_, curve)) = &self.calibrating {
            self.calibration.note(curve.used_per_sec(self.lately.len()));
        }
    }

    fn fold(&mut self, at: Timestamp) {
        match &mut self.burst {
            Some(burst) if burst.takes(at) => {
                burst.last_at = at;
                burst.jobs += 1;
            }
            burst => {
                if let Some(over) = burst.replace(Burst { began_at: at, last_at: at, jobs: 1 }) {
                    self.sizes.note(over.last_at, over.jobs);
                }
                self.rhythm.note(at);
            }
        }
    }
}

impl Burst {
    fn takes(&self, at: Timestamp) -> bool {
        at.saturating_since(self.last_at) <= BURST_GAP
            && at.saturating_since(self.began_at) <= BURST_SPAN_MAX
    }
}

const HOUR_SECS: f64 = 3600.0;

fn next_step(after: Timestamp) -> Timestamp {
    let step = i64::try_from(STEP.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_secs((after.as_secs().div_euclid(step) + 1) * step)
}

#[cfg(test)]
mod tests;
