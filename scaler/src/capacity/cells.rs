//! Counts by step: a short list while there are few, an array when there are many.

/// Longer lists become arrays: up to here a search and a shift cost less than what an array weighs.
const FEW_MAX: usize = 256;

/// How often each step was counted.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    /// Steps that were counted, in rising order.
    Few(Vec<(u16, u32)>),
    /// All steps from zero on.
    Many(Vec<u32>),
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
                    counts.resize(place + 1, 0);
                }
                counts[place] = counts[place].saturating_add(times);
            }
            Cells::Few(list) => match list.binary_search_by_key(&step, |(step, _)| *step) {
                Ok(place) => list[place].1 = list[place].1.saturating_add(times),
                Err(place) => {
                    list.insert(place, (step, times));
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
        few.iter().copied().chain(many.filter(|(_, times)| *times > 0))
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
