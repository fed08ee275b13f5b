//! The alarms as Prometheus' rules, checked and run by its own tool: the stories that are told to
//! the engine are told to the rules, and both say the same.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use alarms::prometheus::{alert, rules};
use alarms::{Rules, list};
use model::series::Aggregate;
use model::{Dimension, Dimensions, Kind, Spec, Unit, catalogue};
use tempfile::TempDir;

use crate::world::{read_with, repository, tool};
use tales::{MINUTES, Tale};
use world::World;

#[path = "../alarms/tests/stories/tales.rs"]
mod tales;
#[expect(dead_code, reason = "the engine's own tests use the rest")]
#[path = "../alarms/tests/stories/world.rs"]
mod world;

/// Between two samples. The tenth at the full minute is left out, so that a range of whole minutes
/// holds the samples of these minutes and of no other.
const STEP_SECS: i64 = 10;

#[test]
fn promtool_has_nothing_to_complain_about() {
    let mut promtool = Command::new(tool("bin/promtool"));
    let file = repository().join("alarms/generated/prometheus.yaml");
    promtool.args(["check", "rules", "--lint=all", "--lint-fatal"]).arg(file);
    let checked = read_with(promtool, b"");
    assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
    let count = list::all(list::Objective::default()).len();
    let fleet = Rules::default().of_fleet().count();
    assert!(checked.stdout.contains(&format!("SUCCESS: {count} rules found")), "{fleet}");
}

#[test]
fn the_rules_say_of_every_story_what_the_engine_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut promtool = Command::new(tool("bin/promtool"));
    promtool.args(["test", "rules"]);
    for (i, tale) in tales::all().iter().enumerate() {
        promtool.arg(write(&folder, i, tale));
    }
    let told = read_with(promtool, b"");
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
}

/// The rule of the story's alarm, and its test.
fn write(folder: &TempDir, i: usize, tale: &Tale) -> std::path::PathBuf {
    let only = Some(tale.alarm).filter(|alarm| *alarm != list::POOL_INCIDENT);
    let rules = rules(&Rules::default(), only, None).unwrap();
    let (rules_file, test_file) = (format!("rules-{i}.yaml"), format!("test-{i}.yaml"));
    std::fs::write(folder.path().join(&rules_file), rules).unwrap();
    let path = folder.path().join(test_file);
    std::fs::write(&path, test(tale, Path::new(&rules_file))).unwrap();
    path
}

fn test(tale: &Tale, rules: &Path) -> String {
    let mut out = format!(
        "rule_files: [{}]\nevaluation_interval: 1m\ntests:\n  - interval: {STEP_SECS}s\n    \
         name: {}\n    input_series:\n",
        rules.display(),
        tale.alarm
    );
    for (series, values) in series(&tale.world) {
        let series = series.replace('\'', "''");
        let _ = write!(out, "      - series: '{series}'\n        values: '{values}'\n");
    }
    out.push_str("    promql_expr_test:\n");
    let late = slack(tale.alarm);
    for (minute, firing) in
        [(tale.fires - 1, 0), (tale.fires + late, 1), (tale.ceases - 1, 1), (tale.ceases + late, 0)]
    {
        let alert = alert(tale.alarm);
        let asked = format!("count(ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}})");
        let _ = write!(
            out,
            "      - expr: '{asked} or vector(0)'\n        eval_time: {minute}m\n        \
             exp_samples:\n          - labels: '{{}}'\n            value: {firing}\n"
        );
    }
    out
}

/// Several periods longer than a minute are aligned to the clock.
fn slack(alarm: &str) -> i64 {
    let rules = Rules::default();
    let condition = rules.find(alarm).unwrap().condition();
    let minutes = condition.filter(|c| c.periods > 1).map_or(0, |c| c.period.as_secs() / 60);
    if minutes > 1 { minutes.cast_signed() } else { 0 }
}

/// What `/metrics` would have told, sample by sample.
fn series(world: &World) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for ((name, by), counted) in &world.counted {
        let spec = catalogue::by_name(name).unwrap();
        let of_pool = |by: &Dimensions| by.get(Dimension::Pool).is_some();
        let is_by_pool = spec.published.iter().any(|p| p.by == [Dimension::Pool]);
        let has_pools = world.counted.keys().any(|(other, by)| other == name && of_pool(by));
        if spec.kind == Kind::Level && is_by_pool && by.iter().next().is_none() {
            // The fleet's level is the sum of the pools'.
            if !has_pools {
                let by = Dimensions::none().with(Dimension::Pool, "elsewhere");
                all.insert(labelled(spec, "", &by, None), level(counted));
            }
            continue;
        }
        match spec.kind {
            Kind::Level => {
                all.insert(labelled(spec, "", by, None), level(counted));
            }
            Kind::Counter => {
                all.insert(labelled(spec, "", by, None), rising(counted, |a| as_f64(a.sum)));
            }
            Kind::Timing => timing(spec, by, counted, &mut all),
        }
    }
    all
}

fn timing(
    spec: &'static Spec,
    by: &Dimensions,
    counted: &BTreeMap<i64, Aggregate>,
    all: &mut BTreeMap<String, String>,
) {
    let per_second = if spec.unit == Unit::Milliseconds { 1000.0 } else { 1.0 };
    for bound in spec.buckets() {
        let within = |a: &Aggregate| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "bounds are small and positive"
            )]
            let bound = (bound * per_second) as u64;
            as_f64(a.histogram.as_ref().unwrap().count_up_to(bound))
        };
        let le = bound.to_string();
        all.insert(labelled(spec, "_bucket", by, Some(&le)), rising(counted, within));
    }
    let samples = |a: &Aggregate| as_f64(a.samples);
    all.insert(labelled(spec, "_bucket", by, Some("+Inf")), rising(counted, samples));
    all.insert(labelled(spec, "_count", by, None), rising(counted, samples));
    let sum = |a: &Aggregate| as_f64(a.sum) / per_second;
    all.insert(labelled(spec, "_sum", by, None), rising(counted, sum));
}

fn labelled(spec: &Spec, suffix: &str, by: &Dimensions, le: Option<&str>) -> String {
    let pairs: Vec<String> = by
        .iter()
        .map(|(name, value)| format!("{}=\"{value}\"", name.prometheus()))
        .chain(le.map(|le| format!("le=\"{le}\"")))
        .collect();
    format!("{}{suffix}{{{}}}", spec.prometheus(), pairs.join(","))
}

/// Each sample's minute and seconds within it, from the start to the end of the story.
fn samples() -> impl Iterator<Item = (i64, i64)> {
    (0..MINUTES * 60).step_by(10).map(|secs| (secs / 60, secs % 60))
}

fn level(counted: &BTreeMap<i64, Aggregate>) -> String {
    let value = |(minute, secs): (i64, i64)| match counted.get(&minute) {
        Some(aggregate) if secs > 0 => aggregate.last.to_string(),
        _ => "_".to_owned(),
    };
    samples().map(value).collect::<Vec<_>>().join(" ")
}

/// Rises evenly through each minute by what was counted in it.
fn rising(counted: &BTreeMap<i64, Aggregate>, of: impl Fn(&Aggregate) -> f64) -> String {
    let mut before = 0.0;
    let mut values = Vec::new();
    for (minute, secs) in samples() {
        let more = counted.get(&minute).map_or(0.0, &of);
        match secs {
            0 => {
                before += counted.get(&(minute - 1)).map_or(0.0, &of);
                values.push("_".to_owned());
            }
            secs => {
                #[expect(clippy::cast_precision_loss, reason = "seconds of a minute")]
                let part = secs as f64 / 60.0;
                values.push((before + more * part).to_string());
            }
        }
    }
    values.join(" ")
}

#[expect(clippy::cast_precision_loss, reason = "a story counts to a few thousand")]
fn as_f64(value: u64) -> f64 {
    value as f64
}
