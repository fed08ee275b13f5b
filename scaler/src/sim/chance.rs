//! Randomness that a seed repeats.

use std::f64::consts::TAU;
use std::time::Duration;

/// `SplitMix64`. <https://prng.di.unimi.it/splitmix64.c>
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of this seed.
    pub const fn new(seed: u64) -> Self {
        Chance(seed)
    }

    /// The sequence of the `n`-th of several that belong to one seed.
    pub const fn nth(seed: u64, n: u64) -> Self {
        // An odd factor, so that no two get the same; mixed, so that they do not overlap.
        Chance(Chance(seed ^ n.wrapping_mul(0xd134_2543_de82_ef95)).next())
    }

    /// Any number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of `0.0..1.0`.
    #[expect(clippy::cast_precision_loss, reason = "the 53 bits that are left fit")]
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something happens that has this probability; what cannot happen draws nothing.
    pub fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.unit() < probability
    }

    /// A time between none and `longest`, all equally likely.
    pub fn up_to(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.unit())
    }

    /// The time until something happens that happens so often a second.
    pub fn until_next(&mut self, per_sec: f64) -> Duration {
        let secs = -(1.0 - self.unit()).ln() / per_sec;
        Duration::try_from_secs_f64(secs).unwrap_or(Duration::MAX)
    }

    /// `typical` times a lognormal factor with median 1; `sigma` is the deviation of its logarithm.
    pub fn jittered(&mut self, typical: Duration, sigma: f64) -> Duration {
        if sigma == 0.0 {
            return typical;
        }
        typical.mul_f64((sigma * self.normal()).exp())
    }

    /// By Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }
}
