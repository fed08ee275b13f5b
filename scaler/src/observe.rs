//! From a decision to what is published of it.

use model::catalogue as c;
use model::emf::Record;
use model::{Dimension, Dimensions};

use crate::census::Census;
use crate::{Decision, Levels, Policy, Reason};

impl Decision {
    /// What is published of it. `before` is what the last look at the pool counted: a level is told
    /// while it is above zero and once when it falls to it; the desired capacity, the limit and the
    /// members always, so that their absence tells of a scaler that is not there.
    pub fn records(&self, policy: &Policy, before: Levels) -> Vec<Record> {
        let now = self.snapshot.now;
        let mut records = vec![
            Record::new(now, Dimensions::none()).with(c::SCALER_TICKS.inc()),
            self.levels(policy, before),
        ];
        if self.is_news {
            let word = self.plan.main_reason().map_or("none", Reason::word);
            let by = Dimensions::none()
                .with(Dimension::Pool, self.snapshot.pool.as_str())
                .with(Dimension::Reason, word);
            records.push(Record::new(now, by).with(c::SCALER_DECISIONS.inc()));
        }
        records
    }

    fn levels(&self, policy: &Policy, before: Levels) -> Record {
        let now = Levels::of(&self.snapshot, policy);
        let by = Dimensions::none().with(Dimension::Pool, self.snapshot.pool.as_str());
        let mut record = Record::new(self.snapshot.now, by)
            .with(c::RUNNERS_DESIRED.is(self.plan.desired.into()));
        if let Some(most) = policy.runners_max {
            record = record.with(c::RUNNERS_MAX.is(most.into()));
        }
        if self.is_real {
            let members = Census::of(&self.snapshot, policy).members();
            record = record.with(c::RUNNERS_MEMBERS.is(members.into()));
        }
        if let Some(spot) = self.snapshot.fleet.spot {
            record = record.with(c::RUNNERS_SPOT.is(spot.members.into()));
        }
        for (level, value, before) in [
            (c::RUNNERS_BUSY, now.busy, before.busy),
            (c::RUNNERS_IDLE, now.idle, before.idle),
            (c::RUNNERS_BOOTING, now.booting, before.booting),
            (c::RUNNERS_OVERDUE, now.overdue, before.overdue),
            (c::REGISTRATIONS_WAITING, now.registering, before.registering),
            (c::RUNNERS_STOPPED, now.stopped, before.stopped),
            (c::RUNNERS_STOPPED_DESIRED, now.stopped_desired, before.stopped_desired),
        ] {
            if value > 0 || before > 0 {
                record = record.with(level.is(value.into()));
            }
        }
        for took in &self.boots.took {
            record = record.with(c::BOOT_TIME.took(*took));
        }
        for (counter, times) in [
            (c::SCALER_FAILURES, self.troubles.len() as u64),
            (c::BOOTS_FAILED, self.boots.failed.into()),
            (c::SPOT_INTERRUPTIONS, self.boots.interrupted.into()),
        ] {
            if times > 0 {
                record = record.with(counter.inc_by(times));
            }
        }
        record
    }
}
