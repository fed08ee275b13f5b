//! `[alarms]` and the key `alarms` of `[[pool]]`: what is different from the alarms as they are
//! shipped.

use std::collections::BTreeMap;
use std::fmt;

use alarms::list::{self, Objective};
use alarms::{Change, Rules, Severity, Tuning, TuningError};
use model::catalogue::JOB_WAIT;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::notify::PaceKeys;
use super::scaling::Mode;

/// The key beside the names of alarms.
const OBJECTIVE: &str = "wait_objective";

/// What a table says of alarms; keys that are nobody's are told with their line.
#[derive(Debug, Default)]
pub(super) struct AlarmsTable {
    /// How often people are told.
    pub(super) pace: PaceKeys,
    objective: Option<ObjectiveTable>,
    changes: BTreeMap<String, Change>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectiveTable {
    secs: u64,
    percent: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ChangeTable {
    off: Option<bool>,
    threshold: Option<f64>,
    periods: Option<u32>,
    datapoints_to_alarm: Option<u32>,
    severity: Option<Severity>,
}

/// The keys that say how often people are told, which a pool does not have.
const PACE: [&str; 3] = ["group_secs", "repeat_secs", "calm_secs"];

/// A key of the table.
enum Key {
    Objective,
    Pace(usize),
    Alarm(String),
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == OBJECTIVE {
            return Ok(Key::Objective);
        }
        if let Some(place) = PACE.iter().position(|key| *key == text) {
            return Ok(Key::Pace(place));
        }
        let all = list::all(Objective::default());
        if all.iter().any(|alarm| alarm.name == text) {
            return Ok(Key::Alarm(text));
        }
        let mut known = vec![OBJECTIVE];
        known.extend(PACE);
        known.extend(all.iter().map(|alarm| alarm.name));
        let expected = known.join("`, `");
        Err(de::Error::custom(format!(
            "unknown key or alarm `{text}`, expected one of `{expected}`"
        )))
    }
}

impl<'de> Deserialize<'de> for AlarmsTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AlarmsTable, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = AlarmsTable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of alarms")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AlarmsTable, A::Error> {
                let mut table = AlarmsTable::default();
                while let Some(key) = map.next_key::<Key>()? {
                    match key {
                        Key::Objective => table.objective = Some(map.next_value()?),
                        Key::Pace(0) => table.pace.group_secs = Some(map.next_value()?),
                        Key::Pace(1) => table.pace.repeat_secs = Some(map.next_value()?),
                        Key::Pace(_) => table.pace.calm_secs = Some(map.next_value()?),
                        Key::Alarm(name) => {
                            let change: ChangeTable = map.next_value()?;
                            table.changes.insert(name, change.into());
                        }
                    }
                }
                Ok(table)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

impl From<ChangeTable> for Change {
    fn from(table: ChangeTable) -> Change {
        let ChangeTable { off, threshold, periods, datapoints_to_alarm, severity } = table;
        Change { off, threshold, periods, datapoints_to_alarm, severity }
    }
}

impl AlarmsTable {
    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.objective.is_none() && self.changes.is_empty() && !self.has_pace()
    }

    fn has_pace(&self) -> bool {
        let PaceKeys { group_secs, repeat_secs, calm_secs } = self.pace;
        [group_secs, repeat_secs, calm_secs].iter().any(Option::is_some)
    }

    fn objective(&self) -> Result<Option<Objective>, String> {
        let Some(ObjectiveTable { secs, percent }) = self.objective else { return Ok(None) };
        if !JOB_WAIT.0.has_bucket(secs) {
            let bounds: Vec<String> =
                JOB_WAIT.0.buckets().iter().map(ToString::to_string).collect();
            return Err(format!(
                "secs: one of {} was expected, the bounds that /metrics counts by; not {secs}",
                bounds.join(", ")
            ));
        }
        if !(percent > 0.0 && percent < 100.0) {
            return Err(format!("percent: more than 0 and less than 100, not {percent}"));
        }
        Ok(Some(Objective { secs, percent }))
    }
}

/// The alarms by these tables; `pools` are those that have their own. Where nothing scales, nothing
/// is watched that only a scaler tells.
pub(super) fn rules(
    shared: &AlarmsTable,
    pools: &BTreeMap<String, AlarmsTable>,
    mode: Mode,
) -> Result<Rules, (String, String)> {
    let place = |pool: Option<&str>| match pool {
        Some(pool) => format!("pool {pool:?}: alarms"),
        None => "alarms".to_owned(),
    };
    let objective = |table: &AlarmsTable, pool: Option<&str>| {
        table.objective().map_err(|problem| (format!("{}.{OBJECTIVE}", place(pool)), problem))
    };
    let mut tuning = Tuning {
        objective: objective(shared, None)?,
        changes: shared.changes.clone(),
        pools: BTreeMap::new(),
    };
    for (pool, table) in pools {
        if table.has_pace() {
            let problem = format!("{} stand in [alarms], for all pools", PACE.join(", "));
            return Err((place(Some(pool)), problem));
        }
        let own = (objective(table, Some(pool))?, table.changes.clone());
        tuning.pools.insert(pool.clone(), own);
    }
    let wrong = |error: TuningError| {
        let TuningError { pool, alarm, key, problem } = error;
        (format!("{}.{alarm}.{key}", place(pool.as_deref())), problem)
    };
    let rules = Rules::new(&tuning).map_err(wrong)?;
    Ok(match mode {
        Mode::Off => rules.without(&list::OF_SCALER),
        Mode::DryRun | Mode::Simulated | Mode::Act => rules,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Flags};
    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("headroom.toml");
        std::fs::write(&path, text).unwrap();
        let flags = Flags { config: Some(path), ..Flags::default() };
        Config::load(&flags, &|_| None).map_err(|error| crate::exit::chain(&error))
    }

    #[test]
    fn an_alarm_is_tuned_for_all_pools_and_for_one() {
        let config = load(
            "[alarms]\nwait_objective = { secs = 600, percent = 90 }\n\
             oldest-job-too-old = { threshold = 3600 }\njobs-unrouted = { off = true }\n\
             [[pool]]\nname = \"gpu\"\nlabels = [\"gpu\"]\n\
             alarms = { oldest-job-too-old = { threshold = 7200, severity = \"ticket\" } }",
        )
        .unwrap();
        let of = |pool: &str| {
            let mut alarms = config.rules.of_pool(pool);
            let alarm = alarms.find(|a| a.name == list::OLDEST_JOB_TOO_OLD).unwrap();
            (alarm.severity, alarm.condition().unwrap().threshold)
        };
        assert_eq!(of("gpu"), (Severity::Ticket, 7200.0));
        assert_eq!(of("linux"), (Severity::Page, 3600.0));
        assert!(config.rules.find(list::JOBS_UNROUTED).is_none());
        let burn = config.rules.find(list::WAIT_SLO_BURN_FAST).unwrap();
        assert!(burn.when().contains("600 seconds"), "{}", burn.when());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, expected) in [
            (
                "[alarms]\n\npool-dwon = {}",
                &["headroom.toml", "line 3", "pool-dwon", "pool-down"][..],
            ),
            ("[alarms]\npool-down = { peroids = 1 }", &["line 2", "peroids", "periods"]),
            ("[alarms]\npool-down = { periods = \"x\" }", &["line 2", "u32"]),
            ("[alarms]\npool-down = { threshold = 2 }", &["alarms.pool-down.threshold"]),
            ("[alarms]\nwait_objective = { secs = 301, percent = 95 }", &["300", "600", "secs"]),
            ("[alarms]\nwait_objective = { secs = 300, percent = 100 }", &["percent"]),
            (
                "[[pool]]\nname = \"a\"\nlabels = [\"a\"]\nalarms = { scaler-silence = {} }",
                &["pool \"a\"", "scaler-silence", "the fleet's"],
            ),
        ] {
            let error = load(text).map(|_| ()).unwrap_err();
            for part in expected {
                assert!(error.contains(part), "{text:?} gave {error:?} without {part:?}");
            }
        }
    }

    #[test]
    fn where_nothing_scales_no_scaler_is_watched() {
        let rules = load("[scaler]\nmode = \"off\"").unwrap().rules;
        assert!(rules.find(list::SCALER_SILENCE).is_none());
        assert!(rules.find(list::POOL_DOWN).is_some());
    }
}
