//! What goes wrong, how often, and how it is written: `boot-jitter=0.25,lost=0.01,spot=0.02/h`.

use std::str::FromStr;
use std::time::Duration;

/// A lost webhook is made up for after this, by whoever asks the API or redelivers: one peer does
/// so every five minutes.
pub const RECONCILED_AFTER: Duration = Duration::from_mins(5);

/// A repeated or overtaken webhook comes late by up to this. An assumption: redeliveries are by
/// hand or by script, and nothing says how late GitHub's own retries are.
pub const LATE_MAX: Duration = Duration::from_mins(1);

/// A job that is going to be cancelled is so within this, if it still waits then. An assumption: a
/// newer push cancels what an older one queued.
pub const CANCELLED_WITHIN: Duration = Duration::from_mins(5);

/// An instance whose runner never registers, and that nobody removes, ends after this. An
/// assumption, such as of a watchdog in its image; without any it would be billed for ever.
pub const UNREGISTERED_MAX: Duration = Duration::from_hours(1);

/// How often things go wrong. The default is a world without faults.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// Deviation of the logarithm of the factor on every boot, start and preparation; the median
    /// stays.
    pub boot_jitter: f64,
    /// The part of the instances whose runner never registers.
    pub boot_fails: f64,
    /// The part of the webhooks that are lost: the job is seen [`RECONCILED_AFTER`] it was queued.
    pub lost: f64,
    /// The part of the webhooks that come twice, the second time up to [`LATE_MAX`] later.
    pub duplicated: f64,
    /// The part of the webhooks that come up to [`LATE_MAX`] late, so that others overtake them.
    pub reordered: f64,
    /// The part of the jobs that are cancelled within [`CANCELLED_WITHIN`] if they still wait.
    pub cancelled: f64,
    /// Busy instances that are taken away, in an hour of each; the job is queued again at once.
    pub spot_per_hour: f64,
    /// The part of the writes that the API refuses; whoever wrote writes again at the next tick.
    pub throttled: f64,
    /// The part of the instances booted cold for which there is no capacity: the order gives
    /// nothing, and only a rule that looks again orders again.
    pub capacity: f64,
}

/// A text that does not say what goes wrong.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FaultsError {
    /// There is no such fault.
    #[error(
        "{key:?} is no fault; expected some of {}, such as lost=0.01,spot=0.02/h", KEYS.join(", ")
    )]
    Key {
        /// What stood there.
        key: String,
    },
    /// A fault without a value.
    #[error("{key} has no value; expected {expected}, such as {key}={example}")]
    NoValue {
        /// Which fault.
        key: &'static str,
        /// What it takes.
        expected: &'static str,
        /// A value of it.
        example: &'static str,
    },
    /// A value that does not fit.
    #[error("{key}={value:?} does not fit; expected {expected}, such as {key}={example}")]
    Value {
        /// Which fault.
        key: &'static str,
        /// What stood there.
        value: String,
        /// What it takes.
        expected: &'static str,
        /// A value of it.
        example: &'static str,
    },
    /// A fault is told twice.
    #[error("{key} stands there twice; expected it once")]
    Twice {
        /// Which fault.
        key: &'static str,
    },
}

/// The faults, as they are written.
const KEYS: [&str; 9] = [
    "boot-jitter",
    "boot-fails",
    "lost",
    "duplicated",
    "reordered",
    "cancelled",
    "spot",
    "throttled",
    "capacity",
];

/// A larger deviation makes one boot in twenty take 50 times as long as usual.
const JITTER_MAX: f64 = 2.0;

/// An instance that is taken away each second runs no job.
const SPOT_PER_HOUR_MAX: f64 = 3600.0;

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let mut faults = Faults::default();
        let mut told = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (word, value) =
                part.split_once('=').map_or((part, ""), |(k, v)| (k.trim(), v.trim()));
            let key = *KEYS
                .iter()
                .find(|key| **key == word)
                .ok_or_else(|| FaultsError::Key { key: word.to_owned() })?;
            if told.contains(&key) {
                return Err(FaultsError::Twice { key });
            }
            told.push(key);
            faults.set(key, value)?;
        }
        Ok(faults)
    }
}

impl Faults {
    fn set(&mut self, key: &'static str, value: &str) -> Result<(), FaultsError> {
        match key {
            "boot-jitter" => self.boot_jitter = number(key, value, &JITTER)?,
            "spot" => self.spot_per_hour = number(key, value, &SPOT)?,
            "boot-fails" => self.boot_fails = number(key, value, &PART)?,
            "lost" => self.lost = number(key, value, &PART)?,
            "duplicated" => self.duplicated = number(key, value, &PART)?,
            "reordered" => self.reordered = number(key, value, &PART)?,
            "cancelled" => self.cancelled = number(key, value, &PART)?,
            "throttled" => self.throttled = number(key, value, &PART)?,
            "capacity" => self.capacity = number(key, value, &PART)?,
            _ => return Err(FaultsError::Key { key: key.to_owned() }),
        }
        Ok(())
    }
}

/// What a fault takes.
struct Taken {
    suffix: &'static str,
    max: f64,
    expected: &'static str,
    example: &'static str,
}

const PART: Taken =
    Taken { suffix: "", max: 0.99, expected: "a probability from 0 to 0.99", example: "0.01" };

const JITTER: Taken =
    Taken { suffix: "", max: JITTER_MAX, expected: "a deviation from 0 to 2", example: "0.25" };

const SPOT: Taken = Taken {
    suffix: "/h",
    max: SPOT_PER_HOUR_MAX,
    expected: "interruptions an hour from 0 to 3600",
    example: "0.02/h",
};

fn number(key: &'static str, value: &str, taken: &Taken) -> Result<f64, FaultsError> {
    let &Taken { suffix, max, expected, example } = taken;
    if value.is_empty() {
        return Err(FaultsError::NoValue { key, expected, example });
    }
    let parsed = value.strip_suffix(suffix).and_then(|digits| digits.parse::<f64>().ok());
    parsed.filter(|number| (0.0..=max).contains(number)).ok_or_else(|| FaultsError::Value {
        key,
        value: value.to_owned(),
        expected,
        example,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_can_be_written() {
        let text = "boot-jitter=0.25, boot-fails=0.02,lost=0.01,duplicated=0.03,reordered=0.04,\
                    cancelled=0.05,spot=0.02/h,throttled=0.06,capacity=0.07";
        let expected = Faults {
            boot_jitter: 0.25,
            boot_fails: 0.02,
            lost: 0.01,
            duplicated: 0.03,
            reordered: 0.04,
            cancelled: 0.05,
            spot_per_hour: 0.02,
            throttled: 0.06,
            capacity: 0.07,
        };
        assert_eq!(text.parse(), Ok(expected));
        assert_eq!("".parse(), Ok(Faults::default()));
    }

    #[test]
    fn what_is_no_fault_says_what_was_expected() {
        for (text, words) in [
            ("lots=0.1", ["\"lots\"", "boot-jitter"]),
            ("lost", ["lost has no value", "probability from 0 to 0.99"]),
            ("lost=", ["lost has no value", "lost=0.01"]),
            ("lost=1", ["lost=\"1\"", "probability from 0 to 0.99"]),
            ("lost=NaN", ["lost=\"NaN\"", "lost=0.01"]),
            ("cancelled=-0.1", ["cancelled=\"-0.1\"", "probability"]),
            ("spot=0.02", ["spot=\"0.02\"", "spot=0.02/h"]),
            ("spot=x/h", ["spot=\"x/h\"", "interruptions an hour"]),
            ("boot-jitter=3", ["boot-jitter=\"3\"", "from 0 to 2"]),
            ("lost=0.1,lost=0.2", ["lost stands there twice", "once"]),
        ] {
            let error = text.parse::<Faults>().unwrap_err().to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{text}: {error}");
        }
    }
}
