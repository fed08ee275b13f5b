//! Instance time without a job, from the series that the scaler's groups leave in the store.

use std::collections::BTreeMap;
use std::time::Duration;

use local::Reader;
use model::capacity::{Period, PoolReport, Prices, Report, Waste};
use model::{Dimension, Dimensions, Level, Timestamp, catalogue};

use crate::exit::Failure;

/// Levels are averaged over so much time.
const STEP: Duration = Duration::from_hours(1);

const STEP_MS: i64 = 3_600_000;

/// A level of one pool, by hour.
type Hours = BTreeMap<Timestamp, f64>;

/// Adds waste and the number of instances over time to each pool that was really scaled. A dry run
/// sees no instances but those with a job, so it says nothing of waste.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn add(reader: &Reader, report: &mut Report) -> Result<(), Failure> {
    let Report { period, prices, .. } = report.clone();
    for pool in &mut report.pools {
        let last = reader.decisions(Some(&pool.name), period.from, false, 1)?;
        if last.first().is_some_and(|kept| kept.is_real) {
            add_to(reader, pool, period, &prices)?;
        }
    }
    Ok(())
}

fn add_to(
    reader: &Reader,
    pool: &mut PoolReport,
    period: Period,
    prices: &Prices,
) -> Result<(), Failure> {
    let of = |level: Level| hours(reader, level, &pool.name, period);
    let busy = of(catalogue::RUNNERS_BUSY)?;
    let idle = of(catalogue::RUNNERS_IDLE)?;
    let booting = of(catalogue::RUNNERS_BOOTING)?;
    let overdue = of(catalogue::RUNNERS_OVERDUE)?;
    let stopped = of(catalogue::RUNNERS_STOPPED)?;
    if idle.is_empty() {
        return Ok(());
    }
    let sum = |hours: &Hours| hours.values().sum::<f64>();
    let (boot_hours, idle_hours, overdue_hours) = (sum(&booting), sum(&idle), sum(&overdue));
    let stopped_hours = sum(&stopped);
    let paid = boot_hours + idle_hours + overdue_hours + prices.stopped_part * stopped_hours;
    pool.waste = Some(Waste {
        boot_hours,
        idle_hours,
        overdue_hours,
        stopped_hours,
        counted_hours: f64::from(u32::try_from(idle.len()).unwrap_or(u32::MAX)),
        cost: prices.per_hour_of(&pool.name).map(|price| price * paid),
    });
    let step = Duration::from_secs_f64(pool.step_secs);
    for point in &mut pool.concurrency_over_time {
        let all = [&busy, &idle, &booting, &overdue];
        let means: Vec<f64> = all.iter().filter_map(|hours| mean(hours, point.at, step)).collect();
        point.runners = (!means.is_empty()).then(|| means.iter().sum());
    }
    Ok(())
}

fn hours(reader: &Reader, level: Level, pool: &str, period: Period) -> Result<Hours, Failure> {
    let filter = Dimensions::none().with(Dimension::Pool, pool);
    let found = reader.aggregates(level.0, &filter, STEP, period.from, period.to)?;
    #[expect(clippy::cast_precision_loss, reason = "counts of instances")]
    let mean = |samples: u64, sum: u64| sum as f64 / samples.max(1) as f64;
    Ok(found.into_iter().map(|(at, told)| (at, mean(told.samples, told.sum))).collect())
}

/// The mean of the hours that a step touches.
fn mean(hours: &Hours, from: Timestamp, step: Duration) -> Option<f64> {
    let first = Timestamp::from_millis(from.as_millis().div_euclid(STEP_MS) * STEP_MS);
    let end = from.plus(step);
    let (mut sum, mut count) = (0.0, 0_u32);
    for (_, level) in hours.range(first..end) {
        sum += level;
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}
