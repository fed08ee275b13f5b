//! Runners at GitHub: registered while their instance waits at its hook, taken away before it ends.
//!
//! A runner bears the id of its instance. What it is started with lies in a parameter that only that
//! instance may read, and which it deletes. Each step may come twice: a name that is taken was
//! registered by an earlier try, whose parameter is looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws::{Aws, CallError, Freed, Runners};
use github::{Deregistered, GitHubError, JitConfig, KeyError, Registered, Rest};
use model::{InstanceId, Timestamp};
use scaler::ports::Trouble;

use crate::ports::{GitHubRunners, Instances, Parameters};
use crate::settings::{GitHubSettings, ScaledPool};
use at_github::AtGitHub;
use names::{config_of, warming_of};
use packed::packed;

pub(crate) use at_github::connect;
pub(crate) use names::prepared;
pub use tidy::{LEFT_ALONE, TIDY_EVERY, Tidied};

mod at_github;
mod names;
mod packed;
mod tidy;

/// The tag that names the one instance that may read a parameter, as its role asks for.
const TAG: &str = "headroom:instance";

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
    /// GitHub's wish to be asked nothing for a while.
    rest: Rest,
    /// Names of the runners that were connected when GitHub was asked last, and when that was.
    connected: Option<(Timestamp, BTreeSet<String>)>,
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
            rest: Rest::new(Duration::ZERO),
            connected: None,
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
        let Some(config) = self.office().register(pool, id, now)? else { return Ok(false) };
        let (place, tags) = (config_of(id), [(TAG, arn)]);
        let secret = packed(&config.encoded);
        if self.parameters.put_new(&place, &secret, &tags)? {
            return Ok(true);
        }
        // Another try put one meanwhile. GitHub gives a name once, so one of the two is of a runner
        // that the other try replaced.
        let is_ours = self.office().is_still(id, config.runner, now)?;
        if is_ours {
            self.parameters.put(&place, &secret, &tags)?;
        }
        Ok(is_ours)
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

    /// Takes away parameters and runners that have had no instance for a while. `None`: that was
    /// done a short time ago.
    pub fn tidy_if_due(&self, now: Timestamp) -> Option<Tidied> {
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
    fn deregister(&self, id: &InstanceId, now: Timestamp) -> Result<Freed, Trouble> {
        let gone = self.office().deregister(id, now);
        let gone = gone.map_err(|error| Trouble::new("deregistering a runner", error))?;
        // One that is not there never registered: nobody else registers here.
        Ok(match gone {
            Deregistered::Busy => Freed::Busy,
            Deregistered::Gone | Deregistered::NotThere => Freed::Yes,
        })
    }

    fn absent_at(&self, id: &InstanceId) -> Option<Timestamp> {
        let office = self.office();
        let (at, connected) = office.connected.as_ref()?;
        (!connected.contains(&id.0)).then_some(*at)
    }
}

impl Office {
    /// Asks GitHub, unless it wants to be asked nothing for a while.
    fn ask<T>(
        &mut self,
        now: Timestamp,
        ask: impl FnOnce(&mut dyn GitHubRunners) -> Result<T, RegistrationError>,
    ) -> Result<T, RegistrationError> {
        self.rest.check(now)?;
        ask(self.github.as_mut()).inspect_err(|error| {
            if let RegistrationError::GitHub(error) = error {
                self.rest.note(error, now);
            }
        })
    }

    /// `None`: an earlier try registered it, and its instance has what it needs.
    fn register(
        &mut self,
        pool: &ScaledPool,
        id: &InstanceId,
        now: Timestamp,
    ) -> Result<Option<JitConfig>, RegistrationError> {
        if let Registered::As(config) = self.ask(now, |github| github.register(pool, id, now))? {
            return Ok(Some(config));
        }
        if let Some(runner) = self.ask(now, |github| github.named(id, now))? {
            // One that is online was started with what its agent took, and may get a job at any moment.
            let is_done = runner.is_online
                || self.parameters.is_there(&config_of(id))?
                || self.ask(now, |github| github.deregister(runner.id, now))? == Deregistered::Busy;
            if is_done {
                return Ok(None);
            }
        }
        match self.ask(now, |github| github.register(pool, id, now))? {
            Registered::As(config) => Ok(Some(config)),
            Registered::NameTaken => Err(RegistrationError::NameTaken(id.clone())),
        }
    }

    /// Whether the runner of that name still is the one of that number.
    fn is_still(
        &mut self,
        id: &InstanceId,
        number: u64,
        now: Timestamp,
    ) -> Result<bool, RegistrationError> {
        let found = self.ask(now, |github| github.named(id, now))?;
        Ok(found.is_some_and(|runner| runner.id == number))
    }

    fn deregister(
        &mut self,
        id: &InstanceId,
        now: Timestamp,
    ) -> Result<Deregistered, RegistrationError> {
        match self.ask(now, |github| github.named(id, now))? {
            Some(runner) => self.ask(now, |github| github.deregister(runner.id, now)),
            None => Ok(Deregistered::NotThere),
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
