//! The alarms as a list, for people and for programs.

use model::expr::Relation;
use serde::Serialize;

use crate::{Alarm, Rules, Scope, Severity, Watch};

/// One alarm with everything that decides when it fires.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// The pool whose figures these are; left out where they are those of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// What it is called.
    pub title: &'static str,
    /// Whom it concerns.
    pub severity: Severity,
    /// Whether there is one for each pool.
    pub scope: Scope,
    /// The alarm that tells of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<&'static str>,
    /// What is compared; of an alarm over others, their names.
    pub expression: String,
    /// How a value that breaches compares with the threshold.
    pub comparison: &'static str,
    /// What values are compared with.
    pub threshold: f64,
    /// What values count; empty for a condition that is 1 or 0.
    pub unit: &'static str,
    /// Seconds of a period.
    pub period_secs: u64,
    /// Seconds of the newest part of a period in which the threshold must be breached as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_period_secs: Option<u64>,
    /// Of so many periods ..
    pub periods: u32,
    /// .. so many must breach.
    pub datapoints_to_alarm: u32,
    /// What a period without value means.
    pub missing_data: &'static str,
    /// Every metric that it reads, in order.
    pub metrics: Vec<&'static str>,
    /// What it means.
    pub meaning: &'static str,
    /// Likely causes.
    pub causes: &'static [&'static str],
    /// What to do.
    pub remedy: &'static [&'static str],
    /// Where its runbook is found.
    pub runbook: String,
}

impl Listed {
    /// Every alarm, and once more for each pool in which it differs.
    pub fn all(rules: &Rules, base_url: Option<&str>) -> Vec<Listed> {
        let shared: Vec<&Alarm> = rules.of_fleet().chain(rules.of_each_pool()).collect();
        let mut all: Vec<Listed> =
            shared.iter().map(|alarm| Listed::of(alarm, None, base_url)).collect();
        for pool in rules.own() {
            let differs = |alarm: &&Alarm| !shared.contains(alarm);
            let own = rules.of_pool(pool).filter(differs);
            all.extend(own.map(|alarm| Listed::of(alarm, Some(pool), base_url)));
        }
        all
    }

    fn of(alarm: &Alarm, pool: Option<&str>, base_url: Option<&str>) -> Listed {
        let condition = alarm.condition();
        let expression = match &alarm.watch {
            Watch::Metric(condition) => condition.expr.to_string(),
            Watch::AnyOf(parts) => parts.join(" or "),
        };
        let mut metrics: Vec<&str> = alarm.queries().iter().map(|query| query.spec.name).collect();
        metrics.sort_unstable();
        metrics.dedup();
        // An alarm over others fires with any of them, at once.
        Listed {
            name: alarm.name,
            pool: pool.map(str::to_owned),
            title: alarm.title,
            severity: alarm.severity,
            scope: alarm.scope,
            part_of: alarm.part_of,
            expression,
            comparison: condition.map_or(Relation::AtLeast, |c| c.relation).sign(),
            threshold: condition.map_or(1.0, |c| c.threshold),
            unit: condition.map_or("alarms", |c| c.unit),
            period_secs: condition.map_or(60, |c| c.period.as_secs()),
            short_period_secs: condition
                .and_then(|c| c.short.as_ref())
                .map(|short| short.period.as_secs()),
            periods: condition.map_or(1, |c| c.periods),
            datapoints_to_alarm: condition.map_or(1, |c| c.datapoints_to_alarm),
            missing_data: condition.map_or("notBreaching", |c| c.missing.as_str()),
            metrics,
            meaning: alarm.meaning,
            causes: alarm.causes,
            remedy: alarm.remedy,
            runbook: crate::runbooks::place(alarm.name, base_url),
        }
    }
}
