//! Always the same number, as of machines that somebody bought. One that ends is replaced at once.

use std::time::Duration;

use super::{Cadence, Replacement, Scaler, unexplained};
use crate::sim::Setting;
use crate::{Plan, Snapshot};

pub struct Fixed {
    pub runners: u32,
}

impl Scaler for Fixed {
    fn cadence(&self, setting: &Setting) -> Cadence {
        Cadence {
            sees_after: Duration::ZERO,
            on_event: false,
            every: Some(setting.tick),
            replacement: Replacement::AtOnce,
        }
    }

    fn decide(&mut self, _seen: &mut Snapshot) -> Plan {
        unexplained(self.runners, None)
    }
}
