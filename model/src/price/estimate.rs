//! The estimate itself: one choice of roll-ups, one way of writing, one fleet.

use crate::{RollUp, catalogue};

use super::rates::{Beat, beat, needs_state};
use super::{Fleet, Usd, as_f64, cells, list, rounded, volume};

/// Which roll-ups are on beside the default one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Choice {
    /// Nothing beside pools and the whole fleet.
    Pool,
    /// Also by repository.
    PoolRepository,
    /// Also the source article's metric.
    PoolArticle,
    /// Everything.
    All,
}

impl Choice {
    /// All choices, the default first.
    pub const ALL: [Choice; 4] =
        [Choice::Pool, Choice::PoolRepository, Choice::PoolArticle, Choice::All];

    /// The words for tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Choice::Pool => "pool",
            Choice::PoolRepository => "pool + repository",
            Choice::PoolArticle => "pool + article",
            Choice::All => "all",
        }
    }

    /// The roll-ups that it switches on.
    pub const fn roll_ups(self) -> &'static [RollUp] {
        match self {
            Choice::Pool => &[RollUp::Pool],
            Choice::PoolRepository => &[RollUp::Pool, RollUp::Repository],
            Choice::PoolArticle => &[RollUp::Pool, RollUp::Article],
            Choice::All => &RollUp::ALL,
        }
    }
}

/// How EMF is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Writing {
    /// One line for each event, as a door without a store does. It knows no job, so metrics that need
    /// it (levels, expired jobs, whatever no webhook causes) are left out: the component that knows
    /// the state, where one runs, publishes those beside it.
    PerEvent,
    /// One line for each minute and combination of values, with levels and all, as `serve` does.
    PerMinute,
}

impl Writing {
    /// Both ways.
    pub const ALL: [Writing; 2] = [Writing::PerEvent, Writing::PerMinute];

    /// The words for tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Writing::PerEvent => "line per event",
            Writing::PerMinute => "line per minute",
        }
    }
}

/// What a month costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The roll-ups.
    pub choice: Choice,
    /// The way of writing.
    pub writing: Writing,
    /// Series that can occur.
    pub series: u64,
    /// Metric-months expected of them: a series active in half of the hours is half of one.
    pub metric_months: f64,
    /// Metrics, with every series active in every hour.
    pub metrics_at_most: Usd,
    /// Metrics, with every series active in the hours in which something of it happens.
    pub metrics_expected: Usd,
    /// Bytes of log in the month, as CloudWatch Logs counts them.
    pub log_bytes: u64,
    /// Taking the log in and keeping it.
    pub logs: Usd,
}

impl Estimate {
    /// Metrics at most, and logs.
    pub fn total_at_most(&self) -> Usd {
        self.metrics_at_most + self.logs
    }

    /// Metrics as expected, and logs.
    pub fn total_expected(&self) -> Usd {
        self.metrics_expected + self.logs
    }
}

/// The estimates for every way of writing and every choice, in that order.
pub fn estimates(fleet: &Fleet) -> Vec<Estimate> {
    let one = |writing| Choice::ALL.map(|choice| estimate(fleet, choice, writing));
    Writing::ALL.into_iter().flat_map(one).collect()
}

/// What a month of `fleet` costs. A fleet without jobs costs what its levels cost.
pub fn estimate(fleet: &Fleet, choice: Choice, writing: Writing) -> Estimate {
    let on = choice.roll_ups();
    let (series, metric_months) = series(fleet, on, writing);
    let bytes = match writing {
        Writing::PerEvent => volume::per_event(fleet, on),
        Writing::PerMinute => volume::per_minute(fleet, on),
    };
    Estimate {
        choice,
        writing,
        series,
        metric_months,
        metrics_at_most: list::full_series(series),
        metrics_expected: list::custom_metrics(metric_months),
        log_bytes: rounded(bytes),
        logs: list::logs(bytes, fleet.months_kept),
    }
}

/// Series, and the metric-months expected of them.
fn series(fleet: &Fleet, on: &[RollUp], writing: Writing) -> (u64, f64) {
    let published = catalogue::ALL.iter().filter(|spec| match writing {
        Writing::PerEvent => !needs_state(spec, fleet),
        Writing::PerMinute => true,
    });
    published.fold((0, 0.0), |sum, spec| {
        let active = |share: f64| match beat(spec, fleet) {
            Beat::EveryMinute => as_f64(super::HOURS_PER_MONTH),
            Beat::PerJob(times) => fleet.occupied(1, fleet.jobs_per_month() * times * share),
        };
        spec.sets(on).map(|set| cells::months(set, spec, fleet, active)).fold(
            sum,
            |(series, months): (u64, f64), (more, for_longer)| {
                (series.saturating_add(more), months + for_longer)
            },
        )
    })
}
