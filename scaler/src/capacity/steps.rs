//! When something rose or fell, in any order, in eight bytes an instant.

/// Bits of a change; the rest are the instant's: milliseconds up to the year 2527.
const CHANGE_BITS: u32 = 20;

/// Added to a change, so that it is never negative.
const BIAS: i64 = 1 << (CHANGE_BITS - 1);

/// The last instant that fits.
const MS_MAX: i64 = (1 << (64 - CHANGE_BITS)) - 1;

/// Fewer instants than this are not worth merging.
const RECENT_MIN: usize = 1024;

/// Changes of a quantity over time. Changes at one instant are summed.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    /// Packed, in order, each instant once where its change fits.
    sorted: Vec<u64>,
    /// Packed, in the order of their arrival.
    recent: Vec<u64>,
    /// Instants are rounded down to multiples of this.
    step_ms: i64,
}

impl Steps {
    /// None yet; instants are rounded down to multiples of `step_ms`.
    pub(super) fn new(step_ms: i64) -> Self {
        Steps { sorted: Vec::new(), recent: Vec::new(), step_ms }
    }

    /// Notes a change.
    pub(super) fn add(&mut self, at_ms: i64, change: i64) {
        let at = at_ms.clamp(0, MS_MAX) / self.step_ms * self.step_ms;
        self.recent.push(pack(at, change));
        if self.recent.len() >= RECENT_MIN.max(self.sorted.len() / 4) {
            self.merge();
        }
    }

    /// Instants that are held.
    pub(super) fn len(&self) -> usize {
        self.sorted.len() + self.recent.len()
    }

    /// Rounds all instants, also later ones, to a coarser step.
    pub(super) fn coarsen(&mut self, step_ms: i64) {
        self.step_ms = step_ms;
        self.recent.append(&mut self.sorted);
        for packed in &mut self.recent {
            let (at, change) = unpack(*packed);
            *packed = pack(at / step_ms * step_ms, change);
        }
        self.merge();
    }

    fn merge(&mut self) {
        self.recent.sort_unstable();
        let mut merged = Vec::with_capacity(self.sorted.len() + self.recent.len());
        let (mut old, mut new) = (self.sorted.iter().peekable(), self.recent.iter().peekable());
        loop {
            let next = match (old.peek(), new.peek()) {
                (Some(a), Some(b)) if a <= b => old.next(),
                (_, Some(_)) => new.next(),
                (_, None) => old.next(),
            };
            let Some(next) = next else { break };
            push(&mut merged, *next);
        }
        if merged.capacity() > merged.len() * 2 {
            merged.shrink_to_fit();
        }
        self.sorted = merged;
        self.recent.clear();
    }

    /// All changes in order of time, `(ms, change)`; one instant may come twice.
    pub(super) fn all(&mut self) -> impl Iterator<Item = (i64, i64)> + Clone + '_ {
        if !self.recent.is_empty() {
            self.merge();
        }
        self.sorted.iter().map(|packed| unpack(*packed))
    }
}

/// Appends a change, summed with the last one of the same instant.
fn push(merged: &mut Vec<u64>, packed: u64) {
    let (at, change) = unpack(packed);
    if let Some(last) = merged.last_mut() {
        let (last_at, last_change) = unpack(*last);
        let sum = last_change + change;
        if last_at == at && (-BIAS..BIAS).contains(&sum) {
            match sum {
                0 => drop(merged.pop()),
                sum => *last = pack(at, sum),
            }
            return;
        }
    }
    merged.push(packed);
}

fn pack(at: i64, change: i64) -> u64 {
    at.cast_unsigned() << CHANGE_BITS | (change + BIAS).cast_unsigned()
}

fn unpack(packed: u64) -> (i64, i64) {
    let change = (packed & ((1 << CHANGE_BITS) - 1)).cast_signed() - BIAS;
    ((packed >> CHANGE_BITS).cast_signed(), change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn noted(step_ms: i64, changes: &[(i64, i64)]) -> BTreeMap<i64, i64> {
        let mut steps = Steps::new(1);
        for (n, (at, change)) in changes.iter().enumerate() {
            steps.add(*at, *change);
            if step_ms > 1 && n == changes.len() / 2 {
                steps.coarsen(step_ms);
            }
        }
        let mut found = BTreeMap::new();
        for (at, change) in steps.all() {
            *found.entry(at).or_insert(0) += change;
        }
        found.retain(|_, change| *change != 0);
        found
    }

    #[test]
    fn changes_in_any_order_are_those_of_a_slow_map() {
        let changes: Vec<(i64, i64)> = (0..20_000_i64)
            .map(|n| (1_700_000_000_000 + n * 7919 % 5000 * 250, if n % 3 == 0 { -1 } else { 2 }))
            .collect();
        for step_ms in [1, 1000, 4000] {
            let mut model = BTreeMap::new();
            for (at, change) in &changes {
                *model.entry(at / step_ms * step_ms).or_insert(0) += change;
            }
            model.retain(|_, change| *change != 0);
            assert_eq!(noted(step_ms, &changes), model);
        }
    }

    #[test]
    fn a_change_that_does_not_fit_is_told_in_two() {
        let many = vec![(5, 400_000); 3];
        assert_eq!(noted(1, &many), BTreeMap::from([(5, 1_200_000)]));
    }
}
