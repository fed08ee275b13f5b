//! Runners at GitHub: registered while their instance waits at its hook, taken away before it ends.
//!
//! A runner bears the id of its instance. What it is started with lies in a parameter that only that
//! instance may read, and which it deletes. Each step may come twice: a name that is taken was
//! registered by an earlier try, whose parameter is looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::{Aws, CallError, Instances, Parameters, Runners};
use client::{Client, Limits, Roots};
use github::{
    AppKey, Credentials, Deregistered, GitHub, GitHubError, JitConfig, KeyError, Registered, Why,
};
use model::{InstanceId, Timestamp};
use scaler::ports::Trouble;

use crate::settings::{GitHubSettings, ScaledPool};

/// Where instances look for what they are to run.
const PLACE: &str = "/headroom/runners";

/// The tag that names the one instance that may read a parameter, as its role asks for.
const TAG: &str = "headroom:instance";

/// The group that GitHub puts runners into of which nobody says otherwise.
const DEFAULT_GROUP: u64 = 1;

/// GitHub is waited for no longer than a look lasts.
const LIMITS: Limits = Limits { connect: Duration::from_secs(2), whole: Duration::from_secs(6) };

/// A parameter or a runner without an instance is left alone for so long: its instance may just have
/// been launched.
const LEFT_ALONE: Duration = Duration::from_mins(15);

/// Why a runner is not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// GitHub did not do it.
    #[error(transparent)]
    GitHub(#[from] GitHubError),
    /// AWS did not do it.
    #[error(transparent)]
    Aws(#[from] CallError),
    /// The App's key is not where it should be.
    #[error("the parameter {0} that should hold the App's private key is not there")]
    NoKey(String),
    /// The App's key cannot be used.
    #[error("the parameter {0}: {1}")]
    Key(String, KeyError),
    /// The pool's runner group is not there.
    #[error("the organisation has no runner group {0:?}")]
    NoGroup(String),
    /// The name is taken again and again.
    #[error("another runner has the name {0}")]
    NameTaken(InstanceId),
}

/// Registers and deregisters. Clones share what they know.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Mutex<Office>>,
    parameters: Parameters,
    clock: fn() -> Timestamp,
}

struct Office {
    settings: GitHubSettings,
    parameters: Parameters,
    instances: Instances,
    github: Option<GitHub>,
    /// Numbers of runner groups by name.
    groups: Option<BTreeMap<String, u64>>,
    /// Runners without an instance, and since when.
    orphans: BTreeMap<u64, Timestamp>,
}

impl Registry {
    /// Nobody is asked yet.
    pub fn new(settings: GitHubSettings, aws: &Aws, clock: fn() -> Timestamp) -> Self {
        let parameters = Parameters::of(aws);
        let office = Office {
            settings,
            parameters: parameters.clone(),
            instances: Instances::of(aws),
            github: None,
            groups: None,
            orphans: BTreeMap::new(),
        };
        Registry { shared: Arc::new(Mutex::new(office)), parameters, clock }
    }

    /// Has a runner ready for an instance, whose agent finds it. `false`: an earlier try did that.
    ///
    /// # Errors
    /// When GitHub or AWS do not do what is asked; it may be tried again.
    pub fn register(
        &self,
        pool: &ScaledPool,
        id: &InstanceId,
        arn: &str,
    ) -> Result<bool, RegistrationError> {
        let place = config_of(id);
        let registered = self.office(|office, now| office.register(pool, id, &place, now))?;
        let Some(config) = registered else { return Ok(false) };
        self.parameters.put(&place, &config.encoded, &[(TAG, arn)])?;
        Ok(true)
    }

    /// Notes that an instance is to tell when it is prepared for the warm pool.
    ///
    /// # Errors
    /// When AWS does not keep it.
    pub fn warms(&self, id: &InstanceId, arn: &str) -> Result<(), RegistrationError> {
        let place = warming_of(id);
        // To replace it would delete it first, which says that the instance is prepared.
        if self.parameters.is_there(&place)? {
            return Ok(());
        }
        Ok(self.parameters.put(&place, "delete me when you are prepared", &[(TAG, arn)])?)
    }

    /// An instance ends: nothing is kept for it, and its runner is not there.
    ///
    /// # Errors
    /// When GitHub or AWS do not do what is asked.
    pub fn forget(&self, id: &InstanceId) -> Result<(), RegistrationError> {
        self.parameters.delete(&config_of(id))?;
        self.parameters.delete(&warming_of(id))?;
        self.office(|office, now| office.deregister(id, now)).map(drop)
    }

    /// Takes away parameters and runners that have had no instance for a while: how many of each.
    ///
    /// # Errors
    /// When GitHub or AWS do not say what there is.
    pub fn tidy(&self) -> Result<(usize, usize), RegistrationError> {
        self.office(Office::tidy)
    }

    fn office<T>(
        &self,
        work: impl FnOnce(&mut Office, Timestamp) -> Result<T, RegistrationError>,
    ) -> Result<T, RegistrationError> {
        let mut office = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let done = work(&mut office, (self.clock)());
        if let Err(RegistrationError::GitHub(GitHubError {
            why: Why::Credentials { .. }, ..
        })) = &done
        {
            // The key may have been exchanged: the next call reads it again.
            office.github = None;
        }
        done
    }
}

impl Runners for Registry {
    fn deregister(&self, id: &InstanceId) -> Result<bool, Trouble> {
        let gone = self.office(|office, now| office.deregister(id, now));
        let gone = gone.map_err(|error| Trouble::new("deregistering a runner", error))?;
        Ok(gone != Deregistered::Busy)
    }
}

impl Office {
    fn github(&mut self) -> Result<&mut GitHub, RegistrationError> {
        if self.github.is_none() {
            let GitHubSettings { app_id, installation_id, private_key, .. } = &self.settings;
            let pem = self.parameters.secret(private_key)?;
            let pem = pem.ok_or_else(|| RegistrationError::NoKey(private_key.clone()))?;
            let key = AppKey::new(app_id, pem.as_bytes())
                .map_err(|error| RegistrationError::Key(private_key.clone(), error))?;
            let who = Credentials::App { key, installation: *installation_id };
            let client = Client::new(LIMITS, &Roots::default());
            let address = self.settings.address().expect("it was read with the settings");
            let owner = self.settings.owner().expect("it was read with the settings");
            self.github = Some(GitHub::new(client, address, who, owner));
        }
        Ok(self.github.as_mut().expect("it was just made"))
    }

    /// `None`: an earlier try registered it, and its instance has what it needs.
    fn register(
        &mut self,
        pool: &ScaledPool,
        id: &InstanceId,
        place: &str,
        now: Timestamp,
    ) -> Result<Option<JitConfig>, RegistrationError> {
        let group = self.group(pool, now)?;
        let register = |github: &mut GitHub| github.register(&id.0, &pool.labels, Some(group), now);
        if let Registered::As(config) = register(self.github()?)? {
            return Ok(Some(config));
        }
        // One that is online was started with what its agent took, and may get a job at any moment.
        let is_done = self.parameters.is_there(place)?
            || self.github()?.runner_named(&id.0, now)?.is_some_and(|runner| runner.is_online)
            || self.deregister(id, now)? == Deregistered::Busy;
        if is_done {
            return Ok(None);
        }
        match register(self.github()?)? {
            Registered::As(config) => Ok(Some(config)),
            Registered::NameTaken => Err(RegistrationError::NameTaken(id.clone())),
        }
    }

    fn group(&mut self, pool: &ScaledPool, now: Timestamp) -> Result<u64, RegistrationError> {
        let Some(name) = &pool.runner_group else { return Ok(DEFAULT_GROUP) };
        if self.groups.is_none() {
            let groups = self.github()?.runner_groups(now)?;
            self.groups = Some(groups.into_iter().map(|group| (group.name, group.id)).collect());
        }
        let found = self.groups.as_ref().and_then(|groups| groups.get(name).copied());
        if found.is_none() {
            // It may be made meanwhile.
            self.groups = None;
        }
        found.ok_or_else(|| RegistrationError::NoGroup(name.clone()))
    }

    fn deregister(
        &mut self,
        id: &InstanceId,
        now: Timestamp,
    ) -> Result<Deregistered, RegistrationError> {
        let github = self.github()?;
        match github.runner_named(&id.0, now)? {
            Some(runner) => Ok(github.deregister(runner.id, now)?),
            None => Ok(Deregistered::NotThere),
        }
    }

    fn tidy(&mut self, now: Timestamp) -> Result<(usize, usize), RegistrationError> {
        let mut parameters = 0;
        for (name, at) in self.parameters.below(PLACE)? {
            let is_old = at.is_some_and(|at| now.saturating_since(at) >= LEFT_ALONE);
            let Some(id) = instance_of(&name).filter(|_| is_old) else { continue };
            if self.instances.group_of(&id)?.is_none() {
                parameters += usize::from(self.parameters.delete(&name)?);
            }
        }
        let mut lost = BTreeSet::new();
        for runner in self.github()?.runners(now)? {
            let is_ours = !runner.is_online && is_instance(&runner.name);
            if is_ours && self.instances.group_of(&InstanceId(runner.name.clone()))?.is_none() {
                lost.insert(runner.id);
            }
        }
        self.orphans.retain(|id, _| lost.contains(id));
        let mut runners = 0;
        for id in lost {
            let since = *self.orphans.entry(id).or_insert(now);
            if now.saturating_since(since) >= LEFT_ALONE {
                runners += usize::from(self.github()?.deregister(id, now)? == Deregistered::Gone);
            }
        }
        Ok((parameters, runners))
    }
}

fn config_of(id: &InstanceId) -> String {
    format!("{PLACE}/{id}/config")
}

fn warming_of(id: &InstanceId) -> String {
    format!("{PLACE}/{id}/warming")
}

/// The instance that a parameter is for.
fn instance_of(name: &str) -> Option<InstanceId> {
    let (id, _) = name.strip_prefix(PLACE)?.strip_prefix('/')?.split_once('/')?;
    is_instance(id).then(|| InstanceId(id.to_owned()))
}

/// The instance whose preparation for the warm pool is told by the end of that parameter.
pub(crate) fn prepared(name: &str) -> Option<InstanceId> {
    instance_of(name).filter(|id| warming_of(id) == name)
}

/// Whether a name is the id of an instance.
fn is_instance(name: &str) -> bool {
    let digits = name.strip_prefix("i-").unwrap_or_default();
    (8..=17).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_warming_tells_that_an_instance_is_prepared() {
        let id = InstanceId("i-0123456789abcdef0".into());
        assert_eq!(prepared(&warming_of(&id)), Some(id.clone()));
        for other in [config_of(&id), "/headroom/runners/i-1/warming".into(), "/x".into()] {
            assert_eq!(prepared(&other), None, "{other}");
        }
        assert_eq!(instance_of(&config_of(&id)), Some(id));
    }
}
