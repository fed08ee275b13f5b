//! Runs that do not depend on each other.

use std::time::Duration;

use model::Timestamp;

use super::window::{DAY, Window};
use crate::capacity::SampleJob;
use crate::sim::{self, Contender, Outcome, Setting};

/// One run that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    /// Who scales.
    pub contender: Contender,
    /// How long an instance boots, where another image is tried.
    pub image: Option<Duration>,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Ran {
    pub(super) task: Task,
    /// One for each block of the measured time.
    pub(super) blocks: Vec<Outcome>,
    pub(super) whole: Outcome,
    pub(super) held: Held,
}

/// Several runs over the same jobs.
#[derive(Debug)]
pub struct Batch<'a> {
    pub(super) jobs: &'a [SampleJob],
    pub(super) setting: &'a Setting,
    pub(super) window: &'a Window,
    pub(super) tasks: Vec<Task>,
}

impl Batch<'_> {
    /// How many runs there are.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Makes the `i`-th run.
    ///
    /// # Panics
    /// When there is no such run.
    pub fn run(&self, i: usize) -> Ran {
        let task = self.tasks[i].clone();
        let setting = self.world(&task);
        let mut held = Held::from(self.window.measured_from());
        let blocks = sim::run_in_blocks(
            self.jobs.iter().map(SampleJob::job),
            &setting,
            self.window.blocks,
            &task.contender,
            |seen, plan| held.set(seen.now, plan.warm),
        );
        held.set(self.window.until, None);
        let mut whole = Outcome::default();
        for block in &blocks {
            whole.follow(block);
        }
        Ran { task, blocks, whole, held }
    }

    fn world(&self, task: &Task) -> Setting {
        let boot = task.image.unwrap_or(self.setting.cold_start);
        let warm_start = self.setting.warm_start.min(boot);
        Setting { cold_start: boot, warm_start, ..self.setting.clone() }
    }
}

/// Makes one run after the other.
pub fn in_turn(batch: &Batch<'_>) -> Vec<Ran> {
    (0..batch.len()).map(|i| batch.run(i)).collect()
}

/// How many stopped instances a rule wanted to hold, over the measured time.
#[derive(Clone, Debug)]
pub(super) struct Held {
    from: Timestamp,
    since: Timestamp,
    size: u32,
    pub max: u32,
    /// Instance-seconds and seconds, by hour of the week.
    hours: Vec<(f64, f64)>,
}

impl Held {
    fn from(from: Timestamp) -> Held {
        Held { from, since: from, size: 0, max: 0, hours: vec![(0.0, 0.0); 168] }
    }

    fn set(&mut self, now: Timestamp, size: Option<u32>) {
        let size = size.unwrap_or(self.size);
        if size != self.size || now.saturating_since(self.since) > DAY {
            self.count(now);
            self.size = size;
        }
        if now >= self.from {
            self.max = self.max.max(size);
        }
    }

    /// Notes what was held until now.
    fn count(&mut self, now: Timestamp) {
        let mut at = self.since.max(self.from);
        while at < now {
            let next_hour = (at.as_millis().div_euclid(3_600_000) + 1) * 3_600_000;
            let ends_at = Timestamp::from_millis(next_hour).min(now);
            let secs = ends_at.saturating_since(at).as_secs_f64();
            let (day, hour) = at.weekday_and_hour();
            let slot = &mut self.hours[usize::from(day) * 24 + usize::from(hour)];
            slot.0 += secs * f64::from(self.size);
            slot.1 += secs;
            at = ends_at;
        }
        self.since = self.since.max(now);
    }

    /// On average over the measured time.
    pub fn mean(&self) -> f64 {
        let (held, secs) =
            self.hours.iter().fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        if secs > 0.0 { held / secs } else { 0.0 }
    }

    /// On average in each hour of the week, Monday 0 h first; empty where nothing was ever held.
    pub fn by_hour(&self) -> Vec<f64> {
        let mean = |(held, secs): &(f64, f64)| if *secs > 0.0 { held / secs } else { 0.0 };
        let hours: Vec<f64> = self.hours.iter().map(mean).collect();
        if self.max == 0 {
            Vec::new()
        } else {
            hours.into_iter().map(super::point::rounded).collect()
        }
    }
}
