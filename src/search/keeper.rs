//! The thread that asks GitHub what was lost, and the store that takes in what it hears.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use github::GitHub;
use ingest::ledger::Seen;
use ingest::{Content, Delivery};
use local::{Answer, Intake, JobView, StoreError};
use lost::{Known, Search, Standing};
use model::{DeliveryId, JobEvent, JobKey, Timestamp};

use crate::config::GitHubAccess;
use crate::http::App;

/// The first look comes so long after the start, when what stands in front of the webhook has found
/// it again.
const START_AFTER: Duration = Duration::from_secs(10);

/// What GitHub allows is told each minute, as levels are.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// Repositories that are looked through, and open jobs: more than a round can ask about.
const LOOKED_AT_MAX: u32 = 10_000;

pub(super) struct Keeper {
    github: GitHub,
    search: Search,
    every: Duration,
    store: Store,
}

/// What is known of the jobs, and where news of them goes.
struct Store {
    app: Arc<App>,
    /// Its other side is gone when the process ends.
    ended: Receiver<()>,
}

impl Keeper {
    pub(super) fn new(
        app: Arc<App>,
        access: &GitHubAccess,
        github: GitHub,
        ended: Receiver<()>,
    ) -> Self {
        Keeper {
            github,
            search: Search::new(access.owner.clone(), access.hook, access.check),
            every: access.check,
            store: Store { app, ended },
        }
    }

    /// Looks every now and then, until the other side of `ended` is gone.
    pub(super) fn run(mut self) {
        let mut next = Instant::now() + START_AFTER.min(self.every);
        loop {
            let wait = next.saturating_duration_since(Instant::now()).min(TELL_EVERY);
            if self.store.ended.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            if next <= Instant::now() {
                next = Instant::now() + self.every;
                self.round();
            }
            self.tell_rate();
        }
    }

    fn round(&mut self) {
        let app = Arc::clone(&self.store.app);
        if !app.can_store() {
            return;
        }
        let now = app.clock.now();
        let clock = || app.clock.now();
        let done = self.search.round(&mut self.github, &mut self.store, &clock);
        let Some(counts) = done else { return };
        counts.records(now).for_each(|record| app.meter.observe(record));
        // What fails while the process ends is nobody's trouble.
        if !self.store.is_ending() {
            counts.log();
        }
    }

    /// What is left, while it is known.
    fn tell_rate(&self) {
        let app = &self.store.app;
        if let Some(record) = lost::allowance(self.github.rate(), app.clock.now()) {
            app.meter.observe(record);
        }
    }
}

impl Store {
    fn is_ending(&self) -> bool {
        self.ended.try_recv() == Err(TryRecvError::Disconnected)
    }
}

fn told<T>(answer: Result<T, StoreError>) -> Result<T, String> {
    answer.map_err(|error| crate::exit::chain(&error))
}

impl Known for Store {
    fn goes_on(&self, _now: Timestamp) -> bool {
        !self.is_ending()
    }

    fn open(&mut self, now: Timestamp) -> Result<Vec<Standing>, String> {
        let open = told(self.app.reader.open_since(now, LOOKED_AT_MAX))?;
        let standing = |JobView { job, since }: JobView| Standing {
            key: job.key,
            repository: job.repository,
            since,
        };
        Ok(open.into_iter().map(standing).collect())
    }

    fn active(&mut self, since: Timestamp) -> Result<BTreeSet<String>, String> {
        let known = told(self.app.reader.repositories(LOOKED_AT_MAX))?;
        Ok(told(self.app.reader.with_jobs_since(known, since))?.into_iter().collect())
    }

    fn seen(&mut self, keys: &BTreeSet<JobKey>) -> Result<BTreeMap<JobKey, Seen>, String> {
        told(self.app.reader.seen(keys.iter().copied()))
    }

    fn take(&mut self, news: Vec<JobEvent>, _now: Timestamp) -> Result<u64, String> {
        let mut taken = 0;
        for event in news {
            let received_at = self.app.clock.now();
            let JobKey { job, attempt } = event.key;
            let id = DeliveryId::new(&format!("api-{job}-{attempt}-{}", event.phase))
                .expect("numbers and phases are short visible ASCII");
            let delivery = Delivery { id, content: Content::Job(Box::new(event)) };
            let answer = self.app.writer.take(Intake { delivery, received_at });
            if answer.map_err(|rejection| rejection.to_string())? == Answer::Accepted {
                taken += 1;
                self.app.news.send_modify(|news| *news += 1);
            }
        }
        Ok(taken)
    }

    fn deleted(&mut self, key: JobKey, _now: Timestamp) {
        self.app.deleted.note(key);
    }
}
