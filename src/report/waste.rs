//! Instance time without a job, from the levels that the scaler tells as it looks at a group.

use std::collections::BTreeMap;
use std::time::Duration;

use model::capacity::{Period, PoolReport, Prices, Waste};
use model::catalogue as c;
use model::ports::Series;
use model::{Query, Timestamp};

use super::series::hour;

/// How it was found.
pub(super) const METHOD: &str = "Instance time without a job is counted by the hour: the average of \
     the scaler's looks at the group, each of the same weight, for as much of the hour as lies in \
     the period. Hours in which nobody looked at instances, such as those of a dry run, are not \
     counted.";

/// Of one hour.
const HOUR: Duration = Duration::from_hours(1);

/// A level by the hour, on average.
type Hours = BTreeMap<Timestamp, f64>;

/// How often somebody looked at instances that are there, and what all looks saw together.
///
/// `RunnersMembers` is told with each look, but not by a dry run, which sees busy instances only.
/// The other levels are told while they are above zero, so a look that leaves one out saw none: their
/// average is their sum over the number of looks, not over how often they were told.
pub(super) fn queries() -> [Query; 6] {
    [
        c::RUNNERS_MEMBERS.samples(),
        c::RUNNERS_BUSY.sum(),
        c::RUNNERS_IDLE.sum(),
        c::RUNNERS_BOOTING.sum(),
        c::RUNNERS_OVERDUE.sum(),
        c::RUNNERS_STOPPED.sum(),
    ]
}

/// Adds waste and the number of instances over time where instances were looked at.
pub(super) fn add(pool: &mut PoolReport, told: [Series; 6], period: Period, prices: &Prices) {
    let [looks, busy, idle, booting, overdue, stopped] = told;
    let looks: Hours = looks.into_iter().filter(|(_, looks)| *looks > 0.0).collect();
    if looks.is_empty() {
        return;
    }
    let [busy, idle, booting, overdue, stopped] =
        [busy, idle, booting, overdue, stopped].map(|sums| averages(&looks, sums));
    let hours = |level: &Hours| level.iter().map(|(at, level)| level * part(*at, period)).sum();
    let waste = Waste {
        boot_hours: hours(&booting),
        idle_hours: hours(&idle),
        overdue_hours: hours(&overdue),
        stopped_hours: hours(&stopped),
        counted_hours: looks.keys().map(|at| part(*at, period)).sum(),
        cost: None,
    };
    let running = waste.boot_hours + waste.idle_hours + waste.overdue_hours;
    let paid = running + prices.stopped_part * waste.stopped_hours;
    let cost = prices.per_hour_of(&pool.name).map(|price| price * paid);
    pool.waste = Some(Waste { cost, ..waste });
    let step = Duration::from_secs_f64(pool.step_secs);
    for point in &mut pool.concurrency_over_time {
        let all = [&busy, &idle, &booting, &overdue].map(|hours| mean(hours, point.at, step));
        point.runners = all.into_iter().sum();
    }
}

/// The averages of a level, in every hour in which somebody looked.
fn averages(looks: &Hours, sums: Series) -> Hours {
    let sums: Hours = sums.into_iter().collect();
    let average =
        |(at, looks): (&Timestamp, &f64)| (*at, sums.get(at).copied().unwrap_or_default() / looks);
    looks.iter().map(average).collect()
}

/// The part of the hour from `at` on that lies in the period.
fn part(at: Timestamp, period: Period) -> f64 {
    let (from, to) = (at.max(period.from), at.plus(HOUR).min(period.to));
    to.saturating_since(from).as_secs_f64() / HOUR.as_secs_f64()
}

/// The mean of the hours that a step touches.
fn mean(hours: &Hours, from: Timestamp, step: Duration) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u32);
    for (_, level) in hours.range(hour(from)..from.plus(step)) {
        sum += level;
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}
