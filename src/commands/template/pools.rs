//! Which pools, and what stands behind each: a group that is there already, or one of this stack.

use std::collections::BTreeMap;

use model::{Labels, Pool, RollUp};
use scaler::{Policy, Stopped};
use serde_json::{Value, json};

use crate::cli::TemplateArgs;
use crate::config::Config;
use crate::exit::Failure;

/// What the template is for.
#[derive(Debug)]
pub struct Chosen {
    /// In the order of the configuration.
    pub pools: Vec<Scaled>,
}

/// A pool with its group.
#[derive(Debug)]
pub struct Scaled {
    pub pool: Pool,
    pub policy: Policy,
    /// The name of its Auto Scaling group.
    pub group: String,
    /// The group that the stack makes; none: it is there already.
    pub made: Option<Made>,
}

/// A group of the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// On-Demand instances of one type, with a warm pool.
    OnDemand(String),
    /// Spot instances of several types, without one.
    Spot(Vec<String>),
}

impl Chosen {
    /// The pools that the arguments name, or all of the configuration.
    pub fn of(args: &TemplateArgs, config: &Config) -> Result<Chosen, Failure> {
        let pools = asked(args, config)?;
        let known: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
        let on_demand = by_pool("--on-demand", &args.on_demand, &known)?;
        let spot = by_pool("--spot", &args.spot, &known)?;
        let groups = by_pool("--group", &args.group, &known)?;
        let scaled = |pool: Pool| {
            let name = pool.name.clone();
            let of = |all: &BTreeMap<String, String>| all.get(&name).cloned();
            let made = made(&name, of(&on_demand), of(&spot), of(&groups).is_some())?;
            let policy = policy(config.scaler.policy(&name), &name, made.as_ref())?;
            let group =
                of(&groups).unwrap_or_else(|| alarms::cloudwatch::name("runners", Some(&name)));
            Ok(Scaled { pool, policy, group, made })
        };
        Ok(Chosen { pools: pools.into_iter().map(scaled).collect::<Result<_, Failure>>()? })
    }

    /// The value of the webhook's `HEADROOM_POOLS`; none is the empty text.
    pub fn for_ingest(&self) -> String {
        listed(self.pools.iter().map(|scaled| row(&scaled.pool)).collect())
    }

    /// The value of the scaler's `HEADROOM_POOLS`: each with its group, and with its policy as far as
    /// it is not the default.
    pub fn for_scaler(&self) -> String {
        let scaled = |scaled: &Scaled| {
            let mut row = row(&scaled.pool);
            row["group"] = json!(scaled.group);
            let own = differences(json!(scaled.policy), &json!(Policy::default()));
            if own.as_object().is_some_and(|own| !own.is_empty()) {
                row["policy"] = own;
            }
            row
        };
        listed(self.pools.iter().map(scaled).collect())
    }
}

fn listed(rows: Vec<Value>) -> String {
    if rows.is_empty() { String::new() } else { Value::Array(rows).to_string() }
}

fn row(pool: &Pool) -> Value {
    let mut row = json!({ "name": pool.name, "labels": pool.labels });
    if let Some(group) = &pool.runner_group {
        row["runner_group"] = json!(group);
    }
    row
}

/// The members that are not as `usual`.
fn differences(mut value: Value, usual: &Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|key, member| usual[key.as_str()] != *member);
    }
    value
}

fn asked(args: &TemplateArgs, config: &Config) -> Result<Vec<Pool>, Failure> {
    if args.pool.is_empty() {
        return Ok(config.pools.clone());
    }
    let find = |name: &String| match config.pools.iter().find(|pool| pool.name == *name) {
        Some(pool) => Ok(pool.clone()),
        // Without a configuration a pool is what its name says.
        None if config.pools.is_empty() => {
            let labels = Labels::new(["self-hosted", name.as_str()]);
            let pool = Pool { name: name.clone(), labels, runner_group: None };
            match pool.problem() {
                None => Ok(pool),
                Some((key, problem)) => Err(wrong("--pool", format!("{name:?}: {key}: {problem}"))),
            }
        }
        None => {
            let names: Vec<&str> = config.pools.iter().map(|pool| pool.name.as_str()).collect();
            Err(wrong(
                "--pool",
                format!("there is no pool {name:?}; there are {}", names.join(", ")),
            ))
        }
    };
    args.pool.iter().map(find).collect()
}

/// `POOL=VALUE` by pool; names may hold the sign.
fn by_pool(
    option: &str,
    texts: &[String],
    known: &[&str],
) -> Result<BTreeMap<String, String>, Failure> {
    let mut all = BTreeMap::new();
    for text in texts {
        let expected = || wrong(option, format!("POOL=VALUE was expected, not {text:?}"));
        let (pool, value) = text.rsplit_once('=').ok_or_else(expected)?;
        if pool.is_empty() || value.is_empty() {
            return Err(expected());
        }
        if !known.contains(&pool) {
            let names = known.join(", ");
            return Err(wrong(option, format!("there is no pool {pool:?}; there are {names}")));
        }
        if all.insert(pool.to_owned(), value.to_owned()).is_some() {
            return Err(wrong(option, format!("{pool:?} stands twice")));
        }
    }
    Ok(all)
}

fn made(
    pool: &str,
    on_demand: Option<String>,
    spot: Option<String>,
    is_there: bool,
) -> Result<Option<Made>, Failure> {
    let both = |first: &str, second: &str| {
        wrong(first, format!("{pool:?} has {second} too; a pool has one group"))
    };
    match (on_demand, spot) {
        (Some(_), Some(_)) => Err(wrong(
            "--spot",
            format!(
                "{pool:?} has --on-demand too: a group of Spot instances has no warm pool, so a pool \
                 is one or the other"
            ),
        )),
        (Some(_), None) if is_there => Err(both("--on-demand", "--group")),
        (None, Some(_)) if is_there => Err(both("--spot", "--group")),
        (Some(kind), None) => Ok(Some(Made::OnDemand(kind))),
        (None, Some(kinds)) => {
            let kinds = kinds.split(',').map(|kind| kind.trim().to_owned());
            Ok(Some(Made::Spot(kinds.filter(|kind| !kind.is_empty()).collect())))
        }
        (None, None) => Ok(None),
    }
}

/// A group of Spot instances takes no warm pool: none is asked for, and one that the configuration
/// asks for is refused. A group of the stack needs a maximum.
fn policy(mut policy: Policy, pool: &str, made: Option<&Made>) -> Result<Policy, Failure> {
    if let Some(Made::Spot(_)) = made {
        let is_usual = policy.stopped == Policy::default().stopped;
        if !is_usual && policy.stopped != Stopped::None {
            let problem = "the configuration asks for stopped instances, and a group of Spot \
                           instances has no warm pool: set stopped = \"none\"";
            return Err(wrong("--spot", format!("{pool:?}: {problem}")));
        }
        policy.stopped = Stopped::None;
    }
    Ok(policy)
}

fn wrong(key: &str, problem: String) -> Failure {
    Failure::Argument { key: key.into(), problem }
}

/// The value of `HEADROOM_ROLL_UPS`.
pub fn roll_ups(on: &[RollUp]) -> String {
    let opted = on.iter().filter(|roll_up| **roll_up != RollUp::Pool);
    opted.map(|roll_up| roll_up.as_str()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(name: &str) -> Pool {
        let labels = Labels::new(["x", "self-hosted"]);
        Pool { name: name.into(), labels, runner_group: Some("default".to_owned()) }
    }

    fn chosen(policy: Policy) -> Chosen {
        let group = "runners".to_owned();
        Chosen { pools: vec![Scaled { pool: pool("bob's"), policy, group, made: None }] }
    }

    #[test]
    fn pools_stand_in_the_template_as_the_functions_read_them() {
        let ingest = r#"[{"labels":["self-hosted","x"],"name":"bob's","runner_group":"default"}]"#;
        assert_eq!(chosen(Policy::default()).for_ingest(), ingest);
        let policy = Policy { runners_max: Some(40), stopped: Stopped::None, ..Policy::default() };
        let scaler: Value = serde_json::from_str(&chosen(policy.clone()).for_scaler()).unwrap();
        assert_eq!(scaler[0]["policy"], json!({ "runners_max": 40, "stopped": "none" }));
        let read: Policy = serde_json::from_value(scaler[0]["policy"].clone()).unwrap();
        assert_eq!((read, &scaler[0]["group"]), (policy, &json!("runners")));
        assert_eq!(Chosen { pools: Vec::new() }.for_ingest(), "");
    }

    #[test]
    fn roll_ups_are_named_as_the_template_allows_them() {
        let template = super::super::INGEST;
        for on in [&[][..], &[RollUp::Pool], &[RollUp::Repository], &RollUp::ALL] {
            let named = roll_ups(on);
            let allowed = [named.is_empty(), template.contains(&format!("\"{named}\""))];
            assert!(
                allowed.contains(&true) || template.contains(&format!(", {named},")),
                "{named}"
            );
        }
    }
}
