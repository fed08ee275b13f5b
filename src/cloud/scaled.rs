//! The Auto Scaling groups that `serve` scales.

use std::sync::{Arc, Mutex, PoisonError};

use aws::{AutoScaling, Aws, Patience, Runners};
use github::{Deregistered, GitHub, GitHubError};
use model::{InstanceId, Timestamp};
use scaler::ports::{Group, Trouble};
use tokio::runtime::Handle;

use super::real::connected;
use crate::cli::aws::Account;
use crate::exit::Failure;

/// All of an account and a region.
#[derive(Debug)]
pub struct ScaledGroups {
    aws: Aws,
    github: Option<AtGitHub>,
}

/// GitHub, asked by one pool at a time.
#[derive(Clone, Debug)]
struct AtGitHub(Arc<Mutex<GitHub>>);

impl ScaledGroups {
    /// Nothing is asked yet; calls are made on the runtime that this is called from. Without GitHub no
    /// runner is deregistered, and no instance that may get a job is ended.
    ///
    /// # Errors
    /// When nothing says which region, or the address is none.
    pub fn connect(account: &Account, github: Option<GitHub>) -> Result<ScaledGroups, Failure> {
        let connect = || connected(account, Patience::serving(), &Handle::current());
        let aws = tokio::task::block_in_place(connect)?;
        let github = github.map(|github| AtGitHub(Arc::new(Mutex::new(github))));
        Ok(ScaledGroups { aws, github })
    }

    /// The group of that name; whether there is one, the first look tells.
    pub fn group(&self, name: &str) -> Box<dyn Group> {
        let group = AutoScaling::named(&self.aws, name);
        Box::new(match &self.github {
            Some(github) => group.with_runners(Box::new(github.clone())),
            None => group,
        })
    }
}

impl Runners for AtGitHub {
    /// A runner bears the id of its instance.
    fn deregister(&self, id: &InstanceId, now: Timestamp) -> Result<bool, Trouble> {
        let mut github = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |error: GitHubError| Trouble::new("deregistering a runner", error);
        match github.runner_named(&id.0, now).map_err(failed)? {
            None => Ok(true),
            Some(runner) => {
                Ok(github.deregister(runner.id, now).map_err(failed)? != Deregistered::Busy)
            }
        }
    }

    /// Nobody asks for all of them.
    fn absent_at(&self, _: &InstanceId) -> Option<Timestamp> {
        None
    }
}
