//! All pools, or one.

use std::cmp::Reverse;
use std::time::Duration;

use dashboards::board::{Board, Kind, Role};
use dashboards::panel::{Chart, Layer, Measured, Panel, Picture, Shape, Tone};
use dashboards::{
    Content, Grid, Headline, Overview, Page, PoolRow, PoolTable, Range, Section, Series, Sort,
};
use local::{PoolView, StoreError, Waits, Wanted};
use model::{Dimension, Dimensions, Level, Phase, Statistic, Timestamp, catalogue as c};

use super::board::{Answers, merged};
use super::{App, as_millis, count, decisions, jobs};

/// Rows in the lists of jobs.
const LONGEST_MAX: u32 = 15;
const RECENT_MAX: u32 = 15;

/// Pools on a page of their table.
const POOLS_MAX: usize = 25;

/// The scaler's latest on the overview.
const CHANGES_MAX: u32 = 5;

/// The small charts of the table of pools: of the last day.
const TREND: Duration = Duration::from_hours(24);
const TREND_STEP_MS: i64 = 30 * 60 * 1_000;

pub(super) fn content(app: &App, page: &mut Page, now: Timestamp) -> Result<Content, StoreError> {
    let windows = match page.view.listing.sort {
        Sort::Wait => vec![TREND],
        _ => Vec::new(),
    };
    let pools = app.reader.pools(now, &windows)?;
    let chosen = page.view.pool.clone();
    let shown = |view: &&PoolView| chosen.as_ref().is_none_or(|pool| *pool == view.name);
    page.waiting = count(pools.iter().filter(shown).map(|view| view.waiting).sum());
    let mut answers = Answers::new(app, page, &pools)?;
    let sections = sections(&mut answers, page, &pools)?;
    let headline = headline(&mut answers, page, &pools)?;
    let table = table(app, page, pools, now)?;
    let (chosen, repository) = (page.view.pool.as_deref(), page.view.repository.as_deref());
    let wanted = Wanted { pool: chosen, repository };
    Ok(Content::Overview(Box::new(Overview {
        headline,
        pools: table,
        sections,
        scaling: decisions::latest(app, chosen, CHANGES_MAX)?,
        longest_waiting: jobs::rows(app.reader.waiting(wanted, LONGEST_MAX)?, now),
        recent: jobs::recent(app, wanted, now, RECENT_MAX)?,
    })))
}

/// The boards of the fleet or of one pool. What headline and table show already is left out.
fn sections(
    answers: &mut Answers<'_>,
    page: &Page,
    pools: &[PoolView],
) -> Result<Vec<Section>, StoreError> {
    let (name, is_alone) = match page.view.pool {
        Some(_) => ("pool", true),
        None => ("fleet", pools.len() == 1),
    };
    let mut rows = Board::named(name).map(|board| board.rows).unwrap_or_default();
    for row in &mut rows {
        row.widgets.retain(|widget| {
            let parts = || widget.lines.iter().flat_map(dashboards::board::Line::parts);
            let of_repository = widget.lines.iter().any(|line| {
                line.by.contains(&dashboards::board::By::Chosen(Dimension::Repository))
            });
            let is_here_already = matches!(widget.kind, Kind::SingleValue | Kind::Table)
                || (widget.kind == Kind::AlarmStatus && name == "fleet");
            let splits_one = name == "fleet" && is_alone && parts().any(|d| d == Dimension::Pool);
            !is_here_already && !splits_one && (!of_repository || page.view.repository.is_some())
        });
    }
    if page.view.repository.is_some() {
        // What was asked for comes first.
        rows.rotate_right(1);
    }
    let mut sections = answers.sections(&rows)?;
    let alone = match &page.view.pool {
        Some(pool) => Some(pool.clone()),
        None => pools.first().filter(|_| is_alone).map(|pool| pool.name.clone()),
    };
    if let (Some(pool), Some(first)) = (alone, sections.first_mut()) {
        first.panels.extend(capacity(answers, page, &pool)?);
    }
    Ok(sections)
}

/// Jobs and runners in one picture: where the line rises above the areas, jobs wait.
fn capacity(
    answers: &mut Answers<'_>,
    page: &Page,
    pool: &str,
) -> Result<Option<Panel>, StoreError> {
    let by = Dimensions::none().with(Dimension::Pool, pool);
    let mut level = |metric: Level| -> Result<Series, StoreError> {
        let periods = answers.periods(metric.0, &by)?;
        let mut series = vec![None; page.grid.len];
        for (at, aggregate) in periods.iter() {
            if let Some(step) = page.grid.index_of(at.as_millis()) {
                series[step] = aggregate.statistic(Statistic::Average);
            }
        }
        Ok(series)
    };
    let desired = level(c::RUNNERS_DESIRED)?;
    if desired.iter().all(Option::is_none) {
        return Ok(None);
    }
    let booting = sum(&level(c::RUNNERS_BOOTING)?, &level(c::RUNNERS_OVERDUE)?);
    let demand = sum(&level(c::JOBS_WAITING)?, &level(c::JOBS_RUNNING)?);
    let layers = [
        ("busy", Role::Running, Shape::Area, level(c::RUNNERS_BUSY)?),
        ("idle", Role::Idle, Shape::Area, level(c::RUNNERS_IDLE)?),
        ("booting", Role::Booting, Shape::Area, booting),
        ("stopped, ready", Role::Stopped, Shape::Line, level(c::RUNNERS_STOPPED)?),
        ("desired", Role::Desired, Shape::Line, desired),
        ("jobs waiting or running", Role::Waiting, Shape::Line, demand),
    ];
    let layers = layers.map(|(name, role, shape, values)| Layer {
        name: name.to_owned(),
        tone: Tone::Role(role),
        shape,
        values,
    });
    Ok(Some(Panel {
        id: "jobs-and-runners".to_owned(),
        title: "Jobs and runners".to_owned(),
        help: "On average. Where the line of the jobs rises above the areas, jobs wait.".to_owned(),
        columns: dashboards::board::COLUMNS,
        picture: Picture::Chart(Chart {
            unit: Measured::Count,
            layers: layers.into(),
            marks: Vec::new(),
            note: String::new(),
        }),
    }))
}

fn sum(a: &[Option<f64>], b: &[Option<f64>]) -> Series {
    a.iter().zip(b).map(|(a, b)| Some((*a)? + (*b)?)).collect()
}

fn headline(
    answers: &mut Answers<'_>,
    page: &Page,
    pools: &[PoolView],
) -> Result<Headline, StoreError> {
    let pool = page.view.pool.as_deref();
    let by = pool.map_or(Dimensions::none(), |pool| Dimensions::none().with(Dimension::Pool, pool));
    let views = || pools.iter().filter(|view| pool.is_none_or(|pool| pool == view.name));
    let oldest = views().max_by_key(|view| view.oldest_waiting);
    let waits = merged(&*answers.periods(c::JOB_WAIT.0, &by)?);
    let queued = by.with(Dimension::Status, Phase::Queued.as_str());
    let arrivals = merged(&*answers.periods(c::JOB_EVENTS.0, &queued)?);
    let percentile = |percent| {
        let secs = waits.histogram.as_ref()?.percentile(percent)?;
        Some(secs.saturating_mul(1000).cast_signed())
    };
    Ok(Headline {
        waiting: page.waiting,
        oldest_ms: oldest.and_then(|view| view.oldest_waiting).map(as_millis),
        oldest_in: oldest
            .filter(|view| view.oldest_waiting.is_some() && pool.is_none() && pools.len() > 1)
            .map(|view| view.name.clone()),
        running: count(views().map(|view| view.running).sum()),
        waits: dashboards::Waits { p50_ms: percentile(50), p95_ms: percentile(95) },
        arrivals: count(arrivals.sum),
    })
}

/// One page of the table of pools.
fn table(
    app: &App,
    page: &mut Page,
    mut pools: Vec<PoolView>,
    now: Timestamp,
) -> Result<PoolTable, StoreError> {
    if page.view.pool.is_some() {
        return Ok(PoolTable::default());
    }
    let all = pools.len();
    let listing = &mut page.view.listing;
    if let Some(text) = listing.search.as_ref().map(|text| text.to_lowercase()) {
        pools.retain(|pool| pool.name.to_lowercase().contains(&text));
    }
    let arrivals = app.reader.arrivals(now.minus(TREND))?;
    let arrived = |pool: &PoolView| arrivals.get(&pool.name).copied().unwrap_or(0);
    let p95 = |pool: &PoolView| pool.waits.first().and_then(|waits| waits.p95_secs);
    // By name where the rest is the same, as they come.
    match listing.sort {
        Sort::Worst => pools.sort_by_key(|pool| {
            Reverse((pool.oldest_waiting, pool.waiting, pool.running, arrived(pool)))
        }),
        Sort::Name => {}
        Sort::Waiting => pools.sort_by_key(|pool| Reverse(pool.waiting)),
        Sort::Running => pools.sort_by_key(|pool| Reverse(pool.running)),
        Sort::Wait => pools.sort_by_key(|pool| Reverse(p95(pool))),
        Sort::Arrivals => pools.sort_by_key(|pool| Reverse(arrived(pool))),
    }
    let found = pools.len();
    let pages = count(found.div_ceil(POOLS_MAX) as u64);
    listing.page = listing.page.min(pages.saturating_sub(1));
    let first = listing.page as usize * POOLS_MAX;
    let shown: Vec<PoolView> = pools.into_iter().skip(first).take(POOLS_MAX).collect();
    let grid = trend_grid(now);
    let names: Vec<&str> = shown.iter().map(|pool| pool.name.as_str()).collect();
    let stretch = [grid.start_ms, grid.end_ms()].map(Timestamp::from_millis);
    let step = Duration::from_millis(grid.step_ms.unsigned_abs());
    let trends = app.reader.averages(c::JOBS_WAITING, &names, step, stretch.into())?;
    let mut rows = Vec::with_capacity(shown.len());
    for (pool, trend) in shown.iter().zip(trends) {
        let mut waiting_trend: Series = vec![None; grid.len];
        for (at, average) in trend {
            if let Some(step) = grid.index_of(at.as_millis()) {
                waiting_trend[step] = Some(average);
            }
        }
        rows.push(PoolRow { waiting_trend, ..row(app, pool, arrived(pool))? });
    }
    Ok(PoolTable { rows, found, all, pages, grid })
}

/// The last day by the half hour.
fn trend_grid(now: Timestamp) -> Grid {
    let steps = as_millis(TREND) / TREND_STEP_MS;
    let start_ms = (now.as_millis().div_euclid(TREND_STEP_MS) + 1 - steps) * TREND_STEP_MS;
    Grid { start_ms, step_ms: TREND_STEP_MS, len: usize::try_from(steps).unwrap_or_default() }
}

fn row(app: &App, pool: &PoolView, arrivals: u64) -> Result<PoolRow, StoreError> {
    let windows = Range::COMPARED.map(|r| Duration::from_millis(r.duration_ms().unsigned_abs()));
    let known = app.reader.waits(&pool.name, &windows)?;
    let mut waits = [dashboards::Waits::default(); Range::COMPARED.len()];
    for (slot, known) in waits.iter_mut().zip(known) {
        *slot = shown(known);
    }
    Ok(PoolRow {
        name: pool.name.clone(),
        waiting: count(pool.waiting),
        oldest_ms: pool.oldest_waiting.map(as_millis),
        running: count(pool.running),
        waits,
        arrivals: count(arrivals),
        waiting_trend: Series::new(),
    })
}

fn shown(waits: Waits) -> dashboards::Waits {
    let ms = |secs: Option<u64>| secs.map(|secs| secs.saturating_mul(1000).cast_signed());
    dashboards::Waits { p50_ms: ms(waits.p50_secs), p95_ms: ms(waits.p95_secs) }
}
