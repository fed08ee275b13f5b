//! From decisions and levels to what the page shows of the scaler.

use dashboards::{Capacity, Change, Grid, Scaling, ScalingMode, Series};
use local::{Kept, PoolView, StoreError};
use model::series::Aggregate;
use model::{Dimension, Dimensions, Level, Timestamp, catalogue as c};
use scaler::{Levels, Occasion, Policy, Reason, Snapshot, summary};

use super::{App, view};
use crate::config::Mode;

/// Pools with a chart of their own when all are shown; the worst are the first.
const CHARTS_MAX: usize = 3;

/// Decisions on the page; more are in the API.
const CHANGES_MAX: u32 = 12;

/// What the page shows of the scaler.
pub(super) fn view(
    app: &App,
    grid: Grid,
    pool: Option<&str>,
    pools: &[PoolView],
) -> Result<Option<Scaling>, StoreError> {
    let mode = match app.scaling.mode() {
        Mode::Off => return Ok(None),
        Mode::DryRun => ScalingMode::DryRun,
        Mode::Simulated => ScalingMode::Simulated,
    };
    let names = pools.iter().map(|view| view.name.as_str());
    let shown = names.filter(|name| pool.is_none_or(|pool| pool == *name)).take(CHARTS_MAX);
    let pools = shown.map(|name| capacity(app, grid, name)).collect::<Result<_, _>>()?;
    let kept = app.scaling.decisions(pool, Timestamp::EPOCH, true, CHANGES_MAX)?;
    let changes = kept.iter().map(|kept| change(app, kept)).collect();
    Ok(Some(Scaling { mode, pools, changes }))
}

fn capacity(app: &App, grid: Grid, pool: &str) -> Result<Capacity, StoreError> {
    let by = Dimensions::none().with(Dimension::Pool, pool);
    let level = |metric: Level| view::level(app, grid, metric, &by);
    let desired = level(c::RUNNERS_DESIRED)?;
    let total = |metric: Level, of: fn(&Aggregate) -> u64| -> Result<Series, StoreError> {
        let periods = view::periods(app, grid, metric.0, &by)?;
        Ok(view::on_grid(grid, &periods, |aggregate| Some(view::as_f64(of(aggregate)))))
    };
    // In minutes in which the scaler ran and told nothing of a level, it was zero.
    let minutes = total(c::RUNNERS_DESIRED, |aggregate| aggregate.samples)?;
    let told = |metric: Level| -> Result<Series, StoreError> {
        let sums = total(metric, |aggregate| aggregate.sum)?;
        let mean = |(sum, minutes): (&Option<f64>, &Option<f64>)| {
            minutes.map(|minutes| sum.unwrap_or(0.0) / minutes.max(1.0))
        };
        Ok(sums.iter().zip(&minutes).map(mean).collect())
    };
    let booting = sum(&told(c::RUNNERS_BOOTING)?, &told(c::RUNNERS_OVERDUE)?);
    Ok(Capacity {
        pool: pool.to_owned(),
        demand: sum(&level(c::JOBS_WAITING)?, &level(c::JOBS_RUNNING)?),
        busy: told(c::RUNNERS_BUSY)?,
        idle: told(c::RUNNERS_IDLE)?,
        stopped: told(c::RUNNERS_STOPPED)?,
        booting,
        desired,
    })
}

fn sum(a: &[Option<f64>], b: &[Option<f64>]) -> Series {
    a.iter().zip(b).map(|(a, b)| Some((*a)? + (*b)?)).collect()
}

fn change(app: &App, kept: &Kept) -> Change {
    let Kept { snapshot, plan, is_real } = kept;
    let at = kept.at();
    Change {
        key: format!("{} {}", snapshot.pool, at.as_millis()),
        at_ms: at.as_millis(),
        pool: snapshot.pool.clone(),
        summary: summary(snapshot, plan, *is_real),
        sentences: plan.because.iter().map(Reason::to_string).collect(),
        known: known(snapshot, &app.scaling.policy(&snapshot.pool)),
        json_url: dashboards::decisions_url(&snapshot.pool, &at.to_string()),
    }
}

/// Everything that was known, by name.
fn known(snapshot: &Snapshot, policy: &Policy) -> Vec<(String, String)> {
    let Snapshot { backlog, fleet, outlook, .. } = snapshot;
    let levels = Levels::of(snapshot, policy);
    let occasion = match snapshot.occasion {
        Occasion::Schedule => "its schedule",
        Occasion::Event => "a queued job",
    };
    let oldest = backlog.oldest_queued_at.map_or("none".to_owned(), |at| at.to_string());
    let expectation = match outlook.learned {
        true => format!(
            "{:.1} bursts an hour of {:.1} jobs (lately {:.1}, usual at this hour {:.1})",
            outlook.bursts_per_hour,
            outlook.burst_jobs,
            outlook.recent_per_hour,
            outlook.usual_per_hour
        ),
        false => "not learned yet".to_owned(),
    };
    let warm = fleet.warm;
    [
        ("Decided because of", occasion.to_owned()),
        ("State of jobs as of", backlog.as_of.to_string()),
        ("Jobs waiting", backlog.queued.to_string()),
        ("Oldest queued", oldest),
        ("Jobs running", backlog.running.to_string()),
        ("Desired before", fleet.desired.to_string()),
        ("Instances busy", levels.busy.to_string()),
        ("Instances idle", levels.idle.to_string()),
        ("Instances booting", levels.booting.to_string()),
        ("Instances overdue", levels.overdue.to_string()),
        (
            "Stopped pool",
            format!("{} of {}, {} ready", warm.stopped + warm.preparing, warm.size, warm.stopped),
        ),
        ("Expected demand", expectation),
        ("Worth holding stopped", outlook.stopped.instances.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
