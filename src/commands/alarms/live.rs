//! The alarms as they are defined beside those that are in CloudWatch.

use alarms::Rules;
use alarms::cloudwatch::CloudWatch;
use serde_json::Value;

use super::Asked;
use crate::cli::alarms::Chosen;
use crate::cli::aws::Account;
use crate::cloud::{Cloud, KnownAlarms};
use crate::exit::Failure;

/// Both.
pub(super) struct Live {
    pub(super) asked: Asked,
    pub(super) cloud: Cloud,
    pub(super) all: CloudWatch,
    pub(super) there: KnownAlarms,
}

impl Live {
    /// For the pools of the configuration or of `--pool`: an example would alarm for ever.
    pub(super) fn of(chosen: &Chosen, account: &Account) -> Result<Live, Failure> {
        let asked = Asked::of(chosen)?;
        if asked.is_example {
            let problem = "the pools that have alarms were expected, here or as [[pool]] in the \
                           configuration";
            return Err(Failure::Argument { key: "--pool".into(), problem: problem.into() });
        }
        let all = CloudWatch::of(&asked.rules, &asked.options)
            .map_err(|error| Failure::Alarms(Box::new(error)))?;
        let cloud = Cloud::connect(account)?;
        let there = cloud.alarms()?;
        Ok(Live { asked, cloud, all, there })
    }

    /// Every alarm with its name, those last that name others.
    pub(super) fn defined(&self) -> impl Iterator<Item = (&str, &Value)> {
        let all = self.all.metric_alarms.iter().chain(&self.all.composite_alarms);
        all.map(|input| (input["AlarmName"].as_str().unwrap_or_default(), input))
    }

    pub(super) fn comparable(&self, input: &Value) -> Value {
        self.cloud.comparable(input)
    }

    /// Alarms that are named like ours, and are none of them: those of a pool that is gone.
    pub(super) fn left_over(&self) -> impl Iterator<Item = &str> {
        let is_ours = |name: &&str| is_named_like_ours(&self.asked.rules, name);
        let is_defined = |name: &&str| self.defined().any(|(defined, _)| defined == *name);
        let names = self.there.keys().map(String::as_str);
        names.filter(move |name| is_ours(name) && !is_defined(name))
    }
}

/// `headroom-POOL-ALARM`, or `headroom-ALARM` of the fleet.
fn is_named_like_ours(rules: &Rules, name: &str) -> bool {
    let Some(rest) = name.strip_prefix("headroom-") else { return false };
    let of_fleet = rules.of_fleet().any(|alarm| rest == alarm.name);
    let of_pool = |name: &str| rest.strip_suffix(name).is_some_and(|pool| pool.ends_with('-'));
    of_fleet || rules.of_each_pool().any(|alarm| of_pool(alarm.name))
}
