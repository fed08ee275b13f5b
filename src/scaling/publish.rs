//! What a look at a pool makes known: metrics, the kept decision, and words in the log.

use std::sync::PoisonError;

use local::Kept;
use model::catalogue as c;
use model::emf::Record;
use model::{Dimension, Dimensions};
use scaler::{Decision, Levels, summary};

use super::{Cell, Scaling};

impl Scaling {
    pub(super) fn publish(&self, cell: &Cell, decision: &Decision) {
        let now = decision.snapshot.now;
        self.meter.observe(Record::new(now, Dimensions::none()).with(c::SCALER_TICKS.inc()));
        self.meter.observe(levels(cell, decision));
        for trouble in &decision.troubles {
            tracing::warn!(pool = cell.pool, %trouble, "the scaler works with what it last knew");
        }
        if decision.is_news {
            self.tell(cell, decision);
        }
    }

    fn tell(&self, cell: &Cell, decision: &Decision) {
        let Decision { snapshot, plan, is_real, .. } = decision;
        let reason = plan.main_reason();
        let word = reason.map_or("none", scaler::Reason::word);
        let by = Dimensions::none().with(Dimension::Reason, word);
        self.meter.observe(Record::new(snapshot.now, by).with(c::SCALER_DECISIONS.inc()));
        self.journal.note(Kept::from(decision));
        let because = reason.map(ToString::to_string).unwrap_or_default();
        let summary = summary(snapshot, plan, *is_real);
        tracing::debug!(pool = cell.pool, summary, because, "decided");
    }
}

/// The capacity asked for, always, so that its absence tells of a scaler that is not there; and the
/// levels that are above zero or just fell to it.
fn levels(cell: &Cell, decision: &Decision) -> Record {
    let by = Dimensions::none().with(Dimension::Pool, cell.pool.as_str());
    let mut record = Record::new(decision.snapshot.now, by)
        .with(c::RUNNERS_DESIRED.is(decision.plan.desired.into()));
    let now = Levels::of(&decision.snapshot, &cell.policy);
    let mut last = cell.levels.lock().unwrap_or_else(PoisonError::into_inner);
    for (level, value, before) in [
        (c::RUNNERS_BUSY, now.busy, last.busy),
        (c::RUNNERS_IDLE, now.idle, last.idle),
        (c::RUNNERS_BOOTING, now.booting, last.booting),
        (c::RUNNERS_OVERDUE, now.overdue, last.overdue),
        (c::RUNNERS_STOPPED, now.stopped, last.stopped),
    ] {
        if value > 0 || before > 0 {
            record = record.with(level.is(value.into()));
        }
    }
    *last = now;
    if !decision.troubles.is_empty() {
        record = record.with(c::SCALER_FAILURES.inc_by(decision.troubles.len() as u64));
    }
    record
}
