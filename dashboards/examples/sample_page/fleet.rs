//! An invented fleet: demand by the hour and the weekday, bursts, and a fixed number of runners.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "invented figures are small"
)]

use dashboards::{Charts, Grid, Series};

/// Runners in the fleet: demand above it waits.
const CAPACITY: f64 = 64.0;

/// Hours without any data: the server was off.
const OUTAGE_MS: std::ops::Range<i64> = 1_794_823_200_000..1_794_841_200_000;

/// What happened in one step.
struct Step {
    running: f64,
    queue: f64,
    arrivals: f64,
    p50_secs: f64,
    p95_secs: f64,
}

/// Series over a grid; the last week has two working days with a queue.
pub(crate) fn week(grid: Grid) -> Charts {
    let mut charts = Charts::unknown(grid);
    let (mut seed, mut queue) = (7, 0.0_f64);
    for index in 0..grid.len {
        let at_ms = grid.at_ms(index);
        if OUTAGE_MS.contains(&at_ms) {
            push(&mut charts, None, 0.0);
            continue;
        }
        let demand = demand(at_ms, &mut seed);
        let running = demand.min(CAPACITY);
        queue = (queue * 0.4 + demand - running).floor().max(0.0);
        let arrivals = (demand * 1.4 * grid.step_ms as f64 / 600_000.0 * random(&mut seed)).round();
        let p50_secs = 5.0 + 30.0 * random(&mut seed) * (demand / CAPACITY).powi(2) + queue * 5.0;
        let p95_secs = p50_secs * (2.0 + 2.0 * random(&mut seed)) + queue * 8.0;
        for _ in 0..arrivals as u32 {
            let spread: f64 = (0..6).map(|_| random(&mut seed) - 0.5).sum::<f64>() * 0.9;
            charts.waits.add(index, p50_secs * (p95_secs / p50_secs).powf(spread));
        }
        let step = Step { running, queue, arrivals, p50_secs, p95_secs };
        push(&mut charts, Some(&step), random(&mut seed));
    }
    charts
}

/// The sum of a series of counts.
pub(crate) fn sum(series: &Series) -> u32 {
    series.iter().flatten().sum::<f64>() as u32
}

/// A share of a series of counts.
pub(crate) fn share(series: &Series, share: f64) -> Series {
    series.iter().map(|value| value.map(|value| (value * share).floor())).collect()
}

fn push(charts: &mut Charts, step: Option<&Step>, luck: f64) {
    let started = step.filter(|step| step.arrivals > 0.0);
    charts.running.push(step.map(|step| step.running));
    charts.waiting.push(step.map(|step| step.queue));
    charts.p50_secs.push(started.map(|step| step.p50_secs));
    charts.p95_secs.push(started.map(|step| step.p95_secs));
    charts.oldest_secs.push(step.filter(|step| step.queue > 0.0).map(|step| step.p95_secs * 1.4));
    charts.arrivals.push(step.map(|step| step.arrivals));
    charts.starts.push(step.map(|step| (step.arrivals - step.queue * 0.2).max(0.0).round()));
    charts.completions.push(step.map(|step| (step.arrivals * (0.7 + 0.5 * luck)).round()));
}

fn demand(at_ms: i64, seed: &mut u64) -> f64 {
    let hours = at_ms as f64 / 3_600_000.0;
    let weekend = matches!((hours / 24.0).floor() as i64 % 7, 2 | 3);
    let share = if weekend { 0.15 } else { 1.0 };
    let day = 66.0 * (-((hours.rem_euclid(24.0) - 14.5) / 4.2).powi(2)).exp();
    let burst = if random(seed) > 0.94 { 40.0 * random(seed) } else { 0.0 };
    (2.0 + (day * (0.75 + 0.4 * random(seed)) + burst) * share).floor()
}

/// Knuth's linear congruential generator, from 0 to 1.
fn random(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as f64 / (1_u64 << 31) as f64
}
