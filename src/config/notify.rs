//! `[[notify]]`: who is told of alarms, and the keys of `[alarms]` that say how often.
//!
//! An address may be a secret, as of Slack's webhooks, so it can stand in a file or in a variable,
//! and no error repeats it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use alarms::Severity;
use alarms::notify::Policy;
use client::Address;
use ingest::Secrets;
use serde::Deserialize;

use super::{ConfigError, Env, read_line};

/// Targets at most: each has a thread and a connection of its own.
const TARGETS_MAX: usize = 16;

/// Characters of a target's name at most.
const NAME_MAX: usize = 64;

/// How long an attempt may take unless told otherwise: GitHub gives receivers 10 s, and a busy one
/// may need longer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Nothing that is asked to wait for longer is waited for: the next message would come too late.
const TIMEOUT_SECS_MAX: u64 = 120;

/// Who is told.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// Alarms of these severities are told.
    pub severities: BTreeSet<Severity>,
    /// How it is told.
    pub way: Way,
    /// How long an attempt may take.
    pub timeout: Duration,
}

/// How a target is told.
#[derive(Clone, Debug)]
pub enum Way {
    /// JSON is posted, signed as GitHub does where there is a secret.
    Webhook {
        /// Where.
        address: Address,
        /// With what it is signed; may hold none.
        secrets: Secrets,
    },
    /// What Slack's incoming webhooks take is posted.
    Slack {
        /// Where.
        address: Address,
    },
    /// A program is run that reads plain text.
    Command {
        /// Program and arguments.
        words: Vec<String>,
    },
}

impl Way {
    /// The word in the configuration.
    pub const fn kind(&self) -> &'static str {
        match self {
            Way::Webhook { .. } => "webhook",
            Way::Slack { .. } => "slack",
            Way::Command { .. } => "command",
        }
    }

    /// Where it goes, without what may be secret.
    pub fn place(&self) -> String {
        match self {
            Way::Webhook { address, .. } | Way::Slack { address } => address.to_string(),
            Way::Command { words } => words.first().cloned().unwrap_or_default(),
        }
    }
}

/// One `[[notify]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetTable {
    name: String,
    kind: Kind,
    severities: Option<Vec<Severity>>,
    url: Option<String>,
    url_file: Option<PathBuf>,
    url_env: Option<String>,
    secret_file: Option<PathBuf>,
    secret_env: Option<String>,
    command: Option<Vec<String>>,
    timeout_secs: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Webhook,
    Slack,
    Command,
}

/// A key, and what is wrong with it.
type Wrong = (&'static str, String);

/// All targets.
pub(super) fn targets(tables: Vec<TargetTable>, env: Env<'_>) -> Result<Vec<Target>, ConfigError> {
    let mut names = BTreeSet::new();
    let mut targets = Vec::with_capacity(tables.len());
    if tables.len() > TARGETS_MAX {
        let problem = format!("at most {TARGETS_MAX} were expected, not {}", tables.len());
        return Err(ConfigError::Value { key: "notify".into(), problem });
    }
    for (i, table) in tables.into_iter().enumerate() {
        let name = table.name.clone();
        let wrong = |(key, problem): Wrong| ConfigError::Value {
            key: format!("notify {} ({name:?}): {key}", i + 1),
            problem,
        };
        if !names.insert(name.clone()) {
            return Err(wrong(("name", "there is a target of that name already".into())));
        }
        targets.push(table.target(env).map_err(wrong)?);
    }
    Ok(targets)
}

impl TargetTable {
    fn target(self, env: Env<'_>) -> Result<Target, Wrong> {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let name = &self.name;
        if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(is_name) {
            let problem = format!("1 to {NAME_MAX} letters, digits, - or _ were expected");
            return Err(("name", problem));
        }
        self.refuse_keys_of_others()?;
        let severities = match &self.severities {
            None => BTreeSet::from([Severity::Page, Severity::Ticket]),
            Some(some) if some.is_empty() => {
                let problem = "at least one of \"page\", \"ticket\" and \"info\" was expected";
                return Err(("severities", problem.into()));
            }
            Some(some) => some.iter().copied().collect(),
        };
        let secs = self.timeout_secs.unwrap_or(TIMEOUT.as_secs());
        if !(1..=TIMEOUT_SECS_MAX).contains(&secs) {
            let problem = format!("1 to {TIMEOUT_SECS_MAX} were expected, not {secs}");
            return Err(("timeout_secs", problem));
        }
        let way = match self.kind {
            Kind::Webhook => {
                Way::Webhook { address: self.address(env)?, secrets: self.secrets(env)? }
            }
            Kind::Slack => Way::Slack { address: self.address(env)? },
            Kind::Command => Way::Command { words: self.words()? },
        };
        Ok(Target { name: self.name, severities, way, timeout: Duration::from_secs(secs) })
    }

    /// A key that means nothing for this kind is a mistake, not decoration.
    fn refuse_keys_of_others(&self) -> Result<(), Wrong> {
        let has_url = self.url.is_some() || self.url_file.is_some() || self.url_env.is_some();
        let has_secret = self.secret_file.is_some() || self.secret_env.is_some();
        let refused = match self.kind {
            Kind::Command if has_url => Some(("url", "a command has no url")),
            Kind::Command | Kind::Slack if has_secret => {
                Some(("secret_file", "only kind = \"webhook\" is signed"))
            }
            Kind::Webhook | Kind::Slack if self.command.is_some() => {
                Some(("command", "only kind = \"command\" has one"))
            }
            _ => None,
        };
        match refused {
            Some((key, problem)) => Err((key, problem.into())),
            None => Ok(()),
        }
    }

    fn address(&self, env: Env<'_>) -> Result<Address, Wrong> {
        let (key, text) = match (&self.url, &self.url_file, &self.url_env) {
            (Some(url), None, None) => ("url", url.clone()),
            (None, Some(path), None) => {
                ("url_file", read_line(path).map_err(|error| ("url_file", told(&error)))?)
            }
            (None, None, Some(name)) => ("url_env", variable("url_env", name, env)?),
            (None, None, None) => {
                return Err(("url", "url, url_file or url_env was expected".into()));
            }
            _ => return Err(("url", "one of url, url_file and url_env was expected".into())),
        };
        Address::parse(&text).map_err(|error| (key, error.to_string()))
    }

    fn secrets(&self, env: Env<'_>) -> Result<Secrets, Wrong> {
        let (key, secret) = match (&self.secret_file, &self.secret_env) {
            (None, None) => return Ok(none()),
            (Some(path), None) => {
                let secret = read_line(path).map_err(|error| ("secret_file", told(&error)))?;
                ("secret_file", secret)
            }
            (None, Some(name)) => ("secret_env", variable("secret_env", name, env)?),
            (Some(_), Some(_)) => {
                let problem = "one of secret_file and secret_env was expected";
                return Err(("secret_file", problem.into()));
            }
        };
        Secrets::new(&[secret]).map_err(|_| (key, "a secret that is not empty was expected".into()))
    }

    fn words(&self) -> Result<Vec<String>, Wrong> {
        let expected = || {
            let problem = "a program and its arguments were expected, such as \
                           [\"/usr/bin/mail\", \"-s\", \"Headroom\", \"oncall@example.com\"]";
            ("command", problem.to_owned())
        };
        let words = self.command.clone().ok_or_else(expected)?;
        match words.first() {
            Some(program) if !program.is_empty() => Ok(words),
            _ => Err(expected()),
        }
    }
}

fn variable(key: &'static str, name: &str, env: Env<'_>) -> Result<String, Wrong> {
    let found = env(name).filter(|value| !value.is_empty());
    found.ok_or_else(|| (key, format!("the variable {name} was expected to be set")))
}

fn told(error: &ConfigError) -> String {
    crate::exit::chain(error)
}

fn none() -> Secrets {
    Secrets::new::<&str>(&[]).expect("no secrets are few enough")
}

/// The keys of `[alarms]` that say how often people are told.
#[derive(Debug, Default)]
pub(super) struct PaceKeys {
    pub(super) group_secs: Option<u64>,
    pub(super) repeat_secs: Option<u64>,
    pub(super) calm_secs: Option<u64>,
}

impl PaceKeys {
    /// How often people are told; whom, is said elsewhere.
    pub(super) fn pace(&self) -> Result<Policy, Wrong> {
        let pace = Policy::default();
        let secs = |key, secs: Option<u64>, default: Duration, (least, most): (u64, u64)| {
            let secs = secs.unwrap_or(default.as_secs());
            match (least..=most).contains(&secs) {
                true => Ok(Duration::from_secs(secs)),
                false => Err((key, format!("{least} to {most} were expected, not {secs}"))),
            }
        };
        Ok(Policy {
            group: secs("alarms.group_secs", self.group_secs, pace.group, (0, 3_600))?,
            repeat: secs("alarms.repeat_secs", self.repeat_secs, pace.repeat, (60, 604_800))?,
            calm: secs("alarms.calm_secs", self.calm_secs, pace.calm, (0, 86_400))?,
            ..pace
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Vec<Target>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("headroom.toml");
        let url = folder.path().join("url");
        std::fs::write(&url, "https://hooks.example.com/services/hush\n").unwrap();
        std::fs::write(&path, text.replace("URL_FILE", &url.display().to_string())).unwrap();
        let flags = super::super::Flags { config: Some(path), ..Default::default() };
        let env = |name: &str| (name == "HOOK").then(|| "https://example.com/hush".to_owned());
        super::super::Config::load(&flags, &env)
            .map(|config| config.targets)
            .map_err(|error| crate::exit::chain(&error))
    }

    #[test]
    fn targets_are_read_and_never_shown() {
        let targets = load(
            "[[notify]]\nname = \"pager\"\nkind = \"webhook\"\nurl_env = \"HOOK\"\n\
             secret_env = \"HOOK\"\nseverities = [\"page\"]\n\
             [[notify]]\nname = \"chat\"\nkind = \"slack\"\nurl_file = \"URL_FILE\"\n\
             [[notify]]\nname = \"mail\"\nkind = \"command\"\ncommand = [\"mail\", \"me\"]\n\
             timeout_secs = 5\n",
        )
        .unwrap();
        assert!(!format!("{targets:?}").contains("hush"), "{targets:?}");
        let [pager, chat, mail] = &targets[..] else { panic!("{targets:?}") };
        assert_eq!(pager.severities, BTreeSet::from([Severity::Page]));
        assert_eq!(chat.severities, BTreeSet::from([Severity::Page, Severity::Ticket]));
        assert!(matches!(&pager.way, Way::Webhook { secrets, .. } if !secrets.is_empty()));
        assert_eq!(
            (chat.way.kind(), chat.way.place().as_str()),
            ("slack", "https://hooks.example.com/...")
        );
        assert_eq!((mail.way.place().as_str(), mail.timeout.as_secs()), ("mail", 5));
    }

    #[test]
    fn a_wrong_target_names_file_target_key_and_what_was_expected() {
        for (keys, expected) in [
            ("kind = \"fax\"", &["line 3", "webhook"][..]),
            ("kind = \"slack\"", &["notify 1 (\"a\"): url:", "url_file"]),
            ("kind = \"slack\"\nurl = \"hush\"", &["url:", "a URL"]),
            ("kind = \"slack\"\nurl = \"http://a/\"\nurl_env = \"HOOK\"", &["url:", "one of"]),
            ("kind = \"slack\"\nurl_env = \"NONE\"", &["url_env:", "NONE"]),
            ("kind = \"slack\"\nurl_file = \"/nowhere\"", &["url_file:", "/nowhere"]),
            ("kind = \"slack\"\nurl = \"http://a/\"\nsecret_env = \"HOOK\"", &["secret_file:"]),
            ("kind = \"webhook\"\nurl = \"ftp://a/hush\"", &["url:", "https://"]),
            (
                "kind = \"webhook\"\nurl = \"http://a/\"\ntimeout_secs = 0",
                &["timeout_secs:", "1 to"],
            ),
            ("kind = \"webhook\"\nurl = \"http://a/\"\nseverities = []", &["severities:", "page"]),
            ("kind = \"command\"\ncommand = []", &["command:", "a program"]),
            ("kind = \"command\"\nurl = \"http://a/\"", &["url:", "a command has no"]),
            ("kind = \"webhook\"\ncommand = [\"x\"]", &["command:"]),
            ("kind = \"webhook\"\nurl = \"http://a/\"\nretries = 3", &["line 5", "retries"]),
        ] {
            let text = format!("[[notify]]\nname = \"a\"\n{keys}");
            let error = load(&text).unwrap_err();
            for part in expected.iter().chain(&["headroom.toml"]) {
                assert!(error.contains(part), "{text:?} gives {error:?} without {part:?}");
            }
            assert!(!error.contains("hush") || error.contains("line"), "{error}");
        }
        let twice = "[[notify]]\nname = \"a\"\nkind = \"slack\"\nurl = \"http://a/\"\n".repeat(2);
        assert!(load(&twice).unwrap_err().contains("notify 2 (\"a\"): name: there is"));
        let error = load("[alarms]\nrepeat_secs = 1").unwrap_err();
        assert!(error.contains("alarms.repeat_secs: 60 to"), "{error}");
    }
}
