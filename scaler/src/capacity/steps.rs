//! When something rose or fell, in any order, in two or three bytes an instant.

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
    sorted: Sorted,
    /// Packed, in the order of their arrival.
    recent: Vec<u64>,
    /// Instants are rounded down to multiples of this.
    step_ms: i64,
}

/// Changes in order of time, each instant once: how many steps after the one
/// before, and the change, each in as many bytes as it needs.
#[derive(Clone, Debug, Default)]
struct Sorted {
    bytes: Vec<u8>,
    len: usize,
}

impl Steps {
    /// None yet; instants are rounded down to multiples of `step_ms`.
    pub(super) fn new(step_ms: i64) -> Self {
        Steps { sorted: Sorted::default(), recent: Vec::new(), step_ms }
    }

    /// Notes a change.
    pub(super) fn add(&mut self, at_ms: i64, change: i64) {
        let at = at_ms.clamp(0, MS_MAX) / self.step_ms * self.step_ms;
        self.recent.push(pack(at, change));
        if self.recent.len() >= RECENT_MIN.max(self.sorted.len / 8) {
            self.merge();
        }
    }

    /// Instants that are held.
    pub(super) fn len(&self) -> usize {
        self.sorted.len + self.recent.len()
    }

    /// Rounds all instants, also later ones, to a coarser step.
    pub(super) fn coarsen(&mut self, step_ms: i64) {
        self.merge();
        let mut coarse = Writer::new(step_ms);
        let sorted = std::mem::take(&mut self.sorted);
        for (at, change) in sorted.walk(self.step_ms) {
            coarse.push(at / step_ms * step_ms, change);
        }
        self.sorted = coarse.finish();
        self.step_ms = step_ms;
    }

    fn merge(&mut self) {
        self.recent.sort_unstable();
        let mut merged = Writer::new(self.step_ms);
        merged.bytes.reserve(self.sorted.bytes.len());
        let mut old = self.sorted.walk(self.step_ms).peekable();
        for packed in &self.recent {
            let (at, change) = unpack(*packed);
            while let Some((earlier, change)) = old.next_if(|(earlier, _)| *earlier <= at) {
                merged.push(earlier, change);
            }
            merged.push(at, change);
        }
        old.for_each(|(at, change)| merged.push(at, change));
        self.sorted = merged.finish();
        self.recent.clear();
    }

    /// All changes in order of time, `(ms, change)`, each instant once.
    pub(super) fn all(&mut self) -> impl Iterator<Item = (i64, i64)> + Clone + '_ {
        if !self.recent.is_empty() {
            self.merge();
        }
        self.sorted.walk(self.step_ms)
    }
}

impl Sorted {
    fn walk(&self, step_ms: i64) -> Walk<'_> {
        Walk { bytes: &self.bytes, step_ms, at: 0 }
    }
}

/// Reads what a [`Writer`] wrote.
#[derive(Clone)]
struct Walk<'a> {
    bytes: &'a [u8],
    step_ms: i64,
    at: i64,
}

impl Walk<'_> {
    fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
            shift += 7;
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = (i64, i64);

    fn next(&mut self) -> Option<(i64, i64)> {
        let steps = self.number()?.cast_signed();
        let change = self.number()?;
        self.at += steps * self.step_ms;
        // The sign stands in the lowest bit, so that a small fall is as short as a small rise.
        Some((self.at, (change >> 1).cast_signed() ^ -(change & 1).cast_signed()))
    }
}

/// Takes changes in order of time and sums those of one instant.
struct Writer {
    bytes: Vec<u8>,
    len: usize,
    step_ms: i64,
    /// The last instant written.
    written: i64,
    /// The last change taken, which the next may add to.
    open: Option<(i64, i64)>,
}

impl Writer {
    fn new(step_ms: i64) -> Self {
        Writer { bytes: Vec::new(), len: 0, step_ms, written: 0, open: None }
    }

    fn push(&mut self, at: i64, change: i64) {
        match &mut self.open {
            Some((open, sum)) if *open == at => *sum += change,
            _ => {
                self.close();
                self.open = Some((at, change));
            }
        }
    }

    fn close(&mut self) {
        let Some((at, change)) = self.open.take().filter(|(_, change)| *change != 0) else {
            return;
        };
        self.number(((at - self.written) / self.step_ms).cast_unsigned());
        self.number(((change << 1) ^ (change >> 63)).cast_unsigned());
        self.written = at;
        self.len += 1;
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.bytes.push(number.to_le_bytes()[0]);
    }

    fn finish(mut self) -> Sorted {
        self.close();
        self.bytes.shrink_to_fit();
        Sorted { bytes: self.bytes, len: self.len }
    }
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
        let told: Vec<(i64, i64)> = steps.all().collect();
        assert!(told.is_sorted_by(|(a, _), (b, _)| a < b), "each instant is told once, in order");
        told.into_iter().collect()
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
    fn changes_of_one_instant_are_summed_however_large() {
        let many = vec![(5, 400_000); 3];
        assert_eq!(noted(1, &many), BTreeMap::from([(5, 1_200_000)]));
    }
}
