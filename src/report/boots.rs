//! How instances became runners, from what the scaler and the agents on instances time.

use std::time::Duration;

use local::{Reader, StoreError};
use model::capacity::{Boots, Report};
use model::ports::Series;
use model::series::Aggregate;
use model::{Dimension, Dimensions, Query, Statistic, catalogue as c};

use super::series::hour;

/// How it was found.
pub(super) const METHOD: &str = "A boot runs from the order of an instance to its runner, as the \
     scaler's looks see it; its stages are timed by the agent on the instance. Means are over all that \
     ended in the hours that the period touches.";

/// Sum and number of each time, and how often it came to nothing.
pub(super) fn queries() -> [Query; 9] {
    [
        c::BOOT_TIME.sum(),
        c::BOOT_TIME.samples(),
        c::BOOT_MACHINE_TIME.sum(),
        c::BOOT_MACHINE_TIME.samples(),
        c::BOOT_CONFIG_TIME.sum(),
        c::BOOT_CONFIG_TIME.samples(),
        c::BOOT_CONNECT_TIME.sum(),
        c::BOOT_CONNECT_TIME.samples(),
        c::BOOTS_FAILED.sum(),
    ]
}

/// Boots by the answers; `None` where none ended.
pub(super) fn of(told: [Series; 9]) -> Option<Boots> {
    let [took, started, machine, machines, config, configs, connect, connects, failed] =
        told.map(|series| series.into_iter().map(|(_, value)| value).sum::<f64>());
    let mean = |sum: f64, count: f64| (count > 0.0).then(|| sum / count);
    let boots = Boots {
        started: whole(started),
        mean_secs: mean(took, started),
        p95_secs: None,
        machine_secs: mean(machine, machines),
        config_secs: mean(config, configs),
        connect_secs: mean(connect, connects),
        failed: whole(failed),
    };
    (boots != Boots::default()).then_some(boots)
}

/// Adds how long 95 % of the boots took at most, which a store knows: it keeps distributions, which
/// add up over hours. Percentiles do not, and how CloudWatch aligns a period of weeks is not
/// documented.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn add_percentiles(reader: &Reader, report: &mut Report) -> Result<(), StoreError> {
    let (from, to) = (hour(report.period.from), report.period.to);
    for pool in &mut report.pools {
        let Some(boots) = &mut pool.boots else { continue };
        let by = Dimensions::none().with(Dimension::Pool, &pool.name);
        let hours = reader.aggregates(c::BOOT_TIME.0, &by, Duration::from_hours(1), from, to)?;
        let mut all = Aggregate::default();
        for (_, told) in &hours {
            all.merge(told);
        }
        boots.p95_secs = all.statistic(Statistic::Percentile(95));
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
fn whole(count: f64) -> u64 {
    count.max(0.0).round() as u64
}
