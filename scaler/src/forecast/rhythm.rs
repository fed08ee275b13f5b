//! How many bursts are usual at an hour of the week.

use model::Timestamp;
use serde::{Deserialize, Serialize};

const WEEK: usize = 168;

/// So many hours of the long-run mean are mixed into each hour of the week: an hour that was seen
/// a few times says little for itself.
const SHRINK_HOURS: f64 = 8.0;

/// The hours before and after count as much as the hour itself.
const NEIGHBOUR: f64 = 1.0;

/// The same hour of other working days (or of the other day of the weekend) counts by this.
const SAME_KIND_OF_DAY: f64 = 0.3;

/// What an hour of the week knew counts for so much a week later: half is forgotten in six weeks.
const KEPT: f64 = 0.9;

/// Bursts by hour of the week, in UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rhythm {
    bursts: Vec<f64>,
    hours: Vec<f64>,
    /// The hour since the epoch that goes on.
    hour: Option<i64>,
}

impl Default for Rhythm {
    fn default() -> Self {
        Rhythm { bursts: vec![0.0; WEEK], hours: vec![0.0; WEEK], hour: None }
    }
}

impl Rhythm {
    /// A burst began at `at`.
    pub fn note(&mut self, at: Timestamp) {
        self.note_times(at, 1.0);
    }

    /// So many began around `at`.
    pub fn note_times(&mut self, at: Timestamp, times: f64) {
        self.pass(at);
        self.bursts[of_week(hour(at))] += times;
    }

    /// Whether it has an entry for each hour of the week.
    pub fn is_whole(&self) -> bool {
        self.bursts.len() == WEEK && self.hours.len() == WEEK
    }

    /// What is usual around `at`, the time of the last `pass`.
    pub fn bursts_per_sec(&self, at: Timestamp) -> f64 {
        let bursts: f64 = self.bursts.iter().sum();
        let hours: f64 = self.hours.iter().sum::<f64>() + fraction(at);
        let mean = bursts / hours.max(1.0);
        let here = of_week(hour(at));
        let (mut seen, mut exposed) = (0.0, fraction(at));
        for (of, weight) in alike(here) {
            seen += weight * self.bursts[of];
            exposed += weight * self.hours[of];
        }
        (seen + SHRINK_HOURS * mean) / (exposed + SHRINK_HOURS) / super::HOUR_SECS
    }

    /// Time went on until `at`.
    pub fn pass(&mut self, at: Timestamp) {
        let now = hour(at);
        let from = self.hour.unwrap_or(now);
        // A longer silence teaches nothing more.
        for over in from.max(now - SILENCE_HOURS_MAX)..now {
            let i = of_week(over);
            self.bursts[i] *= KEPT;
            self.hours[i] = self.hours[i] * KEPT + 1.0;
        }
        self.hour = Some(now);
    }
}

/// A year.
const SILENCE_HOURS_MAX: i64 = 366 * 24;

/// The hours of the week that tell of this one, each with its weight.
fn alike(here: usize) -> impl Iterator<Item = (usize, f64)> {
    let (day, hour) = (here / 24, here % 24);
    let is_weekend = |day: usize| day >= 5;
    let days = (0..7).filter(move |other| *other != day && is_weekend(*other) == is_weekend(day));
    [(here, 1.0), ((here + 1) % WEEK, NEIGHBOUR), ((here + WEEK - 1) % WEEK, NEIGHBOUR)]
        .into_iter()
        .chain(days.map(move |other| (other * 24 + hour, SAME_KIND_OF_DAY)))
}

fn hour(at: Timestamp) -> i64 {
    at.as_secs().div_euclid(3600)
}

#[expect(clippy::cast_precision_loss, reason = "less than an hour of milliseconds")]
fn fraction(at: Timestamp) -> f64 {
    at.as_millis().rem_euclid(3_600_000) as f64 / 3_600_000.0
}

/// 0 is Monday, midnight to one.
fn of_week(hour: i64) -> usize {
    let (day, hour) = Timestamp::from_secs(hour * 3600).weekday_and_hour();
    usize::from(day) * 24 + usize::from(hour)
}
