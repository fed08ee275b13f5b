//! What a check-up asks: the App, its webhook, who can see a repository.

use std::collections::BTreeMap;

use model::{Repository, Timestamp};
use serde::Deserialize;

use crate::deliveries::who;
use crate::session::{As, Ask};
use crate::{GitHub, GitHubError};

/// A webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// The App's own.
    App,
    /// One of the organisation or repository, by its number.
    Numbered(u64),
}

/// An App as it is set up.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct App {
    /// Its name in addresses.
    #[serde(default)]
    pub slug: String,
    /// What it may do: `actions` to `read`.
    #[serde(default)]
    pub permissions: BTreeMap<String, String>,
    /// The events it is told of.
    #[serde(default)]
    pub events: Vec<String>,
}

/// Who can see a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody: anybody may propose code that its jobs run.
    Public,
    /// Members only.
    Private,
}

/// How a webhook sends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Config {
    url: Option<String>,
}

#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    events: Vec<String>,
    config: Config,
}

#[derive(Deserialize)]
struct Seen {
    private: bool,
}

impl GitHub {
    /// The App that asks.
    ///
    /// # Errors
    /// When it is none, or GitHub does not know it.
    pub fn app(&mut self, now: Timestamp) -> Result<App, GitHubError> {
        self.ask(&Ask::get("/app").by(As::App), now)
    }

    /// Where a webhook sends to, and the events that it tells of; an App's events are those of the
    /// App.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn hook(
        &mut self,
        hook: Hook,
        now: Timestamp,
    ) -> Result<(Option<String>, Vec<String>), GitHubError> {
        let path = self.hook_path(hook);
        match hook {
            Hook::App => {
                let config: Config =
                    self.ask(&Ask::get(&format!("{path}/config")).by(who(hook)), now)?;
                Ok((config.url, self.app(now)?.events))
            }
            Hook::Numbered(_) => {
                let whole: Whole = self.ask(&Ask::get(&path).by(who(hook)), now)?;
                Ok((whole.config.url, whole.events))
            }
        }
    }

    /// Who can see a repository.
    ///
    /// # Errors
    /// When GitHub does not say.
    pub fn visibility(
        &mut self,
        repository: &Repository,
        now: Timestamp,
    ) -> Result<Visibility, GitHubError> {
        let path = format!("/repos/{}", repository.0);
        let Seen { private } = self.ask(&Ask::get(&path), now)?;
        Ok(if private { Visibility::Private } else { Visibility::Public })
    }
}
