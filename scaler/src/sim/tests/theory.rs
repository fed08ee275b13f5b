//! A constant number of hot instances under Poisson arrivals is a base-stock system with a known
//! answer: with X arrivals in the lead L, `P(W > t) = P(N(L - t) >= S)`,
//! `E[W] = E[(X - S)+] / lambda` and `E[idle] = S - lambda L + lambda E[W]`.

use super::*;
use crate::sim::Chance;

/// A simulated case beside its answer.
struct Case {
    lambda: f64,
    lead_secs: u32,
    stock: u32,
}

const JOBS: u32 = 40_000;
const DURATION: Duration = Duration::from_secs(200);

impl Case {
    fn mean(&self) -> f64 {
        self.lambda * f64::from(self.lead_secs)
    }

    /// `P(W > t)`
    fn waits_longer(&self, secs: f64) -> f64 {
        let mean = self.lambda * (f64::from(self.lead_secs) - secs);
        1.0 - poisson(mean).take(self.stock as usize).sum::<f64>()
    }

    /// `E[W]`
    fn mean_wait(&self) -> f64 {
        let stock = f64::from(self.stock);
        // Sum over enough of the tail that nothing is left of it.
        let short = (0..200).map(f64::from).zip(poisson(self.mean()));
        short.map(|(x, p)| (x - stock).max(0.0) * p).sum::<f64>() / self.lambda
    }

    /// `E[idle]`
    fn mean_idle(&self) -> f64 {
        f64::from(self.stock) - self.mean() + self.lambda * self.mean_wait()
    }

    fn simulate(&self) -> (Outcome, f64) {
        let mut chance = Chance::new(11);
        let mut at = Timestamp::EPOCH;
        let mut jobs = Vec::new();
        for _ in 0..JOBS {
            at = at.plus(chance.until_next(self.lambda));
            jobs.push(Job { queued_at: at, duration: DURATION });
        }
        let lead = Duration::from_secs(self.lead_secs.into());
        let setting = Setting {
            cold_start: lead,
            webhook_delay: Duration::ZERO,
            learn: Duration::from_hours(1),
            ..Setting::default()
        };
        let outcome = outcome(&jobs, &setting, &format!("idle-pool:{}", self.stock));
        let busy = (lead + DURATION).as_secs_f64() * f64::from(JOBS);
        let measured_secs = at.as_secs() - 3600;
        // What is billed beside boots and jobs is idle time.
        let part = f64::from(u32::try_from(outcome.jobs).unwrap()) / f64::from(JOBS);
        let idle = outcome.bill.running_secs - busy * part;
        (outcome, idle / f64::from(i32::try_from(measured_secs).unwrap()))
    }
}

/// `P(N = 0), P(N = 1), ...`
fn poisson(mean: f64) -> impl Iterator<Item = f64> {
    (1..).scan((-mean).exp(), move |p, n| {
        let this = *p;
        *p *= mean / f64::from(n);
        Some(this)
    })
}

#[test]
fn the_worked_example_is_as_computed_by_hand() {
    let case = Case { lambda: 1.0 / 20.0, lead_secs: 78, stock: 4 };
    assert!((case.mean_wait() - 14.5).abs() < 0.05, "{}", case.mean_wait());
    assert!((case.waits_longer(30.0) - 0.222).abs() < 0.002, "{}", case.waits_longer(30.0));
    assert!((case.mean_idle() - 0.83).abs() < 0.01, "{}", case.mean_idle());
}

#[test]
fn a_constant_hot_stock_waits_and_idles_as_theory_says() {
    for case in [
        Case { lambda: 1.0 / 20.0, lead_secs: 78, stock: 4 },
        Case { lambda: 1.0 / 60.0, lead_secs: 120, stock: 1 },
        Case { lambda: 1.0 / 10.0, lead_secs: 90, stock: 12 },
    ] {
        let (outcome, idle) = case.simulate();
        // Waits within a lead are related, those of two leads are not: so many independent ones.
        let samples = f64::from(JOBS) / case.mean().max(1.0);
        for secs in [0_u32, 15, 30, 60] {
            let expected = case.waits_longer(secs.into());
            let found = outcome.waits.share_above(Duration::from_secs(secs.into()));
            let deviation = (expected * (1.0 - expected) / samples).sqrt();
            // Four deviations, and the rounding of waits to a tenth of a second.
            let tolerance = 4.0 * deviation + 0.1 * case.lambda;
            assert!((found - expected).abs() < tolerance, "W > {secs}: {found}, not {expected}");
        }
        let tolerance = 4.0 * f64::from(case.lead_secs) / samples.sqrt() / 2.0;
        let (found, expected) = (outcome.waits.mean_secs(), case.mean_wait());
        assert!((found - expected).abs() < tolerance, "mean {found}, not {expected}");
        let tolerance = 4.0 * case.mean().sqrt() / samples.sqrt();
        let expected = case.mean_idle();
        assert!((idle - expected).abs() < tolerance, "idle {idle}, not {expected}");
    }
}
