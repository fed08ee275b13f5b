//! The function's settings, all from its environment.

use std::collections::BTreeSet;

use ingest::Secrets;
use model::emf::Form;
use model::{Labels, Pool, RollUp};
use serde::Deserialize;

use crate::extension::{Extension, Place};
use crate::keys::Source;
use crate::lines::Stamp;
use crate::packed::unpacked;

/// What the function is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the webhook's secrets come from.
    pub sources: Vec<Source>,
    /// The extension in this sandbox.
    pub extension: Extension,
    /// The pools; none makes each set of labels one.
    pub pools: Vec<Pool>,
    /// Roll-ups beside [`RollUp::Pool`].
    pub roll_ups: Vec<RollUp>,
    /// How distributions of a batch are written.
    pub form: Form,
    /// How Lambda reads our lines.
    pub stamp: Stamp,
}

/// A variable that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct SettingsError {
    /// Which.
    pub variable: &'static str,
    /// What is wrong and what was expected.
    pub problem: String,
}

/// The variables of each secret: itself, or where it is kept.
const SECRETS: [(&str, &str); Secrets::ACTIVE_MAX] = [
    ("HEADROOM_WEBHOOK_SECRET", "HEADROOM_WEBHOOK_SECRET_FROM"),
    ("HEADROOM_WEBHOOK_SECRET_NEXT", "HEADROOM_WEBHOOK_SECRET_NEXT_FROM"),
];

const POOLS: &str = "HEADROOM_POOLS";
/// The variable that has the roll-ups, with commas between them.
pub const ROLL_UPS: &str = "HEADROOM_ROLL_UPS";
const FORM: &str = "HEADROOM_EMF_FORM";
const PORT: &str = "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT";

/// A pool in [`POOLS`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolRow {
    name: String,
    labels: Vec<String>,
    runner_group: Option<String>,
}

impl Settings {
    /// Reads the variables; an empty one counts as not set.
    ///
    /// # Errors
    /// When one makes no sense.
    pub fn read(env: &dyn Fn(&str) -> Option<String>) -> Result<Settings, SettingsError> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        let mut sources = Vec::new();
        for names in SECRETS {
            sources.extend(source(names, &env)?);
        }
        let form = match env(FORM).as_deref() {
            None | Some("histogram") => Form::Histogram,
            Some("array") => Form::Array,
            Some(other) => {
                return Err(wrong(FORM, format!("histogram or array was expected, not {other:?}")));
            }
        };
        let (format, level) = (env("AWS_LAMBDA_LOG_FORMAT"), env("AWS_LAMBDA_LOG_LEVEL"));
        Ok(Settings {
            sources,
            extension: Extension {
                port: port(&env)?,
                token: env("AWS_SESSION_TOKEN").unwrap_or_default(),
            },
            pools: pools(env(POOLS).as_deref())?,
            roll_ups: roll_ups(&env(ROLL_UPS).unwrap_or_default())?,
            form,
            stamp: Stamp::new(format.as_deref(), level.as_deref()),
        })
    }
}

fn wrong(variable: &'static str, problem: impl Into<String>) -> SettingsError {
    SettingsError { variable, problem: problem.into() }
}

fn source(
    (value, from): (&'static str, &'static str),
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Source>, SettingsError> {
    match (env(value), env(from)) {
        (None, None) => Ok(None),
        (Some(secret), None) => Ok(Some(Source::Value(secret))),
        (None, Some(text)) => {
            let expected = "ssm:NAME or secretsmanager:NAME was expected";
            let place = Place::from_text(&text).ok_or_else(|| wrong(from, expected))?;
            Ok(Some(Source::Place(place)))
        }
        (Some(_), Some(_)) => Err(wrong(from, format!("{value} is set too; set one of them"))),
    }
}

fn port(env: &dyn Fn(&str) -> Option<String>) -> Result<u16, SettingsError> {
    let Some(text) = env(PORT) else { return Ok(Extension::PORT) };
    text.parse().map_err(|_| wrong(PORT, format!("a port was expected, not {text:?}")))
}

fn pools(text: Option<&str>) -> Result<Vec<Pool>, SettingsError> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let expected = "a JSON list such as [{\"name\":\"linux\",\"labels\":[\"self-hosted\",\"linux\"]}] was expected";
    let text = unpacked(text).map_err(|problem| wrong(POOLS, problem))?;
    let rows: Vec<PoolRow> = serde_json::from_str(&text)
        .map_err(|error| wrong(POOLS, format!("{error}; {expected}")))?;
    let mut names = BTreeSet::new();
    let mut pools = Vec::with_capacity(rows.len());
    for (number, PoolRow { name, labels, runner_group }) in (1..).zip(rows) {
        let pool = Pool { name, labels: Labels::new(&labels), runner_group };
        let at = |key: &str, problem: &str| {
            wrong(POOLS, format!("pool {number} ({:?}): {key}: {problem}", pool.name))
        };
        if let Some((key, problem)) = pool.problem() {
            return Err(at(key, problem));
        }
        if !names.insert(pool.name.clone()) {
            return Err(at("name", "there is a pool of that name already"));
        }
        pools.push(pool);
    }
    Ok(pools)
}

/// Roll-ups beside [`RollUp::Pool`], from [`ROLL_UPS`].
///
/// # Errors
/// When a word is none.
pub fn roll_ups(text: &str) -> Result<Vec<RollUp>, SettingsError> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let roll_up = |word: &str| {
        let problem = || format!("repository or article was expected, not {word:?}");
        RollUp::from_word(word).ok_or_else(|| wrong(ROLL_UPS, problem()))
    };
    let distinct: BTreeSet<RollUp> = words.map(roll_up).collect::<Result<_, _>>()?;
    Ok(distinct.into_iter().filter(|roll_up| *roll_up != RollUp::Pool).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Settings, String> {
        let env = |name: &str| {
            vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::read(&env).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_set_is_a_function_without_a_secret_and_without_pools() {
        let settings = read(&[("HEADROOM_WEBHOOK_SECRET", "")]).unwrap();
        assert!(settings.sources.is_empty() && settings.pools.is_empty());
        assert_eq!((settings.extension.port, settings.form), (2773, Form::Histogram));
    }

    #[test]
    fn every_variable_is_taken() {
        let settings = read(&[
            ("HEADROOM_WEBHOOK_SECRET", "hunter2"),
            ("HEADROOM_WEBHOOK_SECRET_NEXT_FROM", "ssm:/next"),
            ("HEADROOM_POOLS", r#"[{"name":"a","labels":["x","X"],"runner_group":"g"}]"#),
            ("HEADROOM_ROLL_UPS", "article, repository,pool"),
            ("HEADROOM_EMF_FORM", "array"),
            ("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "4000"),
            ("AWS_SESSION_TOKEN", "hunter3"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_LAMBDA_LOG_LEVEL", "ERROR"),
        ])
        .unwrap();
        let next = Source::Place(Place::Parameter("/next".into()));
        assert_eq!(settings.sources, [Source::Value("hunter2".into()), next]);
        assert_eq!(settings.pools[0].labels, Labels::new(["x"]));
        assert_eq!(settings.roll_ups, [RollUp::Repository, RollUp::Article]);
        assert_eq!((settings.form, settings.extension.port), (Form::Array, 4000));
        assert!(settings.stamp.is_raised());
        assert!(!format!("{settings:?}").contains("hunter"));
    }

    #[test]
    fn what_makes_no_sense_is_named_with_what_was_expected() {
        for (name, value, expected) in [
            ("HEADROOM_WEBHOOK_SECRET_FROM", "/plain", &["ssm:NAME"][..]),
            ("HEADROOM_POOLS", "{}", &["a JSON list"]),
            ("HEADROOM_POOLS", r#"[{"name":"a","labels":[]}]"#, &["pool 1", "labels", "at least"]),
            ("HEADROOM_POOLS", r#"[{"name":"other","labels":["x"]}]"#, &["reserved"]),
            ("HEADROOM_POOLS", r#"[{"name":"a","label":["x"]}]"#, &["label"]),
            ("HEADROOM_ROLL_UPS", "repo", &["repository or article", "repo"]),
            ("HEADROOM_EMF_FORM", "sets", &["histogram or array"]),
            ("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "http", &["a port"]),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.starts_with(&format!("{name}: ")), "{error}");
            for part in expected {
                assert!(error.contains(part), "{part:?} is not in {error}");
            }
        }
        let twice = r#"[{"name":"a","labels":["x"]},{"name":"a","labels":["y"]}]"#;
        assert!(read(&[("HEADROOM_POOLS", twice)]).unwrap_err().contains("pool 2"));
        let both = [("HEADROOM_WEBHOOK_SECRET", "a"), ("HEADROOM_WEBHOOK_SECRET_FROM", "ssm:b")];
        assert!(read(&both).unwrap_err().contains("set one of them"));
    }
}
