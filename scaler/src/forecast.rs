//! What demand is to be expected of a pool: learns from each arrival, and is asked for an
//! [`Outlook`]. A pure value: the same arrivals in the same order make the same model, so it is
//! rebuilt from history after a restart.

use model::Timestamp;

use crate::{Outlook, Policy};

/// The model of one pool's demand.
#[derive(Clone, Debug)]
pub struct Model {
    policy: Policy,
}

impl Model {
    /// A model that has seen nothing. `policy` says what times and costs it weighs.
    pub fn new(policy: &Policy) -> Self {
        Model { policy: policy.clone() }
    }

    /// A job was queued. Arrivals come in order of time; one that is earlier than the last counts
    /// at the time of the last.
    pub fn arrived(&mut self, _at: Timestamp) {}

    /// What is to be expected at `now`.
    pub fn outlook(&mut self, _now: Timestamp) -> Outlook {
        let _ = &self.policy;
        Outlook::default()
    }
}
