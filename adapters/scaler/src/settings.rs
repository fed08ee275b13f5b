//! The function's settings, all from its environment.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use client::{Address, AddressError};
use github::{GitHub, Owner};
use lambda::{ROLL_UPS, SettingsError, Stamp};
use model::{Labels, Pool, RollUp};
use scaler::{Hot, Policy, Stopped};
use serde::Deserialize;

/// What the function is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which of the two functions it is.
    pub role: Role,
    /// Whether it acts.
    pub mode: Mode,
    /// The pools, by name each once.
    pub pools: Vec<ScaledPool>,
    /// The log group of the webhook's function; the lifecycle function needs none.
    pub ingest_log_group: String,
    /// The log group of its own, in which checkpoints lie.
    pub own_log_group: String,
    /// Roll-ups of the webhook's lines beside [`RollUp::Pool`].
    pub roll_ups: Vec<RollUp>,
    /// Who registers runners; none: whoever prepares the instances.
    pub github: Option<GitHubSettings>,
    /// Between two looks of the scheduled loop.
    pub tick: Duration,
    /// How Lambda reads our lines.
    pub stamp: Stamp,
}

/// Which of the two functions it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Looks at the queues.
    Tick,
    /// Hears of instances.
    Lifecycle,
}

/// Whether it acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It says what it would do.
    DryRun,
    /// It does it.
    Act,
}

/// A pool and what scales it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScaledPool {
    /// Its name, as in the lines of the webhook.
    pub name: String,
    /// The name of its Auto Scaling group.
    pub group: String,
    /// The name of a group of Spot instances beside it.
    pub spot_group: Option<String>,
    /// What its runners are registered with.
    pub labels: Labels,
    /// The runner group at GitHub that they are registered in; none: the default one.
    pub runner_group: Option<String>,
    /// What its owner asks for.
    pub policy: Policy,
}

impl ScaledPool {
    /// The pool by each of its groups.
    pub(crate) fn by_group(self) -> impl Iterator<Item = (String, ScaledPool)> {
        let groups = [Some(self.group.clone()), self.spot_group.clone()];
        groups.into_iter().flatten().map(move |group| (group, self.clone()))
    }
}

/// Who registers runners at GitHub, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitHubSettings {
    /// The organisation whose runners they are, or
    pub organization: Option<String>,
    /// the repository, as `owner/name`.
    pub repository: Option<String>,
    /// The App's client id or number.
    pub app_id: String,
    /// Its installation; none: GitHub is asked for it.
    pub installation_id: Option<u64>,
    /// The parameter of Parameter Store that holds its private key.
    pub private_key: String,
    /// Where GitHub is, unless it is github.com.
    pub api_url: Option<String>,
    /// The webhook that sends to us, by its number; none: the App's own.
    pub webhook_id: Option<u64>,
    /// Seconds between two looks for lost webhooks, [`CHECK_SECS`]; none: five minutes.
    pub check_secs: Option<u64>,
}

/// Whole minutes, for the schedule comes once in one; GitHub's list of deliveries is read for the last
/// three hours.
pub const CHECK_SECS: RangeInclusive<u64> = 60..=3600;

impl GitHubSettings {
    /// Whose runners.
    pub(crate) fn owner(&self) -> Result<Owner, &'static str> {
        match (&self.organization, &self.repository) {
            (Some(name), None) if is_name(name) => Ok(Owner::Organization(name.clone())),
            (None, Some(name)) if name.split('/').count() == 2 && name.split('/').all(is_name) => {
                Ok(Owner::Repository(name.clone()))
            }
            _ => Err("either organization or repository was expected, as acme or acme/app"),
        }
    }

    /// Between two looks for lost webhooks.
    pub(crate) fn check(&self) -> Duration {
        self.check_secs.map_or(CHECK, Duration::from_secs)
    }

    /// Where GitHub is.
    pub(crate) fn address(&self) -> Result<Address, AddressError> {
        Address::parse(self.api_url.as_deref().unwrap_or(GitHub::API))
    }
}

/// It stands in addresses: nothing else may slip in.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

const ROLE: &str = "HEADROOM_ROLE";
const MODE: &str = "HEADROOM_SCALER_MODE";
const POOLS: &str = "HEADROOM_POOLS";
const INGEST: &str = "HEADROOM_INGEST_LOG_GROUP";
const OWN: &str = "HEADROOM_SCALER_LOG_GROUP";
const TICK: &str = "HEADROOM_TICK_SECS";
const GITHUB: &str = "HEADROOM_GITHUB";

/// Between two looks for lost webhooks, unless something else is set.
const CHECK: Duration = Duration::from_mins(5);

/// Between two looks, unless something else is set.
const TICK_SECS: u64 = 10;

/// A pool in [`POOLS`]. Labels and runner group stand there for the webhook's sake.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolRow {
    name: String,
    labels: Vec<String>,
    runner_group: Option<String>,
    group: String,
    spot_group: Option<String>,
    #[serde(default)]
    policy: Policy,
}

impl Settings {
    /// The names of the pools.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pools.iter().map(|pool| pool.name.as_str())
    }

    /// Reads the variables; an empty one counts as not set.
    ///
    /// # Errors
    /// When one makes no sense.
    pub fn read(env: &dyn Fn(&str) -> Option<String>) -> Result<Settings, SettingsError> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        let role = match env(ROLE).as_deref() {
            Some("tick") => Role::Tick,
            Some("lifecycle") => Role::Lifecycle,
            other => return Err(wrong(ROLE, expected("tick or lifecycle", other))),
        };
        let mode = match env(MODE).as_deref() {
            None | Some("dry-run") => Mode::DryRun,
            Some("act") => Mode::Act,
            other => return Err(wrong(MODE, expected("dry-run or act", other))),
        };
        let needed = |name: &'static str| {
            env(name).ok_or_else(|| wrong(name, "the name of a log group was expected"))
        };
        let ingest_log_group = match role {
            Role::Tick => needed(INGEST)?,
            Role::Lifecycle => env(INGEST).unwrap_or_default(),
        };
        let (format, level) = (env("AWS_LAMBDA_LOG_FORMAT"), env("AWS_LAMBDA_LOG_LEVEL"));
        Ok(Settings {
            role,
            mode,
            pools: pools(&env(POOLS).unwrap_or_default())?,
            ingest_log_group,
            own_log_group: needed(OWN)?,
            roll_ups: lambda::roll_ups(&env(ROLL_UPS).unwrap_or_default())?,
            github: env(GITHUB).map(|text| github(&text)).transpose()?,
            tick: tick(env(TICK).as_deref())?,
            stamp: Stamp::new(format.as_deref(), level.as_deref()),
        })
    }
}

fn wrong(variable: &'static str, problem: impl Into<String>) -> SettingsError {
    SettingsError { variable, problem: problem.into() }
}

fn expected(what: &str, found: Option<&str>) -> String {
    match found {
        Some(found) => format!("{what} was expected, not {found:?}"),
        None => format!("{what} was expected, and it is not set"),
    }
}

fn tick(text: Option<&str>) -> Result<Duration, SettingsError> {
    let secs = match text {
        None => Some(TICK_SECS),
        Some(text) => text.parse().ok().filter(|secs| (1..=60).contains(secs)),
    };
    let problem = || wrong(TICK, expected("a number of seconds from 1 to 60", text));
    secs.map(Duration::from_secs).ok_or_else(problem)
}

fn github(text: &str) -> Result<GitHubSettings, SettingsError> {
    let expected = "JSON such as {\"organization\":\"acme\",\"app_id\":\"Iv23li..\",\
        \"private_key\":\"/headroom/github-app-key\"} was expected";
    let settings: GitHubSettings = serde_json::from_str(text)
        .map_err(|error| wrong(GITHUB, format!("{error}; {expected}")))?;
    settings.owner().map_err(|problem| wrong(GITHUB, problem))?;
    settings.address().map_err(|error| wrong(GITHUB, format!("api_url: {error}")))?;
    if let Some(secs) = settings.check_secs.filter(|it| !CHECK_SECS.contains(it)) {
        let (least, most) = (CHECK_SECS.start(), CHECK_SECS.end());
        return Err(wrong(
            GITHUB,
            format!("check_secs: {least} to {most} were expected, not {secs}"),
        ));
    }
    Ok(settings)
}

fn pools(text: &str) -> Result<Vec<ScaledPool>, SettingsError> {
    let expected = "a JSON list such as \
        [{\"name\":\"linux\",\"labels\":[\"linux\"],\"group\":\"runners\"}] was expected";
    let text = lambda::unpacked(text).map_err(|problem| wrong(POOLS, problem))?;
    let rows: Vec<PoolRow> = serde_json::from_str(&text)
        .map_err(|error| wrong(POOLS, format!("{error}; {expected}")))?;
    let (mut names, mut groups) = (BTreeSet::new(), BTreeSet::new());
    let mut pools = Vec::with_capacity(rows.len());
    for (number, row) in (1..).zip(rows) {
        let PoolRow { name, labels, runner_group, group, spot_group, policy } = row;
        let pool = Pool { name, labels: Labels::new(&labels), runner_group };
        let at = |key: &str, problem: &str| {
            wrong(POOLS, format!("pool {number} ({:?}): {key}: {problem}", pool.name))
        };
        if let Some((key, problem)) = pool.problem().or_else(|| problem(&policy)) {
            return Err(at(key, problem));
        }
        let of_pool = [("group", Some(&group)), ("spot_group", spot_group.as_ref())];
        if policy.spot.is_some() && spot_group.is_none() {
            return Err(at("policy.spot", "there is no spot_group whose instances it could be"));
        }
        if !names.insert(pool.name.clone()) {
            return Err(at("name", "there is a pool of that name already"));
        }
        for (key, name) in of_pool {
            let Some(name) = name else { continue };
            if name.is_empty() {
                return Err(at(key, "the name of an Auto Scaling group was expected"));
            }
            if !groups.insert(name.clone()) {
                return Err(at(key, "that group stands twice; two would scale it apart"));
            }
        }
        let Pool { name, labels, runner_group } = pool;
        pools.push(ScaledPool { name, group, spot_group, labels, runner_group, policy });
    }
    match pools.is_empty() {
        true => Err(wrong(POOLS, "at least one pool was expected")),
        false => Ok(pools),
    }
}

/// The first thing that is wrong with a policy.
fn problem(policy: &Policy) -> Option<(&'static str, &'static str)> {
    let usual = policy.runners_max.unwrap_or(u32::MAX);
    let is_part = |share: f64| (0.0..=1.0).contains(&share);
    let is_positive = |patience: f64| patience.is_finite() && patience > 0.0;
    let hot = match policy.hot {
        Hot::Quantile { share } => is_part(share),
        Hot::Worthwhile { patience } => is_positive(patience),
        Hot::None | Hot::Flat { .. } | Hot::Schedule { .. } => true,
    };
    let stopped = match policy.stopped {
        Stopped::Share { share } => is_part(share),
        Stopped::Worthwhile { patience } => is_positive(patience),
        Stopped::None | Stopped::Constant { .. } => true,
    };
    let checks = [
        (
            policy.runners_min <= usual,
            "policy.runners_min",
            "no more than runners_max was expected",
        ),
        (
            policy.runners_max_exhausted.is_none_or(|most| most >= usual),
            "policy.runners_max_exhausted",
            "no less than runners_max was expected",
        ),
        (
            policy.spot.is_none_or(|spot| is_part(spot.share)),
            "policy.spot.share",
            "a share from 0 to 1 was expected",
        ),
        (hot, "policy.hot", "a share from 0 to 1 or a patience above 0 was expected"),
        (stopped, "policy.stopped", "a share from 0 to 1 or a patience above 0 was expected"),
        (
            policy.stopped_cost.is_finite() && policy.stopped_cost >= 0.0,
            "policy.stopped_cost",
            "a number from 0 up was expected",
        ),
    ];
    checks.into_iter().find(|(is_right, ..)| !is_right).map(|(_, key, problem)| (key, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"[{"name":"linux","labels":["x"],"group":"g","policy":{"runners_max":4}}]"#;

    fn read(vars: &[(&str, &str)]) -> Result<Settings, String> {
        let usual = [(ROLE, "tick"), (POOLS, ONE), (INGEST, "/in"), (OWN, "/own")];
        let env = |name: &str| {
            let all = vars.iter().chain(&usual);
            all.clone().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::read(&env).map_err(|error| error.to_string())
    }

    #[test]
    fn what_the_template_sets_is_taken() {
        let settings = read(&[(MODE, "act"), (TICK, "1")]).unwrap();
        assert_eq!((settings.role, settings.mode), (Role::Tick, Mode::Act));
        assert_eq!((settings.pools[0].group.as_str(), settings.tick.as_secs()), ("g", 1));
        assert_eq!(settings.pools[0].policy.runners_max, Some(4));
        let lifecycle = read(&[(ROLE, "lifecycle"), (INGEST, "")]).unwrap();
        assert_eq!((lifecycle.role, lifecycle.mode), (Role::Lifecycle, Mode::DryRun));
    }

    #[test]
    fn the_pools_of_the_template_are_read() {
        let template = include_str!("../../aws/template.yaml");
        let (_, after) = template.split_once("\n          HEADROOM_ROLE: tick\n").unwrap();
        let (_, after) = after.split_once("HEADROOM_POOLS: '").unwrap();
        let (pools, _) = after.split_once("'\n").unwrap();
        let settings = read(&[(POOLS, &pools.replace("''", "'"))]).unwrap();
        assert_eq!(settings.pools[0].group, "headroom-linux-runners");
        assert_eq!(settings.pools[0].policy.runners_max_exhausted, Some(60));
        for variable in [ROLE, MODE, POOLS, INGEST, OWN] {
            assert!(template.contains(&format!("\n          {variable}: ")), "{variable}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_named_with_what_was_expected() {
        let pool = |more: &str| format!(r#"[{{"name":"a","labels":["x"],"group":"g"{more}}}]"#);
        let both = r#"[{"name":"a","labels":["x"],"group":"g"},
                       {"name":"b","labels":["x"],"group":"g"}]"#;
        for (name, value, expected) in [
            (ROLE, "", "tick or lifecycle"),
            (MODE, "on", "dry-run or act"),
            (INGEST, "", "a log group"),
            (OWN, "", "a log group"),
            (TICK, "0", "from 1 to 60"),
            (POOLS, "", "a JSON list"),
            (POOLS, "[]", "at least one pool"),
            (POOLS, r#"[{"name":"a","labels":["x"]}]"#, "group"),
            (POOLS, &pool(r#","policy":{"runners":1}"#), "runners"),
            (POOLS, &pool(r#","policy":{"runners_min":2,"runners_max":1}"#), "runners_min"),
            (POOLS, &pool(r#","policy":{"stopped":{"share":{"share":2}}}"#), "0 to 1"),
            (POOLS, both, "that group stands twice"),
            (POOLS, &pool(r#","spot_group":"g""#), "spot_group: that group stands twice"),
            (POOLS, &pool(r#","spot_group":"""#), "spot_group: the name"),
            (POOLS, &pool(r#","policy":{"spot":{"share":0.5}}"#), "policy.spot: there is no"),
            (POOLS, &pool(r#","spot_group":"s","policy":{"spot":{"share":7}}"#), "0 to 1"),
            (GITHUB, "{}", "organization"),
            (GITHUB, r#"{"app_id":"1","private_key":"/k"}"#, "either organization or repository"),
            (GITHUB, r#"{"app_id":"1","private_key":"/k","organization":"a/b"}"#, "acme/app"),
            (
                GITHUB,
                r#"{"app_id":"1","private_key":"/k","organization":"a","check_secs":5}"#,
                "60 to 3600",
            ),
            (ROLL_UPS, "job", "repository or article"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            let is_named = error.starts_with(&format!("{name}: "));
            assert!(is_named && error.contains(expected), "{value}: {error}");
        }
    }
}
