//! The alarms as somebody tuned them: for all pools, and otherwise for some.

use std::collections::BTreeMap;

use model::{OTHER_POOL, UNROUTED_POOL};

use crate::list::{self, Objective};
use crate::{Alarm, Condition, Scope, Severity, Watch};

/// `PutMetricAlarm`: period times number of periods, where the period is below an hour.
const SPAN_SECS_MAX: u64 = 86_400;

/// The same where it is an hour or longer.
const LONG_SPAN_SECS_MAX: u64 = 7 * 86_400;

/// What is different from the defaults.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tuning {
    /// What is promised about waits.
    pub objective: Option<Objective>,
    /// By the names of alarms.
    pub changes: BTreeMap<String, Change>,
    /// The same for single pools, which win over those for all.
    pub pools: BTreeMap<String, (Option<Objective>, BTreeMap<String, Change>)>,
}

/// What is different about one alarm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// It is not looked at.
    pub off: Option<bool>,
    /// What values are compared with.
    pub threshold: Option<f64>,
    /// Of so many periods ..
    pub periods: Option<u32>,
    /// .. so many must breach.
    pub datapoints_to_alarm: Option<u32>,
    /// Whom it concerns.
    pub severity: Option<Severity>,
}

/// A change that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{alarm}: {key}: {problem}")]
pub struct TuningError {
    /// The pool that it was for.
    pub pool: Option<String>,
    /// The alarm.
    pub alarm: String,
    /// Which key.
    pub key: &'static str,
    /// What is wrong and what was expected.
    pub problem: String,
}

/// Every alarm that is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    shared: Vec<Alarm>,
    pools: BTreeMap<String, Vec<Alarm>>,
}

impl Default for Rules {
    fn default() -> Self {
        Rules { shared: list::all(Objective::default()), pools: BTreeMap::new() }
    }
}

impl Rules {
    /// The alarms with these changes.
    ///
    /// # Errors
    /// When a change names no alarm, is out of range, or is for a pool and an alarm of the fleet.
    pub fn new(tuning: &Tuning) -> Result<Rules, TuningError> {
        let objective = tuning.objective.unwrap_or_default();
        let shared = tuned(list::all(objective), &tuning.changes, None)?;
        let mut pools = BTreeMap::new();
        for (pool, (own, changes)) in &tuning.pools {
            let own = own.unwrap_or(objective);
            let all = tuned(list::all(own), &tuning.changes, None)?;
            pools.insert(pool.clone(), tuned(all, changes, Some(pool))?);
        }
        Ok(Rules { shared, pools })
    }

    /// Those of the fleet.
    pub fn of_fleet(&self) -> impl Iterator<Item = &Alarm> {
        self.shared.iter().filter(|alarm| alarm.scope == Scope::Fleet)
    }

    /// Those of one pool. Runners cannot be added to a pool of jobs that fit none, so only how long
    /// its jobs wait is looked at.
    pub fn of_pool(&self, pool: &str) -> impl Iterator<Item = &Alarm> {
        let all = self.pools.get(pool).unwrap_or(&self.shared);
        let has_runners = ![UNROUTED_POOL, OTHER_POOL].contains(&pool);
        all.iter()
            .filter(|alarm| alarm.scope == Scope::Pool)
            .filter(move |alarm| has_runners || !list::needs_runners(alarm))
    }

    /// Those for each pool as they are unless a pool has its own.
    pub fn of_each_pool(&self) -> impl Iterator<Item = &Alarm> {
        self.shared.iter().filter(|alarm| alarm.scope == Scope::Pool)
    }

    /// The pools that have changes of their own.
    pub fn own(&self) -> impl Iterator<Item = &str> {
        self.pools.keys().map(String::as_str)
    }

    /// The alarm of that name, as it is for most pools.
    pub fn find(&self, name: &str) -> Option<&Alarm> {
        let own = || self.pools.values().flatten();
        self.shared.iter().chain(own()).find(|alarm| alarm.name == name)
    }

    /// The same without alarms of these names, as when there is no scaler to watch.
    pub fn without(mut self, names: &[&str]) -> Rules {
        for alarms in self.pools.values_mut().chain([&mut self.shared]) {
            *alarms = remaining(std::mem::take(alarms), &|alarm| !names.contains(&alarm.name));
        }
        self
    }
}

fn tuned(
    alarms: Vec<Alarm>,
    changes: &BTreeMap<String, Change>,
    pool: Option<&String>,
) -> Result<Vec<Alarm>, TuningError> {
    let mut alarms = alarms;
    for (name, change) in changes {
        let wrong = |key, problem: String| TuningError {
            pool: pool.cloned(),
            alarm: name.clone(),
            key,
            problem,
        };
        let Some(alarm) = alarms.iter_mut().find(|alarm| alarm.name == name) else {
            return Err(wrong("name", "there is no alarm of this name".into()));
        };
        if pool.is_some() && alarm.scope == Scope::Fleet {
            return Err(wrong("name", "this alarm is the fleet's, not a pool's".into()));
        }
        alarm.severity = change.severity.unwrap_or(alarm.severity);
        match &mut alarm.watch {
            Watch::Metric(condition) => {
                apply(condition, change).map_err(|(key, problem)| wrong(key, problem))?;
            }
            Watch::AnyOf(_) if has_figures(change) => {
                let problem = "this alarm watches others and has no figures of its own";
                return Err(wrong("threshold", problem.into()));
            }
            Watch::AnyOf(_) => {}
        }
    }
    let is_on = |alarm: &Alarm| changes.get(alarm.name).is_none_or(|c| c.off != Some(true));
    Ok(remaining(alarms, &is_on))
}

fn has_figures(change: &Change) -> bool {
    let counts = [change.periods, change.datapoints_to_alarm];
    change.threshold.is_some() || counts.iter().any(Option::is_some)
}

fn apply(condition: &mut Condition, change: &Change) -> Result<(), (&'static str, String)> {
    if let Some(threshold) = change.threshold {
        if condition.unit.is_empty() {
            let problem = "this alarm watches a condition that holds or not; change `periods` or \
                           `datapoints_to_alarm`";
            return Err(("threshold", problem.into()));
        }
        if !threshold.is_finite() || threshold < 0.0 {
            return Err(("threshold", format!("a number from 0 was expected, not {threshold}")));
        }
        condition.threshold = threshold;
    }
    let n = change.periods.unwrap_or(condition.periods);
    let period_secs = condition.period.as_secs();
    let span_max = if period_secs < 3600 { SPAN_SECS_MAX } else { LONG_SPAN_SECS_MAX };
    let periods_max = span_max / period_secs;
    if n == 0 || u64::from(n) > periods_max {
        return Err(("periods", format!("1 to {periods_max} were expected, not {n}")));
    }
    // Fewer periods than must breach: all of them must.
    let m = change.datapoints_to_alarm.unwrap_or(condition.datapoints_to_alarm.min(n));
    if m == 0 || m > n {
        return Err(("datapoints_to_alarm", format!("1 to {n} were expected, not {m}")));
    }
    (condition.periods, condition.datapoints_to_alarm) = (n, m);
    Ok(())
}

/// An alarm over alarms loses the parts that are off, and one that is off tells of none: its parts
/// tell of themselves.
fn remaining(alarms: Vec<Alarm>, is_on: &dyn Fn(&Alarm) -> bool) -> Vec<Alarm> {
    let mut kept: Vec<Alarm> = alarms.into_iter().filter(is_on).collect();
    let names: Vec<&str> = kept.iter().map(|alarm| alarm.name).collect();
    for alarm in &mut kept {
        alarm.part_of = alarm.part_of.filter(|whole| names.contains(whole));
        if let Watch::AnyOf(parts) = &mut alarm.watch {
            parts.retain(|part| names.contains(part));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list as l;

    fn change(name: &str, change: Change) -> Tuning {
        Tuning { changes: BTreeMap::from([(name.to_owned(), change)]), ..Tuning::default() }
    }

    fn wrong(name: &str, made: Change) -> (&'static str, String) {
        let error = Rules::new(&change(name, made)).unwrap_err();
        (error.key, error.problem)
    }

    #[test]
    fn a_pool_has_its_own_figures_and_the_rest_from_all() {
        let slower = Change { threshold: Some(7200.0), ..Change::default() };
        let mut tuning =
            change(l::OLDEST_JOB_TOO_OLD, Change { periods: Some(4), ..slower.clone() });
        let own = Change { threshold: Some(60.0), ..Change::default() };
        let own = BTreeMap::from([(l::OLDEST_JOB_TOO_OLD.to_owned(), own)]);
        tuning.pools.insert("gpu".into(), (None, own));
        let rules = Rules::new(&tuning).unwrap();
        let of = |pool: &str| {
            let alarm = rules.of_pool(pool).find(|a| a.name == l::OLDEST_JOB_TOO_OLD).unwrap();
            let condition = alarm.condition().unwrap();
            (condition.threshold, condition.periods)
        };
        assert_eq!((of("gpu"), of("linux")), ((60.0, 4), (7200.0, 4)));
    }

    #[test]
    fn what_is_off_is_no_part_of_anything() {
        let off = Change { off: Some(true), ..Change::default() };
        let rules = Rules::new(&change(l::POOL_DOWN, off.clone())).unwrap();
        let Watch::AnyOf(parts) = &rules.find(l::POOL_INCIDENT).unwrap().watch else { panic!() };
        assert!(!parts.contains(&l::POOL_DOWN) && !parts.is_empty());
        assert!(rules.find(l::POOL_DOWN).is_none());
        let rules = Rules::new(&change(l::POOL_INCIDENT, off)).unwrap();
        assert_eq!(rules.find(l::POOL_DOWN).unwrap().part_of, None);
    }

    #[test]
    fn a_change_that_makes_no_sense_says_what_was_expected() {
        let none = Change::default;
        assert_eq!(wrong("no-such", none()).0, "name");
        let (key, problem) = wrong(l::POOL_DOWN, Change { threshold: Some(1.0), ..none() });
        assert!(key == "threshold" && problem.contains("datapoints_to_alarm"), "{problem}");
        let (key, problem) = wrong(l::POOL_DOWN, Change { periods: Some(1441), ..none() });
        assert!(key == "periods" && problem.contains("1 to 1440"), "{problem}");
        let more = Change { periods: Some(2), datapoints_to_alarm: Some(3), ..none() };
        assert_eq!(wrong(l::POOL_DOWN, more).0, "datapoints_to_alarm");
        assert_eq!(wrong(l::POOL_INCIDENT, Change { periods: Some(2), ..none() }).0, "threshold");
    }

    #[test]
    fn jobs_that_fit_no_pool_are_looked_at_only_for_how_long_they_wait() {
        let rules = Rules::default();
        let names: Vec<&str> = rules.of_pool(UNROUTED_POOL).map(|alarm| alarm.name).collect();
        assert!(names.contains(&l::OLDEST_JOB_TOO_OLD) && !names.contains(&l::BOOTS_OVERDUE));
    }
}
