//! Runners at GitHub: registered while their instance waits at its hook, taken away before it ends.
//!
//! A runner bears the id of its instance. What it is started with lies in a parameter that only that
//! instance may read, and which it deletes. Each step may come twice: a name that is taken was
//! registered by an earlier try, whose parameter is looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws::{Aws, CallError, Runners};
use github::{Deregistered, GitHubError, JitConfig, KeyError, Registered};
use model::{InstanceId, Timestamp};
use scaler::ports::Trouble;

use crate::ports::{GitHubRunners, Instances, Parameters};
use crate::settings::{GitHubSettings, ScaledPool};
use at_github::AtGitHub;
pub(crate) use names::prepared;
use names::{PLACE, config_of, instance_of, is_instance, warming_of};

mod at_github;
mod names;

/// The tag that names the one instance that may read a parameter, as its role asks for.
const TAG: &str = "headroom:instance";

/// A parameter or a runner without an instance is left alone for so long: its instance may just have
/// been launched.
pub const LEFT_ALONE: Duration = Duration::from_mins(15);

/// Between two looks at what instances left behind.
pub const TIDY_EVERY: Duration = Duration::from_mins(5);

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
    office: Arc<Mutex<Office>>,
    parameters: Arc<dyn Parameters>,
}

struct Office {
    github: Box<dyn GitHubRunners>,
    parameters: Arc<dyn Parameters>,
    instances: Box<dyn Instances>,
    /// Runners without an instance, and since when.
    orphans: BTreeMap<u64, Timestamp>,
    tidied_at: Option<Timestamp>,
}

impl Registry {
    /// At GitHub as the settings name it. Nobody is asked yet.
    pub fn new(settings: GitHubSettings, aws: &Aws) -> Self {
        let parameters = aws::Parameters::of(aws);
        let github = AtGitHub::new(settings, parameters.clone());
        let instances = Box::new(aws::Instances::of(aws));
        Registry::behind(Box::new(github), Arc::new(parameters), instances)
    }

    /// Behind these.
    pub fn behind(
        github: Box<dyn GitHubRunners>,
        parameters: Arc<dyn Parameters>,
        instances: Box<dyn Instances>,
    ) -> Self {
        let known = Arc::clone(&parameters);
        let office = Office {
            github,
            parameters: known,
            instances,
            orphans: BTreeMap::new(),
            tidied_at: None,
        };
        Registry { office: Arc::new(Mutex::new(office)), parameters }
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
        now: Timestamp,
    ) -> Result<bool, RegistrationError> {
        let place = config_of(id);
        let Some(config) = self.office().register(pool, id, &place, now)? else { return Ok(false) };
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
    pub fn forget(&self, id: &InstanceId, now: Timestamp) -> Result<(), RegistrationError> {
        self.parameters.delete(&config_of(id))?;
        self.parameters.delete(&warming_of(id))?;
        self.office().deregister(id, now).map(drop)
    }

    /// Takes away parameters and runners that have had no instance for a while: how many of each.
    /// `None`: that was done a short time ago.
    ///
    /// # Errors
    /// When GitHub or AWS do not say what there is.
    pub fn tidy_if_due(&self, now: Timestamp) -> Option<Result<(usize, usize), RegistrationError>> {
        let mut office = self.office();
        let is_due = |last: Timestamp| now.saturating_since(last) >= TIDY_EVERY;
        office.tidied_at.is_none_or(is_due).then(|| {
            office.tidied_at = Some(now);
            office.tidy(now)
        })
    }

    /// What one who failed knew is as good as before.
    fn office(&self) -> MutexGuard<'_, Office> {
        self.office.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runners for Registry {
    fn deregister(&self, id: &InstanceId, now: Timestamp) -> Result<bool, Trouble> {
        let gone = self.office().deregister(id, now);
        let gone = gone.map_err(|error| Trouble::new("deregistering a runner", error))?;
        Ok(gone != Deregistered::Busy)
    }
}

impl Office {
    /// `None`: an earlier try registered it, and its instance has what it needs.
    fn register(
        &mut self,
        pool: &ScaledPool,
        id: &InstanceId,
        place: &str,
        now: Timestamp,
    ) -> Result<Option<JitConfig>, RegistrationError> {
        if let Registered::As(config) = self.github.register(pool, id, now)? {
            return Ok(Some(config));
        }
        // One that is online was started with what its agent took, and may get a job at any moment.
        let is_done = self.parameters.is_there(place)?
            || self.github.named(id, now)?.is_some_and(|runner| runner.is_online)
            || self.deregister(id, now)? == Deregistered::Busy;
        if is_done {
            return Ok(None);
        }
        match self.github.register(pool, id, now)? {
            Registered::As(config) => Ok(Some(config)),
            Registered::NameTaken => Err(RegistrationError::NameTaken(id.clone())),
        }
    }

    fn deregister(
        &mut self,
        id: &InstanceId,
        now: Timestamp,
    ) -> Result<Deregistered, RegistrationError> {
        match self.github.named(id, now)? {
            Some(runner) => self.github.deregister(runner.id, now),
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
        for runner in self.github.all(now)? {
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
                runners += usize::from(self.github.deregister(id, now)? == Deregistered::Gone);
            }
        }
        Ok((parameters, runners))
    }
}
