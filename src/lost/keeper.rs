//! The thread that asks GitHub what was lost, and what it does with the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use github::{GitHub, GitHubError, Hook, Owner, Why};
use ingest::{Content, Delivery};
use local::{Answer, Intake, StoreError};
use model::emf::Record;
use model::{DeliveryId, Dimensions, JobEvent, JobKey, Repository, Timestamp, catalogue as c};

use super::budget;
use super::mending::{doubtful, in_turn, unheard};
use super::redelivery::Book;
use crate::config::GitHubAccess;
use crate::http::App;

/// The first look comes so long after the start, when what stands in front of the webhook has found
/// it again.
const START_AFTER: Duration = Duration::from_secs(10);

/// What GitHub allows is told each minute, as levels are.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// Repositories without a job for longer are not asked about.
const ACTIVE_WITHIN: Duration = Duration::from_hours(24);

/// Repositories that are looked through, and open jobs: more than a round can ask about.
const LOOKED_AT_MAX: u32 = 10_000;

/// Runs of one status whose jobs are listed in one repository, the newest: each costs a call.
const RUNS_MAX: u64 = 30;

pub(super) struct Keeper {
    app: Arc<App>,
    github: GitHub,
    owner: Owner,
    hook: Option<Hook>,
    every: Duration,
    ended: Receiver<()>,
    book: Book,
    /// When single jobs were asked about.
    asked: BTreeMap<JobKey, Timestamp>,
    /// The last repository whose jobs were listed.
    last: Option<String>,
    /// Repositories whose jobs GitHub shows us: it says of what one may not see that it is not there.
    shown: BTreeSet<String>,
    /// GitHub is left alone until then.
    rest: Option<Timestamp>,
}

/// What a round did.
#[derive(Debug, Default)]
struct Counts {
    redelivered: u64,
    given_up: u64,
    mended: u64,
    deleted: u64,
    failures: u64,
    /// The first thing that went wrong.
    trouble: Option<String>,
}

/// A round ends early.
struct Over;

/// Whether it makes sense to ask for something else.
fn is_over(error: &GitHubError) -> bool {
    match error.why {
        Why::Credentials { .. } | Why::Limited { .. } | Why::NoAnswer { .. } => true,
        Why::Forbidden { .. } | Why::NotFound | Why::Refused { .. } | Why::Odd { .. } => false,
    }
}

/// What the store answered.
fn read<T>(answer: Result<T, StoreError>, counts: &mut Counts) -> Result<T, Over> {
    answer.map_err(|error| {
        counts.trouble.get_or_insert(crate::exit::chain(&error));
        Over
    })
}

impl Keeper {
    pub(super) fn new(
        app: Arc<App>,
        access: &GitHubAccess,
        github: GitHub,
        ended: Receiver<()>,
    ) -> Self {
        Keeper {
            app,
            github,
            owner: access.owner.clone(),
            hook: access.hook,
            every: access.check,
            ended,
            book: Book::default(),
            asked: BTreeMap::new(),
            last: None,
            shown: BTreeSet::new(),
            rest: None,
        }
    }

    /// Looks every now and then, until the other side of `ended` is gone.
    pub(super) fn run(mut self) {
        let mut next = Instant::now() + START_AFTER.min(self.every);
        loop {
            let wait = next.saturating_duration_since(Instant::now()).min(TELL_EVERY);
            if self.ended.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
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
        let now = self.app.clock.now();
        let is_resting = self.rest.is_some_and(|until| now < until);
        if is_resting || !self.app.can_store() {
            return;
        }
        self.rest = None;
        let before = self.github.calls();
        let mut counts = Counts::default();
        if self.redeliver(&mut counts).is_ok() {
            // It ends early or it does not: that is all there is to say.
            let _ = self.mend(&mut counts);
        }
        self.count(&counts, now);
        // What fails while the process ends is nobody's trouble.
        if !self.is_ending() {
            self.log(&counts, self.github.calls() - before);
        }
    }

    /// Asks GitHub to deliver what failed once more.
    fn redeliver(&mut self, counts: &mut Counts) -> Result<(), Over> {
        let Some(hook) = self.hook else { return Ok(()) };
        let now = self.go_on()?;
        let listed = self.github.deliveries(hook, self.book.since(now), now);
        let Some(listed) = self.answered(listed, counts)? else { return Ok(()) };
        counts.given_up += self.book.note(listed, now);
        for (guid, attempt) in self.book.wanted(now) {
            let now = self.go_on()?;
            let asked = self.github.redeliver(hook, attempt, now);
            self.book.asked(&guid, now);
            if self.answered(asked, counts)?.is_some() {
                counts.redelivered += 1;
            }
        }
        Ok(())
    }

    /// Lists jobs of active repositories, then asks about open ones that no list had.
    fn mend(&mut self, counts: &mut Counts) -> Result<(), Over> {
        let before = self.github.calls();
        let allowed = before + budget::calls(self.github.rate(), self.every);
        let open = self.app.reader.open_since(self.app.clock.now(), LOOKED_AT_MAX);
        let open = read(open, counts)?;
        let active = self.active(open.iter().map(|view| view.job.repository.0.clone()).collect());
        let active = read(active, counts)?;
        let mut listed = BTreeSet::new();
        // Half of the calls are for listings, which find what nobody heard of.
        let for_lists = allowed - (allowed - before) / 2;
        for repository in in_turn(active, &self.owner, self.last.as_deref()) {
            let left = for_lists.saturating_sub(self.github.calls());
            if left < 3 {
                break;
            }
            let now = self.go_on()?;
            let runs_max = usize::try_from((left / 2 - 1).clamp(1, RUNS_MAX)).unwrap_or(1);
            let jobs = self.github.jobs_of_open_runs(&repository, runs_max, now);
            self.last = Some(repository.0.clone());
            let Some(jobs) = self.answered(jobs, counts)? else {
                self.shown.remove(&repository.0);
                continue;
            };
            self.shown.insert(repository.0);
            listed.extend(jobs.iter().map(|job| job.key));
            self.feed(jobs, counts)?;
        }
        let now = self.app.clock.now();
        self.asked.retain(|key, _| open.iter().any(|view| view.job.key == *key));
        for (key, repository) in doubtful(open, &listed, &self.asked, now) {
            if self.github.calls() >= allowed {
                break;
            }
            if in_turn([repository.0.clone()].into(), &self.owner, None).is_empty() {
                continue;
            }
            self.ask_about(key, &repository, counts)?;
        }
        Ok(())
    }

    /// Repositories with jobs, those of open ones among them.
    fn active(&self, mut names: BTreeSet<String>) -> Result<BTreeSet<String>, StoreError> {
        if let Owner::Repository(only) = &self.owner {
            return Ok([only.clone()].into());
        }
        let known = self.app.reader.repositories(LOOKED_AT_MAX)?;
        let since = self.app.clock.now().minus(ACTIVE_WITHIN);
        names.extend(self.app.reader.with_jobs_since(known, since)?);
        Ok(names)
    }

    fn ask_about(
        &mut self,
        key: JobKey,
        repository: &Repository,
        counts: &mut Counts,
    ) -> Result<(), Over> {
        let now = self.go_on()?;
        let job = self.github.job(repository, key.job, now);
        self.asked.insert(key, now);
        let Some(job) = self.answered(job, counts)? else { return Ok(()) };
        if job.is_none() && self.shown.contains(&repository.0) {
            self.app.deleted.note(key);
            counts.deleted += 1;
        }
        self.feed(job.into_iter().collect(), counts)
    }

    /// Takes what no webhook told into the store, by the way of all deliveries.
    fn feed(&self, told: Vec<JobEvent>, counts: &mut Counts) -> Result<(), Over> {
        let seen = self.app.reader.seen(told.iter().map(|event| event.key));
        let seen = read(seen, counts)?;
        for event in unheard(told, &seen, self.app.clock.now()) {
            let received_at = self.app.clock.now();
            let JobKey { job, attempt } = event.key;
            let id = DeliveryId::new(&format!("api-{job}-{attempt}-{}", event.phase))
                .expect("numbers and phases are short visible ASCII");
            let delivery = Delivery { id, content: Content::Job(Box::new(event)) };
            match self.app.writer.take(Intake { delivery, received_at }) {
                Ok(Answer::Accepted) => {
                    counts.mended += 1;
                    self.app.news.send_modify(|news| *news += 1);
                }
                Ok(Answer::Duplicate) => {}
                Err(rejection) => {
                    counts.trouble.get_or_insert(rejection.to_string());
                    return Err(Over);
                }
            }
        }
        Ok(())
    }

    /// What GitHub answered; `None` where it failed and something else may still be asked.
    fn answered<T>(
        &mut self,
        answer: Result<T, GitHubError>,
        counts: &mut Counts,
    ) -> Result<Option<T>, Over> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => {
                counts.failures += 1;
                counts.trouble.get_or_insert(error.to_string());
                self.rest = error.limited_until();
                if is_over(&error) { Err(Over) } else { Ok(None) }
            }
        }
    }

    /// The present, if more may be asked.
    fn go_on(&mut self) -> Result<Timestamp, Over> {
        let now = self.app.clock.now();
        if let Some(until) = budget::rests_until(self.github.rate(), now) {
            let remaining = self.github.rate().map_or(0, |rate| rate.remaining);
            tracing::warn!(
                remaining,
                %until,
                "few requests to GitHub's API are left: nothing is looked for until then"
            );
            self.rest = Some(until);
            return Err(Over);
        }
        if self.is_ending() { Err(Over) } else { Ok(now) }
    }

    fn is_ending(&self) -> bool {
        self.ended.try_recv() == Err(TryRecvError::Disconnected)
    }

    fn count(&self, counts: &Counts, now: Timestamp) {
        for (counter, n) in [
            (c::WEBHOOKS_REDELIVERED, counts.redelivered),
            (c::JOBS_MENDED, counts.mended),
            (c::GITHUB_FAILURES, counts.failures),
        ] {
            if n > 0 {
                let record = Record::new(now, Dimensions::none()).with(counter.inc_by(n));
                self.app.meter.observe(record);
            }
        }
    }

    /// What is left, while it is known.
    fn tell_rate(&self) {
        let now = self.app.clock.now();
        if let Some(rate) = self.github.rate().filter(|rate| now < rate.reset) {
            let level = c::GITHUB_RATE_LIMIT_REMAINING.is(rate.remaining.into());
            self.app.meter.observe(Record::new(now, Dimensions::none()).with(level));
        }
    }

    fn log(&self, counts: &Counts, calls: u64) {
        let Counts { redelivered, given_up, mended, deleted, failures, trouble } = counts;
        let remaining = self.github.rate().map(|rate| rate.remaining);
        if let Some(trouble) = trouble {
            tracing::warn!(
                redelivered,
                given_up,
                mended,
                deleted,
                failures,
                calls,
                remaining,
                trouble,
                "lost webhooks cannot be looked for as they should"
            );
        } else if redelivered + given_up + mended + deleted > 0 {
            tracing::info!(
                redelivered,
                given_up,
                mended,
                deleted,
                calls,
                remaining,
                "lost webhooks"
            );
        }
    }
}
