//! Equal stretches of the measured time, such as weeks, whose figures are wanted one by one.

use std::num::NonZeroUsize;
use std::time::Duration;

/// So many blocks, one after the other, from where measuring begins; the last one is open-ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// How long each is.
    pub each: Duration,
    /// How many there are.
    pub count: NonZeroUsize,
}

impl Blocks {
    /// All of the measured time as one.
    pub const ONE: Blocks = Blocks { each: Duration::MAX, count: NonZeroUsize::MIN };

    /// The block that lies `after` the beginning of all.
    pub(super) fn index_of(&self, after: Duration) -> usize {
        let last = self.count.get() - 1;
        let index = after.as_millis() / self.each.as_millis().max(1);
        usize::try_from(index).map_or(last, |index| index.min(last))
    }

    /// How long after the beginning of all a block ends.
    pub(super) fn end_of(&self, index: usize) -> Duration {
        let blocks = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
        self.each.saturating_mul(blocks)
    }
}
