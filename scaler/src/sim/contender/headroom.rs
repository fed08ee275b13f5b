//! [`crate::plan`] itself, with the model of demand that it is meant to be asked with: at once on
//! each webhook, and at each tick.

use model::Timestamp;

use super::{Cadence, Replacement, Scaler};
use crate::forecast::Model;
use crate::sim::Setting;
use crate::{Plan, Policy, Snapshot, plan};

pub struct Headroom {
    policy: Policy,
    model: Model,
}

impl Headroom {
    pub fn new(policy: &Policy) -> Self {
        Headroom { policy: policy.clone(), model: Model::new(policy) }
    }
}

impl Scaler for Headroom {
    fn cadence(&self, setting: &Setting) -> Cadence {
        Cadence {
            sees_after: setting.webhook_delay,
            on_event: true,
            every: Some(setting.tick),
            replacement: Replacement::Never,
        }
    }

    fn webhook(&mut self, queued_at: Timestamp, repeated: bool) {
        if !repeated {
            self.model.arrived(queued_at);
        }
    }

    fn decide(&mut self, seen: &mut Snapshot) -> Plan {
        seen.outlook = self.model.outlook(seen.now);
        plan(seen, &self.policy)
    }
}
