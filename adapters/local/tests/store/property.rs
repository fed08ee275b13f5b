//! Any history of deliveries, restarts and failures ends in what the obvious model says.

use proptest::prelude::*;

use crate::failing::FAILURES;
use crate::model_says::{Model, Stage, by_minute, is_skipped, pool_of};
use crate::world::{Job, ORIGIN, World, job, secs};
use local::Intake;
use model::catalogue as c;
use model::{Conclusion, Dimension, Phase, Query};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// A delivery that waits for its batch; ids repeat.
    Deliver { id: u8, job: u64, phase: Phase },
    /// The clock moves, sometimes back.
    Move(i64),
    /// What waits becomes one transaction.
    Commit,
    /// What waits is lost if its transaction comes to the step of that number.
    Fail(usize),
    /// The process dies; what waits is lost.
    Die,
}

fn step() -> impl Strategy<Value = Step> {
    let phase = prop_oneof![Just(Phase::Queued), Just(Phase::InProgress), Just(Phase::Completed)];
    prop_oneof![
        8 => (0..40_u8, 1..8_u64, phase).prop_map(|(id, job, phase)| Step::Deliver { id, job, phase }),
        4 => prop_oneof![3 => 0..50_i64, 1 => -80..0_i64, 1 => 60..400_i64].prop_map(Step::Move),
        4 => Just(Step::Commit),
        1 => (0..FAILURES.len()).prop_map(Step::Fail),
        1 => Just(Step::Die),
    ]
}

fn of_kind(id: u64) -> Job {
    let job = job(id).on(pool_of(id));
    match is_skipped(id) {
        true => job.without_runner(Conclusion::Skipped),
        false => job,
    }
}

/// Both at once: the store and what it is compared with.
struct Pair {
    world: World,
    model: Model,
    second: i64,
    latest: i64,
    batch: Vec<(u8, u64, Phase, Intake)>,
}

impl Pair {
    fn new() -> Self {
        let (world, model) = (World::new(), Model { is_new: false, ..Model::default() });
        Pair { world, model, second: 0, latest: 0, batch: Vec::new() }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Deliver { id, job, phase } => {
                let name = format!("{id:08x}-0000-4000-8000-000000000000");
                let mut intake = self.world.named(&name, of_kind(job), phase);
                let ingest::Content::Job(event) = &mut intake.delivery.content else { return };
                // Each job waits as many seconds as its number says.
                event.created_at = Some(secs(0));
                event.started_at = Some(secs(job.cast_signed()));
                self.batch.push((id, job, phase, intake));
            }
            Step::Move(by) => {
                // A larger step back is a clock that is set right, of which other stories tell.
                self.latest = self.latest.max(self.second);
                self.second = (self.second + by).max(self.latest - 100);
                self.world.at(self.second);
            }
            Step::Commit => self.commit(),
            Step::Fail(at) => {
                let failure = FAILURES[at](&self.world);
                self.commit();
                drop(failure);
            }
            Step::Die => {
                self.batch.clear();
                self.world.reopen();
                self.model.is_new = self.model.minute.is_some();
            }
        }
    }

    fn commit(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        let intakes: Vec<_> = batch.iter().map(|(.., intake)| intake.clone()).collect();
        let Ok(taken) = self.world.commit(&intakes) else {
            // The memory is rebuilt from the file, as after a restart.
            self.model.is_new = self.model.minute.is_some();
            return;
        };
        for ((id, job, phase, intake), taken) in batch.into_iter().zip(taken) {
            let is_repeat = self.model.deliver(id, job, phase, intake.received_at);
            assert_eq!(taken.duplicate, is_repeat);
        }
        self.model.clock(self.world.now);
    }

    fn compare(&self) {
        for pool in [Some("linux"), Some("mac"), None] {
            self.compare_levels(pool);
            self.compare_counts(pool);
        }
        let repeats = by_minute(self.model.repeats.iter().copied());
        assert_eq!(self.store_says(c::DELIVERIES_DUPLICATE.sum(), None), repeats);
    }

    fn compare_levels(&self, pool: Option<&str>) {
        let is_known = |pool| self.model.of(Some(pool)).next().is_some();
        if pool.is_some_and(|pool| !is_known(pool)) {
            return;
        }
        for (level, stage) in [(c::JOBS_WAITING, Stage::Waiting), (c::JOBS_RUNNING, Stage::Running)]
        {
            let expected = self.model.level(stage, pool);
            let [highest, last] = [level.max(), level.average()].map(|q| self.store_says(q, pool));
            let found: Vec<_> = (highest.into_iter().zip(last))
                .map(|((minute, highest), (_, last))| (minute, highest, last))
                .collect();
            assert_eq!(found, expected, "{stage:?} {pool:?}");
        }
        let oldest = self.store_says(c::OLDEST_WAITING_AGE.max(), pool);
        assert_eq!(oldest, self.model.oldest(pool), "{pool:?}");
    }

    fn compare_counts(&self, pool: Option<&str>) {
        for phase in [Phase::Queued, Phase::InProgress, Phase::Completed] {
            let events = self.model.of(pool).filter(|a| a.phase == phase).map(|a| a.minute);
            let query = c::JOB_EVENTS.sum().of(Dimension::Status, phase.as_str());
            assert_eq!(self.store_says(query, pool), by_minute(events), "{phase:?} {pool:?}");
        }
        let waits = self.model.waits(pool);
        let told = by_minute(waits.iter().map(|(minute, _)| *minute));
        assert_eq!(self.store_says(c::JOB_WAIT.samples(), pool), told);
        let mut sorted: Vec<u64> = waits.iter().map(|(_, wait)| *wait).collect();
        sorted.sort_unstable();
        for view in self.world.reader().pools(self.world.now, &[]).unwrap() {
            if Some(view.name.as_str()) == pool {
                let open = self.model.open(self.model.accepted.len(), pool);
                let number = |s| open.values().filter(|(stage, _)| *stage == s).count() as u64;
                assert_eq!(view.waiting, number(Stage::Waiting));
                assert_eq!(view.running, number(Stage::Running));
                assert_eq!(self.world.totals(&view.name), self.model.totals(&view.name));
            }
        }
        let longest = self.world.reader().fleet_waits(&[std::time::Duration::from_hours(1)]);
        if pool.is_none() {
            let rank = (sorted.len() * 95).div_ceil(100).checked_sub(1);
            assert_eq!(longest.unwrap()[0].p95_secs, rank.map(|i| sorted[i]));
        }
    }

    /// Minutes since the epoch.
    fn store_says(&self, query: Query, pool: Option<&str>) -> Vec<(i64, u64)> {
        let query = match pool {
            Some(pool) => query.of(Dimension::Pool, pool),
            None => query,
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
        let whole = |value: f64| value as u64;
        let minutes = self.world.reader().series(&query, secs(-36_000), secs(360_000)).unwrap();
        minutes.into_iter().map(|(at, value)| (at.as_secs() / 60, whole(value))).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_history_ends_in_what_the_obvious_model_says(
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let mut pair = Pair::new();
        assert_eq!(ORIGIN % 60, 0);
        for step in steps {
            pair.take(&step);
        }
        pair.commit();
        // In a flood the series of the open minute are up to a second late; a tick brings them.
        pair.commit();
        pair.compare();
        pair.world.reopen();
        pair.compare();
    }
}
