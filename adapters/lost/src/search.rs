//! One round after another: what is asked, in which order, and when it is enough.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use github::{GitHub, GitHubError, Hook, Owner, Why};
use ingest::ledger::Seen;
use model::{JobEvent, JobKey, Repository, Timestamp};

use crate::budget;
use crate::counts::Counts;
use crate::mending::{Standing, doubtful, in_turn, unheard};
use crate::redelivery::Book;

/// Repositories without a job for longer are not asked about.
const ACTIVE_WITHIN: Duration = Duration::from_hours(24);

/// Runs of one status whose jobs are listed in one repository, the newest: each costs a call.
const RUNS_MAX: u64 = 30;

/// The jobs as whoever hears the webhooks knows them. What it cannot say is told in words.
pub trait Known {
    /// Whether more may be asked: the process does not end, and there is time left.
    fn goes_on(&self, now: Timestamp) -> bool;

    /// Open jobs, and since when each stands where it stands.
    ///
    /// # Errors
    /// When nobody can say.
    fn open(&mut self, now: Timestamp) -> Result<Vec<Standing>, String>;

    /// Repositories of which a job was heard since then, as `owner/name`.
    ///
    /// # Errors
    /// When nobody can say.
    fn active(&mut self, since: Timestamp) -> Result<BTreeSet<String>, String>;

    /// Which phases were seen of these jobs; those that are unknown are left out.
    ///
    /// # Errors
    /// When nobody can say.
    fn seen(&mut self, keys: &BTreeSet<JobKey>) -> Result<BTreeMap<JobKey, Seen>, String>;

    /// Takes news in as if a webhook had told them; how many were news.
    ///
    /// # Errors
    /// When they cannot be kept; they are found again.
    fn take(&mut self, news: Vec<JobEvent>, now: Timestamp) -> Result<u64, String>;

    /// GitHub knows that job no more.
    fn deleted(&mut self, key: JobKey, now: Timestamp);
}

/// What was asked so far, and what is still to be.
#[derive(Debug)]
pub struct Search {
    owner: Owner,
    hook: Option<Hook>,
    every: Duration,
    book: Book,
    /// When single jobs were asked about.
    asked: BTreeMap<JobKey, Timestamp>,
    /// The last repository whose jobs were listed.
    last: Option<String>,
    /// Repositories whose jobs GitHub shows us: it says of what one may not see that it is not there.
    shown: BTreeSet<String>,
    /// GitHub is left alone until then.
    rest: Option<Timestamp>,
    /// A round whose time was up.
    unfinished: Option<Round>,
}

/// How far a round is.
#[derive(Debug, Default)]
struct Round {
    is_redelivered: bool,
    mending: Option<Mending>,
}

/// What is left of looking for jobs.
#[derive(Debug)]
struct Mending {
    /// Calls in all up to which listings go on, and the whole round.
    for_lists: u64,
    allowed: u64,
    turn: VecDeque<Repository>,
    listed: BTreeSet<JobKey>,
}

/// Whom to ask, who knows, and what time it is.
struct Ask<'a> {
    github: &'a mut GitHub,
    known: &'a mut dyn Known,
    clock: &'a dyn Fn() -> Timestamp,
    counts: Counts,
}

/// A round ends early.
#[derive(Debug, PartialEq, Eq)]
enum Over {
    /// It goes on where it was.
    Later,
    /// It makes no sense to ask for anything else.
    Now,
}

/// Whether it makes sense to ask for something else.
fn is_over(error: &GitHubError) -> bool {
    match error.why {
        Why::Credentials { .. } | Why::Limited { .. } | Why::NoAnswer { .. } => true,
        Why::Forbidden { .. } | Why::NotFound | Why::Refused { .. } | Why::Odd { .. } => false,
    }
}

impl Ask<'_> {
    /// What whoever knows answered.
    fn read<T>(&mut self, answer: Result<T, String>) -> Result<T, Over> {
        answer.map_err(|error| {
            self.counts.trouble.get_or_insert(error);
            Over::Now
        })
    }
}

impl Search {
    /// Of an owner's jobs, and of the webhook that sends them, every so often. Nothing is asked yet.
    pub fn new(owner: Owner, hook: Option<Hook>, every: Duration) -> Self {
        Search {
            owner,
            hook,
            every,
            book: Book::default(),
            asked: BTreeMap::new(),
            last: None,
            shown: BTreeSet::new(),
            rest: None,
            unfinished: None,
        }
    }

    /// Whether the last round was told to stop before its end; the next goes on with it.
    pub fn is_unfinished(&self) -> bool {
        self.unfinished.is_some()
    }

    /// Leaves what the last round left: the next one begins anew.
    pub fn begin_anew(&mut self) {
        self.unfinished = None;
    }

    /// Asks for what failed once more, then for what is not known. `None`: GitHub wants to be left
    /// alone, or little of what it allows is left.
    pub fn round(
        &mut self,
        github: &mut GitHub,
        known: &mut dyn Known,
        clock: &dyn Fn() -> Timestamp,
    ) -> Option<Counts> {
        if self.rest.is_some_and(|until| clock() < until) {
            return None;
        }
        self.rest = None;
        let before = github.calls();
        let mut ask = Ask { github, known, clock, counts: Counts::default() };
        // It ends early or it does not: that is all there is to say.
        let _ = self.whole(&mut ask);
        let Ask { github, mut counts, .. } = ask;
        counts.calls = github.calls() - before;
        counts.rate = github.rate();
        Some(counts)
    }

    fn whole(&mut self, ask: &mut Ask<'_>) -> Result<(), Over> {
        let mut round = self.unfinished.take().unwrap_or_default();
        let done = self.go(&mut round, ask);
        if done == Err(Over::Later) {
            self.unfinished = Some(round);
        }
        done
    }

    fn go(&mut self, round: &mut Round, ask: &mut Ask<'_>) -> Result<(), Over> {
        if !round.is_redelivered {
            self.redeliver(ask)?;
            round.is_redelivered = true;
        }
        let mending = match &mut round.mending {
            Some(mending) => mending,
            nothing => nothing.insert(self.begin(ask)?),
        };
        self.mend(mending, ask)
    }

    /// Asks GitHub to deliver what failed once more.
    fn redeliver(&mut self, ask: &mut Ask<'_>) -> Result<(), Over> {
        let Some(hook) = self.hook else { return Ok(()) };
        let now = self.go_on(ask)?;
        let listed = ask.github.deliveries(hook, self.book.since(now), now);
        let Some(listed) = self.answered(listed, ask)? else { return Ok(()) };
        ask.counts.given_up += self.book.note(listed, now);
        for (guid, attempt) in self.book.wanted(now) {
            let now = self.go_on(ask)?;
            let asked = ask.github.redeliver(hook, attempt, now);
            match &asked {
                // One that GitHub cannot deliver may not keep the rest of the search from going on.
                Err(error) if matches!(error.why, Why::NoAnswer { .. }) => {
                    self.book.unanswered(&guid, now);
                    ask.counts.note(error);
                    return Ok(());
                }
                Err(error) if is_over(error) => {}
                Ok(()) | Err(_) => self.book.asked(&guid, now),
            }
            if self.answered(asked, ask)?.is_some() {
                ask.counts.redelivered += 1;
            }
        }
        Ok(())
    }

    /// Half of the calls are for listings, which find what nobody heard of.
    fn begin(&self, ask: &mut Ask<'_>) -> Result<Mending, Over> {
        let before = ask.github.calls();
        let allowed = before + budget::calls(ask.github.rate(), self.every);
        let for_lists = allowed - (allowed - before) / 2;
        let now = (ask.clock)();
        let active = match &self.owner {
            Owner::Repository(only) => [only.clone()].into(),
            Owner::Organization(_) => {
                let open = ask.known.open(now);
                let open = ask.read(open)?;
                let active = ask.known.active(now.minus(ACTIVE_WITHIN));
                let mut active = ask.read(active)?;
                active.extend(open.into_iter().map(|job| job.repository.0));
                active
            }
        };
        let turn = in_turn(active, &self.owner, self.last.as_deref()).into();
        Ok(Mending { for_lists, allowed, turn, listed: BTreeSet::new() })
    }

    /// Lists jobs of active repositories, then asks about open ones that no list had.
    fn mend(&mut self, left: &mut Mending, ask: &mut Ask<'_>) -> Result<(), Over> {
        while let Some(repository) = left.turn.front() {
            let calls = left.for_lists.saturating_sub(ask.github.calls());
            if calls < 3 {
                break;
            }
            let now = self.go_on(ask)?;
            let runs_max = usize::try_from((calls / 2 - 1).clamp(1, RUNS_MAX)).unwrap_or(1);
            let jobs = ask.github.jobs_of_open_runs(repository, runs_max, now);
            let name = repository.0.clone();
            left.turn.pop_front();
            self.last = Some(name.clone());
            let Some(jobs) = self.answered(jobs, ask)? else {
                self.shown.remove(&name);
                continue;
            };
            self.shown.insert(name);
            left.listed.extend(jobs.iter().map(|job| job.key));
            feed(jobs, ask)?;
        }
        let now = (ask.clock)();
        let open = ask.known.open(now);
        let open = ask.read(open)?;
        self.asked.retain(|key, _| open.iter().any(|job| job.key == *key));
        for (key, repository) in doubtful(open, &left.listed, &self.asked, now) {
            if ask.github.calls() >= left.allowed {
                break;
            }
            if in_turn([repository.0.clone()].into(), &self.owner, None).is_empty() {
                continue;
            }
            self.ask_about(key, &repository, ask)?;
        }
        Ok(())
    }

    fn ask_about(
        &mut self,
        key: JobKey,
        repository: &Repository,
        ask: &mut Ask<'_>,
    ) -> Result<(), Over> {
        let now = self.go_on(ask)?;
        let job = ask.github.job(repository, key.job, now);
        self.asked.insert(key, now);
        let Some(job) = self.answered(job, ask)? else { return Ok(()) };
        if job.is_none() && self.shown.contains(&repository.0) {
            ask.known.deleted(key, now);
            ask.counts.deleted += 1;
        }
        feed(job.into_iter().collect(), ask)
    }

    /// What GitHub answered; `None` where it failed and something else may still be asked.
    fn answered<T>(
        &mut self,
        answer: Result<T, GitHubError>,
        ask: &mut Ask<'_>,
    ) -> Result<Option<T>, Over> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => {
                ask.counts.note(&error);
                self.rest = error.limited_until();
                if is_over(&error) { Err(Over::Now) } else { Ok(None) }
            }
        }
    }

    /// The present, if more may be asked.
    fn go_on(&mut self, ask: &Ask<'_>) -> Result<Timestamp, Over> {
        let now = (ask.clock)();
        if let Some(until) = budget::rests_until(ask.github.rate(), now) {
            let remaining = ask.github.rate().map_or(0, |rate| rate.remaining);
            tracing::warn!(
                remaining,
                %until,
                "few requests to GitHub's API are left: nothing is looked for until then"
            );
            self.rest = Some(until);
            return Err(Over::Now);
        }
        if ask.known.goes_on(now) { Ok(now) } else { Err(Over::Later) }
    }
}

/// Hands over what no webhook told.
fn feed(told: Vec<JobEvent>, ask: &mut Ask<'_>) -> Result<(), Over> {
    let seen = ask.known.seen(&told.iter().map(|event| event.key).collect());
    let seen = ask.read(seen)?;
    let now = (ask.clock)();
    let news = unheard(told, &seen, now);
    if news.is_empty() {
        return Ok(());
    }
    let taken = ask.known.take(news, now);
    ask.counts.mended += ask.read(taken)?;
    Ok(())
}
