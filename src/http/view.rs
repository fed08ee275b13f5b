//! From the store to what the page shows.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dashboards::{
    Banner, Charts, Grid, Headline, JobRow, JobState, Page, PoolRow, Range, Severity,
};
use ingest::Router;
use ingest::ledger::Stage;
use local::{JobView, PoolView, StoreError, Waits};
use model::series::Aggregate;
use model::{
    Conclusion, Counter, Dimension, Dimensions, Level, OTHER_POOL, Phase, Statistic, Timestamp,
    catalogue as c,
};

use super::{App, scaling};
use crate::config::SECRET_ENV;

/// Rows in the lists of jobs.
const LONGEST_MAX: u32 = 20;
const RECENT_MAX: u32 = 30;

/// Pools with a curve in their row; more would take longer to read from the store than to look at.
const TRENDS_MAX: usize = 24;

/// One view of the page.
pub(super) fn page(app: &App, range: Range, pool: Option<String>) -> Result<Page, StoreError> {
    let now = app.clock.now();
    let grid = Grid::ending_at(now.as_millis(), range);
    let windows = Range::ALL.map(|range| millis(range.duration_ms()));
    let mut pools = app.reader.pools(now, &windows)?;
    pools.sort_by_key(|pool| std::cmp::Reverse((pool.oldest_waiting, pool.waiting, p95(pool))));
    let mut rows = Vec::with_capacity(pools.len());
    for (i, view) in pools.iter().enumerate() {
        rows.push(pool_row(app, view, grid, i < TRENDS_MAX)?);
    }
    let known = app.reader.first_minute()?;
    Ok(Page {
        now_ms: now.as_millis(),
        version: env!("CARGO_PKG_VERSION"),
        range,
        banners: banners(app, &pools),
        headline: headline(app, range, pool.as_deref(), &pools, &rows)?,
        charts: charts(app, grid, pool.as_deref(), known)?,
        scaling: scaling::view(app, grid, pool.as_deref(), &pools)?,
        longest_waiting: jobs(app.reader.longest_waiting(pool.as_deref(), LONGEST_MAX)?, now),
        recent: jobs(app.reader.recent(pool.as_deref(), RECENT_MAX)?, now),
        pool,
        pools: rows,
        webhook_url: app.webhook_url.clone(),
        last_delivery_ms: Some(app.last_delivery_ms.load(Ordering::Relaxed)).filter(|ms| *ms > 0),
    })
}

fn banners(app: &App, pools: &[PoolView]) -> Vec<Banner> {
    let mut banners = Vec::new();
    if app.secrets.is_empty() {
        banners.push(Banner {
            severity: Severity::Critical,
            text: "No webhook secret is configured, so every delivery is refused.".into(),
            remedy: Some(format!(
                "Set {SECRET_ENV} (or webhook.secret_files) and enter the same secret at GitHub."
            )),
        });
    }
    if !app.can_store() {
        banners.push(Banner {
            severity: Severity::Critical,
            text: "The store cannot be written; deliveries are answered 503.".into(),
            remedy: Some(
                "Look at the log and at the disk. GitHub can redeliver for 3 days.".into(),
            ),
        });
    }
    if !app.can_publish() {
        banners.push(Banner {
            severity: Severity::Warning,
            text: "EMF lines are not read or cannot be written; the store has everything.".into(),
            remedy: Some("Look at the log and at what reads the EMF output.".into()),
        });
    }
    if pools.iter().any(|pool| pool.name == OTHER_POOL) {
        banners.push(Banner {
            severity: Severity::Info,
            text: format!(
                "{} label sets have pools of their own; the jobs of further ones share the pool \
                 {OTHER_POOL}.",
                Router::LABEL_SETS_MAX
            ),
            remedy: Some("Name pools in the configuration to tell them apart.".into()),
        });
    }
    banners.extend(app.banner.clone());
    banners
}

fn headline(
    app: &App,
    range: Range,
    pool: Option<&str>,
    pools: &[PoolView],
    rows: &[PoolRow],
) -> Result<Headline, StoreError> {
    let index = Range::ALL.iter().position(|r| *r == range).unwrap_or_default();
    let chosen = |name: &str| pool.is_none_or(|pool| pool == name);
    let views = || pools.iter().filter(|view| chosen(&view.name));
    let waits = match pool {
        Some(_) => views().next().and_then(|v| v.waits.get(index)).copied().unwrap_or_default(),
        None => {
            let windows = [millis(range.duration_ms())];
            app.reader.fleet_waits(&windows)?.first().copied().unwrap_or_default()
        }
    };
    let oldest = views().filter_map(|view| view.oldest_waiting).max();
    Ok(Headline {
        waiting: count(views().map(|view| view.waiting).sum()),
        oldest_ms: oldest.map(as_millis),
        running: count(views().map(|view| view.running).sum()),
        waits: shown(waits),
        arrivals: rows.iter().filter(|row| chosen(&row.name)).map(|row| row.arrivals).sum(),
    })
}

fn pool_row(
    app: &App,
    view: &PoolView,
    grid: Grid,
    with_trend: bool,
) -> Result<PoolRow, StoreError> {
    let by = Dimensions::none().with(Dimension::Pool, view.name.as_str());
    let arrivals = counted(app, grid, Phase::Queued, &by)?;
    let trend = if with_trend { level(app, grid, c::JOBS_WAITING, &by)? } else { Vec::new() };
    let mut waits = [dashboards::Waits::default(); Range::ALL.len()];
    for (slot, known) in waits.iter_mut().zip(&view.waits) {
        *slot = shown(*known);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of jobs")]
    let arrivals = arrivals.into_iter().flatten().sum::<f64>() as u32;
    Ok(PoolRow {
        name: view.name.clone(),
        waiting: count(view.waiting),
        oldest_ms: view.oldest_waiting.map(as_millis),
        running: count(view.running),
        waits,
        arrivals,
        waiting_trend: trend,
    })
}

/// All series of the range. What lies before the first minute ever counted is unknown, not zero.
fn charts(
    app: &App,
    grid: Grid,
    pool: Option<&str>,
    known: Option<Timestamp>,
) -> Result<Charts, StoreError> {
    let by = pool.map_or(Dimensions::none(), |pool| Dimensions::none().with(Dimension::Pool, pool));
    let Some(known) = known else { return Ok(Charts::unknown(grid)) };
    let since = |series: Vec<Option<f64>>| -> Vec<Option<f64>> {
        let step = |i| grid.at_ms(i) + grid.step_ms > known.as_millis();
        series.into_iter().enumerate().map(|(i, value)| value.filter(|_| step(i))).collect()
    };
    let mut charts = Charts::unknown(grid);
    charts.waiting = level(app, grid, c::JOBS_WAITING, &by)?;
    charts.running = level(app, grid, c::JOBS_RUNNING, &by)?;
    charts.arrivals = since(counted(app, grid, Phase::Queued, &by)?);
    charts.starts = since(counted(app, grid, Phase::InProgress, &by)?);
    charts.completions = since(counted(app, grid, Phase::Completed, &by)?);
    let oldest = periods(app, grid, c::OLDEST_WAITING_AGE.0, &by)?;
    charts.oldest_secs = on_grid(grid, &oldest, |a| Some(as_f64(a.max)).filter(|age| *age > 0.0));
    let waits = periods(app, grid, c::JOB_WAIT.0, &by)?;
    let percentile =
        |percent| on_grid(grid, &waits, |a| a.statistic(Statistic::Percentile(percent)));
    (charts.p50_secs, charts.p95_secs) = (percentile(50), percentile(95));
    for (at, aggregate) in &waits {
        let histogram = aggregate.histogram.as_ref();
        for (value, times) in histogram.into_iter().flat_map(model::Histogram::buckets) {
            if let Some(step) = grid.index_of(at.as_millis()) {
                charts.waits.add_many(step, as_f64(value), count(times));
            }
        }
    }
    Ok(charts)
}

pub(super) fn periods(
    app: &App,
    grid: Grid,
    spec: &'static model::Spec,
    by: &Dimensions,
) -> Result<Vec<(Timestamp, Aggregate)>, StoreError> {
    let [from, to] = [grid.start_ms, grid.end_ms()].map(Timestamp::from_millis);
    app.reader.aggregates(spec, by, millis(grid.step_ms), from, to)
}

pub(super) fn on_grid(
    grid: Grid,
    periods: &[(Timestamp, Aggregate)],
    value: impl Fn(&Aggregate) -> Option<f64>,
) -> Vec<Option<f64>> {
    let mut series = vec![None; grid.len];
    for (at, aggregate) in periods {
        if let Some(step) = grid.index_of(at.as_millis()) {
            series[step] = value(aggregate);
        }
    }
    series
}

/// Events of one phase in each step; none is zero.
fn counted(
    app: &App,
    grid: Grid,
    phase: Phase,
    by: &Dimensions,
) -> Result<Vec<Option<f64>>, StoreError> {
    const EVENTS: Counter = c::JOB_EVENTS;
    let by = by.clone().with(Dimension::Status, phase.as_str());
    let periods = periods(app, grid, EVENTS.0, &by)?;
    let series = on_grid(grid, &periods, |aggregate| Some(as_f64(aggregate.sum)));
    Ok(series.into_iter().map(|value| value.or(Some(0.0))).collect())
}

/// A level averaged over the minutes of each step that were counted.
pub(super) fn level(
    app: &App,
    grid: Grid,
    metric: Level,
    by: &Dimensions,
) -> Result<Vec<Option<f64>>, StoreError> {
    let periods = periods(app, grid, metric.0, by)?;
    Ok(on_grid(grid, &periods, |aggregate| aggregate.statistic(Statistic::Average)))
}

fn jobs(views: Vec<JobView>, now: Timestamp) -> Vec<JobRow> {
    views.into_iter().map(|view| job_row(view, now)).collect()
}

fn job_row(JobView { job, since }: JobView, now: Timestamp) -> JobRow {
    let stage = job.stage();
    let so_far = |running: bool| running.then(|| as_millis(now.saturating_since(since)));
    let waited = job.wait().map(|wait| as_millis(wait.length));
    let ran = job.duration().map(|duration| as_millis(duration.length));
    JobRow {
        key: format!("{}-{}", job.key.job, job.key.attempt),
        waited_ms: waited.or_else(|| so_far(stage == Stage::Waiting)),
        ran_ms: ran.or_else(|| so_far(stage == Stage::Running)),
        url: Some(
            job.url
                .clone()
                .unwrap_or_else(|| model::github_url(&job.repository, job.run, job.key.job)),
        ),
        state: state(stage, job.conclusion),
        labels: job.labels.iter().map(str::to_owned).collect(),
        name: job.name,
        workflow: job.workflow,
        repository: job.repository.0,
        pool: job.pool,
        runner: job.runner,
        changed_at_ms: since.as_millis(),
    }
}

fn state(stage: Stage, conclusion: Option<Conclusion>) -> JobState {
    match (stage, conclusion) {
        (Stage::Held, _) => JobState::Held,
        (Stage::Waiting, _) => JobState::Waiting,
        (Stage::Running, _) => JobState::Running,
        (Stage::Expired, _) => JobState::Other("no news".into()),
        (Stage::Done, Some(Conclusion::Success)) => JobState::Success,
        (Stage::Done, Some(Conclusion::Failure)) => JobState::Failure,
        (Stage::Done, Some(Conclusion::Cancelled)) => JobState::Cancelled,
        (Stage::Done, Some(Conclusion::TimedOut)) => JobState::TimedOut,
        (Stage::Done, Some(Conclusion::Skipped)) => JobState::Skipped,
        (Stage::Done, other) => {
            JobState::Other(other.unwrap_or(Conclusion::Other).as_str().replace('_', " "))
        }
    }
}

fn p95(pool: &PoolView) -> Option<u64> {
    pool.waits.first().and_then(|waits| waits.p95_secs)
}

fn shown(waits: Waits) -> dashboards::Waits {
    let ms = |secs: Option<u64>| secs.map(|secs| secs.saturating_mul(1000).cast_signed());
    dashboards::Waits { p50_ms: ms(waits.p50_secs), p95_ms: ms(waits.p95_secs) }
}

fn millis(ms: i64) -> Duration {
    Duration::from_millis(ms.unsigned_abs())
}

fn as_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn count(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "what a chart shows is far below 2^53")]
pub(super) fn as_f64(n: u64) -> f64 {
    n as f64
}
