//! What an alarm is: what it watches, when it fires, and what it says to people.

use std::fmt;
use std::time::Duration;

use model::expr::Relation;
use model::{Dimension, Expr, Query};
use serde::{Deserialize, Serialize};

/// One alarm, for the fleet or for each pool.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Its name in every rendering and in the configuration: `pool-exhausted`.
    pub name: &'static str,
    /// What it is called: `Pool exhausted`.
    pub title: &'static str,
    /// Whom it concerns.
    pub severity: Severity,
    /// Whether there is one for each pool.
    pub scope: Scope,
    /// What it watches.
    pub watch: Watch,
    /// The alarm that tells of this one, so that one incident is told once.
    pub part_of: Option<&'static str>,
    /// What it means when it fires, in a sentence or two.
    pub meaning: &'static str,
    /// Likely causes, the likeliest first.
    pub causes: &'static [&'static str],
    /// What to do, the first thing first.
    pub remedy: &'static [&'static str],
}

/// Whom an alarm concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Whoever is on call, now.
    Page,
    /// Whoever works on it next.
    Ticket,
    /// Whoever looks.
    Info,
}

/// For what there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Each pool.
    Pool,
    /// All pools together.
    Fleet,
}

/// What an alarm watches.
#[derive(Clone, Debug, PartialEq)]
pub enum Watch {
    /// A value that is compared with a threshold.
    Metric(Condition),
    /// Other alarms of the same pool: it fires while any of them does.
    AnyOf(Vec<&'static str>),
}

/// When a value makes an alarm fire.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The value of a period. Of an alarm for each pool its queries name no pool yet.
    pub expr: Expr,
    /// How a value that breaches compares with the threshold.
    pub relation: Relation,
    /// What a value is compared with.
    pub threshold: f64,
    /// What the value counts, such as `s` or `jobs`; empty for a condition that holds or not.
    pub unit: &'static str,
    /// The length of a period, whole minutes. Periods are counted back from the present.
    pub period: Duration,
    /// Of so many periods ..
    pub periods: u32,
    /// .. so many must breach.
    pub datapoints_to_alarm: u32,
    /// What a period without value means.
    pub missing: Missing,
    /// The newest part of a long period, in which it must breach as well.
    pub short: Option<Short>,
    /// Figures for whoever is told, over the last period.
    pub shows: Vec<Shown>,
}

/// The newest part of a long period. Only while its value breaches too does the alarm fire, so it
/// ceases soon after its cause and not only when the long period has forgotten it.
/// <https://sre.google/workbook/alerting-on-slos/> (6: multiwindow, multi-burn-rate alerts)
#[derive(Clone, Debug, PartialEq)]
pub struct Short {
    /// The value over the part; it is never missing.
    pub expr: Expr,
    /// The length of the part, whole minutes.
    pub period: Duration,
}

/// What a period without value means.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Missing {
    /// Nothing is known: with too little else the alarm has insufficient data.
    Missing,
    /// All is well.
    NotBreaching,
    /// The same as a value that breaches.
    Breaching,
    /// The state stays as it is.
    Ignore,
}

/// A figure that a notification shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What it is: `jobs waiting`.
    pub label: &'static str,
    /// Where it comes from.
    pub query: Query,
}

impl Severity {
    /// The word in configuration, tables and labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Page => "page",
            Severity::Ticket => "ticket",
            Severity::Info => "info",
        }
    }
}

impl Missing {
    /// CloudWatch's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Missing::Missing => "missing",
            Missing::NotBreaching => "notBreaching",
            Missing::Breaching => "breaching",
            Missing::Ignore => "ignore",
        }
    }
}

impl Alarm {
    /// What it watches, of an alarm that watches a value.
    pub fn condition(&self) -> Option<&Condition> {
        match &self.watch {
            Watch::Metric(condition) => Some(condition),
            Watch::AnyOf(_) => None,
        }
    }

    /// When it fires, in words.
    pub fn when(&self) -> String {
        match &self.watch {
            Watch::Metric(condition) => condition.to_string(),
            Watch::AnyOf(names) => format!("any of {}", names.join(", ")),
        }
    }

    /// Every metric that it reads.
    pub fn queries(&self) -> Vec<&Query> {
        let Some(condition) = self.condition() else { return Vec::new() };
        let short = condition.short.iter().flat_map(|short| short.expr.queries());
        let shown = condition.shows.iter().map(|shown| &shown.query);
        condition.expr.queries().into_iter().chain(short).chain(shown).collect()
    }
}

impl Condition {
    /// The same for one pool.
    pub fn of_pool(&self, pool: &str) -> Condition {
        let shown = |shown: &Shown| Shown {
            query: shown.query.clone().of(Dimension::Pool, pool),
            ..shown.clone()
        };
        let short = |short: &Short| Short {
            expr: short.expr.clone().of(Dimension::Pool, pool),
            ..short.clone()
        };
        Condition {
            expr: self.expr.clone().of(Dimension::Pool, pool),
            short: self.short.as_ref().map(short),
            shows: self.shows.iter().map(shown).collect(),
            ..self.clone()
        }
    }

    /// Whether a value breaches.
    pub fn breaches(&self, value: f64) -> bool {
        self.relation.holds(value, self.threshold)
    }
}

impl fmt::Display for Condition {
    /// `OldestWaitingAge max > 1800 s in 2 of 3 minutes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Condition { expr, relation, threshold, unit, .. } = self;
        // A condition that holds is 1: that says nothing to a reader.
        match unit.is_empty() && expr.is_condition() {
            true => write!(f, "{expr}")?,
            false => write!(f, "{expr} {} {threshold}", relation.sign())?,
        }
        if !unit.is_empty() {
            write!(f, " {unit}")?;
        }
        let minutes = self.period.as_secs() / 60;
        let (m, n) = (self.datapoints_to_alarm, self.periods);
        match (minutes, n) {
            (1, 1) => f.write_str(" in the last minute"),
            (1, _) => write!(f, " in {m} of {n} minutes"),
            (_, 1) => write!(f, " in the last {minutes} minutes"),
            _ => write!(f, " in {m} of {n} periods of {minutes} minutes"),
        }?;
        match &self.short {
            Some(short) => write!(f, ", also in the last {}", short.period.as_secs() / 60),
            None => Ok(()),
        }
    }
}
