//! Runner time and what it costs, with and without spot instances.

use model::capacity::{Cost, Prices, SpotPrices, SpotSplit};

use super::{hours_of, secs_of};

/// A job that was taken away is not longer than GitHub lets one run: 5 days.
/// <https://docs.github.com/en/actions/reference/limits>
const JOB_SECS_MAX: f64 = 5.0 * 86_400.0;

/// The job length from which on demand is cheaper than spot, by [`SpotPrices`]; `None` where even
/// the longest job is not too long.
pub fn long_job_secs(part: f64, hazard_per_hour: f64, patience: f64) -> Option<f64> {
    let spot = SpotPrices { part, hazard_per_hour, patience, long_job_secs: None };
    let is_too_long = |secs: f64| on_spot(&spot, secs) > secs;
    if !is_too_long(JOB_SECS_MAX) {
        return None;
    }
    // The excess over on demand grows with the length once it is positive.
    let (mut low, mut high) = (0.0, JOB_SECS_MAX);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if is_too_long(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

/// What a job of this length is expected to cost on spot, its delay counted, in seconds of an
/// on-demand instance.
fn on_spot(spot: &SpotPrices, secs: f64) -> f64 {
    let occupied = occupied_secs(spot, secs);
    spot.part * occupied + spot.patience * (occupied - secs)
}

/// How long a job of this length occupies spot instances, begun anew each time one is taken away.
fn occupied_secs(spot: &SpotPrices, secs: f64) -> f64 {
    let hazard = spot.hazard_per_hour / 3600.0;
    if hazard > 0.0 { (hazard * secs).exp_m1() / hazard } else { secs }
}

/// Runner time of a set of jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Spend {
    /// With a runner, within the period.
    busy_ms: u64,
    /// Of jobs too long for spot.
    long_ms: u64,
    long_jobs: u64,
    /// Of the others, as they would occupy spot instances.
    spot_secs: f64,
}

impl Spend {
    /// Of a job that runs for `ms` in all and for `within_ms` of these in the period.
    pub(super) fn of(ms: u64, within_ms: u64, spot: Option<&SpotPrices>) -> Self {
        let mut spend = Spend { busy_ms: within_ms, ..Spend::default() };
        let Some(spot) = spot else { return spend };
        let secs = secs_of(ms);
        if spot.long_job_secs.is_some_and(|long| secs >= long) {
            (spend.long_ms, spend.long_jobs) = (within_ms, 1);
        } else if ms > 0 {
            spend.spot_secs = occupied_secs(spot, secs) * secs_of(within_ms) / secs;
        }
        spend
    }

    pub(super) fn add(&mut self, other: &Spend) {
        self.busy_ms += other.busy_ms;
        self.long_ms += other.long_ms;
        self.long_jobs += other.long_jobs;
        self.spot_secs += other.spot_secs;
    }

    pub(super) fn hours(&self) -> f64 {
        hours_of(self.busy_ms)
    }

    /// In money, at the price of a pool.
    pub(super) fn cost(&self, prices: &Prices, per_hour: Option<f64>) -> Cost {
        let split = |spot: &SpotPrices| {
            let long = per_hour.map(|price| price * hours_of(self.long_ms));
            let short = per_hour.map(|price| price * spot.part * self.spot_secs / 3600.0);
            SpotSplit {
                spot_hours: hours_of(self.busy_ms - self.long_ms),
                long_hours: hours_of(self.long_ms),
                long_jobs: self.long_jobs,
                long_on_demand: long,
                short_on_spot: short,
                mixed: long.zip(short).map(|(long, short)| long + short),
            }
        };
        Cost {
            runner_hours: self.hours(),
            on_demand: per_hour.map(|price| price * self.hours()),
            spot: prices.spot.as_ref().map(split),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_threshold_spot_and_on_demand_cost_the_same() {
        for (part, hazard, patience) in [(0.3, 0.05, 12.0), (0.3, 0.05, 0.0), (0.6, 0.2, 12.0)] {
            let long = long_job_secs(part, hazard, patience).unwrap();
            let spot =
                SpotPrices { part, hazard_per_hour: hazard, patience, long_job_secs: Some(long) };
            assert!((on_spot(&spot, long) - long).abs() < 1.0, "{long}");
            assert!(on_spot(&spot, long * 0.9) < long * 0.9);
        }
        assert_eq!(long_job_secs(0.3, 0.0, 12.0), None, "what is never taken away suits any job");
        // exp(x) - 1 = x / 0.3 at x = 2.065, without patience: 41.3 h at 0.05 an hour.
        let hours = long_job_secs(0.3, 0.05, 0.0).unwrap() / 3600.0;
        assert!((hours - 41.3).abs() < 0.3, "{hours}");
    }

    #[test]
    fn long_jobs_stay_on_demand_and_short_ones_pay_their_repeats() {
        let spot = SpotPrices {
            part: 0.5,
            hazard_per_hour: 0.1,
            patience: 0.0,
            long_job_secs: Some(7200.0),
        };
        let prices = Prices { spot: Some(spot), per_hour: Some(2.0), ..Prices::default() };
        let mut spend = Spend::of(3_600_000, 3_600_000, Some(&spot));
        spend.add(&Spend::of(7_200_000, 3_600_000, Some(&spot)));
        let cost = spend.cost(&prices, Some(2.0));
        assert_eq!((cost.runner_hours, cost.on_demand), (2.0, Some(4.0)));
        let split = cost.spot.unwrap();
        assert_eq!((split.spot_hours, split.long_hours, split.long_jobs), (1.0, 1.0, 1));
        assert_eq!(split.long_on_demand, Some(2.0));
        // (e^0.1 - 1) / 0.1 hours at half of 2.
        assert!((split.short_on_spot.unwrap() - 1.0517).abs() < 1e-4);
        assert_eq!(spend.cost(&Prices::default(), None).spot, None);
    }
}
