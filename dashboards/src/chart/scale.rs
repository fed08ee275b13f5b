//! From values to pixels, and where the ticks go.

use crate::{Grid, format, utc};

/// A vertical axis: values rise from the bottom (`height`) to the top (0), in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// From zero to `top`, evenly.
    Linear { top: f64, height: f64 },
    /// Seconds from zero to `top`, evenly.
    Secs { top: f64, height: f64 },
    /// From `low` to `top`, by powers; what is below `low` stays at the bottom.
    Log { low: f64, top: f64, height: f64 },
}

/// One tick: where it is (pixels, or percent of the width), and what it says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) label: String,
    /// May be left out where there is little room.
    pub(crate) minor: bool,
}

/// A linear axis shows about this many steps.
const LINEAR_TICKS: f64 = 4.0;

/// A time axis shows at most this many ticks on a wide screen.
pub(crate) const TIME_TICKS_MAX: i64 = 9;

/// Where a wait axis may have a tick, in seconds.
const WAIT_TICKS_SECS: [u32; 9] = [1, 10, 60, 600, 3_600, 10_800, 43_200, 86_400, 172_800];

/// The steps of an axis of seconds.
const SECS_STEPS: [u32; 15] =
    [1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400];
const DAY_SECS: f64 = 86_400.0;

/// The time between ticks, in minutes.
const TIME_STEPS_MIN: [i64; 15] =
    [5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 5_760, 10_080, 20_160, 43_200];

impl Scale {
    /// A linear axis of whole numbers that holds `max`, with some air above it.
    pub(crate) fn counts(max: f64, height: f64) -> Self {
        let step = count_step(max);
        Self::Linear { top: (max * 1.05).max(step), height }
    }

    /// A linear axis of seconds that holds `max`, with some air above it.
    pub(crate) fn secs(max: f64, height: f64) -> Self {
        Self::Secs { top: (max * 1.05).max(secs_step(max)), height }
    }

    /// The pixel of a value, rounded to a tenth.
    pub(crate) fn y(self, value: f64) -> f64 {
        let (share, height) = match self {
            Self::Linear { top, height } | Self::Secs { top, height } => (value / top, height),
            Self::Log { low, top, height } => {
                ((value.max(low) / low).ln() / (top / low).ln(), height)
            }
        };
        ((1.0 - share.clamp(0.0, 1.0)) * height * 10.0).round() / 10.0
    }

    /// Whether a value lies on the axis.
    pub(crate) fn holds(self, value: f64) -> bool {
        let (Self::Linear { top, .. } | Self::Secs { top, .. } | Self::Log { top, .. }) = self;
        value <= top
    }

    /// Ticks from the bottom up.
    pub(crate) fn ticks(self) -> Vec<Tick> {
        match self {
            Self::Linear { top, .. } => self.count_ticks(top),
            Self::Secs { top, .. } => self.secs_ticks(top),
            Self::Log { low, top, .. } => self.wait_ticks(low, top),
        }
    }

    fn count_ticks(self, top: f64) -> Vec<Tick> {
        let step = count_step(top);
        let values = std::iter::successors(Some(0.0), |value| Some(value + step));
        let within = values.take_while(|value| *value <= top);
        within.map(|value| self.tick(value, format::level(Some(value)))).collect()
    }

    fn secs_ticks(self, top: f64) -> Vec<Tick> {
        let step = secs_step(top);
        let values = std::iter::successors(Some(0.0), |value| Some(value + step));
        let within = values.take_while(|value| *value <= top);
        within.map(|value| self.tick(value, format::axis_secs(value))).collect()
    }

    fn wait_ticks(self, low: f64, top: f64) -> Vec<Tick> {
        let within = WAIT_TICKS_SECS.into_iter().filter(|secs| {
            let secs = f64::from(*secs);
            secs >= low && secs <= top
        });
        within
            .map(|secs| self.tick(secs.into(), format::round_duration(i64::from(secs) * 1_000)))
            .collect()
    }

    fn tick(self, value: f64, label: String) -> Tick {
        Tick { at: self.y(value), label, minor: false }
    }
}

/// The step of a count axis: 1, 2 or 5 times a power of ten, never a fraction.
fn count_step(max: f64) -> f64 {
    let rough = (max / LINEAR_TICKS).max(1.0);
    let power = 10f64.powf(rough.log10().floor());
    let digit = [1.0, 2.0, 5.0, 10.0].into_iter().find(|digit| digit * power >= rough * 0.8);
    digit.unwrap_or(10.0) * power
}

/// The step of an axis of seconds: a round number of seconds, minutes, hours or days.
fn secs_step(max: f64) -> f64 {
    let rough = max / LINEAR_TICKS;
    let round = SECS_STEPS.into_iter().map(f64::from).find(|step| *step >= rough * 0.8);
    round.unwrap_or_else(|| (rough / DAY_SECS).ceil() * DAY_SECS)
}

/// Ticks of a time axis, in percent of the width: days by name, hours by the clock.
pub(crate) fn time_ticks(grid: &Grid, ticks_max: i64) -> Vec<Tick> {
    let width_ms = grid.end_ms().saturating_sub(grid.start_ms).max(1);
    let wanted = TIME_STEPS_MIN.into_iter().map(|mins| mins * 60_000);
    let step_ms = wanted.into_iter().find(|step_ms| width_ms / step_ms < ticks_max);
    let step_ms = step_ms.unwrap_or(width_ms);
    let first = grid.start_ms.div_euclid(step_ms) + 1;
    let numbers = first..first + ticks_max + 1;
    let instants = numbers.map(|number| (number, number * step_ms));
    let within = instants.take_while(|(_, at_ms)| *at_ms < grid.end_ms());
    within
        .map(|(number, at_ms)| Tick {
            at: percent(at_ms - grid.start_ms, width_ms),
            label: if utc::is_midnight(at_ms) { utc::date(at_ms) } else { utc::clock(at_ms) },
            minor: number % 2 != 0,
        })
        .collect()
}

/// A share in percent, rounded to a hundredth.
fn percent(part: i64, whole: i64) -> f64 {
    let hundredths = i128::from(part) * 10_000 / i128::from(whole.max(1));
    f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0
}

/// A step's number as a coordinate; charts are far narrower than 2^32 steps.
pub(crate) fn step(index: usize) -> f64 {
    f64::from(u32::try_from(index).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Range;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn counts_are_whole_and_few() {
        let cases: [(f64, &[&str]); 4] = [
            (0.0, &["0", "1"]),
            (3.4, &["0", "1", "2", "3"]),
            (42.0, &["0", "10", "20", "30", "40"]),
            (1_000.0, &["0", "500", "1,000"]),
        ];
        for (max, expected) in cases {
            assert_eq!(labels(&Scale::counts(max, 100.0).ticks()), expected, "up to {max}");
        }
    }

    #[test]
    fn zero_is_the_bottom_and_the_top_is_never_crossed() {
        let scale = Scale::counts(42.0, 150.0);
        let ys = [0.0, 44.1, 99.0].map(|value| scale.y(value).to_string());
        assert_eq!(ys, ["150", "0", "0"]);
    }

    #[test]
    fn a_wait_axis_speaks_in_seconds_minutes_and_hours() {
        let scale = Scale::Log { low: 0.5, top: 7_200.0, height: 180.0 };
        assert_eq!(labels(&scale.ticks()), ["1 s", "10 s", "1 min", "10 min", "1 h"]);
        assert_eq!(scale.y(0.0).to_string(), "180");
    }

    #[test]
    fn an_axis_of_seconds_counts_in_round_times() {
        let cases: [(f64, &[&str]); 3] = [
            (0.0, &["0", "1 s"]),
            (100.0, &["0", "30 s", "1 min", "90 s"]),
            (9_000.0, &["0", "1 h", "2 h"]),
        ];
        for (max, expected) in cases {
            assert_eq!(labels(&Scale::secs(max, 100.0).ticks()), expected, "up to {max}");
        }
    }

    #[test]
    fn every_range_has_readable_time_ticks() {
        let now_ms = 1_795_386_665_000;
        for range in Range::ALL {
            let ticks = time_ticks(&Grid::ending_at(now_ms, range), TIME_TICKS_MAX);
            assert!((4..=9).contains(&ticks.len()), "{range:?}: {:?}", labels(&ticks));
            assert!(ticks.iter().all(|tick| (0.0..100.0).contains(&tick.at)));
        }
    }

    #[test]
    fn midnight_is_named_by_its_day() {
        let week = time_ticks(&Grid::ending_at(1_795_386_665_000, Range::Week), TIME_TICKS_MAX);
        assert_eq!(labels(&week)[..2], ["Mon 16 Nov", "Tue 17 Nov"]);
    }
}
