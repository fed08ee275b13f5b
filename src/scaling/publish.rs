//! What a look at a pool makes known: metrics, the kept decision, and words in the log.

use std::sync::PoisonError;

use local::Kept;
use scaler::{Decision, Levels, summary};

use super::{Cell, Scaling};

impl Scaling {
    pub(super) fn publish(&self, cell: &Cell, decision: &Decision) {
        let now = Levels::of(&decision.snapshot, &cell.policy);
        let mut levels = cell.levels.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *levels, now);
        drop(levels);
        for record in decision.records(&cell.policy, before) {
            self.meter.observe(record);
        }
        for trouble in &decision.troubles {
            if let Some(left_out) = cell.told.admit(trouble.asked, decision.snapshot.now) {
                let pool = &cell.pool;
                tracing::warn!(pool, %trouble, left_out, "the scaler works with what it last knew");
            }
        }
        if decision.is_news {
            self.journal.note(Kept::of(decision, &cell.policy));
            let because = decision.plan.main_reason().map(ToString::to_string);
            let summary = summary(&decision.snapshot, &decision.plan, decision.is_real);
            tracing::debug!(pool = cell.pool, summary, because, "decided");
        }
    }
}
