//! How many of what length, step by step: a heat map by the logarithm of the length.

use std::fmt::Write as _;

use super::scale::Scale;
use crate::HeatMap;

/// Shades of the heat map, pale to full.
pub(super) const SHADES: usize = 5;

/// Their classes in the stylesheet.
pub(super) const HEAT: [&str; SHADES] = ["heat h1", "heat h2", "heat h3", "heat h4", "heat h5"];

/// The upper bound of the highest bucket that holds anything.
pub(super) fn highest(map: &HeatMap) -> f64 {
    let filled = |index: &usize| map.columns.iter().any(|column| column.get(*index) > Some(&0));
    let index = (0..map.bounds_secs.len()).rev().find(filled);
    index.and_then(|index| map.bounds_secs.get(index)).copied().unwrap_or(0.0)
}

/// The most in one cell.
pub(super) fn fullest(map: &HeatMap) -> u32 {
    map.columns.iter().flatten().copied().max().unwrap_or(0)
}

/// The class of one lone count beside the fullest cell.
pub(super) fn palest(map: &HeatMap) -> &'static str {
    let shade = shade(1, f64::from(fullest(map)).ln_1p());
    shade.and_then(|shade| HEAT.get(shade)).copied().unwrap_or("heat h1")
}

/// One path for each shade: far shorter than a rectangle for each cell. Bucket by bucket,
/// neighbours of the same shade are one rectangle, which says how far it stands from the last.
pub(super) fn cells(map: &HeatMap, scale: Scale) -> [String; SHADES] {
    let mut paths: [String; SHADES] = Default::default();
    let full = f64::from(fullest(map)).ln_1p();
    let mut lower = scale.y(0.0);
    for (bucket, bound) in map.bounds_secs.iter().enumerate() {
        let upper = scale.y(*bound);
        let shades = map.columns.iter().map(|column| shade(*column.get(bucket)?, full));
        let mut last = [None; SHADES];
        for (start, width, shade) in stretches(shades) {
            let (Some(path), Some(last)) = (paths.get_mut(shade), last.get_mut(shade)) else {
                continue;
            };
            let _ = match last.replace(start) {
                None => write!(path, "M{start} {upper}"),
                Some(last) => write!(path, "m{} 0", start - last),
            };
            let _ = write!(path, "h{width}V{lower}h-{width}z");
        }
        lower = upper;
    }
    paths
}

/// Where equal shades stand side by side: start, width, shade.
fn stretches(shades: impl Iterator<Item = Option<usize>>) -> Vec<(usize, usize, usize)> {
    let mut stretches: Vec<(usize, usize, usize)> = Vec::new();
    for (step, shade) in shades.enumerate() {
        let Some(shade) = shade else { continue };
        match stretches.last_mut() {
            Some((start, width, last)) if *last == shade && *start + *width == step => *width += 1,
            _ => stretches.push((step, 1, shade)),
        }
    }
    stretches
}

/// By the logarithm of the count: one lone wait must be seen beside a burst of hundreds.
fn shade(count: u32, full: f64) -> Option<usize> {
    let heat = f64::from(count).ln_1p() / full;
    (count > 0).then(|| [0.2, 0.4, 0.6, 0.8].iter().filter(|limit| heat > **limit).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lone_wait_is_seen_beside_a_burst() {
        let full = 500f64.ln_1p();
        assert_eq!(shade(0, full), None);
        assert_eq!(shade(1, full), Some(0));
        assert_eq!(shade(500, full), Some(SHADES - 1));
    }

    #[test]
    fn cells_of_a_shade_share_a_path_and_neighbours_a_rectangle() {
        let map = HeatMap {
            noun: "job",
            bounds_secs: vec![1.0, 10.0],
            columns: vec![vec![3, 3], vec![3], vec![], vec![3]],
        };
        let scale = Scale::Log { low: 0.1, top: 10.0, height: 100.0 };
        let cells = cells(&map, scale);
        assert_eq!(cells[SHADES - 1], "M0 50h2V100h-2zm3 0h1V100h-1zM0 0h1V50h-1z");
    }
}
