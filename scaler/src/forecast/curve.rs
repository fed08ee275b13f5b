//! How often the n-th instance of a stock would be used, by a compound Poisson demand.

use std::time::Duration;

use super::sizes::JOBS_MAX;
use crate::Wanted;

/// A use that is expected less often than this is not looked for: four in a row end the search.
const RARE_IN_A_ROW: usize = 4;

/// Bursts a second, by size.
#[derive(Clone, Debug)]
pub struct Demand {
    by_size: Vec<f64>,
}

impl Demand {
    pub fn new(by_size: Vec<f64>) -> Self {
        Demand { by_size }
    }

    /// Bursts a second of any size.
    pub fn per_sec(&self) -> f64 {
        self.by_size.iter().sum()
    }

    /// Jobs of a burst in the mean.
    pub fn burst_jobs(&self) -> f64 {
        let jobs: f64 = self.by_size.iter().zip(0..).map(|(rate, n)| rate * f64::from(n)).sum();
        let bursts = self.per_sec();
        if bursts > 0.0 { jobs / bursts } else { 0.0 }
    }
}

/// Of a stock that is replenished within a lead: how often each place of it is used.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Uses a second of the n-th instance, from n = 1; further ones are used too rarely to look.
    used: Vec<f64>,
    /// Probability that exactly n jobs come within the lead.
    demand: Vec<f64>,
}

impl Curve {
    /// The n-th instance is used by a burst of X jobs that finds D jobs come within the lead before
    /// it, when D < n <= D + X. D is compound Poisson (Panjer's recursion, 1981), and bursts come
    /// independently of it.
    pub fn of(demand: &Demand, lead: Duration, lowest_per_sec: f64) -> Curve {
        let lead_secs = lead.as_secs_f64();
        let rates = &demand.by_size;
        let at_least = backwards(tail(rates));
        let jobs = backwards(rates.iter().zip(0..).map(|(rate, n)| rate * f64::from(n)).collect());
        let mut curve = Curve {
            used: Vec::with_capacity(64),
            demand: vec![(-demand.per_sec() * lead_secs).exp()],
        };
        let mut rare = 0;
        for n in 1..=JOBS_MAX {
            let used = curve.folded(n, &at_least);
            rare = if used >= lowest_per_sec { 0 } else { rare + 1 };
            curve.used.push(used);
            if rare >= RARE_IN_A_ROW {
                break;
            }
            curve.extend(n, &jobs, lead_secs);
        }
        curve
    }

    fn extend(&mut self, n: usize, jobs: &[f64], lead_secs: f64) {
        let next = self.folded(n, jobs) * lead_secs / as_f64(n);
        self.demand.push(next);
    }

    /// The sum over j >= 1 of `by_size[j] * demand[n - j]`, where `backwards` is `by_size` from its
    /// end down to 1.
    fn folded(&self, n: usize, backwards: &[f64]) -> f64 {
        let reach = n.min(backwards.len());
        dot(&backwards[backwards.len() - reach..], &self.demand[n - reach..n])
    }

    /// Uses a second of the `n`-th instance.
    pub fn used_per_sec(&self, n: usize) -> f64 {
        n.checked_sub(1).and_then(|i| self.used.get(i)).copied().unwrap_or(0.0)
    }

    /// As many as are used at least `worth` times a second.
    pub fn wanted(&self, worth: f64) -> Wanted {
        let n = self.used.iter().rposition(|used| *used >= worth).map_or(0, |i| i + 1);
        let daily = |per_sec: f64| if per_sec.is_finite() { per_sec * DAY_SECS } else { 0.0 };
        Wanted {
            instances: u32::try_from(n).unwrap_or(u32::MAX),
            last_used_per_day: daily(self.used_per_sec(n)),
            next_used_per_day: daily(self.used_per_sec(n + 1)),
            worth_per_day: daily(worth),
        }
    }

    /// The least number that the demand of the lead exceeds with probability `1 - share` at most.
    pub fn quantile(&self, share: f64) -> u32 {
        let mut sum = 0.0;
        let found = self.demand.iter().position(|p| {
            sum += p;
            sum >= share
        });
        u32::try_from(found.unwrap_or(JOBS_MAX)).unwrap_or(u32::MAX)
    }
}

/// From the end down to place 1.
fn backwards(mut by_size: Vec<f64>) -> Vec<f64> {
    by_size.reverse();
    by_size.pop();
    by_size
}

/// Sums that do not wait for each other: a single one costs four times as long.
const LANES: usize = 8;

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

const DAY_SECS: f64 = 86_400.0;

/// Bursts a second of at least so many jobs, by that number.
fn tail(rates: &[f64]) -> Vec<f64> {
    let mut at_least = rates.to_vec();
    for n in (1..rates.len().max(1) - 1).rev() {
        at_least[n] += at_least[n + 1];
    }
    at_least
}

#[expect(clippy::cast_precision_loss, reason = "at most JOBS_MAX")]
fn as_f64(n: usize) -> f64 {
    n as f64
}
