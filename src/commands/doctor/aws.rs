//! CloudWatch: may we ask it, does it get lines, and does it make of them what is looked at?
//! Nothing is changed; each IAM action that is missing is named.

use std::time::Duration;

use alarms::cloudwatch::{CloudWatch, Options};
use alarms::list::OF_REGISTRATION;
use dashboards::board::Board;
use dashboards::cloudwatch::name;
use model::catalogue::JOB_EVENTS;
use model::{Dimension, Timestamp};

use super::{Finding, Verdict, groups};
use crate::cli::DoctorArgs;
use crate::clock::Clock;
use crate::cloud::{Cloud, Group, KnownAlarms, Skew, Unusable};
use crate::config::{Config, EmfTarget};
use crate::exit::{Failure, chain};

/// Lines this old are news: a quiet team has a job within an hour at most times of day.
const FRESH: Duration = Duration::from_hours(1);

/// So far back a sign of life is looked for.
const BACK: Duration = Duration::from_hours(24);

/// AWS takes requests that are signed within five minutes of its own time, and the series of
/// minutes want better than that.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
const SKEW_MAX: Duration = Duration::from_secs(30);

/// Alarms that are named where some are missing.
const NAMED_MAX: usize = 3;

/// All findings about AWS.
pub(super) fn findings(config: &Config, args: &DoctorArgs, now: Timestamp) -> Vec<Finding> {
    let cloud = match Cloud::connect(&args.account.or(&config.aws)) {
        Ok(cloud) => cloud,
        Err(failure) => return vec![failed("aws", &failure)],
    };
    let mut findings = vec![clock(&cloud)];
    match group(config, args) {
        Some(name) => findings.extend(log_group(&cloud, &name, now)),
        None => findings.push(Finding::ok("log group", "none is named; see --log-group")),
    }
    findings.extend([series(&cloud, now), boards(&cloud), alarms(&cloud, config)]);
    if let Some(names) = &args.group {
        findings.extend(groups::findings(&cloud, names, now));
    }
    findings
}

/// That of the arguments, or the one that `serve` writes into.
fn group(config: &Config, args: &DoctorArgs) -> Option<String> {
    let of_config = || match &config.emf.to {
        EmfTarget::LogGroup(name) => Some(name.clone()),
        EmfTarget::Off | EmfTarget::Stdout | EmfTarget::File(_) => None,
    };
    args.log_group.clone().or_else(of_config)
}

/// What AWS would not tell, and what to do about it.
pub(super) fn failed(check: &'static str, failure: &Failure) -> Finding {
    let remedy = failure.hint().unwrap_or_else(|| "put right what is named".to_owned());
    Finding::bad(check, Verdict::Error, chain(failure), remedy)
}

pub(super) fn told(check: &'static str, finding: Result<Finding, Failure>) -> Finding {
    finding.unwrap_or_else(|failure| failed(check, &failure))
}

fn clock(cloud: &Cloud) -> Finding {
    const CHECK: &str = "aws clock";
    told(
        CHECK,
        cloud.skew(&|| Clock::System.now()).map(|skew| {
            let (by, word) = match skew {
                None => return Finding::ok(CHECK, "AWS does not say what time it is"),
                Some(Skew::Ahead(by)) => (by, "ahead of"),
                Some(Skew::Behind(by)) => (by, "behind"),
            };
            let found = format!("{} s {word} AWS in {}", by.as_secs(), cloud.region());
            match by > SKEW_MAX {
                true => {
                    let remedy = "set this machine's clock, for instance with chrony";
                    Finding::bad(CHECK, Verdict::Error, found, remedy)
                }
                false => Finding::ok(CHECK, found),
            }
        }),
    )
}

fn log_group(cloud: &Cloud, name: &str, now: Timestamp) -> Vec<Finding> {
    const CHECK: &str = "log group";
    let facts = match cloud.log_group(name) {
        Ok(Some(facts)) => facts,
        Ok(None) => {
            let found = format!("{name} is not there in {}", cloud.region());
            let remedy = "name the right one, or make it: `headroom template` has one";
            return vec![Finding::bad(CHECK, Verdict::Error, found, remedy)];
        }
        Err(failure) => return vec![failed(CHECK, &failure)],
    };
    let unusable = cloud.unusable(name, now).map(|unusable| unusable_lines(&unusable));
    vec![kept(name, &facts), told("log events", events(cloud, name, now)), told("emf", unusable)]
}

fn kept(name: &str, facts: &Group) -> Finding {
    const CHECK: &str = "log group";
    if !facts.is_standard {
        let found = format!("{name} is of the class Infrequent Access");
        let remedy = "use a group of the class Standard: of others CloudWatch makes no metrics";
        return Finding::bad(CHECK, Verdict::Error, found, remedy);
    }
    match facts.retention_days {
        Some(days) => Finding::ok(CHECK, format!("{name}: events are kept for {days} days")),
        None => {
            let found = format!("{name}: events are kept for ever");
            let remedy = "set a retention; 30 days are enough for reports and for the scaler";
            Finding::bad(CHECK, Verdict::Warning, found, remedy)
        }
    }
}

fn events(cloud: &Cloud, name: &str, now: Timestamp) -> Result<Finding, Failure> {
    const CHECK: &str = "log events";
    // A clock that is behind sees its own lines as well.
    let end = now.plus(FRESH);
    if cloud.has_events(name, (now.minus(FRESH), end))? {
        return Ok(Finding::ok(CHECK, "EMF lines came within the last hour"));
    }
    let (found, remedy) = match cloud.has_events(name, (now.minus(BACK), end))? {
        true => (
            "no EMF lines within the last hour, some within the last day",
            "fine if there were no jobs; else look at the webhook's recent deliveries at GitHub",
        ),
        false => (
            "no EMF lines within the last day",
            "look at the webhook's recent deliveries at GitHub, and at the function's log level: \
             it has to be INFO or lower",
        ),
    };
    Ok(Finding::bad(CHECK, Verdict::Warning, found, remedy))
}

fn unusable_lines(unusable: &Unusable) -> Finding {
    let Unusable { unparsed, invalid } = unusable;
    match unparsed + invalid > 0.0 {
        true => {
            let found = format!(
                "within a day CloudWatch could not parse {unparsed} lines and refused {invalid}"
            );
            let remedy = "run the group's lines through `headroom lint`, which names the rule";
            Finding::bad("emf", Verdict::Error, found, remedy)
        }
        false => Finding::ok("emf", "CloudWatch had no trouble with EMF lines within a day"),
    }
}

/// Queued jobs are counted wherever there are jobs.
fn series(cloud: &Cloud, now: Timestamp) -> Finding {
    const CHECK: &str = "series";
    let query = JOB_EVENTS.sum().of(Dimension::Status, "queued").every(Duration::from_mins(5));
    let newest = cloud.newest(&query, (now.minus(BACK), now));
    told(
        CHECK,
        newest.map(|newest| match newest {
            Some(at) => Finding::ok(CHECK, format!("CloudWatch counted queued jobs at {at}")),
            None => {
                let found = "CloudWatch counted no queued job within the last day";
                let remedy = "compare the region with that of the log group; metrics are made of \
                              new lines only";
                Finding::bad(CHECK, Verdict::Warning, found, remedy)
            }
        }),
    )
}

fn boards(cloud: &Cloud) -> Finding {
    const CHECK: &str = "dashboards";
    let all = Board::all();
    let mut missing = Vec::new();
    for board in &all {
        match cloud.dashboard(&name(board)) {
            Ok(Some(_)) => {}
            Ok(None) => missing.push(name(board)),
            Err(failure) => return failed(CHECK, &failure),
        }
    }
    match missing.is_empty() {
        true => Finding::ok(CHECK, format!("all {} are there", all.len())),
        false => {
            let found = format!("missing: {}", missing.join(", "));
            let remedy = "`headroom dashboards push --target cloudwatch` puts them there";
            Finding::bad(CHECK, Verdict::Warning, found, remedy)
        }
    }
}

fn alarms(cloud: &Cloud, config: &Config) -> Finding {
    const CHECK: &str = "alarms";
    let pools = config.pools.iter().map(|pool| pool.name.clone()).collect();
    let options = Options { pools, ..Options::default() };
    // A stack that registers no runners lacks those, and rightly.
    let rules = config.rules.clone().without(&OF_REGISTRATION);
    let defined = match CloudWatch::of(&rules, &options) {
        Ok(defined) => defined,
        Err(error) => return failed(CHECK, &Failure::Alarms(Box::new(error))),
    };
    let all = defined.metric_alarms.iter().chain(&defined.composite_alarms);
    let names: Vec<&str> = all.filter_map(|input| input["AlarmName"].as_str()).collect();
    told(CHECK, cloud.alarms().map(|there| present(&names, &there)))
}

fn present(names: &[&str], there: &KnownAlarms) -> Finding {
    const CHECK: &str = "alarms";
    let is_missing = |name: &&&str| !there.contains_key(**name);
    let missing: Vec<&str> = names.iter().filter(is_missing).copied().collect();
    let in_state = |state: &str| there.values().filter(|known| known.state == state).count();
    let (firing, blind) = (in_state("ALARM"), in_state("INSUFFICIENT_DATA"));
    if missing.is_empty() {
        let found = format!("all {} are there; {firing} fire, {blind} lack data", names.len());
        return Finding::ok(CHECK, found);
    }
    let first = missing[..missing.len().min(NAMED_MAX)].join(", ");
    let found = format!("{} of {} are missing: {first}", missing.len(), names.len());
    let more = if missing.len() > NAMED_MAX { ", .." } else { "" };
    let remedy = "`headroom alarms push` puts them there";
    Finding::bad(CHECK, Verdict::Warning, found + more, remedy)
}
