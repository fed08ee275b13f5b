//! `headroom alarms print`: the alarms for people, programs, CloudWatch and Prometheus.

use alarms::cloudwatch::CloudWatch;
use alarms::{Listed, prometheus};
use model::document::Table;

use super::{Asked, known};
use crate::cli::alarms::{AlarmsFormat, PrintArgs};
use crate::exit::{self, Failure};
use crate::render;

/// Prints them.
///
/// # Errors
/// When the configuration cannot be used, the alarm is not known, or stdout cannot be written.
pub fn run(args: &PrintArgs) -> Result<u8, Failure> {
    let asked = Asked::of(&args.chosen)?;
    known(&asked.rules, args.name.as_deref())?;
    let text = written(&asked, args.format, args.name.as_deref())?;
    render::print(&text).map_err(super::super::stdout)?;
    Ok(exit::OK)
}

/// The alarms in one format.
pub(super) fn written(
    asked: &Asked,
    format: AlarmsFormat,
    name: Option<&str>,
) -> Result<String, Failure> {
    let listed = || {
        let mut all = Listed::all(&asked.rules, asked.base_url());
        all.retain(|alarm| name.is_none_or(|name| alarm.name == name));
        all
    };
    Ok(match format {
        AlarmsFormat::Table => render::table(&table(&listed())),
        AlarmsFormat::Json => pretty(&listed()),
        AlarmsFormat::Cloudwatch => {
            let all = CloudWatch::of(&asked.rules, &asked.options)
                .map_err(|error| Failure::Alarms(Box::new(error)))?;
            pretty(&name.map_or(all.clone(), |name| all.only(name)))
        }
        AlarmsFormat::Prometheus => prometheus::rules(&asked.rules, name, asked.base_url())
            .map_err(|error| Failure::Alarms(Box::new(error)))?,
    })
}

fn pretty(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("numbers, texts and lists serialise");
    format!("{text}\n")
}

fn table(alarms: &[Listed]) -> Table {
    let header = ["alarm", "severity", "of", "fires when", "told by"];
    let row = |alarm: &Listed| {
        let Listed { comparison, threshold, unit, expression, .. } = alarm;
        let minutes = alarm.period_secs / 60;
        let compared = match unit.is_empty() || *unit == "alarms" {
            true => expression.clone(),
            false => format!("{expression} {comparison} {threshold} {unit}"),
        };
        let (m, n) = (alarm.datapoints_to_alarm, alarm.periods);
        let when = match (*unit, n) {
            ("alarms", _) => compared,
            (_, 1) => format!("{compared}, over {minutes} min"),
            _ => format!("{compared}, {m} of {n} x {minutes} min"),
        };
        let of = match (&alarm.pool, alarm.scope) {
            (Some(pool), _) => pool.clone(),
            (None, alarms::Scope::Pool) => "each pool".to_owned(),
            (None, alarms::Scope::Fleet) => "the fleet".to_owned(),
        };
        let told_by = alarm.part_of.unwrap_or_default().to_owned();
        vec![alarm.name.to_owned(), alarm.severity.as_str().to_owned(), of, when, told_by]
    };
    Table {
        header: header.map(str::to_owned).into(),
        rows: alarms.iter().map(row).collect(),
        right: vec![false; header.len()],
    }
}
