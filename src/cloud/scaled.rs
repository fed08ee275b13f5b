//! The Auto Scaling groups that `serve` scales.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::{AutoScaling, Aws, Freed, Patience, Runners};
use github::{Deregistered, GitHub, GitHubError, Rest};
use model::{InstanceId, Timestamp};
use scaler::ports::{Group, Trouble};
use tokio::runtime::Handle;

use super::real::connected;
use crate::cli::aws::Account;
use crate::exit::Failure;

/// So long nothing is asked of a GitHub that did not answer: the pools wait for it one after the
/// other, and their queued jobs wait with them.
const UNANSWERED_REST: Duration = Duration::from_secs(30);

/// All of an account and a region.
#[derive(Debug)]
pub struct ScaledGroups {
    aws: Aws,
    github: Option<AtGitHub>,
}

/// GitHub, asked by one pool at a time.
#[derive(Clone, Debug)]
struct AtGitHub(Arc<Mutex<Asked>>);

#[derive(Debug)]
struct Asked {
    github: GitHub,
    rest: Rest,
}

impl ScaledGroups {
    /// Nothing is asked yet; calls are made on the runtime that this is called from. Without GitHub no
    /// runner is deregistered, and no instance that may get a job is ended.
    ///
    /// # Errors
    /// When nothing says which region, or the address is none.
    pub fn connect(account: &Account, github: Option<GitHub>) -> Result<ScaledGroups, Failure> {
        let connect = || connected(account, Patience::serving(), &Handle::current());
        let aws = tokio::task::block_in_place(connect)?;
        let asked = |github| Asked { github, rest: Rest::new(UNANSWERED_REST) };
        let github = github.map(|github| AtGitHub(Arc::new(Mutex::new(asked(github)))));
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

impl Asked {
    fn ask<T>(
        &mut self,
        now: Timestamp,
        ask: impl FnOnce(&mut GitHub) -> Result<T, GitHubError>,
    ) -> Result<T, GitHubError> {
        self.rest.check(now)?;
        ask(&mut self.github).inspect_err(|error| self.rest.note(error, now))
    }

    fn deregister(&mut self, id: &InstanceId, now: Timestamp) -> Result<Freed, GitHubError> {
        let Some(runner) = self.ask(now, |github| github.runner_named(&id.0, now))? else {
            return Ok(Freed::Nameless);
        };
        Ok(match self.ask(now, |github| github.deregister(runner.id, now))? {
            Deregistered::Busy => Freed::Busy,
            Deregistered::Gone | Deregistered::NotThere => Freed::Yes,
        })
    }
}

impl Runners for AtGitHub {
    /// A runner bears the id of its instance.
    fn deregister(&self, id: &InstanceId, now: Timestamp) -> Result<Freed, Trouble> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.deregister(id, now).map_err(|error| Trouble::new("deregistering a runner", error))
    }

    /// Nobody asks for all of them.
    fn absent_at(&self, _: &InstanceId) -> Option<Timestamp> {
        None
    }
}
