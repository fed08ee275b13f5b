//! What goes wrong in a simulated world, and how often.

use std::str::FromStr;
use std::time::Duration;

/// Probabilities and rates; all zero: nothing goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// Sigma of the lognormal factor on each boot.
    pub boot_jitter: f64,
    /// Boots that never register a runner.
    pub boot_fails: f64,
    /// Webhooks that are lost: the job is seen by a reconciliation [`RECONCILED_AFTER`] later.
    pub lost: f64,
    /// Webhooks that come twice.
    pub duplicated: f64,
    /// Webhooks that come up to [`REORDERED_BY_MAX`] late, after others.
    pub reordered: f64,
    /// Jobs that are cancelled within [`CANCELLED_WITHIN`] if they still wait.
    pub cancelled: f64,
    /// Spot interruptions of a running instance in an hour: its job is queued anew and starts over.
    pub spot: f64,
    /// Writes to the group that are refused; the next decision tries again.
    pub throttled: f64,
    /// Ordered instances that the cloud does not have.
    pub capacity: f64,
}

/// When a job whose webhook was lost is found by asking GitHub.
pub const RECONCILED_AFTER: Duration = Duration::from_mins(5);
/// How late a reordered webhook comes at most.
pub const REORDERED_BY_MAX: Duration = Duration::from_mins(1);
/// When a job that will be cancelled is, at the latest.
pub const CANCELLED_WITHIN: Duration = Duration::from_mins(1);

/// A fault that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FaultsError {
    /// No such fault.
    #[error("{0:?} is no fault; expected some of {KEYS}, as in boot-jitter=0.25,lost=0.01")]
    Key(String),
    /// Its value does not fit.
    #[error("{key}={value}: expected {expected}")]
    Value {
        /// Which fault.
        key: String,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
}

/// The names of all faults.
const KEYS: &str = "boot-jitter, boot-fails, lost, duplicated, reordered, cancelled, spot, \
                    throttled, capacity";

impl FromStr for Faults {
    type Err = FaultsError;

    /// `KEY=VALUE,...`: probabilities 0..1, `boot-jitter` a sigma, `spot` a number an hour.
    fn from_str(spec: &str) -> Result<Self, FaultsError> {
        let mut faults = Faults::default();
        for part in spec.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            faults.set(key.trim(), value.trim())?;
        }
        Ok(faults)
    }
}

impl Faults {
    fn set(&mut self, key: &str, value: &str) -> Result<(), FaultsError> {
        let (field, max, expected) = match key {
            "boot-jitter" => (&mut self.boot_jitter, 2.0, "a sigma from 0 to 2"),
            "boot-fails" => (&mut self.boot_fails, 0.95, PART),
            "lost" => (&mut self.lost, 1.0, PROBABILITY),
            "duplicated" => (&mut self.duplicated, 1.0, PROBABILITY),
            "reordered" => (&mut self.reordered, 1.0, PROBABILITY),
            "cancelled" => (&mut self.cancelled, 1.0, PROBABILITY),
            "spot" => (&mut self.spot, 10.0, "interruptions an hour, from 0 to 10"),
            "throttled" => (&mut self.throttled, 0.95, PART),
            "capacity" => (&mut self.capacity, 0.95, PART),
            _ => return Err(FaultsError::Key(key.to_owned())),
        };
        let number = value.strip_suffix("/h").unwrap_or(value).parse::<f64>().ok();
        *field = number.filter(|n| (0.0..=max).contains(n)).ok_or_else(|| FaultsError::Value {
            key: key.to_owned(),
            value: value.to_owned(),
            expected,
        })?;
        Ok(())
    }
}

const PROBABILITY: &str = "a probability from 0 to 1";
/// With more than this nothing would ever get done.
const PART: &str = "a probability from 0 to 0.95";

/// Chance, from a seed.
#[derive(Debug)]
pub struct Chance(oorandom::Rand64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Chance(oorandom::Rand64::new(u128::from(seed)))
    }

    /// Draws only when something may happen, so that a world without a fault is the same world.
    pub fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.0.rand_float() < probability
    }

    /// Some part of `most`.
    pub fn part_of(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.0.rand_float())
    }

    /// `mean` times a lognormal factor with median 1.
    pub fn jittered(&mut self, mean: Duration, sigma: f64) -> Duration {
        if sigma <= 0.0 {
            return mean;
        }
        // Box and Muller, 1958.
        let radius = (-2.0 * (1.0 - self.0.rand_float()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.0.rand_float()).cos();
        mean.mul_f64((sigma * normal).exp())
    }

    /// When the next event of a Poisson process comes.
    pub fn exponential(&mut self, per_hour: f64) -> Option<Duration> {
        if per_hour <= 0.0 {
            return None;
        }
        let hours = -(1.0 - self.0.rand_float()).ln() / per_hour;
        Duration::try_from_secs_f64(hours * 3600.0).ok()
    }
}
