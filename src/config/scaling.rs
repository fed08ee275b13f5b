//! `[scaler]` and the keys of `[[pool]]` that say how a pool is scaled.

use std::collections::BTreeMap;
use std::time::Duration;

use scaler::{Hot, Policy, Spot, Stopped};
use serde::Deserialize;
use toml::Value;

use super::schedule;

/// Between two scheduled looks at a pool.
const TICK: Duration = Duration::from_secs(10);

/// What the scaler does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Nothing.
    Off,
    /// It says what it would do.
    #[default]
    DryRun,
    /// It scales simulated instances.
    Simulated,
    /// It scales the Auto Scaling groups of AWS that pools name.
    Act,
}

impl Mode {
    /// The word in configuration and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Off => "off",
            Mode::DryRun => "dry-run",
            Mode::Simulated => "simulated",
            Mode::Act => "act",
        }
    }
}

/// How pools are scaled.
#[derive(Clone, Debug)]
pub struct Scaler {
    /// What it does.
    pub mode: Mode,
    /// Between two scheduled looks at a pool.
    pub tick: Duration,
    policies: BTreeMap<String, Policy>,
    /// The Auto Scaling groups of pools that name one.
    groups: BTreeMap<String, String>,
}

impl Default for Scaler {
    fn default() -> Self {
        let (policies, groups) = (BTreeMap::new(), BTreeMap::new());
        Scaler { mode: Mode::default(), tick: TICK, policies, groups }
    }
}

impl Scaler {
    /// That does this with every pool, by the default policy.
    pub fn in_mode(mode: Mode) -> Self {
        Scaler { mode, ..Scaler::default() }
    }

    /// How a pool is scaled; one that was found and not configured, by the defaults.
    pub fn policy(&self, pool: &str) -> Policy {
        self.policies.get(pool).cloned().unwrap_or_default()
    }

    /// The Auto Scaling group of a pool that names one.
    pub fn group(&self, pool: &str) -> Option<&str> {
        self.groups.get(pool).map(String::as_str)
    }

    /// How many pools name a group.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }
}

/// The table `[scaler]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ScalerTable {
    mode: Mode,
    tick_secs: Option<u64>,
}

/// The keys of a `[[pool]]` about its runners.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) runners_min: Option<u32>,
    pub(super) runners_max: Option<u32>,
    pub(super) runners_max_exhausted: Option<u32>,
    pub(super) hot_spare: Option<Value>,
    pub(super) stopped: Option<Value>,
    pub(super) spot_share: Option<f64>,
    pub(super) spot_interruptions_max: Option<u32>,
    pub(super) spot_pause_secs: Option<u64>,
    pub(super) boot_secs: Option<u64>,
    pub(super) warm_start_secs: Option<u64>,
    pub(super) registration_deadline_secs: Option<u64>,
    pub(super) stopped_cost: Option<f64>,
    pub(super) idle_hold_secs: Option<u64>,
    pub(super) data_age_max_secs: Option<u64>,
}

/// A key and what is wrong with its value.
pub(super) type Wrong = (&'static str, String);

impl Scaler {
    pub(super) fn from_table(
        table: &ScalerTable,
        policies: BTreeMap<String, Policy>,
        groups: BTreeMap<String, String>,
    ) -> Result<Self, Wrong> {
        let tick_secs = table.tick_secs.unwrap_or(TICK.as_secs());
        if !(1..=3600).contains(&tick_secs) {
            return Err(("scaler.tick_secs", format!("1 to 3600 were expected, not {tick_secs}")));
        }
        if table.mode == Mode::Act {
            can_act(&policies, &groups)?;
        }
        Ok(Scaler { mode: table.mode, tick: Duration::from_secs(tick_secs), policies, groups })
    }
}

fn can_act(
    policies: &BTreeMap<String, Policy>,
    groups: &BTreeMap<String, String>,
) -> Result<(), Wrong> {
    let wrong = |problem: String| Err(("scaler.mode", problem));
    if groups.is_empty() {
        return wrong(
            "act scales the pools that name a group, and none does; group = \"NAME\" was expected in a \
             [[pool]]"
                .into(),
        );
    }
    match groups.keys().find(|pool| policies.get(*pool).is_some_and(|it| it.spot.is_some())) {
        Some(pool) => wrong(format!(
            "act scales one group for each pool, and pool {pool:?} has a spot_share, which needs two"
        )),
        None => Ok(()),
    }
}

impl Keys {
    pub(super) fn policy(&self) -> Result<Policy, Wrong> {
        let mut policy = Policy { runners_min: self.runners_min.unwrap_or(0), ..Policy::default() };
        policy.runners_max = self.runners_max;
        policy.runners_max_exhausted = self.runners_max_exhausted;
        bounds(&policy)?;
        self.times(&mut policy)?;
        if let Some(value) = &self.hot_spare {
            policy.hot = hot(value)?;
        }
        if let Some(value) = &self.stopped {
            policy.stopped = stopped(value)?;
        }
        policy.spot = self.spot()?;
        if let Some(cost) = self.stopped_cost {
            if !(cost > 0.0 && cost <= 1.0) {
                let problem = format!("a part of a running one, over 0 up to 1, not {cost}");
                return Err(("stopped_cost", problem));
            }
            policy.stopped_cost = cost;
        }
        Ok(policy)
    }

    fn spot(&self) -> Result<Option<Spot>, Wrong> {
        let Some(share) = self.spot_share else {
            let rules = [
                ("spot_interruptions_max", self.spot_interruptions_max.is_some()),
                ("spot_pause_secs", self.spot_pause_secs.is_some()),
            ];
            let alone = rules.into_iter().find(|(_, is_set)| *is_set);
            return alone.map_or(Ok(None), |(key, _)| {
                Err((key, "it is about Spot instances, so spot_share was expected as well".into()))
            });
        };
        if !(0.0..=1.0).contains(&share) {
            return Err(("spot_share", format!("a part of all instances, 0 to 1, not {share}")));
        }
        let usual = Spot::default();
        let pause = self.spot_pause_secs.map_or(usual.pause, Duration::from_secs);
        if pause.is_zero() || pause.as_secs() > SECS_MAX {
            return Err(("spot_pause_secs", format!("1 to {SECS_MAX} seconds were expected")));
        }
        let interruptions_max = self.spot_interruptions_max.unwrap_or(usual.interruptions_max);
        Ok(Some(Spot { share, interruptions_max, pause, ..usual }))
    }

    fn times(&self, policy: &mut Policy) -> Result<(), Wrong> {
        let times = &mut policy.times;
        for (key, secs, to) in [
            ("boot_secs", self.boot_secs, &mut times.cold_start),
            ("warm_start_secs", self.warm_start_secs, &mut times.warm_start),
            (
                "registration_deadline_secs",
                self.registration_deadline_secs,
                &mut times.registration_deadline,
            ),
            ("data_age_max_secs", self.data_age_max_secs, &mut policy.data_age_max),
        ] {
            if let Some(secs) = secs {
                if secs == 0 || secs > SECS_MAX {
                    return Err((key, format!("1 to {SECS_MAX} seconds were expected")));
                }
                *to = Duration::from_secs(secs);
            }
        }
        policy.idle_hold = self.idle_hold_secs.map(|secs| Duration::from_secs(secs.min(SECS_MAX)));
        let boot = policy.times.cold_start;
        if policy.times.registration_deadline <= boot {
            let problem = format!("more than boot_secs ({}) was expected", boot.as_secs());
            return Err(("registration_deadline_secs", problem));
        }
        if policy.times.warm_start > boot {
            let problem = format!("at most boot_secs ({}) was expected", boot.as_secs());
            return Err(("warm_start_secs", problem));
        }
        Ok(())
    }
}

/// A day: whatever takes longer is not a matter of scaling.
const SECS_MAX: u64 = 24 * 60 * 60;

fn bounds(policy: &Policy) -> Result<(), Wrong> {
    let (min, max) = (policy.runners_min, policy.runners_max);
    if max.is_some_and(|max| max < min) {
        return Err(("runners_max", format!("at least runners_min ({min}) was expected")));
    }
    match (policy.runners_max_exhausted, max) {
        (Some(_), None) => Err((
            "runners_max_exhausted",
            "it lifts runners_max, so runners_max was expected as well".into(),
        )),
        (Some(lifted), Some(max)) if lifted < max => {
            Err(("runners_max_exhausted", format!("at least runners_max ({max}) was expected")))
        }
        _ => Ok(()),
    }
}

fn hot(value: &Value) -> Result<Hot, Wrong> {
    let expected = || {
        let expected = "a number, { share = 0.9 }, { patience = 12 } or \
                        { schedule = [{ days = \"mon-fri\", hours = \"8-18\", runners = 4 }] } \
                        was expected";
        ("hot_spare", expected.to_owned())
    };
    if let Some(runners) = whole(value) {
        return Ok(if runners == 0 { Hot::None } else { Hot::Flat { runners } });
    }
    let table = value.as_table().ok_or_else(expected)?;
    if let Some(windows) = table.get("schedule") {
        return schedule::hot(windows, table).map_err(|problem| ("hot_spare", problem));
    }
    match only(table).ok_or_else(expected)? {
        ("share", share) => Ok(Hot::Quantile { share: part("hot_spare", share)? }),
        ("patience", patience) => {
            Ok(Hot::Worthwhile { patience: positive("hot_spare", patience)? })
        }
        _ => Err(expected()),
    }
}

fn stopped(value: &Value) -> Result<Stopped, Wrong> {
    let expected = || {
        let expected = "\"auto\", \"none\", a number, { share = 0.95 } or { patience = 12 } was \
                        expected";
        ("stopped", expected.to_owned())
    };
    if let Some(instances) = whole(value) {
        return Ok(Stopped::Constant { instances });
    }
    match value.as_str() {
        Some("auto") => return Ok(Policy::default().stopped),
        Some("none") => return Ok(Stopped::None),
        _ => {}
    }
    match value.as_table().and_then(only).ok_or_else(expected)? {
        ("share", share) => Ok(Stopped::Share { share: part("stopped", share)? }),
        ("patience", patience) => {
            Ok(Stopped::Worthwhile { patience: positive("stopped", patience)? })
        }
        _ => Err(expected()),
    }
}

/// The one key of a table.
fn only(table: &toml::Table) -> Option<(&str, f64)> {
    let (key, value) = table.iter().next().filter(|_| table.len() == 1)?;
    let number = match value {
        Value::Float(number) => *number,
        Value::Integer(number) => f64::from(i32::try_from(*number).ok()?),
        _ => return None,
    };
    Some((key, number))
}

fn part(key: &'static str, share: f64) -> Result<f64, Wrong> {
    let fits = share > 0.0 && share < 1.0;
    fits.then_some(share).ok_or((key, format!("a share over 0 and below 1, not {share}")))
}

fn positive(key: &'static str, patience: f64) -> Result<f64, Wrong> {
    let fits = patience > 0.0 && patience.is_finite();
    fits.then_some(patience).ok_or((key, format!("a patience over 0, not {patience}")))
}

/// A number of instances; a group holds a few thousand at most.
pub(super) fn whole(value: &Value) -> Option<u32> {
    value.as_integer().and_then(|number| u32::try_from(number).ok()).filter(|n| *n <= 100_000)
}
