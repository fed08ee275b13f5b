//! `[github]`: how GitHub's API is asked, of whom, and how often.
//!
//! Without the section nothing is asked. The key of an App and a token stand in files, or the token
//! in a variable; no error repeats them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use client::Address;
use github::{AppKey, Credentials, GitHub, Hook, Owner, Token};
use serde::Deserialize;

use super::{Env, read_line, read_text};

/// A token that may ask; an App is better.
pub const TOKEN_ENV: &str = "HEADROOM_GITHUB_TOKEN";

/// Between two looks for lost webhooks: a job whose news was lost waits for so long in vain.
const CHECK: Duration = Duration::from_mins(5);

/// The longest time between two looks: GitHub's list of deliveries is read for the last three hours.
const CHECK_SECS_MAX: u64 = 3600;

/// How GitHub is asked.
#[derive(Clone, Debug)]
pub struct GitHubAccess {
    /// Whose webhooks and jobs.
    pub owner: Owner,
    /// Who asks.
    pub who: Credentials,
    /// The webhook that sends to us; `None`: a token was given and no webhook is named.
    pub hook: Option<Hook>,
    /// Where the API is.
    pub api: Address,
    /// Between two looks for lost webhooks.
    pub check: Duration,
}

/// The table `[github]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GitHubTable {
    organization: Option<String>,
    repository: Option<String>,
    app_id: Option<AppId>,
    private_key_file: Option<PathBuf>,
    installation_id: Option<u64>,
    token_file: Option<PathBuf>,
    webhook_id: Option<u64>,
    api_url: Option<String>,
    check_secs: Option<u64>,
}

/// GitHub shows a number and a client id; both are taken.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum AppId {
    Number(u64),
    Client(String),
}

/// A key, and what is wrong with it.
type Wrong = (&'static str, String);

impl GitHubTable {
    pub(super) fn access(self, env: Env<'_>) -> Result<GitHubAccess, Wrong> {
        let owner = self.owner()?;
        let who = self.credentials(env)?;
        let hook = match (self.webhook_id, &who) {
            (Some(number), _) => Some(Hook::Numbered(number)),
            (None, Credentials::App { .. }) => Some(Hook::App),
            (None, Credentials::Token(_)) => None,
        };
        let api = self.api_url.as_deref().unwrap_or(GitHub::API);
        let api = Address::parse(api).map_err(|error| ("github.api_url", error.to_string()))?;
        if !api.is_encrypted() && !api.is_local() {
            let problem = "a URL that begins with https:// was expected: a token is sent there";
            return Err(("github.api_url", problem.into()));
        }
        let secs = self.check_secs.unwrap_or(CHECK.as_secs());
        if !(1..=CHECK_SECS_MAX).contains(&secs) {
            let problem = format!("1 to {CHECK_SECS_MAX} were expected, not {secs}");
            return Err(("github.check_secs", problem));
        }
        Ok(GitHubAccess { owner, who, hook, api, check: Duration::from_secs(secs) })
    }

    fn owner(&self) -> Result<Owner, Wrong> {
        match (&self.organization, &self.repository) {
            (Some(name), None) if is_name(name) => Ok(Owner::Organization(name.clone())),
            (Some(_), None) => {
                let problem = "the name of an organisation was expected, such as \"acme\"";
                Err(("github.organization", problem.into()))
            }
            (None, Some(name)) => match name.split_once('/') {
                Some((owner, repository)) if is_name(owner) && is_name(repository) => {
                    Ok(Owner::Repository(name.clone()))
                }
                _ => Err(("github.repository", "\"owner/name\" was expected".into())),
            },
            _ => {
                let problem = "one of organization and repository was expected";
                Err(("github.organization", problem.into()))
            }
        }
    }

    fn credentials(&self, env: Env<'_>) -> Result<Credentials, Wrong> {
        match (&self.app_id, &self.private_key_file) {
            (Some(id), Some(path)) => self.app(id, path),
            (Some(_), None) => {
                let problem = "the file with the App's private key was expected beside app_id";
                Err(("github.private_key_file", problem.into()))
            }
            (None, Some(_)) => {
                let problem = "the App's client id or number was expected beside private_key_file";
                Err(("github.app_id", problem.into()))
            }
            (None, None) => self.token(env),
        }
    }

    fn app(&self, id: &AppId, path: &Path) -> Result<Credentials, Wrong> {
        if self.token_file.is_some() {
            let problem = "either an App (app_id) or a token was expected, not both";
            return Err(("github.token_file", problem.into()));
        }
        let id = match id {
            AppId::Number(number) => number.to_string(),
            AppId::Client(text) if is_name(text) => text.clone(),
            AppId::Client(_) => {
                let problem = "a client id or number was expected, as the App's page shows them";
                return Err(("github.app_id", problem.into()));
            }
        };
        let wrong = |problem| ("github.private_key_file", problem);
        let pem = read_text(path).map_err(|error| wrong(crate::exit::chain(&error)))?;
        let key = AppKey::new(&id, pem.as_bytes())
            .map_err(|error| wrong(format!("{}: {error}", path.display())))?;
        Ok(Credentials::App { key, installation: self.installation_id })
    }

    fn token(&self, env: Env<'_>) -> Result<Credentials, Wrong> {
        if self.installation_id.is_some() {
            let problem = "it is an App's: app_id and private_key_file were expected beside it";
            return Err(("github.installation_id", problem.into()));
        }
        let found = match (env(TOKEN_ENV).filter(|token| !token.is_empty()), &self.token_file) {
            (Some(token), _) => token,
            (None, Some(path)) => read_line(path)
                .map_err(|error| ("github.token_file", crate::exit::chain(&error)))?,
            (None, None) => {
                let problem = format!(
                    "app_id and private_key_file were expected, or a token in {TOKEN_ENV} or \
                     token_file"
                );
                return Err(("github.app_id", problem));
            }
        };
        // What cannot stand in a header is no token.
        match !found.is_empty() && found.bytes().all(|b| b.is_ascii_graphic()) {
            true => Ok(Credentials::Token(Token(found))),
            false => {
                let problem = "a token of visible ASCII characters was expected";
                Err(("github.token_file", problem.into()))
            }
        }
    }
}

/// What may stand in a path without being escaped, as GitHub's names do.
fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    !text.is_empty() && text.len() <= 100 && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Flags};

    const KEY: &str = include_str!("../../tests/fixtures/github/app-key.pem");

    fn load(keys: &str, token: &str) -> Result<Option<GitHubAccess>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let text = keys
            .replace("KEY_FILE", &file("key.pem", KEY))
            .replace("NO_KEY", &file("no-key.pem", "hush"))
            .replace("TOKEN_FILE", &file("token", "ghp_hush\n"));
        let path = folder.path().join("headroom.toml");
        std::fs::write(&path, text).unwrap();
        let flags = Flags { config: Some(path), ..Flags::default() };
        let env = |name: &str| (name == TOKEN_ENV).then(|| token.to_owned());
        let config = Config::load(&flags, &env);
        config.map(|config| config.github).map_err(|error| crate::exit::chain(&error))
    }

    #[test]
    fn without_the_section_nothing_is_asked() {
        assert!(load("", "ghp_hush").unwrap().is_none());
    }

    #[test]
    fn an_app_and_a_token_are_read_and_never_shown() {
        let app = "[github]\norganization = \"acme\"\napp_id = 7\nprivate_key_file = \"KEY_FILE\"";
        let app = load(app, "").unwrap().unwrap();
        assert_eq!((app.hook, app.check), (Some(Hook::App), CHECK));
        assert!(matches!(app.who, Credentials::App { installation: None, .. }));
        let token = "[github]\nrepository = \"acme/app\"\nwebhook_id = 5\ncheck_secs = 60\n\
                     token_file = \"TOKEN_FILE\"\napi_url = \"https://ghe.example.com/api/v3\"";
        let by_file = load(token, "").unwrap().unwrap();
        assert_eq!((by_file.hook, by_file.check.as_secs()), (Some(Hook::Numbered(5)), 60));
        let by_env = load("[github]\nrepository = \"acme/app\"", "ghp_hush").unwrap().unwrap();
        assert_eq!(by_env.hook, None, "a token alone cannot list deliveries of an App");
        let shown = format!("{app:?} {by_file:?} {by_env:?}");
        assert!(!shown.contains("hush") && !shown.contains("PRIVATE"), "{shown}");
    }

    #[test]
    fn a_wrong_section_names_file_key_and_what_was_expected() {
        let app = "app_id = \"Iv1\"\nprivate_key_file = \"KEY_FILE\"";
        let acme = "organization = \"acme\"";
        for (keys, expected) in [
            (app.to_owned(), &["github.organization:", "one of"][..]),
            (format!("{acme}\nrepository = \"a/b\"\n{app}"), &["github.organization:", "one of"]),
            (format!("organization = \"a/b\"\n{app}"), &["github.organization:", "acme"]),
            (format!("repository = \"app\"\n{app}"), &["github.repository:", "owner/name"]),
            (acme.to_owned(), &["github.app_id:", TOKEN_ENV]),
            (format!("{acme}\napp_id = 7"), &["github.private_key_file:", "beside app_id"]),
            (format!("{acme}\nprivate_key_file = \"KEY_FILE\""), &["github.app_id:", "client id"]),
            (
                format!("{acme}\napp_id = 7\nprivate_key_file = \"NO_KEY\""),
                &["github.private_key_file:", "no-key.pem", "PEM"],
            ),
            (
                format!("{acme}\napp_id = 7\nprivate_key_file = \"/nowhere\""),
                &["github.private_key_file:", "/nowhere"],
            ),
            (format!("{acme}\n{app}\ntoken_file = \"x\""), &["github.token_file:", "not both"]),
            (format!("{acme}\ninstallation_id = 4"), &["github.installation_id:", "app_id"]),
            (format!("{acme}\ntoken_file = \"/nowhere\""), &["github.token_file:", "/nowhere"]),
            (format!("{acme}\n{app}\napi_url = \"http://ghe/\""), &["github.api_url:", "https://"]),
            (format!("{acme}\n{app}\ncheck_secs = 0"), &["github.check_secs:", "1 to 3600"]),
            (format!("{acme}\n{app}\nhook = 1"), &["hook", "webhook_id"]),
        ] {
            let error = load(&format!("[github]\n{keys}"), "").unwrap_err();
            for part in expected.iter().chain(&["headroom.toml"]) {
                assert!(error.contains(part), "{keys:?} gives {error:?} without {part:?}");
            }
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
