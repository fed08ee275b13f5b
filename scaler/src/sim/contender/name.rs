//! Contenders as they are written on a command line.

use std::fmt;
use std::str::FromStr;

use super::Contender;

/// A text that names no contender.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ContenderError {
    /// There is none of that name.
    #[error("{name:?} is no contender; expected one of {}", Contender::NAMES.join(", "))]
    Name {
        /// What stood there.
        name: String,
    },
    /// Its parameter is missing, superfluous or does not fit.
    #[error("{text:?} does not fit; expected {expected}")]
    Parameter {
        /// What stood there.
        text: String,
        /// How it is written.
        expected: &'static str,
    },
}

/// More instances than this are not simulated: an account has fewer.
const INSTANCES_MAX: u32 = 100_000;

/// More jobs per instance than this are no target.
const TARGET_MAX: f64 = 1000.0;

impl Contender {
    /// How each is written: after the colon stands its parameter.
    pub const NAMES: [&str; 15] = [
        "headroom",
        "per-webhook",
        "per-webhook-delayed",
        "idle-pool:K",
        "stopped-pool:M",
        "queued-plus-running",
        "assigned-plus-min:K",
        "percentage-busy",
        "load-proportional",
        "target-tracking:X",
        "static:N",
        "office-hours:K",
        "naive-minute",
        "oracle",
        "warm-oracle",
    ];
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contender::Headroom(_) => f.write_str("headroom"),
            Contender::PerWebhook => f.write_str("per-webhook"),
            Contender::PerWebhookDelayed => f.write_str("per-webhook-delayed"),
            Contender::IdlePool(k) => write!(f, "idle-pool:{k}"),
            Contender::StoppedPool(m) => write!(f, "stopped-pool:{m}"),
            Contender::QueuedPlusRunning => f.write_str("queued-plus-running"),
            Contender::AssignedPlusMin(k) => write!(f, "assigned-plus-min:{k}"),
            Contender::PercentageBusy => f.write_str("percentage-busy"),
            Contender::LoadProportional => f.write_str("load-proportional"),
            Contender::TargetTracking(x) => write!(f, "target-tracking:{x}"),
            Contender::Static(n) => write!(f, "static:{n}"),
            Contender::OfficeHours(k) => write!(f, "office-hours:{k}"),
            Contender::NaiveMinute => f.write_str("naive-minute"),
            Contender::Oracle => f.write_str("oracle"),
            Contender::WarmOracle => f.write_str("warm-oracle"),
        }
    }
}

impl FromStr for Contender {
    type Err = ContenderError;

    /// `headroom` gets the default policy.
    fn from_str(text: &str) -> Result<Self, ContenderError> {
        let (name, parameter) =
            text.split_once(':').map_or((text, None), |(name, it)| (name, Some(it)));
        let expected = Contender::NAMES
            .into_iter()
            .find(|known| known.split(':').next() == Some(name))
            .ok_or_else(|| ContenderError::Name { name: name.to_owned() })?;
        let written = Written { text, expected, parameter };
        match name {
            "idle-pool" => written.count().map(Contender::IdlePool),
            "stopped-pool" => written.count().map(Contender::StoppedPool),
            "assigned-plus-min" => written.count().map(Contender::AssignedPlusMin),
            "static" => written.count().map(Contender::Static),
            "office-hours" => written.count().map(Contender::OfficeHours),
            "target-tracking" => written.target().map(Contender::TargetTracking),
            _ => written.alone(name),
        }
    }
}

struct Written<'a> {
    text: &'a str,
    expected: &'static str,
    parameter: Option<&'a str>,
}

impl Written<'_> {
    fn count(&self) -> Result<u32, ContenderError> {
        let count = self.parameter.and_then(|text| text.parse().ok());
        let expected = "a number of instances after the colon, such as idle-pool:10";
        count.filter(|count| *count <= INSTANCES_MAX).ok_or_else(|| self.error(expected))
    }

    fn target(&self) -> Result<f64, ContenderError> {
        let target = self.parameter.and_then(|text| text.parse().ok());
        let expected = "jobs per instance after the colon, such as target-tracking:0.5";
        target
            .filter(|target: &f64| (0.01..=TARGET_MAX).contains(target))
            .ok_or_else(|| self.error(expected))
    }

    fn alone(&self, name: &str) -> Result<Contender, ContenderError> {
        if self.parameter.is_some() {
            return Err(self.error(self.expected));
        }
        Ok(match name {
            "headroom" => Contender::Headroom(Box::default()),
            "per-webhook" => Contender::PerWebhook,
            "per-webhook-delayed" => Contender::PerWebhookDelayed,
            "queued-plus-running" => Contender::QueuedPlusRunning,
            "percentage-busy" => Contender::PercentageBusy,
            "load-proportional" => Contender::LoadProportional,
            "naive-minute" => Contender::NaiveMinute,
            "oracle" => Contender::Oracle,
            "warm-oracle" => Contender::WarmOracle,
            _ => return Err(ContenderError::Name { name: name.to_owned() }),
        })
    }

    fn error(&self, expected: &'static str) -> ContenderError {
        ContenderError::Parameter { text: self.text.to_owned(), expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contender_survives_its_name() {
        for name in Contender::NAMES {
            let text = name.replace([':'], ":7").replace(['K', 'M', 'N', 'X'], "");
            let contender: Contender = text.parse().unwrap();
            assert_eq!(contender.to_string(), text);
        }
        assert_eq!("target-tracking:0.5".parse(), Ok(Contender::TargetTracking(0.5)));
    }

    #[test]
    fn what_names_no_contender_says_what_was_expected() {
        for (text, words) in [
            ("headrom", "expected one of headroom, per-webhook,"),
            ("", "expected one of"),
            ("idle-pool", "such as idle-pool:10"),
            ("idle-pool:-1", "such as idle-pool:10"),
            ("static:1000000", "a number of instances"),
            ("oracle:3", "expected oracle"),
            ("target-tracking:0", "jobs per instance"),
            ("target-tracking:NaN", "jobs per instance"),
        ] {
            let error = text.parse::<Contender>().unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
