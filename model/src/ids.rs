//! Identifiers as types of their own, so that a job is never mistaken for a run.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One attempt at one job. GitHub's ids exceed 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobKey {
    /// GitHub's `workflow_job.id`.
    pub job: u64,
    /// GitHub's `workflow_job.run_attempt`, 1 where a payload lacks it.
    pub attempt: u32,
}

/// `X-GitHub-Delivery`: a redelivery keeps it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(String);

impl DeliveryId {
    /// The longest id we take; GitHub sends a GUID of 36 characters.
    pub const LEN_MAX: usize = 128;

    /// Takes any visible ASCII text of 1..=[`DeliveryId::LEN_MAX`] characters.
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=Self::LEN_MAX).contains(&text.len());
        (fits && text.bytes().all(|b| b.is_ascii_graphic())).then(|| DeliveryId(text.to_owned()))
    }

    /// The id as sent.
    pub fn into_string(self) -> String {
        self.0
    }

    /// The id as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `owner/name` of a repository, as GitHub spells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Repository(pub String);

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The machine under a runner, as its group names it: an EC2 instance id, or a simulated one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceId(pub String);

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_id_is_short_visible_ascii() {
        assert!(DeliveryId::new("72d3162e-cc78-11e3-81ab-4c9367dc0958").is_some());
        for bad in ["", " ", "a b", "a\n", "ü", &"x".repeat(DeliveryId::LEN_MAX + 1)] {
            assert_eq!(DeliveryId::new(bad), None, "{bad:?}");
        }
        assert!(DeliveryId::new(&"x".repeat(DeliveryId::LEN_MAX)).is_some());
    }
}
