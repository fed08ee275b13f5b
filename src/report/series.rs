//! What a history tells of the instances of each pool, whichever keeps it: a store or CloudWatch.

use std::time::Duration;

use model::capacity::{Period, Report};
use model::ports::{History, Series};
use model::{Dimension, Timestamp};

use super::{boots, waste};

/// Series are asked for by the hour, which CloudWatch keeps for 455 days, and minutes for 15.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
pub(super) const STEP: Duration = Duration::from_hours(1);

/// Adds the time without a job and the boots of each pool of which the history tells them.
///
/// # Errors
/// When the history does not answer; then the report is what it was.
pub(super) fn add<H: History>(history: &H, report: &mut Report) -> Result<(), H::Error> {
    let Period { from, to } = report.period;
    let mut asked = Vec::new();
    for pool in &report.pools {
        let of_pool = waste::queries().into_iter().chain(boots::queries());
        asked.extend(of_pool.map(|query| query.of(Dimension::Pool, &pool.name).every(STEP)));
    }
    let mut answers = history.answers(&asked, hour(from), to)?.into_iter();
    let mut told: Vec<_> =
        report.pools.iter().map(|_| (next(&mut answers), boots::of(next(&mut answers)))).collect();
    let named = report.pools.iter().map(|pool| pool.name.as_str()).zip(&mut told);
    let mut booted: Vec<_> =
        named.filter_map(|(name, (_, boots))| Some((name, boots.as_mut()?))).collect();
    boots::add_percentiles(history, report.period, &mut booted)?;
    for (pool, (waste, boots)) in report.pools.iter_mut().zip(told) {
        waste::add(pool, waste, report.period, &report.prices);
        pool.boots = boots;
    }
    let of_pools = || report.pools.iter();
    let is_known =
        [of_pools().any(|pool| pool.waste.is_some()), of_pools().any(|pool| pool.boots.is_some())];
    let told = [waste::METHOD, boots::METHOD].into_iter().zip(is_known);
    report.method.extend(told.filter(|(_, is_known)| *is_known).map(|(told, _)| told.to_owned()));
    Ok(())
}

/// The answers to one pool's questions of one kind.
pub(super) fn next<const N: usize>(answers: &mut impl Iterator<Item = Series>) -> [Series; N] {
    std::array::from_fn(|_| answers.next().unwrap_or_default())
}

/// The start of the hour that an instant lies in.
pub(super) fn hour(at: Timestamp) -> Timestamp {
    let step = i64::try_from(STEP.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_secs(at.as_secs().div_euclid(step) * step)
}
