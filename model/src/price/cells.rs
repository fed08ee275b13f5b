//! Dimension sets and their series: the cross product of the values of their dimensions.

use std::collections::BTreeMap;

use crate::{Dimension, Dimensions, Spec};

use super::rates::slices;
use super::{Fleet, as_f64};

/// Many series that differ only in values that are all alike (pools, repositories, job names).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    /// How many series there are.
    pub(super) series: u64,
    /// The share of the observations that falls on each.
    pub(super) share: f64,
}

/// The series of `spec` under `set`, by representative values.
pub(super) fn cells(set: &[Dimension], spec: &Spec, fleet: &Fleet) -> BTreeMap<Dimensions, Cell> {
    let whole = BTreeMap::from([(Dimensions::none(), Cell { series: 1, share: 1.0 })]);
    set.iter().fold(whole, |cells, dimension| {
        let slices = slices(*dimension, spec, fleet);
        cells
            .iter()
            .flat_map(|(values, cell)| {
                slices.iter().map(move |slice| {
                    let series = cell.series.saturating_mul(slice.series);
                    let share = cell.share * slice.share;
                    (values.clone().with(*dimension, slice.value), Cell { series, share })
                })
            })
            .collect()
    })
}

/// How many series of `spec` there are under `set`, and how many metric-months they are expected
/// to be when each series sees its share of `events` a month.
pub(super) fn months(
    set: &[Dimension],
    spec: &Spec,
    fleet: &Fleet,
    active_hours: impl Fn(f64) -> f64,
) -> (u64, f64) {
    cells(set, spec, fleet).values().fold((0, 0.0), |(series, months), cell| {
        let active = active_hours(cell.share) / as_f64(super::HOURS_PER_MONTH);
        (series.saturating_add(cell.series), months + as_f64(cell.series) * active)
    })
}
