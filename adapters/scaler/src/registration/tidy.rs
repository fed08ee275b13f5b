//! What instances left behind: parameters and runners whose instance is gone without a word.

use std::collections::BTreeSet;
use std::time::Duration;

use aws::Instances;
use github::Deregistered;
use model::{InstanceId, Timestamp};

use super::names::{PLACE, instance_of, is_instance};
use super::{Office, RegistrationError};

/// A parameter or a runner without an instance is left alone for so long: its instance may just have
/// been launched.
pub const LEFT_ALONE: Duration = Duration::from_mins(15);

/// Between two looks at what instances left behind.
pub const TIDY_EVERY: Duration = Duration::from_mins(5);

/// What came of a look at what instances left behind.
#[derive(Debug, Default)]
pub struct Tidied {
    /// Parameters that were deleted.
    pub parameters: usize,
    /// Runners that were deregistered.
    pub runners: usize,
    /// What could not be done; the rest was.
    pub failed: Vec<RegistrationError>,
}

impl Tidied {
    fn noted<T, E: Into<RegistrationError>>(&mut self, done: Result<T, E>) -> Option<T> {
        done.map_err(|error| self.failed.push(error.into())).ok()
    }
}

impl Office {
    pub(super) fn tidy(&mut self, now: Timestamp) -> Tidied {
        let mut tidied = Tidied::default();
        let old = tidied.noted(self.old_parameters(now)).unwrap_or_default();
        let offline = tidied.noted(self.offline_runners(now));
        let of_runners = offline.iter().flatten().map(|(_, id)| id);
        let ids: BTreeSet<&InstanceId> = old.iter().map(|(_, id)| id).chain(of_runners).collect();
        let gone = self.without_group(ids, &mut tidied);
        for (name, _) in old.iter().filter(|(_, id)| gone.contains(id)) {
            let deleted = tidied.noted(self.parameters.delete(name));
            tidied.parameters += usize::from(deleted == Some(true));
        }
        if let Some(offline) = offline {
            self.tidy_runners(&offline, &gone, now, &mut tidied);
        }
        tidied
    }

    /// Those that lie there for long, and for whom.
    fn old_parameters(
        &self,
        now: Timestamp,
    ) -> Result<Vec<(String, InstanceId)>, RegistrationError> {
        let all = self.parameters.below(PLACE)?;
        let old = all.into_iter().filter_map(|(name, at)| {
            let is_old = now.saturating_since(at?) >= LEFT_ALONE;
            let id = instance_of(&name).filter(|_| is_old)?;
            Some((name, id))
        });
        Ok(old.collect())
    }

    /// Runners of instances that are not connected. Those that are, are kept in mind.
    fn offline_runners(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<(u64, InstanceId)>, RegistrationError> {
        let all = self.ask(now, |github| github.all(now))?;
        let (online, offline): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.is_online);
        self.connected = Some((now, online.into_iter().map(|one| one.name).collect()));
        let offline = offline.into_iter().filter(|one| is_instance(&one.name));
        Ok(offline.map(|one| (one.id, InstanceId(one.name))).collect())
    }

    /// Those that are surely in no group.
    fn without_group(
        &self,
        ids: BTreeSet<&InstanceId>,
        tidied: &mut Tidied,
    ) -> BTreeSet<InstanceId> {
        let ids: Vec<InstanceId> = ids.into_iter().cloned().collect();
        let mut gone = BTreeSet::new();
        for some in ids.chunks(Instances::ASKED_MAX) {
            let Some(groups) = tidied.noted(self.instances.groups_of(some)) else { continue };
            gone.extend(some.iter().filter(|id| !groups.contains_key(*id)).cloned());
        }
        gone
    }

    fn tidy_runners(
        &mut self,
        offline: &[(u64, InstanceId)],
        gone: &BTreeSet<InstanceId>,
        now: Timestamp,
        tidied: &mut Tidied,
    ) {
        let orphans = offline.iter().filter(|(_, id)| gone.contains(id));
        let orphans: BTreeSet<u64> = orphans.map(|(number, _)| *number).collect();
        self.orphans.retain(|number, _| orphans.contains(number));
        for number in orphans {
            let since = *self.orphans.entry(number).or_insert(now);
            if now.saturating_since(since) >= LEFT_ALONE {
                let done = self.ask(now, |github| github.deregister(number, now));
                tidied.runners += usize::from(tidied.noted(done) == Some(Deregistered::Gone));
            }
        }
    }
}
