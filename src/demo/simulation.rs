//! The recorded week on simulated runners: the same jobs ask at the same times and run as long, and
//! the real scaler decides when there is a runner for them. Player, group, looks and ages go by one
//! clock, which jumps from event to event.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use model::{InstanceId, Phase, Timestamp};
use scaler::Occasion;
use tokio::time::Instant;

use super::player::{Player, Speed};
use super::trace::Recorded;
use crate::http::App;

/// Between two scheduled looks while things change; a minute otherwise, so that every minute of the
/// charts is known.
const LOOK: Duration = Duration::from_secs(10);
const LOOK_WHEN_QUIET: Duration = Duration::from_mins(1);

/// A week that is being lived through.
pub struct Simulation<'a> {
    app: &'a Arc<App>,
    /// By time of arrival.
    coming: VecDeque<Recorded>,
    waiting: BTreeMap<String, VecDeque<Recorded>>,
    running: BTreeMap<(Timestamp, u64), (Recorded, InstanceId)>,
    pools: BTreeSet<String>,
    look_at: Timestamp,
    sent: u64,
}

/// How fast it goes.
#[derive(Clone, Copy, Debug)]
pub struct Tempo {
    /// How much faster than life.
    pub speed: Speed,
    /// Until then, as fast as possible.
    pub head_start: Timestamp,
}

impl<'a> Simulation<'a> {
    /// Of these jobs.
    pub fn new(app: &'a Arc<App>, week: &[Recorded]) -> Self {
        let mut coming = week.to_vec();
        coming.sort_by_key(|job| (job.queued_at(), job.job_id));
        Simulation {
            app,
            pools: coming.iter().map(|job| job.pool.clone()).collect(),
            look_at: coming.first().map_or(Timestamp::EPOCH, Recorded::queued_at),
            coming: coming.into(),
            waiting: BTreeMap::new(),
            running: BTreeMap::new(),
            sent: 0,
        }
    }

    /// Plays until the last job is over.
    ///
    /// # Errors
    /// When the server does not accept a delivery, or the store cannot be read.
    pub async fn play(
        mut self,
        player: &mut Player,
        tempo: Tempo,
        mut progress: impl FnMut(u64),
    ) -> Result<(), String> {
        let mut began: Option<Instant> = None;
        while let Some(at) = self.next_at() {
            if let (Speed::Times(times), true) = (tempo.speed, at > tempo.head_start) {
                let began = *began.get_or_insert_with(Instant::now);
                player.wait_until(at, tempo.head_start, began, times).await;
            }
            player.set_clock(at);
            self.happen(player, at).await?;
            progress(self.sent);
        }
        Ok(())
    }

    /// When something happens next; `None` when the last job is over.
    fn next_at(&self) -> Option<Timestamp> {
        let arrival = self.coming.front().map(Recorded::queued_at);
        let end = self.running.keys().next().map(|(at, _)| *at);
        let is_over =
            arrival.is_none() && end.is_none() && self.waiting.values().all(VecDeque::is_empty);
        let changes = self.pools.iter().filter_map(|pool| self.group(pool).lock().next_change_at());
        let all = [arrival, end, Some(self.look_at)].into_iter().flatten().chain(changes);
        if is_over { None } else { all.min() }
    }

    fn group(&self, pool: &str) -> local::group::Shared {
        self.app.scaling.simulated(pool)
    }

    async fn happen(&mut self, player: &mut Player, now: Timestamp) -> Result<(), String> {
        self.end_jobs(player, now).await?;
        let arrived = self.queue_jobs(player, now).await?;
        for pool in &arrived {
            self.look(pool, Occasion::Event, now)?;
        }
        if self.look_at <= now {
            self.look_at_all(now)?;
        }
        self.start_jobs(player, now).await
    }

    async fn end_jobs(&mut self, player: &mut Player, now: Timestamp) -> Result<(), String> {
        while let Some(entry) = self.running.first_entry().filter(|entry| entry.key().0 <= now) {
            let (job, runner) = entry.remove();
            self.group(&job.pool).lock().finish(&runner, now);
            self.send(player, &job, Phase::Completed).await?;
            self.look_soon(now);
        }
        Ok(())
    }

    /// Pools in which jobs were queued.
    async fn queue_jobs(
        &mut self,
        player: &mut Player,
        now: Timestamp,
    ) -> Result<BTreeSet<String>, String> {
        let mut pools = BTreeSet::new();
        while self.coming.front().is_some_and(|job| job.queued_at() <= now) {
            let Some(job) = self.coming.pop_front() else { break };
            self.send(player, &job, Phase::Queued).await?;
            pools.insert(job.pool.clone());
            self.waiting.entry(job.pool.clone()).or_default().push_back(job);
        }
        Ok(pools)
    }

    /// Each idle runner takes the job that has waited for longest.
    async fn start_jobs(&mut self, player: &mut Player, now: Timestamp) -> Result<(), String> {
        for pool in self.pools.clone() {
            let group = self.group(&pool);
            // Also when no job waits: time passes for the group.
            while self.waiting.get(&pool).is_some_and(|waiting| !waiting.is_empty()) {
                let Some(runner) = group.lock().take(now) else { break };
                let Some(job) = self.waiting.get_mut(&pool).and_then(VecDeque::pop_front) else {
                    break;
                };
                let job = job.started_on(&runner.0, now);
                self.send(player, &job, Phase::InProgress).await?;
                self.running.insert((job.completed_at(), job.job_id), (job, runner));
            }
            group.lock().pass(now);
        }
        self.look_soon(now);
        Ok(())
    }

    fn look_soon(&mut self, now: Timestamp) {
        self.look_at = self.look_at.min(next(now, LOOK));
    }

    fn look_at_all(&mut self, now: Timestamp) -> Result<(), String> {
        self.look_at = next(now, LOOK_WHEN_QUIET);
        for pool in self.pools.clone() {
            self.look(&pool, Occasion::Schedule, now)?;
        }
        Ok(())
    }

    fn look(&self, pool: &str, occasion: Occasion, now: Timestamp) -> Result<(), String> {
        let is_fresh = self.app.can_store();
        let look = || self.app.scaling.look(pool, occasion, is_fresh, now);
        let decision = tokio::task::block_in_place(look).map_err(|error| error.to_string())?;
        if decision.is_news {
            self.app.news.send_modify(|news| *news += 1);
        }
        Ok(())
    }

    async fn send(
        &mut self,
        player: &mut Player,
        job: &Recorded,
        phase: Phase,
    ) -> Result<(), String> {
        self.sent += 1;
        player.send(job, phase).await
    }
}

/// The next multiple of `every` after `now`.
fn next(now: Timestamp, every: Duration) -> Timestamp {
    let every = i64::try_from(every.as_secs()).unwrap_or(1).max(1);
    Timestamp::from_secs((now.as_secs().div_euclid(every) + 1) * every)
}
