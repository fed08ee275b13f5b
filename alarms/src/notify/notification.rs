//! What a target is told: one message about one or more incidents.
//!
//! Its JSON is what webhooks get, so its fields are a promise: new ones may come, those that are
//! there keep their names and meanings, or [`VERSION`] rises. Instants are RFC 3339 in UTC, lengths
//! are seconds.

use std::collections::BTreeMap;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use super::incident::{Ongoing, Said};
use super::notifier::rank;
use crate::{Alarm, Severity, State};

/// The version of the JSON.
pub const VERSION: u32 = 1;

/// Incidents in one message; further ones are counted. Slack shows 20 attachments, and nobody reads
/// more.
pub const INCIDENTS_MAX: usize = 20;

/// Why something is told of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// It began.
    Began,
    /// It got more severe.
    Worse,
    /// It lasts.
    Lasts,
    /// It is over.
    Over,
}

/// One message to one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// [`VERSION`].
    pub version: u32,
    /// Distinct among all notifications; the same at each attempt to deliver it.
    pub id: String,
    /// The target's name.
    pub target: String,
    /// When it was made.
    pub at: Timestamp,
    /// Whether it only shows what a message looks like.
    pub is_sample: bool,
    /// All of it in one line.
    pub headline: String,
    /// The most urgent first, at most [`INCIDENTS_MAX`].
    pub incidents: Vec<Report>,
    /// Incidents that are not listed.
    pub omitted: u32,
}

/// What is told of one incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Why it is told.
    pub told: Told,
    /// The pool; none: the whole fleet.
    pub pool: Option<String>,
    /// The highest severity of what is wrong; of an incident that is over, of what was.
    pub severity: Severity,
    /// Since when.
    pub since: Timestamp,
    /// Until when, if it is over.
    pub until: Option<Timestamp>,
    /// How long it lasted, or has lasted so far.
    pub lasted_secs: u64,
    /// How often it went away and came back.
    pub returns: u32,
    /// Its alarms, the most urgent first.
    pub alarms: Vec<AlarmReport>,
    /// What it did to jobs, once it is over.
    pub impact: Option<Impact>,
    /// Where its figures are shown.
    pub dashboard_url: String,
}

/// One alarm of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlarmReport {
    /// Its name, such as `pool-exhausted`.
    pub name: String,
    /// Whom it concerns.
    pub severity: Severity,
    /// What it is called.
    pub title: String,
    /// How it stands.
    pub state: State,
    /// When it fired first.
    pub since: Timestamp,
    /// What was counted when it fired first.
    pub then: Said,
    /// What is counted now.
    pub now: Said,
    /// What it means.
    pub meaning: String,
    /// When it fires, in words.
    pub condition: String,
    /// Likely causes, the likeliest first.
    pub causes: Vec<String>,
    /// What to do, the first thing first.
    pub actions: Vec<String>,
    /// What Headroom does about it by itself, or does not.
    pub note: Option<String>,
    /// The page that says more.
    pub runbook_url: String,
}

/// What an incident did to jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impact {
    /// Jobs that got a runner meanwhile.
    pub jobs_started: u64,
    /// Half of them waited longer.
    pub wait_p50_secs: Option<u64>,
    /// The longest wait among them.
    pub wait_max_secs: Option<u64>,
    /// Jobs that wait still.
    pub jobs_waiting: u64,
}

/// What a draft lacks. Incidents are named by pool; that of the fleet is the empty text.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What each alarm means, by name.
    pub alarms: BTreeMap<String, Alarm>,
    /// What is counted now, by alarm and pool.
    pub now: BTreeMap<(String, String), Said>,
    /// What Headroom does about it, by alarm and pool.
    pub notes: BTreeMap<(String, String), String>,
    /// Of incidents that are over.
    pub impacts: BTreeMap<String, Impact>,
}

/// Where people look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// The address of the page, without a slash at its end.
    pub page: String,
}

/// What a target is to be told, before it is put into words.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The target's name.
    pub target: String,
    at: Timestamp,
    items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) told: Told,
    pub(super) pool: Option<String>,
    pub(super) severity: Severity,
    pub(super) since: Timestamp,
    pub(super) until: Option<Timestamp>,
    pub(super) returns: u32,
    pub(super) alarms: Vec<(String, Ongoing)>,
}

impl Draft {
    pub(super) fn new(target: &str, at: Timestamp, mut items: Vec<Item>) -> Self {
        let urgency = |item: &Item| (item.told != Told::Over, rank(item.severity));
        items.sort_by_key(|item| std::cmp::Reverse(urgency(item)));
        Draft { target: target.to_owned(), at, items }
    }

    /// Incidents that are over: their pool, since when and until when.
    pub fn over(&self) -> impl Iterator<Item = (Option<&str>, Timestamp, Timestamp)> {
        let over = |item: &'_ Item| item.until.map(|until| (item.since, until));
        self.items.iter().filter_map(move |item| {
            over(item).map(|(since, until)| (item.pool.as_deref(), since, until))
        })
    }

    /// Its alarms: name and pool.
    pub fn alarms(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.items.iter().flat_map(|item| {
            item.alarms.iter().map(|(name, _)| (name.as_str(), item.pool.as_deref()))
        })
    }

    /// Puts it into words.
    pub fn finish(self, id: String, facts: &Facts, links: &Links) -> Notification {
        let all = self.items.len();
        let at = self.at;
        let listed = self.items.into_iter().take(INCIDENTS_MAX);
        let incidents: Vec<Report> = listed.map(|item| report(item, at, facts, links)).collect();
        let omitted = u32::try_from(all - incidents.len()).unwrap_or(u32::MAX);
        Notification {
            version: VERSION,
            id,
            target: self.target,
            at,
            is_sample: false,
            headline: super::plain::headline(&incidents, omitted),
            incidents,
            omitted,
        }
    }
}

fn report(item: Item, at: Timestamp, facts: &Facts, links: &Links) -> Report {
    let scope = item.pool.clone().unwrap_or_default();
    let mut alarms: Vec<AlarmReport> =
        item.alarms.into_iter().map(|alarm| alarm_report(alarm, &scope, facts, links)).collect();
    alarms.sort_by_key(|alarm| (alarm.state == State::Ok, std::cmp::Reverse(rank(alarm.severity))));
    Report {
        told: item.told,
        severity: item.severity,
        since: item.since,
        until: item.until,
        lasted_secs: item.until.unwrap_or(at).saturating_since(item.since).as_secs(),
        returns: item.returns,
        alarms,
        impact: facts.impacts.get(&scope).copied().filter(|_| item.told == Told::Over),
        dashboard_url: links.dashboard(item.pool.as_deref()),
        pool: item.pool,
    }
}

fn alarm_report(
    (name, ongoing): (String, Ongoing),
    scope: &str,
    facts: &Facts,
    links: &Links,
) -> AlarmReport {
    let alarm = facts.alarms.get(&name);
    let told = |text: fn(&Alarm) -> &'static str| alarm.map_or("", text).to_owned();
    let list = |lines: fn(&Alarm) -> &'static [&'static str]| {
        alarm.map_or(&[][..], lines).iter().map(|line| (*line).to_owned()).collect()
    };
    let key = (name.clone(), scope.to_owned());
    AlarmReport {
        title: told(|alarm| alarm.title),
        severity: ongoing.severity,
        state: ongoing.state,
        since: ongoing.fired_at,
        then: ongoing.then,
        now: facts.now.get(&key).cloned().unwrap_or(ongoing.now),
        meaning: told(|alarm| alarm.meaning),
        condition: alarm.map_or_else(String::new, Alarm::when),
        causes: list(|alarm| alarm.causes),
        actions: list(|alarm| alarm.remedy),
        note: facts.notes.get(&key).cloned().filter(|_| ongoing.state != State::Ok),
        runbook_url: links.runbook(&name),
        name,
    }
}

impl Links {
    /// Of the page at this address.
    pub fn to(page: &str) -> Self {
        Links { page: page.trim_end_matches('/').to_owned() }
    }

    /// Where the figures of a pool, or of the fleet, are shown.
    pub fn dashboard(&self, pool: Option<&str>) -> String {
        match pool {
            Some(pool) => format!("{}/?pool={}", self.page, encoded(pool)),
            None => format!("{}/", self.page),
        }
    }

    /// The page about an alarm.
    pub fn runbook(&self, alarm: &str) -> String {
        format!("{}/runbooks/{}", self.page, encoded(alarm))
    }
}

/// A text as part of an address.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
