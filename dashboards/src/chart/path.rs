//! Series as SVG path data. One step of the grid is one unit wide; heights are pixels.
//! Unknown values leave gaps: nothing is ever drawn across them.

use std::fmt::Write as _;

use super::scale::{Scale, step};
use crate::Grid;

/// A run of consecutive known values: where it begins, and its pixels.
struct Run {
    start: usize,
    ys: Vec<f64>,
}

/// The value of a step, unless unknown or not a number.
pub(crate) fn value(series: &[Option<f64>], index: usize) -> Option<f64> {
    series.get(index).copied().flatten().filter(|value| value.is_finite())
}

/// The largest of several series; zero if all are unknown.
pub(crate) fn max<'a>(series: impl IntoIterator<Item = &'a [Option<f64>]>) -> f64 {
    let known = series.into_iter().flatten().flatten().copied();
    known.filter(|value| value.is_finite()).fold(0.0, f64::max)
}

/// A line of steps.
pub(crate) fn line(values: &[Option<f64>], scale: Scale) -> String {
    let mut path = String::new();
    for run in runs(values, scale) {
        outline(&mut path, &run);
    }
    path
}

/// The area of steps between two series, the lower one first; unknown where the upper is.
pub(crate) fn area(lower: &[Option<f64>], upper: &[Option<f64>], scale: Scale) -> String {
    let mut path = String::new();
    for run in runs(upper, scale) {
        outline(&mut path, &run);
        for index in (run.start..run.start + run.ys.len()).rev() {
            let y = scale.y(value(lower, index).unwrap_or(0.0));
            let _ = write!(path, "V{y}H{index}");
        }
        path.push('Z');
    }
    path
}

/// One series upon another; either is enough to know something.
pub(crate) fn above(lower: &[Option<f64>], upper: &[Option<f64>]) -> Vec<Option<f64>> {
    let sum = |index| match (value(lower, index), value(upper, index)) {
        (None, None) => None,
        (lower, upper) => Some(lower.unwrap_or(0.0) + upper.unwrap_or(0.0)),
    };
    (0..lower.len().max(upper.len())).map(sum).collect()
}

/// One bar for each step of `steps` that is more than zero.
pub(crate) fn bars(values: &[Option<f64>], scale: Scale, steps: std::ops::Range<usize>) -> String {
    let mut path = String::new();
    let bottom = scale.y(0.0);
    for index in steps {
        let Some(value) = value(values, index).filter(|value| *value > 0.0) else { continue };
        let left = step(index) + 0.15;
        let _ = write!(path, "M{left:.2} {bottom}V{}h.7V{bottom}", scale.y(value));
    }
    path
}

/// The steps of which nothing is known at all, as full-height bands.
pub(crate) fn gaps(series: &[&[Option<f64>]], grid: &Grid, height: f64) -> String {
    let mut path = String::new();
    let unknown = |index: &usize| series.iter().all(|series| value(series, *index).is_none());
    for index in (0..grid.len).filter(unknown) {
        let _ = write!(path, "M{index} 0h1v{height}h-1z");
    }
    path
}

fn outline(path: &mut String, run: &Run) {
    let mut last = None;
    for (offset, y) in run.ys.iter().enumerate() {
        let left = run.start + offset;
        if last.is_none() {
            let _ = write!(path, "M{left} {y}");
        } else if last != Some(*y) {
            let _ = write!(path, "H{left}V{y}");
        }
        last = Some(*y);
    }
    let _ = write!(path, "H{}", run.start + run.ys.len());
}

fn runs(values: &[Option<f64>], scale: Scale) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for index in 0..values.len() {
        let Some(value) = value(values, index) else { continue };
        let y = scale.y(value);
        match runs.last_mut() {
            Some(run) if run.start + run.ys.len() == index => run.ys.push(y),
            _ => runs.push(Run { start: index, ys: vec![y] }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale::Linear { top: 10.0, height: 100.0 };

    #[test]
    fn a_line_stops_at_a_gap_and_starts_again() {
        let series = [Some(0.0), Some(5.0), None, Some(f64::NAN), Some(10.0)];
        assert_eq!(line(&series, SCALE), "M0 100H1V50H2M4 0H5");
    }

    #[test]
    fn a_level_stretch_is_one_segment() {
        assert_eq!(line(&[Some(5.0); 60], SCALE), "M0 50H60");
    }

    #[test]
    fn an_area_stands_on_the_one_below() {
        let (lower, upper) = ([Some(2.0), None], [Some(5.0), Some(5.0)]);
        assert_eq!(area(&lower, &upper, SCALE), "M0 50H2V100H1V80H0Z");
    }

    #[test]
    fn half_known_is_known_and_unknown_is_not_zero() {
        let (lower, upper) = ([Some(2.0), None, None], [None, Some(3.0), None]);
        assert_eq!(above(&lower, &upper), [Some(2.0), Some(3.0), None]);
    }

    #[test]
    fn zero_has_no_bar_and_unknown_has_a_gap() {
        let series = [Some(0.0), None, Some(10.0)];
        assert_eq!(bars(&series, SCALE, 0..3), "M2.15 100V0h.7V100");
        let grid = Grid { start_ms: 0, step_ms: 1, len: 3 };
        assert_eq!(gaps(&[&series], &grid, 100.0), "M1 0h1v100h-1z");
    }
}
