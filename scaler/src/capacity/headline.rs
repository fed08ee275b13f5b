//! The figures a reader looks for first, with their change against the period before.

use model::capacity::{Change, Figure, Report};

use super::describe::{Whole, cost_of};
use super::{Tally, count, hours_of};

/// The figures of all pools together; `names` gives the pool of a number.
pub(super) fn figures(
    tally: &Tally,
    report: &Report,
    whole: &Whole,
    names: impl Fn(usize) -> String,
) -> Vec<Figure> {
    let (before, slo_ms) = (&tally.before, tally.ask.slo_ms());
    let busy_ms: u64 = before.busy_ms.values().sum();
    let hours: f64 = report.pools.iter().map(|pool| pool.runner_hours).sum();
    let costs = report.pools.iter().map(|pool| pool.cost.on_demand);
    let (now, then) = (whole.waits.wait(), before.waits.wait());
    let spent = before.busy_ms.iter().map(|(pool, ms)| (names(*pool), *ms));
    let jobs: u64 = report.pools.iter().map(|pool| pool.jobs).sum();
    let currency = report.prices.currency.as_str();
    let per_period = |hours: f64, secs: f64| (secs > 0.0).then(|| hours * 3600.0 / secs);
    let figures = [
        ("jobs", "jobs", "jobs", Some(count(jobs)), Some(count(before.jobs))),
        ("wait_p50_secs", "median wait", "seconds", now.p50, then.p50),
        ("wait_p95_secs", "p95 wait", "seconds", now.p95, then.p95),
        (
            "within_slo",
            "within the objective",
            "share",
            whole.waits.within(slo_ms),
            before.waits.within(slo_ms),
        ),
        (
            "concurrency_mean",
            "jobs running, mean",
            "runners",
            per_period(hours, whole.period.secs()),
            per_period(hours_of(busy_ms), tally.ask.previous.secs()),
        ),
        ("runner_hours", "runner-hours", "hours", Some(hours), Some(hours_of(busy_ms))),
        ("cost", "cost on demand", currency, costs.sum(), cost_of(spent, &report.prices)),
    ];
    let told = figures.into_iter().filter(|(name, ..)| *name != "cost" || has_price(report));
    told.map(|(name, title, unit, value, then)| Figure {
        name: name.to_owned(),
        title: title.to_owned(),
        unit: unit.to_owned(),
        value,
        change: value.zip(then).filter(|_| whole.has_previous).map(|(now, then)| change(now, then)),
    })
    .collect()
}

fn has_price(report: &Report) -> bool {
    report.pools.iter().any(|pool| pool.cost.on_demand.is_some())
}

fn change(now: f64, then: f64) -> Change {
    Change {
        previous: then,
        difference: now - then,
        relative: (then != 0.0).then(|| now / then - 1.0),
    }
}
