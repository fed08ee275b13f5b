//! How large bursts are: of old, and of late.

use std::time::Duration;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use super::curve::Demand;

/// A larger burst counts as one of this size: whoever needs more stopped instances sets a number.
pub const JOBS_MAX: usize = 512;

/// What a size counts for after each further burst: half after 350 bursts.
const KEPT: f64 = 0.998;

/// Sizes of bursts. A size's place in a table is its number of jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sizes {
    ever: Vec<f64>,
    bursts: f64,
    recent: [Recent; 2],
}

/// Bursts a second by size, each counting less as it ages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Recent {
    #[serde(with = "crate::secs")]
    age: Duration,
    as_of: Timestamp,
    per_sec: Vec<f64>,
}

impl Sizes {
    pub fn new(ages: [Duration; 2]) -> Self {
        let recent = |age| Recent { age, as_of: Timestamp::EPOCH, per_sec: Vec::new() };
        Sizes { ever: Vec::new(), bursts: 0.0, recent: ages.map(recent) }
    }

    /// A burst is over.
    pub fn note(&mut self, at: Timestamp, jobs: u32) {
        let size = place(jobs);
        for weight in &mut self.ever {
            *weight *= KEPT;
        }
        self.bursts = self.bursts * KEPT + 1.0;
        add(&mut self.ever, size, 1.0);
        for recent in &mut self.recent {
            recent.note(at, size);
        }
    }

    /// How many bursts it knows, older ones counting less.
    pub fn bursts(&self) -> f64 {
        self.bursts
    }

    /// Jobs of a burst in the mean; 1 while none is known.
    #[expect(clippy::cast_precision_loss, reason = "at most JOBS_MAX")]
    pub fn mean(&self) -> f64 {
        let jobs: f64 = self.ever.iter().enumerate().map(|(size, n)| size as f64 * n).sum();
        (jobs / self.bursts.max(1.0)).max(1.0)
    }

    /// Bursts a second of late, by the shorter (0) or longer (1) memory; `open` is the burst that
    /// may still go on.
    pub fn recent_per_sec(&self, i: usize, at: Timestamp, open: Option<(Timestamp, u32)>) -> f64 {
        let recent = &self.recent[i];
        let closed: f64 = recent.per_sec.iter().sum();
        closed * recent.fading(at) + open.map_or(0.0, |(last, _)| recent.weight(last, at))
    }

    /// What is to be expected at `at`, where `usual` bursts a second are usual: each memory gives
    /// its part, and the sizes of old the rest.
    pub fn demand(
        &self,
        at: Timestamp,
        usual: f64,
        parts: [f64; 2],
        open: Option<(Timestamp, u32)>,
    ) -> Demand {
        let mut by_size = vec![0.0; self.ever.len()];
        let rest = 1.0 - parts.iter().sum::<f64>();
        let scale = usual * rest / self.bursts.max(1.0);
        for (size, weight) in self.ever.iter().enumerate() {
            by_size[size] = weight * scale;
        }
        for (recent, part) in self.recent.iter().zip(parts) {
            let fading = recent.fading(at) * part;
            for (size, per_sec) in recent.per_sec.iter().enumerate() {
                by_size[size] += per_sec * fading;
            }
            if let Some((last, jobs)) = open {
                add(&mut by_size, place(jobs), recent.weight(last, at) * part);
            }
        }
        Demand::new(by_size)
    }
}

impl Recent {
    fn note(&mut self, at: Timestamp, size: usize) {
        let fading = self.fading(at);
        for per_sec in &mut self.per_sec {
            *per_sec *= fading;
        }
        self.as_of = at;
        add(&mut self.per_sec, size, 1.0 / self.age.as_secs_f64());
    }

    fn fading(&self, at: Timestamp) -> f64 {
        self.decay(self.as_of, at)
    }

    fn weight(&self, then: Timestamp, at: Timestamp) -> f64 {
        self.decay(then, at) / self.age.as_secs_f64()
    }

    fn decay(&self, then: Timestamp, at: Timestamp) -> f64 {
        (-at.saturating_since(then).as_secs_f64() / self.age.as_secs_f64()).exp()
    }
}

fn place(jobs: u32) -> usize {
    usize::try_from(jobs).unwrap_or(JOBS_MAX).min(JOBS_MAX)
}

fn add(table: &mut Vec<f64>, size: usize, weight: f64) {
    if table.len() <= size {
        table.resize(size + 1, 0.0);
    }
    table[size] += weight;
}
