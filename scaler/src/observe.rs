//! From a decision to what is published of it.

use model::catalogue as c;
use model::emf::Record;
use model::{Dimension, Dimensions};

use crate::{Decision, Levels, Policy, Reason};

impl Decision {
    /// What is published of it. `before` is what the last look at the pool counted: a level is told
    /// while it is above zero and once when it falls to it; the desired capacity always, so that
    /// its absence tells of a scaler that is not there.
    pub fn records(&self, policy: &Policy, before: Levels) -> Vec<Record> {
        let now = self.snapshot.now;
        let mut records = vec![
            Record::new(now, Dimensions::none()).with(c::SCALER_TICKS.inc()),
            self.levels(Levels::of(&self.snapshot, policy), before),
        ];
        if self.is_news {
            let word = self.plan.main_reason().map_or("none", Reason::word);
            let by = Dimensions::none().with(Dimension::Reason, word);
            records.push(Record::new(now, by).with(c::SCALER_DECISIONS.inc()));
        }
        records
    }

    fn levels(&self, now: Levels, before: Levels) -> Record {
        let by = Dimensions::none().with(Dimension::Pool, self.snapshot.pool.as_str());
        let mut record = Record::new(self.snapshot.now, by)
            .with(c::RUNNERS_DESIRED.is(self.plan.desired.into()));
        for (level, value, before) in [
            (c::RUNNERS_BUSY, now.busy, before.busy),
            (c::RUNNERS_IDLE, now.idle, before.idle),
            (c::RUNNERS_BOOTING, now.booting, before.booting),
            (c::RUNNERS_OVERDUE, now.overdue, before.overdue),
            (c::RUNNERS_STOPPED, now.stopped, before.stopped),
        ] {
            if value > 0 || before > 0 {
                record = record.with(level.is(value.into()));
            }
        }
        match self.troubles.len() {
            0 => record,
            troubles => record.with(c::SCALER_FAILURES.inc_by(troubles as u64)),
        }
    }
}
