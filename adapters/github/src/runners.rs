//! Self-hosted runners: those that there are, their registration for one job, and their end.
//! <https://docs.github.com/en/rest/actions/self-hosted-runners>

use std::fmt;

use model::{Labels, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::session::{Ask, PAGE};
use crate::{GitHub, GitHubError, Owner};

/// Each repository has this group, and no other.
const GROUP_OF_REPOSITORY: u64 = 1;

/// A runner as GitHub sees it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Runner {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Whether it is connected: one that is registered and was not started yet is not.
    #[serde(rename = "status", deserialize_with = "online")]
    pub is_online: bool,
    /// Whether it has a job. Wrong for up to a minute after a job was assigned.
    #[serde(rename = "busy")]
    pub is_busy: bool,
}

fn online<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    String::deserialize(from).map(|status| status == "online")
}

/// What a runner is started with: it registers for one job. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct JitConfig {
    /// The runner's number.
    pub runner: u64,
    /// What `run.sh --jitconfig` takes.
    pub encoded: String,
}

impl fmt::Debug for JitConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration of runner {}", self.runner)
    }
}

/// What became of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It is there, offline until it is started.
    As(JitConfig),
    /// A runner of that name is there already.
    NameTaken,
}

/// What became of a runner that was to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deregistered {
    /// It gets no job any more.
    Gone,
    /// It has a job, and stays.
    Busy,
    /// There was none.
    NotThere,
}

/// A runner group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RunnerGroup {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Which repositories may use it: `all`, `selected` or `private`.
    pub visibility: String,
    /// Whether public repositories may: then anybody's pull request runs on its machines.
    pub allows_public_repositories: bool,
}

#[derive(Deserialize)]
struct Runners {
    runners: Vec<Runner>,
}

#[derive(Deserialize)]
struct Groups {
    runner_groups: Vec<RunnerGroup>,
}

#[derive(Deserialize)]
struct Generated {
    runner: Numbered,
    encoded_jit_config: String,
}

#[derive(Deserialize)]
struct Numbered {
    id: u64,
}

impl GitHub {
    /// All runners.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn runners(&mut self, now: Timestamp) -> Result<Vec<Runner>, GitHubError> {
        let path = format!("{}/actions/runners?per_page={PAGE}", self.place());
        let mut runners = Vec::new();
        self.pages(&Ask::get(&path), now, |page: Runners| {
            runners.extend(page.runners);
            true
        })?;
        Ok(runners)
    }

    /// The runner of that name, if there is one.
    ///
    /// # Errors
    /// When GitHub does not say.
    pub fn runner_named(
        &mut self,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<Runner>, GitHubError> {
        let path = format!("{}/actions/runners?per_page={PAGE}&name={name}", self.place());
        let found: Runners = self.ask(&Ask::get(&path), now)?;
        Ok(found.runners.into_iter().find(|runner| runner.name == name))
    }

    /// Registers a runner for one job. Without the number of a group it is the default one.
    ///
    /// # Errors
    /// When GitHub does not.
    pub fn register(
        &mut self,
        name: &str,
        labels: &Labels,
        group: Option<u64>,
        now: Timestamp,
    ) -> Result<Registered, GitHubError> {
        let path = format!("{}/actions/runners/generate-jitconfig", self.place());
        let labels: Vec<&str> = labels.iter().collect();
        let body = json!({
            "name": name,
            "runner_group_id": group.unwrap_or(GROUP_OF_REPOSITORY),
            "labels": labels,
            "work_folder": "_work",
        });
        match self.ask::<Generated>(&Ask::post(&path, Some(body)), now) {
            Ok(Generated { runner, encoded_jit_config }) => {
                Ok(Registered::As(JitConfig { runner: runner.id, encoded: encoded_jit_config }))
            }
            Err(error) if error.is_refused_with(409) => Ok(Registered::NameTaken),
            Err(error) => Err(error),
        }
    }

    /// Takes a runner away, unless it has a job: GitHub's refusal is the only safe sign that it has
    /// one.
    ///
    /// # Errors
    /// When GitHub does not say.
    pub fn deregister(&mut self, id: u64, now: Timestamp) -> Result<Deregistered, GitHubError> {
        let path = format!("{}/actions/runners/{id}", self.place());
        match self.tell(&Ask::delete(&path), now) {
            Ok(()) => Ok(Deregistered::Gone),
            Err(error) if error.is_refused_with(422) => Ok(Deregistered::Busy),
            Err(error) if error.is_not_found() => Ok(Deregistered::NotThere),
            Err(error) => Err(error),
        }
    }

    /// The runner groups of an organisation; a repository has none of its own.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn runner_groups(&mut self, now: Timestamp) -> Result<Vec<RunnerGroup>, GitHubError> {
        let mut groups = Vec::new();
        if let Owner::Organization(name) = self.owner() {
            let path = format!("/orgs/{name}/actions/runner-groups?per_page={PAGE}");
            self.pages(&Ask::get(&path), now, |page: Groups| {
                groups.extend(page.runner_groups);
                true
            })?;
        }
        Ok(groups)
    }
}
