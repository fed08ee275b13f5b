//! The configuration file, the environment and the flags, as one checked value.
//!
//! Flags win over the file; secrets come from the environment or from files, never from flags,
//! which every process on the machine can read.

mod github;
mod notify;
mod scaling;
mod schedule;
mod tuning;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alarms::Rules;
use alarms::notify::Links;
use client::{Roots, RootsError};
use ingest::{SecretError, Secrets};
use local::Retention;
use model::emf::Form;
use model::{Labels, Pool, RollUp};
use scaler::Policy;
use serde::Deserialize;
use toml::Value;

use crate::cli::aws::{Access, Account, region};
pub use github::GitHubAccess;
use github::GitHubTable;
use notify::TargetTable;
pub use notify::{Target, Way};
use scaling::{Keys, ScalerTable};
pub use scaling::{Mode, Scaler};
use tuning::AlarmsTable;

/// Where `serve` listens unless told otherwise: reachable from this machine only.
pub const LISTEN: &str = "127.0.0.1:9797";
/// The store unless told otherwise.
pub const STORE: &str = "headroom.db";
/// The log stream that EMF lines go to unless told otherwise.
pub const STREAM: &str = "headroom";
/// The configuration file that is read when none is named and this one exists.
pub const FILE: &str = "headroom.toml";
/// The webhook's secret.
pub const SECRET_ENV: &str = "HEADROOM_WEBHOOK_SECRET";
/// A second secret that is valid as well, while one replaces the other.
pub const SECRET_NEXT_ENV: &str = "HEADROOM_WEBHOOK_SECRET_NEXT";
/// The token that opens the page beyond this machine.
pub const TOKEN_ENV: &str = "HEADROOM_TOKEN";

/// A file of authorities to trust instead of the bundled ones, when something is sent.
pub const ROOTS_ENV: &str = "SSL_CERT_FILE";

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}", path = path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, or has a key that does not exist or does not fit.
    #[error("{path}: {message}", path = path.display())]
    Parse {
        /// Which file.
        path: PathBuf,
        /// What and where, with the line.
        message: String,
    },
    /// A key has a value that makes no sense.
    #[error("{key}: {problem}")]
    Value {
        /// Which key.
        key: String,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// The authorities cannot be used.
    #[error("{ROOTS_ENV}")]
    Roots(#[from] RootsError),
    /// The secrets cannot be used.
    #[error("the webhook secrets cannot be used")]
    Secrets(#[from] SecretError),
}

/// Where EMF lines go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EmfTarget {
    /// Nowhere.
    #[default]
    Off,
    /// To stdout.
    Stdout,
    /// Appended to a file.
    File(PathBuf),
    /// To a log group of CloudWatch Logs.
    LogGroup(String),
}

/// What stands before the name of a log group.
const LOG_GROUP: &str = "cloudwatch:";

impl std::str::FromStr for EmfTarget {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "off" => EmfTarget::Off,
            "stdout" => EmfTarget::Stdout,
            group if let Some(name) = group.strip_prefix(LOG_GROUP) => {
                EmfTarget::LogGroup(name.to_owned())
            }
            path => EmfTarget::File(PathBuf::from(path)),
        })
    }
}

/// How EMF lines are written.
#[derive(Clone, Debug, Default)]
pub struct Emf {
    /// Where to.
    pub to: EmfTarget,
    /// The log stream, where it goes to a log group.
    pub stream: String,
    /// One line an event instead of aggregates by minute.
    pub per_event: bool,
    /// How distributions look.
    pub form: Form,
    /// What is published beside the pools.
    pub roll_ups: Vec<RollUp>,
}

/// A token that is compared and never shown.
#[derive(Clone)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token")
    }
}

/// Everything `serve` needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from, if any.
    pub file: Option<PathBuf>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The store.
    pub store: PathBuf,
    /// What webhooks are signed with.
    pub secrets: Secrets,
    /// What opens the page beyond this machine.
    pub token: Option<Token>,
    /// The pools; none: each label set is a pool.
    pub pools: Vec<Pool>,
    /// EMF.
    pub emf: Emf,
    /// How long things are kept.
    pub retention: Retention,
    /// How pools are scaled.
    pub scaler: Scaler,
    /// Who is told of alarms.
    pub targets: Vec<Target>,
    /// What is worth telling.
    pub rules: Rules,
    /// How often they are told.
    pub pace: alarms::notify::Policy,
    /// Where people reach the page, for links; none: where it listens.
    pub page_url: Option<String>,
    /// Authorities that are trusted when something is sent.
    pub roots: Roots,
    /// Where AWS is.
    pub aws: Account,
    /// How GitHub's API is asked; none: it is not.
    pub github: Option<GitHubAccess>,
}

/// What the flags say.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<SocketAddr>,
    /// `--store`.
    pub store: Option<PathBuf>,
    /// `--emf`.
    pub emf: Option<EmfTarget>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    listen: Option<SocketAddr>,
    store: Option<PathBuf>,
    page_url: Option<String>,
    webhook: WebhookTable,
    access: AccessTable,
    pool: Vec<PoolTable>,
    emf: EmfTable,
    retention: RetentionTable,
    scaler: ScalerTable,
    notify: Vec<TargetTable>,
    alarms: AlarmsTable,
    aws: AwsTable,
    github: Option<GitHubTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AwsTable {
    region: Option<String>,
    profile: Option<String>,
    endpoint_url: Option<String>,
}

impl AwsTable {
    fn account(self) -> Result<Account, ConfigError> {
        let wrong = |problem| ConfigError::Value { key: "aws.region".into(), problem };
        let region = self.region.as_deref().map(region).transpose().map_err(wrong)?;
        let access = Access { profile: self.profile, endpoint_url: self.endpoint_url };
        Ok(Account { region, access })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WebhookTable {
    secret_files: Vec<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AccessTable {
    token_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolTable {
    name: String,
    labels: Vec<String>,
    runner_group: Option<String>,
    group: Option<String>,
    runners_min: Option<u32>,
    runners_max: Option<u32>,
    runners_max_exhausted: Option<u32>,
    hot_spare: Option<Value>,
    stopped: Option<Value>,
    spot_share: Option<f64>,
    spot_interruptions_max: Option<u32>,
    spot_pause_secs: Option<u64>,
    boot_secs: Option<u64>,
    warm_start_secs: Option<u64>,
    registration_deadline_secs: Option<u64>,
    stopped_cost: Option<f64>,
    idle_hold_secs: Option<u64>,
    data_age_max_secs: Option<u64>,
    #[serde(default)]
    alarms: AlarmsTable,
}

impl PoolTable {
    /// What it says of its runners.
    fn policy(&mut self) -> Result<Policy, scaling::Wrong> {
        Keys {
            runners_min: self.runners_min,
            runners_max: self.runners_max,
            runners_max_exhausted: self.runners_max_exhausted,
            hot_spare: self.hot_spare.take(),
            stopped: self.stopped.take(),
            spot_share: self.spot_share,
            spot_interruptions_max: self.spot_interruptions_max,
            spot_pause_secs: self.spot_pause_secs,
            boot_secs: self.boot_secs,
            warm_start_secs: self.warm_start_secs,
            registration_deadline_secs: self.registration_deadline_secs,
            stopped_cost: self.stopped_cost,
            idle_hold_secs: self.idle_hold_secs,
            data_age_max_secs: self.data_age_max_secs,
        }
        .policy()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct EmfTable {
    to: Option<String>,
    stream: Option<String>,
    per: Per,
    form: FormWord,
    roll_ups: Vec<RollUpWord>,
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Per {
    #[default]
    Minute,
    Event,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FormWord {
    #[default]
    Histogram,
    Array,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RollUpWord {
    Pool,
    Repository,
    Article,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RetentionTable {
    jobs_days: Option<u32>,
    series_days: Option<u32>,
}

/// Where variables of the environment come from.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Config {
    /// Reads the file that `flags` name, or [`FILE`] where it exists, or none.
    ///
    /// # Errors
    /// When the file cannot be read or understood, or a value makes no sense.
    pub fn load(flags: &Flags, env: Env<'_>) -> Result<Config, ConfigError> {
        let implied = || Some(PathBuf::from(FILE)).filter(|path| path.exists());
        let path = flags.config.clone().or_else(implied);
        let mut file = match &path {
            Some(path) => File::read(path)?,
            None => File::default(),
        };
        let listen = LISTEN.parse().expect("the default address is one");
        let in_file = |error| in_file(path.as_deref(), error);
        let of_pools = file.pool.iter_mut();
        let own_alarms = of_pools
            .map(|pool| (pool.name.clone(), std::mem::take(&mut pool.alarms)))
            .filter(|(_, table)| !table.is_empty())
            .collect();
        let Pools { pools, policies, groups } = pools(file.pool).map_err(in_file)?;
        let wrong = |(key, problem): scaling::Wrong| {
            in_file(ConfigError::Value { key: key.into(), problem })
        };
        let scaler = Scaler::from_table(&file.scaler, policies, groups).map_err(wrong)?;
        let targets = notify::targets(file.notify, env).map_err(in_file)?;
        let github = file.github.map(|table| table.access(env)).transpose().map_err(wrong)?;
        let rules = tuning::rules(&file.alarms, &own_alarms, scaler.mode)
            .map_err(|(key, problem)| in_file(ConfigError::Value { key, problem }))?;
        let emf_to = file.emf.to.as_deref().map(|text| text.parse().unwrap_or_default());
        Ok(Config {
            file: path.clone(),
            listen: flags.listen.or(file.listen).unwrap_or(listen),
            store: flags.store.clone().or(file.store).unwrap_or_else(|| STORE.into()),
            secrets: secrets(&file.webhook.secret_files, env)?,
            token: token(file.access.token_file.as_deref(), env)?,
            pools,
            scaler,
            roots: match targets.is_empty() && github.is_none() {
                true => Roots::default(),
                false => roots(env)?,
            },
            github,
            targets,
            rules,
            pace: file.alarms.pace.pace().map_err(wrong)?,
            page_url: page_url(file.page_url).map_err(in_file)?,
            retention: retention(&file.retention)?,
            aws: file.aws.account().map_err(in_file)?,
            emf: Emf {
                stream: file.emf.stream.unwrap_or_else(|| STREAM.to_owned()),
                to: flags.emf.clone().or(emf_to).unwrap_or_default(),
                per_event: file.emf.per == Per::Event,
                form: match file.emf.form {
                    FormWord::Histogram => Form::Histogram,
                    FormWord::Array => Form::Array,
                },
                roll_ups: roll_ups(&file.emf.roll_ups),
            },
        })
    }

    /// Where links in notifications lead; `address` is where the page is when nobody says better.
    pub fn links(&self, address: SocketAddr) -> Links {
        let listens = format!("http://{address}");
        Links::to(self.page_url.as_deref().unwrap_or(&listens))
    }

    /// Whether only this machine can reach the address.
    pub fn is_loopback(&self) -> bool {
        self.listen.ip().is_loopback()
    }
}

impl File {
    fn read(path: &Path) -> Result<File, ConfigError> {
        let text = read_text(path)?;
        toml::from_str(&text).map_err(|error| {
            let message = error.to_string().trim_end().to_owned();
            ConfigError::Parse { path: path.to_owned(), message }
        })
    }
}

fn read_text(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })
}

/// One line of a file, without the newline that editors add.
fn read_line(path: &Path) -> Result<String, ConfigError> {
    Ok(read_text(path)?.trim_end_matches(['\n', '\r']).to_owned())
}

fn secrets(files: &[PathBuf], env: Env<'_>) -> Result<Secrets, ConfigError> {
    let mut found: Vec<String> =
        [SECRET_ENV, SECRET_NEXT_ENV].iter().filter_map(|name| env(name)).collect();
    // A variable that is set and empty is what an absent secret looks like in many deployments.
    found.retain(|secret| !secret.is_empty());
    for path in files {
        found.push(read_line(path)?);
    }
    Ok(Secrets::new(&found)?)
}

/// Those in the file that the variable names, as other programs do it; otherwise the bundled ones.
fn roots(env: Env<'_>) -> Result<Roots, ConfigError> {
    match env(ROOTS_ENV).filter(|path| !path.is_empty()) {
        None => Ok(Roots::default()),
        Some(path) => Ok(Roots::in_file(Path::new(&path))?),
    }
}

fn token(file: Option<&Path>, env: Env<'_>) -> Result<Option<Token>, ConfigError> {
    let found = match (env(TOKEN_ENV).filter(|token| !token.is_empty()), file) {
        (Some(token), _) => Some(token),
        (None, Some(path)) => Some(read_line(path)?),
        (None, None) => None,
    };
    match found {
        Some(token) if token.len() < 16 => Err(ConfigError::Value {
            key: format!("{TOKEN_ENV} or access.token_file"),
            problem: "a token of at least 16 characters was expected, such as the output of \
                      `openssl rand -hex 32`"
                .into(),
        }),
        found => Ok(found.map(Token)),
    }
}

/// Names the file in which the wrong value stands.
fn in_file(path: Option<&Path>, error: ConfigError) -> ConfigError {
    match (error, path) {
        (ConfigError::Value { key, problem }, Some(path)) => {
            ConfigError::Value { key: format!("{}: {key}", path.display()), problem }
        }
        (error, _) => error,
    }
}

/// An address for links: it is shown to whoever gets a notification.
fn page_url(text: Option<String>) -> Result<Option<String>, ConfigError> {
    if let Some(Err(error)) = text.as_deref().map(client::Address::parse) {
        return Err(ConfigError::Value { key: "page_url".into(), problem: error.to_string() });
    }
    Ok(text)
}

/// What all of `[[pool]]` say.
#[derive(Default)]
struct Pools {
    pools: Vec<Pool>,
    policies: BTreeMap<String, Policy>,
    groups: BTreeMap<String, String>,
}

fn pools(tables: Vec<PoolTable>) -> Result<Pools, ConfigError> {
    let mut names = BTreeSet::new();
    let Pools { mut pools, mut policies, mut groups } = Pools::default();
    for (i, mut table) in tables.into_iter().enumerate() {
        let policy = table.policy();
        let wrong = |key: &str, problem: &str| ConfigError::Value {
            key: format!("pool {} ({:?}): {key}", i + 1, table.name),
            problem: problem.into(),
        };
        let policy = policy.map_err(|(key, problem)| wrong(key, &problem));
        let (name, labels) = (table.name.clone(), Labels::new(&table.labels));
        let pool = Pool { name, labels, runner_group: table.runner_group.clone() };
        if let Some((key, problem)) = pool.problem() {
            return Err(wrong(key, problem));
        }
        if !names.insert(table.name.clone()) {
            return Err(wrong("name", "there is a pool of that name already"));
        }
        if let Some(group) = &table.group {
            if group.is_empty() {
                return Err(wrong("group", "the name of an Auto Scaling group was expected"));
            }
            if groups.values().any(|other| other == group) {
                return Err(wrong("group", "that group stands twice; two would scale it apart"));
            }
            groups.insert(table.name.clone(), group.clone());
        }
        policies.insert(table.name.clone(), policy?);
        pools.push(pool);
    }
    Ok(Pools { pools, policies, groups })
}

fn roll_ups(words: &[RollUpWord]) -> Vec<RollUp> {
    let roll_up = |word: &RollUpWord| match word {
        RollUpWord::Pool => RollUp::Pool,
        RollUpWord::Repository => RollUp::Repository,
        RollUpWord::Article => RollUp::Article,
    };
    let distinct: BTreeSet<RollUp> = words.iter().map(roll_up).collect();
    distinct.into_iter().collect()
}

fn retention(table: &RetentionTable) -> Result<Retention, ConfigError> {
    let days = |key: &str, days: Option<u32>, default: Duration| match days {
        None => Ok(default),
        // The page looks back 7 days.
        Some(days) if days < 8 => Err(ConfigError::Value {
            key: format!("retention.{key}"),
            problem: format!("at least 8 days were expected, and it says {days}"),
        }),
        Some(days) => Ok(Duration::from_hours(u64::from(days) * 24)),
    };
    let default = Retention::default();
    Ok(Retention {
        jobs: days("jobs_days", table.jobs_days, default.jobs)?,
        series: days("series_days", table.series_days, default.series)?,
        ..default
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, vars: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("headroom.toml");
        std::fs::write(&path, text).unwrap();
        let flags = Flags { config: Some(path), ..Flags::default() };
        let env = |name: &str| {
            vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Config::load(&flags, &env).map_err(|error| crate::exit::chain(&error))
    }

    #[test]
    fn an_empty_file_gives_sensible_defaults() {
        let config = load("", &[]).unwrap();
        assert_eq!(config.listen.to_string(), LISTEN);
        assert!(config.is_loopback() && config.secrets.is_empty() && config.token.is_none());
        assert_eq!(config.emf.to, EmfTarget::Off);
    }

    #[test]
    fn a_wrong_key_names_the_file_the_line_and_what_was_expected() {
        for (text, expected) in [
            ("listn = \"x\"", &["headroom.toml", "line 1", "listn", "listen"][..]),
            ("\n[[pool]]\nname = \"a\"", &["line 2", "labels"]),
            ("[emf]\nper = \"hour\"", &["line 2", "hour", "minute"]),
            ("listen = 9", &["line 1", "listen"]),
            ("[[pool]]\nname = \"a\"\nlabels = []", &["pool 1", "labels", "at least one"]),
            ("[retention]\njobs_days = 1", &["retention.jobs_days", "8 days"]),
            ("[webhook]\nsecret_files = [\"/nowhere\"]", &["/nowhere"]),
        ] {
            let error = load(text, &[]).unwrap_err();
            for part in expected {
                assert!(error.contains(part), "{text:?} gives {error:?} without {part:?}");
            }
        }
    }

    #[test]
    fn a_pool_says_how_it_is_scaled() {
        let config = load(
            "[scaler]\nmode = \"simulated\"\n[[pool]]\nname = \"a\"\nlabels = [\"x\"]\n\
             runners_max = 10\nrunners_max_exhausted = 15\nboot_secs = 90\nstopped = 4\n\
             spot_share = 0.5\nspot_pause_secs = 600\n\
             hot_spare = { schedule = [{ days = \"mon-fri\", hours = \"8-18\", runners = 2 }] }",
            &[],
        )
        .unwrap();
        assert_eq!(config.scaler.mode, Mode::Simulated);
        let policy = config.scaler.policy("a");
        assert_eq!((policy.ceiling(false), policy.ceiling(true)), (10, 15));
        assert_eq!(policy.times.cold_start, Duration::from_secs(90));
        assert_eq!(policy.stopped, scaler::Stopped::Constant { instances: 4 });
        let pause = Duration::from_mins(10);
        assert_eq!(policy.spot, Some(scaler::Spot { share: 0.5, pause, ..Default::default() }));
        let window =
            scaler::Window { first_day: 0, last_day: 4, from_hour: 8, to_hour: 18, runners: 2 };
        assert_eq!(policy.hot, scaler::Hot::Schedule { otherwise: 0, windows: vec![window] });
        assert_eq!(config.scaler.policy("found"), Policy::default());
        assert_eq!(load("", &[]).unwrap().scaler.mode, Mode::DryRun);
    }

    #[test]
    fn a_wrong_size_names_file_pool_key_and_what_was_expected() {
        for (keys, expected) in [
            ("runners_min = 3\nrunners_max = 2", &["runners_max:", "runners_min (3)"][..]),
            ("runners_max_exhausted = 9", &["runners_max_exhausted:", "runners_max was expected"]),
            ("boot_secs = 400", &["registration_deadline_secs", "boot_secs (400)"]),
            ("stopped = \"much\"", &["stopped:", "auto", "none"]),
            ("stopped = { share = 2 }", &["stopped:", "below 1"]),
            ("spot_share = 70", &["spot_share:", "0 to 1"]),
            ("spot_pause_secs = 60", &["spot_pause_secs:", "spot_share was expected"]),
            ("spot_share = 1\nspot_pause_secs = 0", &["spot_pause_secs:", "1 to"]),
            ("stopped_cost = 7", &["stopped_cost:", "up to 1"]),
            ("hot_spare = { schedule = [{ days = \"fri-mon\" }] }", &["hot_spare:", "days"]),
            ("hot_spare = -1", &["hot_spare:", "a number"]),
        ] {
            let text = format!("[[pool]]\nname = \"a\"\nlabels = [\"x\"]\n{keys}");
            let error = load(&text, &[]).unwrap_err();
            for part in ["headroom.toml", "pool 1", "expected"].iter().take(2).chain(expected) {
                assert!(error.contains(part), "{text:?} gives {error:?} without {part:?}");
            }
        }
        let error = load("[scaler]\nmode = \"on\"", &[]).unwrap_err();
        assert!(error.contains("dry-run") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn groups_are_scaled_where_pools_name_them() {
        let of = |mode: &str, keys: &str| {
            let pool = |name: &str| format!("[[pool]]\nname = {name:?}\nlabels = [{name:?}]\n");
            load(&format!("[scaler]\nmode = {mode:?}\n{}{}{keys}", pool("b"), pool("a")), &[])
        };
        let config = of("act", "group = \"runners\"").unwrap();
        assert_eq!((config.scaler.mode, config.scaler.group("a")), (Mode::Act, Some("runners")));
        assert_eq!(config.scaler.group("b"), None);
        for (mode, keys, expected) in [
            ("act", "", "group = \"NAME\" was expected"),
            ("act", "group = \"x\"\nspot_share = 0.5", "which needs two"),
            ("dry-run", "group = \"\"", "the name of an Auto Scaling group was expected"),
            (
                "act",
                "group = \"x\"\n[[pool]]\nname = \"c\"\nlabels = [\"c\"]\ngroup = \"x\"",
                "that group stands twice",
            ),
        ] {
            let error = of(mode, keys).unwrap_err();
            assert!(error.contains(expected), "{keys:?} gives {error:?}");
        }
    }

    #[test]
    fn two_pools_of_one_name_are_refused() {
        let pool = "[[pool]]\nname = \"a\"\nlabels = [\"x\"]\n";
        let error = load(&format!("{pool}{pool}"), &[]).unwrap_err();
        assert!(error.contains("pool 2") && error.contains("already"), "{error}");
    }

    #[test]
    fn secrets_come_from_the_environment_and_from_files_and_are_never_shown() {
        let config = load("", &[(SECRET_ENV, "hunter2"), (SECRET_NEXT_ENV, "hunter3")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter"));
        assert!(config.secrets.verify(config.secrets.sign(b"x").as_deref(), b"x").is_ok());
        assert!(load("", &[(SECRET_ENV, "")]).unwrap().secrets.is_empty());
        assert!(load("", &[(TOKEN_ENV, "short")]).unwrap_err().contains("16 characters"));
    }
}
