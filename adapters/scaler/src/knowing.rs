//! What is known of the jobs: from where a sandbox starts, and what it reads from then on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws::logs::{LogGroup, OVERLAP, ROWS_MAX, Row, Span, Tail};
use aws::{Aws, CallError, History};
use ingest::ledger::QUEUE_AGE_MAX;
use model::catalogue::JOB_EVENTS;
use model::ports::History as _;
use model::{Dimension, JobKey, Timestamp};
use scaler::Memory;
use scaler::forecast::Model;

use crate::checkpoint::{PATTERN, STREAM, Shelf};
use crate::ledger::Standing;
use crate::settings::Settings;
use crate::{Checkpoint, Ledger};

/// So far back the newest checkpoint lies where one is written every few minutes.
const USUAL_BACK: Duration = Duration::from_mins(12);

/// After a pause it is looked for in this span before that, then in one twice as long, and so on:
/// all that lie in a span are read.
const BACK_FIRST: Duration = Duration::from_hours(1);

/// What is older than this tells the models nothing of today.
const BACK_MAX: Duration = Duration::from_hours(24);

/// After a longer pause than this, or with an older checkpoint, Insights is asked for the open jobs
/// rather than all lines since then read: at a million jobs a day they are some 40 MB, of which a call
/// reads one, and what an invocation does not read to the end the next one would have to read again,
/// and more.
const CATCH_UP_MAX: Duration = Duration::from_mins(30);

/// So long may Insights take. It answers within some seconds.
const INSIGHTS_PATIENCE: Duration = Duration::from_secs(20);

/// Insights knows what was written before this; what came later is read line by line.
const INSIGHTS_LAG: Duration = Duration::from_mins(5);

/// Of so much history the hours are asked for, where the model knows nothing.
const HOURS_BACK: Duration = Duration::from_hours(4 * 7 * 24);

/// The open jobs of all pools, one row each.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html>
const OPEN_JOBS: &str = "filter ispresent(job_id) and ispresent(Status) \
    | fields strcontains(Status, 'queued') as q, strcontains(Status, 'in_progress') as p, \
             strcontains(Status, 'completed') as c, toMillis(@timestamp) as ms \
    | stats max(q) as queued, max(p) as started, max(c) as completed, min(ms) as first_ms, \
            count(expired) as gone, max(ms) as last_ms, latest(Pool) as in_pool, latest(runner) as on_runner, \
            latest(repository) as of_repository \
            by job_id, run_attempt \
    | filter completed = 0 and gone = 0 | limit 10000";

/// The jobs, and how they are read.
pub struct Knowing {
    aws: Aws,
    ingest: LogGroup,
    own: LogGroup,
    settings: Settings,
    ledger: Arc<Mutex<Ledger>>,
    /// None until it is known from where to read.
    tail: Option<Tail>,
    checkpointed_at: Option<Timestamp>,
}

impl Knowing {
    /// Knows nothing yet.
    pub fn new(aws: &Aws, settings: &Settings) -> Self {
        Knowing {
            ingest: LogGroup::named(aws, &settings.ingest_log_group),
            own: LogGroup::named(aws, &settings.own_log_group).only(PATTERN, STREAM),
            aws: aws.clone(),
            settings: settings.clone(),
            ledger: Arc::new(Mutex::new(Ledger::new(settings.names()))),
            tail: None,
            checkpointed_at: None,
        }
    }

    /// The ledger that all pools share.
    pub fn shared(&self) -> &Arc<Mutex<Ledger>> {
        &self.ledger
    }

    /// The ledger. One whose holder failed is as whole as before: each line is taken in or not.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the last checkpoint was made that is known of.
    pub fn checkpointed_at(&self) -> Option<Timestamp> {
        self.checkpointed_at
    }

    /// Notes that a checkpoint was made.
    pub fn checkpointed(&mut self, now: Timestamp) {
        self.checkpointed_at = Some(now);
    }

    /// Whether it knows where it stands.
    pub fn is_started(&self) -> bool {
        self.tail.is_some()
    }

    /// Whether it knew where it stood, too long ago to read on from there.
    pub fn is_behind(&self, now: Timestamp) -> bool {
        let gap = |tail: &Tail| now.saturating_since(tail.starts_at());
        self.tail.as_ref().is_some_and(|tail| gap(tail) > CATCH_UP_MAX + OVERLAP)
    }

    /// Finds out where things stand: by the newest checkpoint, or else by what Insights says of open
    /// jobs. Gives what each pool's scaler knew.
    ///
    /// # Errors
    /// When neither can be had; then nothing more is known than before, and it is to be tried again.
    pub fn start(&mut self, now: Timestamp) -> Result<BTreeMap<String, Memory>, CallError> {
        let (jobs, pools, made_at) = match self.newest(now)? {
            Some((Checkpoint { jobs, pools }, made_at)) => (Some(jobs), Some(pools), Some(made_at)),
            None => (None, None, None),
        };
        let is_near = |at: Timestamp| now.saturating_since(at) <= CATCH_UP_MAX;
        let (ledger, from) =
            match jobs.filter(|jobs| made_at.min(Some(jobs.as_of())).is_some_and(is_near)) {
                Some(jobs) => {
                    let from = jobs.as_of().minus(OVERLAP);
                    (Ledger::recalled(jobs, self.settings.names()), from)
                }
                None => (self.ask_insights(now)?, now.minus(INSIGHTS_LAG)),
            };
        *self.ledger() = ledger;
        self.tail = Some(Tail::new(self.ingest.clone(), from, OVERLAP));
        self.checkpointed_at = made_at;
        Ok(pools.unwrap_or_else(|| self.primed(now)))
    }

    /// Takes lines of the log group; gives the pools of which something became known.
    pub fn take<'a>(&self, lines: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        let (mut ledger, mut broken) = (self.ledger(), Broken::default());
        lines.into_iter().filter_map(|line| broken.noted(ledger.take(line))).collect()
    }

    /// Reads what was written since the last time, unless that is [too long ago](Self::is_behind).
    ///
    /// # Errors
    /// When the log group cannot be read; what was read until then counts.
    pub fn read(&mut self, now: Timestamp) -> Result<(), CallError> {
        if self.is_behind(now) {
            return Ok(());
        }
        let Some(tail) = &mut self.tail else { return Ok(()) };
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let mut broken = Broken::default();
        tail.read(now, &mut |line, _| drop(broken.noted(ledger.take(line))))?;
        ledger.read_until(now);
        Ok(())
    }

    fn newest(&self, now: Timestamp) -> Result<Option<(Checkpoint, Timestamp)>, CallError> {
        let mut span = Span { from: now.minus(USUAL_BACK), to: now.plus(Duration::from_mins(1)) };
        let mut step = BACK_FIRST;
        while now.saturating_since(span.to) < BACK_MAX {
            let mut found = Shelf::default();
            self.own.read(span, &mut |line, _| found.take(line))?;
            if let Some(newest) = found.newest() {
                return Ok(Some(newest));
            }
            span = Span { from: span.from.minus(step), to: span.from };
            step *= 2;
        }
        Ok(None)
    }

    fn ask_insights(&self, now: Timestamp) -> Result<Ledger, CallError> {
        let span = Span { from: now.minus(QUEUE_AGE_MAX), to: now };
        let rows = self.ingest.query(OPEN_JOBS, span, INSIGHTS_PATIENCE)?;
        if rows.len() >= ROWS_MAX as usize {
            tracing::warn!(rows = rows.len(), "there are more open jobs than Insights tells");
        }
        let mut ledger = Ledger::new(self.settings.names());
        rows.iter().filter_map(standing).for_each(|job| ledger.stands(job));
        Ok(ledger)
    }

    /// Models that know how many jobs came in each hour. Without an answer they know nothing, and
    /// learn as any new one does.
    fn primed(&self, now: Timestamp) -> BTreeMap<String, Memory> {
        let hour = Duration::from_hours(1);
        let query = |pool: &str| {
            let by = JOB_EVENTS.sum().of(Dimension::Pool, pool).of(Dimension::Status, "queued");
            by.every(hour)
        };
        let pools = &self.settings.pools;
        let queries: Vec<_> = pools.iter().map(|pool| query(&pool.name)).collect();
        let to = Timestamp::from_secs(now.as_secs().div_euclid(3600) * 3600);
        match History::new(&self.aws, Vec::new()).answers(&queries, to.minus(HOURS_BACK), to) {
            Ok(answers) => pools
                .iter()
                .zip(answers)
                .map(|(pool, hours)| {
                    let model = Some(Model::primed(&pool.policy, &hours));
                    (pool.name.clone(), Memory { model, ..Memory::default() })
                })
                .collect(),
            Err(error) => {
                tracing::warn!(%error, "the hours of the past are not known; the model begins anew");
                BTreeMap::new()
            }
        }
    }
}

/// Lines of ours that cannot be read: told once for all that come together.
#[derive(Default)]
struct Broken {
    lines: u64,
    first: Option<String>,
}

impl Broken {
    fn noted(&mut self, taken: Result<Option<String>, ingest::past::Malformed>) -> Option<String> {
        match taken {
            Ok(pool) => pool,
            Err(error) => {
                self.lines += 1;
                self.first.get_or_insert_with(|| error.to_string());
                None
            }
        }
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        if let Some(first) = &self.first {
            tracing::warn!(lines = self.lines, first, "lines of jobs cannot be read");
        }
    }
}

/// A row of [`OPEN_JOBS`]; none where it lacks what makes a job.
fn standing(row: &Row) -> Option<Standing> {
    let number = |name: &str| row.get(name)?.parse::<f64>().ok();
    let is = |name: &str| number(name).is_some_and(|number| number > 0.0);
    let at = |name: &str| whole(row.get(name)?).map(Timestamp::from_millis);
    let started = is("started").then(|| row.get("on_runner").cloned().unwrap_or_default());
    Some(Standing {
        key: JobKey {
            job: row.get("job_id")?.parse().ok()?,
            attempt: row.get("run_attempt").and_then(|it| it.parse().ok()).unwrap_or(1),
        },
        pool: row.get("in_pool")?.clone(),
        first_at: at("first_ms")?,
        last_at: at("last_ms")?,
        is_queued: is("queued"),
        started,
        repository: row.get("of_repository").cloned().unwrap_or_default(),
    })
}

/// A whole number, which Insights may write as `1.7E12`.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
fn whole(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| text.parse::<f64>().ok().map(|number| number as i64))
}
