//! `headroom alarms push`: into CloudWatch; doing it again changes nothing.

use serde_json::Value;

use super::known;
use super::live::Live;
use crate::cli::alarms::{AlarmsFormat, PushArgs};
use crate::exit::{self, Failure};
use crate::render;

/// Puts what differs, and says of each alarm what became of it.
///
/// # Errors
/// When the configuration or AWS cannot be used; what was put until then stays.
pub fn run(args: &PushArgs) -> Result<u8, Failure> {
    if args.format != AlarmsFormat::Cloudwatch {
        let problem = "only cloudwatch is pushed to; `alarms print` writes what others read".into();
        return Err(Failure::Argument { key: "--format".into(), problem });
    }
    let mut live = Live::of(&args.chosen, &args.account)?;
    known(&live.asked.rules, args.name.as_deref())?;
    if let Some(name) = &args.name {
        live.all = live.all.only(name);
    }
    if live.asked.options.actions.is_empty() {
        eprintln!("warning: without --action the alarms change their states and tell nobody");
    }
    for (name, input) in live.defined() {
        let became = put(&live, name, input)?;
        render::print(&format!("{name} {became}\n")).map_err(super::super::stdout)?;
    }
    Ok(exit::OK)
}

fn put(live: &Live, name: &str, input: &Value) -> Result<&'static str, Failure> {
    let known = live.there.get(name);
    if known.is_some_and(|known| known.input == live.comparable(input)) {
        return Ok("unchanged");
    }
    match input["AlarmRule"].is_string() {
        true => live.cloud.put_composite_alarm(input)?,
        false => live.cloud.put_metric_alarm(input)?,
    }
    match known {
        None => Ok("created"),
        Some(known) => {
            live.cloud.tag_alarm(&known.arn, input)?;
            Ok("updated")
        }
    }
}
