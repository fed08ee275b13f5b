//! Where the sums of a record's series are, found by its dimensions: the series of each of its
//! points would otherwise have to be named anew for each delivery.

use std::collections::BTreeMap;

use model::{Dimensions, Spec};

/// Sets of dimension values that are remembered; beyond, all are forgotten and found again.
const SETS_MAX: usize = 4096;

/// Places by the dimension values of records, and by metric.
#[derive(Debug, Default)]
pub(crate) struct Places(BTreeMap<Dimensions, Known>);

/// Places of the metrics of one set of dimension values; `None`: of no series.
#[derive(Debug, Default)]
pub(crate) struct Known(Vec<(&'static Spec, Option<usize>)>);

impl Places {
    /// Of the records with these values.
    pub(crate) fn of(&mut self, dimensions: &Dimensions) -> &mut Known {
        if !self.0.contains_key(dimensions) {
            if self.0.len() >= SETS_MAX {
                self.0.clear();
            }
            self.0.insert(dimensions.clone(), Known::default());
        }
        self.0.get_mut(dimensions).expect("it is there now")
    }

    /// The places are others from now on.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Known {
    /// The place of a metric, which `find` says the first time.
    pub(crate) fn of(
        &mut self,
        spec: &'static Spec,
        find: impl FnOnce() -> Option<usize>,
    ) -> Option<usize> {
        if let Some((_, place)) = self.0.iter().find(|(known, _)| *known == spec) {
            return *place;
        }
        let place = find();
        self.0.push((spec, place));
        place
    }
}
