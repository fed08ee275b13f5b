//! GitHub itself, which is asked with a key that lies in Parameter Store.

use std::collections::BTreeMap;

use aws::Parameters;
use client::{Client, Roots};
use github::{
    AppKey, Credentials, Deregistered, GitHub, GitHubError, LOOK_LIMITS, Registered, Runner,
    RunnerGroup, Why,
};
use model::{InstanceId, Timestamp};

use super::RegistrationError;
use crate::ports::GitHubRunners;
use crate::settings::{GitHubSettings, ScaledPool};

/// The group that GitHub puts runners into of which nobody says otherwise.
const DEFAULT_GROUP: u64 = 1;

/// GitHub as the settings name it. Nobody is asked before there is a need.
pub(super) struct AtGitHub {
    settings: GitHubSettings,
    parameters: Parameters,
    github: Option<GitHub>,
    /// Numbers of runner groups by name.
    groups: Option<BTreeMap<String, u64>>,
}

/// GitHub as the settings name it, with the key that lies there now. GitHub itself is not asked.
pub(crate) fn connect(
    settings: &GitHubSettings,
    parameters: &Parameters,
) -> Result<GitHub, RegistrationError> {
    let GitHubSettings { app_id, installation_id, private_key, .. } = settings;
    let pem = parameters.secret(private_key)?;
    let pem = pem.ok_or_else(|| RegistrationError::NoKey(private_key.clone()))?;
    let key = AppKey::new(app_id, pem.as_bytes())
        .map_err(|error| RegistrationError::Key(private_key.clone(), error))?;
    let who = Credentials::App { key, installation: *installation_id };
    let client = Client::new(LOOK_LIMITS, &Roots::default());
    let address = settings.address().expect("it was read with the settings");
    let owner = settings.owner().expect("it was read with the settings");
    Ok(GitHub::new(client, address, who, owner))
}

impl AtGitHub {
    pub(super) fn new(settings: GitHubSettings, parameters: Parameters) -> Self {
        AtGitHub { settings, parameters, github: None, groups: None }
    }

    fn ask<T>(
        &mut self,
        ask: impl FnOnce(&mut GitHub) -> Result<T, GitHubError>,
    ) -> Result<T, RegistrationError> {
        let done = ask(self.github()?);
        if let Err(GitHubError { why: Why::Credentials { .. }, .. }) = &done {
            // The key may have been exchanged: the next call reads it again.
            self.github = None;
        }
        Ok(done?)
    }

    fn github(&mut self) -> Result<&mut GitHub, RegistrationError> {
        if self.github.is_none() {
            self.github = Some(connect(&self.settings, &self.parameters)?);
        }
        Ok(self.github.as_mut().expect("it was just made"))
    }

    fn group(&mut self, pool: &ScaledPool, now: Timestamp) -> Result<u64, RegistrationError> {
        let Some(name) = &pool.runner_group else { return Ok(DEFAULT_GROUP) };
        if self.groups.is_none() {
            let numbered = |RunnerGroup { name, id, .. }| (name, id);
            let groups = self.ask(|github| github.runner_groups(now))?;
            self.groups = Some(groups.into_iter().map(numbered).collect());
        }
        let found = self.groups.as_ref().and_then(|groups| groups.get(name).copied());
        if found.is_none() {
            // It may be made meanwhile.
            self.groups = None;
        }
        found.ok_or_else(|| RegistrationError::NoGroup(name.clone()))
    }
}

impl GitHubRunners for AtGitHub {
    fn register(
        &mut self,
        pool: &ScaledPool,
        id: &InstanceId,
        now: Timestamp,
    ) -> Result<Registered, RegistrationError> {
        let group = self.group(pool, now)?;
        self.ask(|github| github.register(&id.0, &pool.labels, Some(group), now))
    }

    fn named(
        &mut self,
        id: &InstanceId,
        now: Timestamp,
    ) -> Result<Option<Runner>, RegistrationError> {
        self.ask(|github| github.runner_named(&id.0, now))
    }

    fn all(&mut self, now: Timestamp) -> Result<Vec<Runner>, RegistrationError> {
        self.ask(|github| github.runners(now))
    }

    fn deregister(
        &mut self,
        number: u64,
        now: Timestamp,
    ) -> Result<Deregistered, RegistrationError> {
        self.ask(|github| github.deregister(number, now))
    }
}
