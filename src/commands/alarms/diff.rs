//! `headroom alarms diff`: in what files differ from the alarms as they are now.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::live::Live;
use super::{Asked, print};
use crate::cli::alarms::{AlarmsFormat, DiffArgs};
use crate::exit::{self, Failure};
use crate::render;

/// The files of a folder, and what they hold.
const FILES: [(&str, AlarmsFormat); 3] = [
    ("cloudwatch.json", AlarmsFormat::Cloudwatch),
    ("prometheus.yaml", AlarmsFormat::Prometheus),
    ("alarms.json", AlarmsFormat::Json),
];

/// Compares and tells each difference in a line; exits 1 when there is one.
///
/// # Errors
/// When a file cannot be read or is not what it should be.
pub fn run(args: &DiffArgs) -> Result<u8, Failure> {
    let Some(path) = &args.path else { return with_cloudwatch(args) };
    let asked = Asked::of(&args.chosen)?;
    let mut differences = Vec::new();
    for (path, format) in files(path, args.format)? {
        let shown = path.display().to_string();
        let there = std::fs::read_to_string(&path)
            .map_err(|source| Failure::File { what: shown.clone(), source })?;
        let now = print::written(&asked, format, None)?;
        let found = match format {
            AlarmsFormat::Json | AlarmsFormat::Cloudwatch => {
                by_meaning(&read(&there, &shown)?, &read(&now, "the alarms")?)
            }
            AlarmsFormat::Prometheus | AlarmsFormat::Table => by_line(&there, &now),
        };
        differences.extend(found.into_iter().map(|line| format!("{shown}: {line}\n")));
    }
    render::print(&differences.concat()).map_err(super::super::stdout)?;
    Ok(if differences.is_empty() { exit::OK } else { exit::FINDINGS })
}

/// Compares with the alarms that are in CloudWatch.
fn with_cloudwatch(args: &DiffArgs) -> Result<u8, Failure> {
    if args.format.is_some_and(|format| format != AlarmsFormat::Cloudwatch) {
        let problem = "the file or folder to compare with was expected".into();
        return Err(Failure::Argument { key: "FILE|FOLDER".into(), problem });
    }
    let live = Live::of(&args.chosen, &args.account)?;
    let mut differences = Vec::new();
    for (name, defined) in live.defined() {
        match live.there.get(name) {
            None => differences.push(format!("{name} is missing\n")),
            Some(known) => {
                let told = of_members(name, &known.input, &live.comparable(defined));
                differences.extend(told.into_iter().map(|line| format!("{line}\n")));
            }
        }
    }
    let left = live.left_over();
    differences.extend(left.map(|name| format!("{name} is there and should not be\n")));
    render::print(&differences.concat()).map_err(super::super::stdout)?;
    Ok(if differences.is_empty() { exit::OK } else { exit::FINDINGS })
}

fn files(
    path: &Path,
    format: Option<AlarmsFormat>,
) -> Result<Vec<(PathBuf, AlarmsFormat)>, Failure> {
    let wrong = |problem: String| Failure::Argument { key: path.display().to_string(), problem };
    if path.is_dir() {
        let all = FILES.map(|(name, format)| (path.join(name), format));
        let there: Vec<_> = all.into_iter().filter(|(path, _)| path.exists()).collect();
        let names = FILES.map(|(name, _)| name).join(", ");
        return match there.is_empty() {
            true => Err(wrong(format!("a folder with any of {names} was expected"))),
            false => Ok(there),
        };
    }
    match format.or_else(|| told_by(path)) {
        Some(format) => Ok(vec![(path.to_owned(), format)]),
        None => Err(wrong("say what it holds with --format cloudwatch, prometheus or json".into())),
    }
}

fn told_by(path: &Path) -> Option<AlarmsFormat> {
    let name = path.file_name()?.to_str()?;
    let known = FILES.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
    let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    known.or(is_yaml.then_some(AlarmsFormat::Prometheus))
}

fn read(text: &str, what: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Argument {
        key: what.to_owned(),
        problem: format!("JSON was expected: {error}"),
    })
}

/// What is called alike is compared; the names of alarms tell which.
fn by_meaning(there: &Value, now: &Value) -> Vec<String> {
    let (there, now) = (named(there), named(now));
    let mut differences = Vec::new();
    for (name, input) in &there {
        match now.iter().find(|(known, _)| known == name) {
            None => differences.push(format!("{name} is there and should not be")),
            Some((_, other)) => differences.extend(of_members(name, input, other)),
        }
    }
    let is_missing = |name: &String| !there.iter().any(|(known, _)| known == name);
    let missing = now.iter().map(|(name, _)| name).filter(|name| is_missing(name));
    differences.extend(missing.map(|name| format!("{name} is missing")));
    differences
}

fn of_members(name: &str, there: &Value, now: &Value) -> Vec<String> {
    let keys = |value: &Value| value.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>());
    let mut all = keys(there).unwrap_or_default();
    all.extend(keys(now).unwrap_or_default());
    all.sort_unstable();
    all.dedup();
    let differs = all.iter().filter(|key| there[key.as_str()] != now[key.as_str()]);
    let told = |key: &String| {
        format!("{name}: {key} is {}, should be {}", there[key.as_str()], now[key.as_str()])
    };
    differs.map(told).collect()
}

/// The alarms of a file by name.
fn named(file: &Value) -> Vec<(String, Value)> {
    let lists: Vec<&Vec<Value>> = match file {
        Value::Array(list) => vec![list],
        other => ["MetricAlarms", "CompositeAlarms"]
            .iter()
            .filter_map(|key| other[*key].as_array())
            .collect(),
    };
    let name = |input: &Value| {
        let name = input["AlarmName"].as_str().or(input["name"].as_str()).unwrap_or("?");
        match input["pool"].as_str() {
            Some(pool) => format!("{name} of {pool}"),
            None => name.to_owned(),
        }
    };
    lists.into_iter().flatten().map(|input| (name(input), input.clone())).collect()
}

fn by_line(there: &str, now: &str) -> Vec<String> {
    let (there, now): (Vec<&str>, Vec<&str>) = (there.lines().collect(), now.lines().collect());
    let lines = there.len().max(now.len());
    let differs = (0..lines).filter(|i| there.get(*i) != now.get(*i));
    let told = |i: usize| {
        let line = |lines: &[&str]| lines.get(i).map_or("nothing", |line| line.trim()).to_owned();
        format!("line {}: is {}, should be {}", i + 1, line(&there), line(&now))
    };
    differs.map(told).collect()
}
