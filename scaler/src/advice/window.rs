//! Which of the jobs that are replayed are measured.
//!
//! The last whole weeks, so that each hour of the week counts equally; all that is before teaches,
//! for a week if it can. Fewer than ten days cannot do so, and whole days of them are measured.

use std::num::NonZeroUsize;
use std::time::Duration;

use model::Timestamp;
use model::capacity::Block;

use crate::capacity::SampleJob;
use crate::sim::Blocks;

pub const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);

/// What teaches at least, where the sample is long enough: the same as `headroom simulate`'s.
const LEARN: Duration = WEEK;

/// What teaches at least in a shorter sample: the scaler's model holds nothing before.
const LEARN_SHORT: Duration = Duration::from_hours(3 * 24);

/// Fewer weeks than these say nothing of how much weeks differ.
const WEEKS_MIN: u32 = 3;

/// The time that is replayed, and the part of it that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When the first job asked.
    pub from: Timestamp,
    /// How long jobs teach.
    pub learn: Duration,
    /// When the last job asked.
    pub until: Timestamp,
    pub blocks: Blocks,
    /// What the measured time is cut into.
    pub cut: Block,
}

impl Window {
    /// Of these jobs; `None` where there are none.
    pub fn of(jobs: &[SampleJob]) -> Option<Window> {
        let (from, until) = (jobs.first()?.queued_at, jobs.last()?.queued_at);
        let span = until.saturating_since(from);
        let whole = |learn: Duration, unit: Duration| {
            let units = span.saturating_sub(learn).as_secs() / unit.as_secs();
            u32::try_from(units).unwrap_or(u32::MAX)
        };
        let (weeks, days) = (whole(LEARN, WEEK), whole(LEARN_SHORT, DAY).min(7));
        let (cut, each, count) = match (weeks, days) {
            (WEEKS_MIN.., _) => (Block::Week, WEEK, weeks),
            (1.., _) => (Block::Day, DAY, weeks * 7),
            (0, 1..) => (Block::Day, DAY, days),
            // Three quarters are measured; the model of the demand has no chance.
            (0, 0) => (Block::None, span * 3 / 4, 1),
        };
        let learn = span.saturating_sub(each.saturating_mul(count));
        let count = usize::try_from(count).ok().and_then(NonZeroUsize::new)?;
        Some(Window { from, learn, until, blocks: Blocks { each, count }, cut })
    }

    /// From when jobs are measured.
    pub fn measured_from(&self) -> Timestamp {
        self.from.plus(self.learn)
    }

    /// How long jobs are measured, in weeks.
    pub fn weeks(&self) -> f64 {
        self.until.saturating_since(self.measured_from()).as_secs_f64() / WEEK.as_secs_f64()
    }

    /// How many of them there are.
    pub fn block_count(&self) -> u32 {
        match self.cut {
            Block::None => 0,
            Block::Week | Block::Day => u32::try_from(self.blocks.count.get()).unwrap_or(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A job each six hours of so many days.
    fn jobs(days: i64) -> Vec<SampleJob> {
        let job = |n| SampleJob {
            queued_at: Timestamp::from_secs(n * 6 * 3600),
            waited: None,
            duration: Duration::from_mins(1),
        };
        (0..=days * 4).map(job).collect()
    }

    #[test]
    fn whole_weeks_are_measured_and_what_is_before_them_teaches() {
        for (days, learn, cut, count) in [
            (42, 7, Block::Week, 5),
            (41, 13, Block::Week, 4),
            (28, 7, Block::Week, 3),
            (27, 13, Block::Day, 14),
            (14, 7, Block::Day, 7),
            (13, 6, Block::Day, 7),
            (7, 3, Block::Day, 4),
            (4, 3, Block::Day, 1),
        ] {
            let window = Window::of(&jobs(days)).unwrap();
            let learned = u32::try_from(window.learn.as_secs() / DAY.as_secs()).unwrap();
            let found = (learned, window.cut, window.blocks.count.get());
            assert_eq!(found, (learn, cut, count), "{days} days");
        }
        assert_eq!(Window::of(&jobs(2)).unwrap().cut, Block::None);
        assert_eq!(Window::of(&[]), None);
    }

    #[test]
    fn the_shortest_stretch_of_a_large_pool_measures_a_week() {
        let all = jobs(10);
        assert_eq!(Window::of(&all).unwrap().blocks.count.get(), 7);
    }
}
