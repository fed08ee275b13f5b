//! Decides who is told of what and when. It keeps what each target was told, as a value that
//! outlives the process.

use std::collections::BTreeMap;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use super::incident::Incident;
use super::notification::{Draft, Item, Told};
use super::policy::{COMES_BACK, Policy};
use crate::{Severity, Transition};

/// What a notifier goes on with after a restart. Incidents are named by their pool; that of the
/// fleet by the empty text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    incidents: BTreeMap<String, Incident>,
    /// By target and pool.
    threads: BTreeMap<String, BTreeMap<String, Thread>>,
}

/// What one target was told of one incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Thread {
    began_at: Timestamp,
    /// When it was told of last, and the highest severity then.
    told: Option<(Timestamp, Severity)>,
    calm_since: Option<Timestamp>,
    /// When its end was told.
    closed_at: Option<Timestamp>,
    /// How often it came back.
    returns: u32,
}

/// Tells targets of incidents.
#[derive(Clone, Debug)]
pub struct Notifier {
    policy: Policy,
    memory: Memory,
}

impl Notifier {
    /// One that goes on with what it knew.
    pub fn new(policy: Policy, mut memory: Memory) -> Self {
        memory.threads.retain(|target, _| policy.targets.contains_key(target));
        Notifier { policy, memory }
    }

    /// How people want to be told.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What it is to go on with after a restart.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Takes changes in, in order of time, and says what is to be told now: at most one draft for
    /// each target. Alarms over alarms are no news beside their parts, and are to be left out.
    pub fn step(&mut self, changes: &[Transition], now: Timestamp) -> Vec<Draft> {
        for change in changes {
            let scope = change.pool.clone().unwrap_or_default();
            self.memory.incidents.entry(scope).or_default().take(change);
        }
        let targets: Vec<String> = self.policy.targets.keys().cloned().collect();
        let drafts = targets.iter().filter_map(|target| self.tell(target, now)).collect();
        self.forget(now);
        drafts
    }

    /// When the passing of time alone may ask for a message.
    pub fn next_at(&self) -> Option<Timestamp> {
        let threads = self.memory.threads.values().flat_map(BTreeMap::values);
        threads.map(|thread| thread.next_at(&self.policy)).min()
    }

    fn tell(&mut self, target: &str, now: Timestamp) -> Option<Draft> {
        let mut items = Vec::new();
        let mut is_due = false;
        for (scope, incident) in &self.memory.incidents {
            let tells = |severity| self.policy.tells(target, severity);
            let view = View::of(incident, tells);
            let threads = self.memory.threads.entry(target.to_owned()).or_default();
            let Some(thread) = thread(threads, scope, &view, now) else { continue };
            thread.see(&view);
            if let Some(told) = thread.what(&view, &self.policy, now) {
                is_due |= thread.is_due(told, &self.policy, now);
                items.push((scope.clone(), told));
            }
        }
        if !is_due {
            return None;
        }
        let items = items.into_iter().map(|(scope, told)| self.item(target, &scope, told, now));
        let items = items.collect::<Option<Vec<_>>>()?;
        Some(Draft::new(target, now, items))
    }

    /// Notes that a target is told, and gives what it is told.
    fn item(&mut self, target: &str, scope: &str, told: Told, now: Timestamp) -> Option<Item> {
        let incident = self.memory.incidents.get(scope)?;
        let view = View::of(incident, |severity| self.policy.tells(target, severity));
        let thread = self.memory.threads.get_mut(target)?.get_mut(scope)?;
        let severity = match told {
            Told::Over => thread.told.map_or(Severity::Info, |(_, severity)| severity),
            _ => view.worst.unwrap_or(Severity::Info),
        };
        let until = thread.calm_since.filter(|_| told == Told::Over);
        let item = Item {
            told,
            pool: Some(scope.to_owned()).filter(|pool| !pool.is_empty()),
            severity,
            since: thread.began_at,
            until,
            returns: thread.returns,
            alarms: incident
                .relevant(|severity| self.policy.tells(target, severity))
                .map(|(name, ongoing)| (name.to_owned(), ongoing.clone()))
                .collect(),
        };
        match told {
            Told::Over => thread.closed_at = Some(now),
            _ => thread.told = Some((now, severity)),
        }
        Some(item)
    }

    /// Lets go of incidents that are over and of which nobody is still to be told.
    fn forget(&mut self, now: Timestamp) {
        let Memory { incidents, threads } = &mut self.memory;
        for threads in threads.values_mut() {
            threads.retain(|scope, thread| {
                let is_old = thread
                    .closed_at
                    .is_some_and(|closed| now.saturating_since(closed) >= COMES_BACK);
                // An incident that was over before anybody was told of it.
                let is_missed = thread.told.is_none() && thread.calm_since.is_some();
                let is_known = incidents.contains_key(scope);
                is_known && !is_old && !is_missed
            });
        }
        incidents.retain(|scope, incident| {
            let is_followed = threads.values().any(|threads| threads.contains_key(scope));
            is_followed || incident.relevant(|_| true).any(|(_, ongoing)| ongoing.is_open())
        });
        for (scope, incident) in incidents.iter_mut() {
            let open_threads = threads.values().filter_map(|threads| threads.get(scope));
            if open_threads.clone().all(|thread| thread.closed_at.is_some()) {
                incident.alarms.retain(|_, ongoing| ongoing.is_open());
            }
        }
    }
}

/// An incident as one target sees it.
struct View {
    /// The highest severity among what is open; none: all is calm.
    worst: Option<Severity>,
    began_at: Option<Timestamp>,
    calm_since: Option<Timestamp>,
}

impl View {
    fn of(incident: &Incident, tells: impl Fn(Severity) -> bool) -> View {
        let mut view = View { worst: None, began_at: None, calm_since: None };
        for (_, ongoing) in incident.relevant(tells) {
            if ongoing.is_open() {
                let worse = view.worst.is_none_or(|worst| rank(ongoing.severity) > rank(worst));
                view.worst = if worse { Some(ongoing.severity) } else { view.worst };
                let began_at = view.began_at.unwrap_or(ongoing.fired_at);
                view.began_at = Some(began_at.min(ongoing.fired_at));
            }
            view.calm_since = view.calm_since.max(Some(ongoing.changed_at));
        }
        view
    }
}

/// The higher, the more urgent.
pub(super) fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Page => 2,
        Severity::Ticket => 1,
        Severity::Info => 0,
    }
}

/// What a target knows of an incident; begun where it fires, and begun anew where it comes back.
fn thread<'a>(
    threads: &'a mut BTreeMap<String, Thread>,
    scope: &str,
    view: &View,
    now: Timestamp,
) -> Option<&'a mut Thread> {
    let began_at = view.began_at.map(|at| at.min(now));
    let is_closed = threads.get(scope).is_some_and(|thread| thread.closed_at.is_some());
    match (threads.contains_key(scope), is_closed, began_at) {
        (false, _, None) | (true, true, None) => None,
        (true, false, _) => threads.get_mut(scope),
        (_, _, Some(began_at)) => {
            let returns = threads.get(scope).map_or(0, |thread| thread.returns + 1);
            let thread =
                Thread { began_at, told: None, calm_since: None, closed_at: None, returns };
            threads.insert(scope.to_owned(), thread);
            threads.get_mut(scope)
        }
    }
}

impl Thread {
    /// Notes whether all is calm.
    fn see(&mut self, view: &View) {
        match view.worst {
            Some(_) if self.calm_since.take().is_some() => self.returns += 1,
            Some(_) => {}
            None => self.calm_since = self.calm_since.or(view.calm_since),
        }
    }

    /// What there is to tell, if anything.
    fn what(&self, view: &View, policy: &Policy, now: Timestamp) -> Option<Told> {
        match (view.worst, self.told) {
            (Some(_), None) => Some(Told::Began),
            (Some(worst), Some((_, told))) if rank(worst) > rank(told) => Some(Told::Worse),
            (Some(_), Some((at, _))) => {
                (now.saturating_since(at) >= policy.repeat).then_some(Told::Lasts)
            }
            (None, Some(_)) => {
                let since = self.calm_since?;
                let calm = policy.calm_after(self.returns);
                (now.saturating_since(since) >= calm).then_some(Told::Over)
            }
            (None, None) => None,
        }
    }

    /// Whether it is to be told now, or only along with something else.
    fn is_due(&self, told: Told, policy: &Policy, now: Timestamp) -> bool {
        match told {
            Told::Began => now.saturating_since(self.began_at) >= policy.group,
            Told::Worse | Told::Lasts | Told::Over => true,
        }
    }

    fn next_at(&self, policy: &Policy) -> Timestamp {
        match (self.closed_at, self.calm_since, self.told) {
            (Some(closed), _, _) => closed.plus(COMES_BACK),
            (None, Some(since), _) => since.plus(policy.calm_after(self.returns)),
            (None, None, Some((at, _))) => at.plus(policy.repeat),
            (None, None, None) => self.began_at.plus(policy.group),
        }
    }
}
