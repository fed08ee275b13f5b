//! The thresholds of alarms, for whatever draws what they watch.

use alarms::{Alarm, Scope};
use dashboards::board::Bound;

/// Those of alarms that watch a value.
pub fn of<'a>(alarms: impl Iterator<Item = &'a Alarm>) -> Vec<Bound> {
    let bound = |alarm: &Alarm| {
        let condition = alarm.condition()?;
        Some(Bound {
            alarm: alarm.name.to_owned(),
            expr: condition.expr.clone(),
            is_of_pool: alarm.scope == Scope::Pool,
            relation: condition.relation,
            threshold: condition.threshold,
        })
    };
    alarms.filter_map(bound).collect()
}
