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
    /// Its Auto Scaling group: of On-Demand instances, or, where it has no other, of Spot instances.
    pub group: Group,
    /// One of Spot instances beside it.
    pub spot: Option<Group>,
}

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    /// What the stack makes; none: it is there already.
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
        let spot_groups = by_pool("--spot-group", &args.spot_group, &known)?;
        let scaled = |pool: Pool| {
            let of = |all: &BTreeMap<String, String>| all.get(&pool.name).cloned();
            let is_made = on_demand.contains_key(&pool.name) || spot.contains_key(&pool.name);
            let known = || config.scaler.group(&pool.name).filter(|_| !is_made);
            let asked = Asked {
                on_demand: of(&on_demand),
                spot: of(&spot),
                group: of(&groups).or_else(|| known().map(str::to_owned)),
                spot_group: of(&spot_groups),
            };
            let (group, spot) = asked.groups(&pool.name)?;
            let policy =
                policy(config.scaler.policy(&pool.name), &pool.name, &group, spot.as_ref())?;
            Ok(Scaled { pool, policy, group, spot })
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
            row["group"] = json!(scaled.group.name);
            if let Some(spot) = &scaled.spot {
                row["spot_group"] = json!(spot.name);
            }
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

/// What the arguments say about one pool.
struct Asked {
    on_demand: Option<String>,
    spot: Option<String>,
    group: Option<String>,
    spot_group: Option<String>,
}

impl Asked {
    /// Its group, and the one of Spot instances beside it.
    fn groups(self, pool: &str) -> Result<(Group, Option<Group>), Failure> {
        let named = |kind| alarms::cloudwatch::name(kind, Some(pool));
        let both = |first: &str, second: &str| {
            let problem = "a group is made, or is there already";
            Err(wrong(first, format!("{pool:?} has {second} too; {problem}")))
        };
        let made_spot = self.spot.as_deref().map(Made::spot);
        let is_beside = self.on_demand.is_some() || self.group.is_some();
        let group = match (self.on_demand, self.group) {
            (Some(_), Some(_)) => return both("--on-demand", "--group"),
            (Some(kind), None) => {
                Group { name: named("runners"), made: Some(Made::OnDemand(kind)) }
            }
            (None, Some(name)) => Group { name, made: None },
            (None, None) => Group { name: named("runners"), made: made_spot.clone() },
        };
        let spot = match (made_spot, self.spot_group) {
            (Some(_), Some(_)) => return both("--spot", "--spot-group"),
            (Some(made), None) if is_beside => {
                Some(Group { name: named("spot"), made: Some(made) })
            }
            (_, name) => name.map(|name| Group { name, made: None }),
        };
        match &spot {
            Some(spot) if spot.name == group.name => {
                let problem = "that is the pool's other group; two were expected";
                Err(wrong("--spot-group", format!("{pool:?}: {:?}: {problem}", spot.name)))
            }
            _ => Ok((group, spot)),
        }
    }
}

impl Made {
    fn spot(kinds: &str) -> Made {
        let kinds = kinds.split(',').map(|kind| kind.trim().to_owned());
        Made::Spot(kinds.filter(|kind| !kind.is_empty()).collect())
    }
}

/// A group of Spot instances takes no warm pool: where it is the only one, none is asked for, and one
/// that the configuration asks for is refused. A share of Spot instances needs two groups.
fn policy(
    mut policy: Policy,
    pool: &str,
    group: &Group,
    spot: Option<&Group>,
) -> Result<Policy, Failure> {
    if let Some(Made::Spot(_)) = &group.made {
        let is_usual = policy.stopped == Policy::default().stopped;
        if !is_usual && policy.stopped != Stopped::None {
            let problem = "the configuration asks for stopped instances, and a group of Spot \
                           instances has no warm pool: set stopped = \"none\", or give it a group of \
                           On-Demand instances too";
            return Err(wrong("--spot", format!("{pool:?}: {problem}")));
        }
        policy.stopped = Stopped::None;
    }
    if policy.spot.is_some() && spot.is_none() {
        let problem = "the configuration has a spot_share, and a share needs two groups: --on-demand or \
                       --group, and --spot or --spot-group";
        return Err(wrong("--spot", format!("{pool:?}: {problem}")));
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
        let group = Group { name: "runners".to_owned(), made: None };
        Chosen { pools: vec![Scaled { pool: pool("bob's"), policy, group, spot: None }] }
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
    fn roll_ups_are_named_by_the_words_that_the_functions_read() {
        for (on, named) in [
            (&[][..], ""),
            (&[RollUp::Pool], ""),
            (&[RollUp::Repository], "repository"),
            (&RollUp::ALL, "repository,article"),
        ] {
            assert_eq!(roll_ups(on), named);
            let words = named.split(',').filter(|word| !word.is_empty());
            assert!(words.map(RollUp::from_word).all(|it| it.is_some()), "{named}");
        }
    }
}
