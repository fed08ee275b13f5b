//! Counts by step: a short list while there are few, an array when there are many.

/// Longer lists become arrays: an array of waits of some minutes takes a kilobyte, and a list of a
/// hundred steps more than half of that.
const FEW_MAX: usize = 96;

/// Room that a list grows by: doubling would leave half of it empty, in thousands of lists.
const GROWTH: usize = 16;

/// A step and how often it was counted, in six bytes: an integer of four would make it eight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    step: u16,
    times: [u8; 4],
}

/// How often each step was counted.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    /// Steps that were counted, in rising order.
    Few(Vec<Cell>),
    /// All steps from zero on.
    Many(Vec<u32>),
}

impl Cell {
    fn of(step: u16, times: u32) -> Self {
        Cell { step, times: times.to_ne_bytes() }
    }

    fn times(self) -> u32 {
        u32::from_ne_bytes(self.times)
    }
}

impl Default for Cells {
    fn default() -> Self {
        Cells::Few(Vec::new())
    }
}

impl Cells {
    /// Counts a step `times` more.
    pub(super) fn add(&mut self, step: u16, times: u32) {
        match self {
            Cells::Many(counts) => {
                let place = usize::from(step);
                if place >= counts.len() {
                    counts.reserve_exact((place + 1 - counts.len()).max(GROWTH));
                    counts.resize(place + 1, 0);
                }
                counts[place] = counts[place].saturating_add(times);
            }
            Cells::Few(list) => match list.binary_search_by_key(&step, |cell| cell.step) {
                Ok(place) => {
                    list[place] = Cell::of(step, list[place].times().saturating_add(times));
                }
                Err(place) => {
                    if list.len() == list.capacity() {
                        list.reserve_exact(GROWTH);
                    }
                    list.insert(place, Cell::of(step, times));
                    if list.len() > FEW_MAX {
                        self.spread();
                    }
                }
            },
        }
    }

    fn spread(&mut self) {
        let few = std::mem::replace(self, Cells::Many(Vec::new()));
        for (step, times) in few.iter() {
            self.add(step, times);
        }
    }

    /// The steps that were counted, in rising order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, u32)> + '_ {
        let (few, many) = match self {
            Cells::Few(list) => (&list[..], &[][..]),
            Cells::Many(counts) => (&[][..], &counts[..]),
        };
        let many = (0..=u16::MAX).zip(many).map(|(step, times)| (step, *times));
        few.iter().map(|cell| (cell.step, cell.times())).chain(many.filter(|(_, times)| *times > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn few_and_many_count_alike() {
        let (mut cells, mut model) = (Cells::default(), BTreeMap::new());
        for n in 0..3000_u16 {
            let step = n.wrapping_mul(7919) % 900;
            cells.add(step, 1 + u32::from(n % 3));
            *model.entry(step).or_insert(0) += 1 + u32::from(n % 3);
            if n % 100 == 0 {
                assert_eq!(cells.iter().collect::<BTreeMap<_, _>>(), model);
            }
        }
        assert!(matches!(cells, Cells::Many(_)));
    }
}
