//! One pool's scaler with everything it works on, and whether somebody looks at it already.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ingest::Throttle;
use local::{Kept, OpenJobs};
use model::Timestamp;
use scaler::ports::Group;
use scaler::{Decision, Gist, Levels, Occasion, Policy, Scaler};

/// One pool.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) pool: String,
    pub(super) policy: Policy,
    work: Mutex<Work>,
    /// Since when the pool-exhaustion alarm fires.
    alarmed: Mutex<Option<Timestamp>>,
    asked: Mutex<Asked>,
    /// What was published last.
    pub(super) levels: Mutex<Levels>,
    /// Of troubles with many instances one is told.
    pub(super) told: Throttle,
}

struct Work {
    scaler: Scaler,
    jobs: OpenJobs,
    group: Box<dyn Group>,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").field("scaler", &self.scaler).finish_non_exhaustive()
    }
}

/// What is still to be done.
#[derive(Debug, Default)]
struct Asked {
    is_working: bool,
    by_schedule: bool,
    by_event: bool,
}

impl Cell {
    pub(super) fn new(
        pool: &str,
        policy: Policy,
        told: Option<Kept>,
        jobs: OpenJobs,
        group: Box<dyn Group>,
    ) -> Self {
        let told = told.map(|kept| Gist::of(&kept.plan, kept.is_real));
        let scaler = Scaler::new(pool, policy.clone(), told);
        Cell {
            pool: pool.to_owned(),
            policy,
            work: Mutex::new(Work { scaler, jobs, group }),
            alarmed: Mutex::default(),
            asked: Mutex::default(),
            levels: Mutex::default(),
            told: Throttle::default(),
        }
    }

    pub(super) fn look(&self, occasion: Occasion, is_fresh: bool, now: Timestamp) -> Decision {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let Work { scaler, jobs, group } = &mut *work;
        if is_fresh {
            jobs.as_of = now;
        }
        scaler.alarmed(*self.alarmed.lock().unwrap_or_else(PoisonError::into_inner));
        scaler.tick(jobs, group.as_mut(), occasion, now)
    }

    /// Notes since when the pool-exhaustion alarm fires, if it does.
    pub(super) fn alarm(&self, since: Option<Timestamp>) {
        *self.alarmed.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    /// Asks for a look. Whether the caller is to see to it: otherwise somebody does already.
    pub(super) fn ask(&self, occasion: Occasion) -> bool {
        let mut asked = self.asked();
        match occasion {
            Occasion::Schedule => asked.by_schedule = true,
            Occasion::Event => asked.by_event = true,
        }
        !std::mem::replace(&mut asked.is_working, true)
    }

    /// What is to be done next. One scheduled look does for any number of events.
    pub(super) fn next(&self) -> Option<Occasion> {
        let mut asked = self.asked();
        let next = match (asked.by_schedule, asked.by_event) {
            (true, _) => Some(Occasion::Schedule),
            (false, true) => Some(Occasion::Event),
            (false, false) => None,
        };
        (asked.by_schedule, asked.by_event) = (false, false);
        asked.is_working = next.is_some();
        next
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
