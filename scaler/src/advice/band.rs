//! How much the figures would differ in other weeks like these.
//!
//! The weeks of the measured time are drawn anew, with replacement, as many as there were; waits
//! and bill of those that were drawn are one possible outcome, and 90 % of a thousand of them are
//! the band. Whole weeks are drawn because the jobs of an hour or a day depend on each other.
//! B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.

use model::capacity::{Band, Block, FrontierPoint};

use super::point::rounded;
use super::study::{Run, Study};
use crate::sim::{Chance, Outcome};

/// How often weeks are drawn: the ends of the band are then steady to a few hundredths.
const DRAWS: u32 = 1000;

/// What lies outside the band on either side.
const TAIL: f64 = 0.05;

/// Fewer blocks than these give no band.
const BLOCKS_MIN: usize = 2;

/// Gives the point of this name its band, from this run.
pub fn set(study: &mut Study<'_>, frontier: &mut [FrontierPoint], name: &str, run: Run) {
    let oracle = study.contender(crate::sim::Contender::Oracle);
    for point in frontier.iter_mut().filter(|point| point.policy == name) {
        point.band = band(study, &study.ran(run).blocks, &study.ran(oracle).blocks);
    }
}

fn band(study: &Study<'_>, blocks: &[Outcome], oracle: &[Outcome]) -> Option<Band> {
    if blocks.len() < BLOCKS_MIN || study.window.cut == Block::None {
        return None;
    }
    let table = table(blocks);
    let mut chance = Chance::new(study.ask.seed);
    let mut draws: [Vec<f64>; 4] = std::array::from_fn(|_| Vec::new());
    for _ in 0..DRAWS {
        let weights = drawn(blocks.len(), &mut chance);
        let sum = |of: &dyn Fn(&Outcome) -> f64, all: &[Outcome]| -> f64 {
            all.iter().zip(&weights).map(|(block, weight)| of(block) * f64::from(*weight)).sum()
        };
        let oracle_secs = sum(&|block| block.oracle_secs, oracle);
        let asked = sum(&asked, blocks);
        draws[0].push(percentile(&table, &weights, 0.50));
        draws[1].push(percentile(&table, &weights, 0.95));
        draws[2].push(sum(&in_time, blocks) / asked.max(1.0));
        draws[3].push(sum(&|block| block.bill.secs(), blocks) / oracle_secs.max(1.0));
    }
    let [wait_p50_secs, wait_p95_secs, within_slo, bill_over_oracle] = draws.map(ends);
    Some(Band {
        wait_p50_secs,
        wait_p95_secs,
        within_slo,
        bill_over_oracle,
        blocks: u32::try_from(blocks.len()).unwrap_or(u32::MAX),
        block: study.window.cut,
        draws: DRAWS,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
fn asked(block: &Outcome) -> f64 {
    (block.jobs + block.given_up) as f64
}

#[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
fn in_time(block: &Outcome) -> f64 {
    block.jobs_within_slo as f64
}

/// How often each block was drawn.
fn drawn(blocks: usize, chance: &mut Chance) -> Vec<u32> {
    let mut weights = vec![0; blocks];
    for _ in 0..blocks {
        let at = chance.next() % blocks as u64;
        weights[usize::try_from(at).unwrap_or_default()] += 1;
    }
    weights
}

/// Every wait in seconds that occurs, and how often in each block; shortest first.
fn table(blocks: &[Outcome]) -> Vec<(f64, Vec<u64>)> {
    let mut rows: std::collections::BTreeMap<u64, Vec<u64>> = std::collections::BTreeMap::new();
    for (i, block) in blocks.iter().enumerate() {
        for (ms, jobs) in block.waits.counts() {
            rows.entry(ms).or_insert_with(|| vec![0; blocks.len()])[i] += jobs;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "waits of a day in milliseconds are exact")]
    rows.into_iter().map(|(ms, jobs)| (ms as f64 / 1000.0, jobs)).collect()
}

/// By nearest rank, each block counted as often as it was drawn.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of jobs"
)]
fn percentile(table: &[(f64, Vec<u64>)], weights: &[u32], share: f64) -> f64 {
    let count = |jobs: &[u64]| -> u64 {
        jobs.iter().zip(weights).map(|(jobs, weight)| jobs * u64::from(*weight)).sum()
    };
    let counts: Vec<u64> = table.iter().map(|(_, jobs)| count(jobs)).collect();
    let rank = ((counts.iter().sum::<u64>() as f64) * share).ceil().max(1.0) as u64;
    let mut seen = 0;
    let found = counts.iter().position(|jobs| {
        seen += jobs;
        seen >= rank
    });
    found.map_or(0.0, |at| table[at].0)
}

/// The ends of what is left when both tails are cut off.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a short list"
)]
fn ends(mut draws: Vec<f64>) -> (f64, f64) {
    draws.sort_by(f64::total_cmp);
    let last = draws.len().saturating_sub(1);
    let cut = (draws.len() as f64 * TAIL) as usize;
    let at = |place: usize| draws.get(place).copied().map_or(0.0, rounded);
    (at(cut), at(last - cut.min(last)))
}

#[cfg(test)]
mod unit_tests {
    use std::time::Duration;

    use super::*;

    fn block(waits: &[u64]) -> Outcome {
        let mut outcome = Outcome { jobs: waits.len() as u64, ..Outcome::default() };
        for secs in waits {
            outcome.waits.record(Duration::from_secs(*secs));
        }
        outcome
    }

    #[test]
    fn percentiles_count_each_block_as_often_as_it_was_drawn() {
        let table = table(&[block(&[1, 2, 3, 4]), block(&[100])]);
        for (weights, p50, p95) in
            [([1, 1], 3.0, 100.0), ([2, 0], 2.0, 4.0), ([0, 2], 100.0, 100.0)]
        {
            assert!((percentile(&table, &weights, 0.50) - p50).abs() < 1e-9, "{weights:?}");
            assert!((percentile(&table, &weights, 0.95) - p95).abs() < 1e-9, "{weights:?}");
        }
    }

    #[test]
    fn a_band_leaves_out_a_twentieth_on_either_side() {
        let draws = (0..1000_u32).rev().map(f64::from).collect();
        assert_eq!(ends(draws), (50.0, 949.0));
        assert_eq!(ends(vec![7.0]), (7.0, 7.0));
    }

    #[test]
    fn as_many_blocks_are_drawn_as_there_are() {
        let mut chance = Chance::new(1);
        let all: Vec<Vec<u32>> = (0..100).map(|_| drawn(5, &mut chance)).collect();
        assert!(all.iter().all(|weights| weights.iter().sum::<u32>() == 5));
        assert!(all.iter().any(|weights| weights.contains(&0)));
    }
}
