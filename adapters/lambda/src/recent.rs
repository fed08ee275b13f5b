//! Remembers the last few of many, so that a near repeat is known as one.

use std::collections::{BTreeSet, VecDeque};

/// How many are remembered: a minute of 70 deliveries a second in one sandbox, and about half a
/// megabyte. A redelivery by hand comes later or reaches another sandbox, and is then not known.
pub const REMEMBERED_MAX: usize = 4096;

/// The last [`REMEMBERED_MAX`] of something.
#[derive(Debug)]
pub struct Recent<T> {
    known: BTreeSet<T>,
    order: VecDeque<T>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Recent { known: BTreeSet::new(), order: VecDeque::new() }
    }
}

impl<T: Ord + Clone> Recent<T> {
    /// Whether it is remembered.
    pub fn knows(&self, one: &T) -> bool {
        self.known.contains(one)
    }

    /// Remembers one more, and forgets the one that was remembered first when there are too many.
    pub fn remember(&mut self, one: T) {
        if !self.known.insert(one.clone()) {
            return;
        }
        self.order.push_back(one);
        if self.order.len() > REMEMBERED_MAX
            && let Some(first) = self.order.pop_front()
        {
            self.known.remove(&first);
        }
    }

    /// Forgets one.
    pub fn forget(&mut self, one: &T) {
        if self.known.remove(one) {
            self.order.retain(|known| known != one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_known_and_no_more() {
        let mut recent = Recent::default();
        let len = u64::try_from(REMEMBERED_MAX).unwrap();
        (0..=len).for_each(|n| recent.remember(n));
        recent.remember(len);
        assert!(!recent.knows(&0) && recent.knows(&1) && recent.knows(&len));
        assert_eq!((recent.known.len(), recent.order.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
        recent.forget(&1);
        recent.forget(&0);
        assert!(!recent.knows(&1));
        assert_eq!(
            (recent.known.len(), recent.order.len()),
            (REMEMBERED_MAX - 1, REMEMBERED_MAX - 1)
        );
    }
}
