//! What the control plane asks of the outside about runners: GitHub, Parameter Store, and the groups
//! and hooks of Auto Scaling. AWS and GitHub stand behind it, or a world that a test holds.

use std::collections::BTreeMap;

use aws::{CallError, Verdict, Waiting};
use github::{Deregistered, Registered, Runner};
use model::{InstanceId, Timestamp};

use crate::{RegistrationError, ScaledPool};

/// Runners at GitHub. Each bears the id of its instance.
pub trait GitHubRunners: Send {
    /// Registers one for a job of that pool.
    ///
    /// # Errors
    /// When GitHub does not.
    fn register(
        &mut self,
        pool: &ScaledPool,
        id: &InstanceId,
        now: Timestamp,
    ) -> Result<Registered, RegistrationError>;

    /// The one of that name, if there is one.
    ///
    /// # Errors
    /// When GitHub does not say.
    fn named(
        &mut self,
        id: &InstanceId,
        now: Timestamp,
    ) -> Result<Option<Runner>, RegistrationError>;

    /// All of them.
    ///
    /// # Errors
    /// When GitHub does not say.
    fn all(&mut self, now: Timestamp) -> Result<Vec<Runner>, RegistrationError>;

    /// Takes one away by its number, unless it has a job.
    ///
    /// # Errors
    /// When GitHub does not say.
    fn deregister(
        &mut self,
        number: u64,
        now: Timestamp,
    ) -> Result<Deregistered, RegistrationError>;
}

/// Parameters of Parameter Store.
pub trait Parameters: Send + Sync {
    /// Whether there is one of that name.
    ///
    /// # Errors
    /// When AWS does not say.
    fn is_there(&self, name: &str) -> Result<bool, CallError>;

    /// Keeps a secret under a new name. `false`: it is taken, and what is there stays.
    ///
    /// # Errors
    /// When AWS does not.
    fn put_new(&self, name: &str, secret: &str, tags: &[(&str, &str)]) -> Result<bool, CallError>;

    /// Keeps a secret under a name that may be taken: what was there is gone then.
    ///
    /// # Errors
    /// When AWS does not.
    fn put(&self, name: &str, secret: &str, tags: &[(&str, &str)]) -> Result<(), CallError>;

    /// Forgets one. `false`: there was none.
    ///
    /// # Errors
    /// When AWS does not.
    fn delete(&self, name: &str) -> Result<bool, CallError>;

    /// The names of those below a path, and when each was put.
    ///
    /// # Errors
    /// When AWS does not say.
    fn below(&self, path: &str) -> Result<Vec<(String, Option<Timestamp>)>, CallError>;
}

/// To which groups instances belong.
pub trait Instances: Send {
    /// The groups of these instances, of those that are in one.
    ///
    /// # Errors
    /// When AWS does not say.
    fn groups_of(&self, ids: &[InstanceId]) -> Result<BTreeMap<InstanceId, String>, CallError>;
}

/// Lifecycle hooks.
pub trait Hooks: Send {
    /// Answers one. `false`: nothing waits there any more.
    ///
    /// # Errors
    /// When AWS does not take the answer.
    fn answer(&self, waiting: Waiting<'_>, verdict: Verdict) -> Result<bool, CallError>;
}

impl Parameters for aws::Parameters {
    fn is_there(&self, name: &str) -> Result<bool, CallError> {
        aws::Parameters::is_there(self, name)
    }

    fn put_new(&self, name: &str, secret: &str, tags: &[(&str, &str)]) -> Result<bool, CallError> {
        aws::Parameters::put_new(self, name, secret, tags)
    }

    fn put(&self, name: &str, secret: &str, tags: &[(&str, &str)]) -> Result<(), CallError> {
        aws::Parameters::put(self, name, secret, tags)
    }

    fn delete(&self, name: &str) -> Result<bool, CallError> {
        aws::Parameters::delete(self, name)
    }

    fn below(&self, path: &str) -> Result<Vec<(String, Option<Timestamp>)>, CallError> {
        aws::Parameters::below(self, path)
    }
}

impl Instances for aws::Instances {
    fn groups_of(&self, ids: &[InstanceId]) -> Result<BTreeMap<InstanceId, String>, CallError> {
        aws::Instances::groups_of(self, ids)
    }
}

impl Hooks for aws::Hooks {
    fn answer(&self, waiting: Waiting<'_>, verdict: Verdict) -> Result<bool, CallError> {
        aws::Hooks::answer(self, waiting, verdict)
    }
}
