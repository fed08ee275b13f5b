//! The alarms as Prometheus' alerting rules.
//!
//! M of N is a subquery over the condition, so a rule fires when CloudWatch's alarm would. Where
//! periods are longer than a minute and there are several, Prometheus aligns them to the clock:
//! there a rule may be up to one period later. Data that is missing does not breach, except where the
//! alarm says that it does.
//!
//! A rule is for every pool at once. Parts of an incident carry the severity `part`, so that a route
//! by severity tells of each incident once.
//! <https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/>

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use model::expr::{Grouping, PromError, promql_duration};

use crate::{Alarm, Condition, Missing, Rules, Scope, Watch, list};

/// How often rules are evaluated: each minute that is counted.
const INTERVAL: &str = "1m";

/// The severity of what another alert tells.
const PART: &str = "part";

/// An alarm that cannot be asked of Prometheus.
#[derive(Debug, thiserror::Error)]
#[error("the alarm {alarm} cannot be written for Prometheus")]
pub struct PrometheusError {
    /// Which.
    pub alarm: String,
    /// Why.
    #[source]
    pub source: PromError,
}

/// The file of rules; with `only` just the rule of that alarm. Runbooks are found under `base_url`.
///
/// # Errors
/// When `/metrics` does not tell what an alarm reads.
pub fn rules(
    rules: &Rules,
    only: Option<&str>,
    base_url: Option<&str>,
) -> Result<String, PrometheusError> {
    let mut out = String::from(
        "# Alerting rules for Headroom's /metrics, scraped at least every 30 s.\n\
         # Route by the label `severity`: page, ticket, info. Alerts with the severity `part` are\n\
         # parts of the alert that their label `part_of` names; that one tells of them.\n\
         groups:\n",
    );
    let is_asked = |alarm: &&Alarm| only.is_none_or(|name| alarm.name == name);
    let fleet: Vec<&Alarm> = rules.of_fleet().filter(is_asked).collect();
    let pools: Vec<&Alarm> = rules.of_each_pool().filter(is_asked).collect();
    for (name, alarms) in [("headroom-fleet", fleet), ("headroom-pools", pools)] {
        if alarms.is_empty() {
            continue;
        }
        let _ = write!(out, "  - name: {name}\n    interval: {INTERVAL}\n    rules:\n");
        for alarm in alarms {
            rule(rules, alarm, base_url, &mut out)?;
        }
    }
    Ok(out)
}

/// The alert's name: `HeadroomPoolDown`.
pub fn alert(alarm: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    };
    let words: String = alarm.split('-').map(word).collect();
    format!("Headroom{words}")
}

fn rule(
    rules: &Rules,
    alarm: &Alarm,
    base_url: Option<&str>,
    out: &mut String,
) -> Result<(), PrometheusError> {
    let wrong = |source| PrometheusError { alarm: alarm.name.into(), source };
    let expr = match &alarm.watch {
        Watch::Metric(_) => of_pools(rules, alarm).map_err(wrong)?,
        Watch::AnyOf(parts) => any_of(parts),
    };
    let severity = alarm.part_of.map_or(alarm.severity.as_str(), |_| PART);
    let _ = write!(out, "      - alert: {}\n        expr: {}\n", alert(alarm.name), quoted(&expr));
    let _ = write!(out, "        labels:\n          severity: {severity}\n");
    if let Some(whole) = alarm.part_of {
        let _ = writeln!(out, "          part_of: {}", alert(whole));
    }
    let of = match alarm.scope {
        Scope::Pool => ": {{ $labels.pool }}",
        Scope::Fleet => "",
    };
    let summary = format!("{}{of}", alarm.title);
    let runbook = crate::runbooks::place(alarm.name, base_url);
    out.push_str("        annotations:\n");
    for (key, text) in [
        ("summary", summary.as_str()),
        ("description", alarm.meaning),
        ("action", &alarm.remedy.join("; ")),
        ("runbook_url", &runbook),
    ] {
        let _ = writeln!(out, "          {key}: {}", quoted(text));
    }
    Ok(())
}

/// One expression for all pools; those with figures of their own are asked by themselves.
fn of_pools(rules: &Rules, alarm: &Alarm) -> Result<String, PromError> {
    let Some(condition) = alarm.condition() else { return Ok(String::new()) };
    if alarm.scope == Scope::Fleet {
        return of(condition, Grouping::One);
    }
    let own: BTreeSet<&str> = rules
        .own()
        .filter(|pool| own_condition(rules, pool, alarm.name) != Some(condition))
        .collect();
    let mut excluded = own.clone();
    if list::needs_runners(alarm) {
        excluded.extend([model::UNROUTED_POOL, model::OTHER_POOL]);
    }
    let all = of(condition, Grouping::EachPool)?;
    let mut expr = match excluded.is_empty() {
        true => all,
        false => format!("({all}) unless on (pool) {}", those(&excluded)),
    };
    for pool in own {
        if let Some(condition) = own_condition(rules, pool, alarm.name) {
            let one = of(&condition.of_pool(pool), Grouping::EachPool)?;
            expr =
                format!("({expr}) or (({one}) and on (pool) {})", those(&BTreeSet::from([pool])));
        }
    }
    Ok(expr)
}

fn own_condition<'a>(rules: &'a Rules, pool: &str, alarm: &str) -> Option<&'a Condition> {
    rules.of_pool(pool).find(|own| own.name == alarm)?.condition()
}

/// The pools of these names, whatever is counted in them.
fn those(pools: &BTreeSet<&str>) -> String {
    let names: Vec<String> = pools.iter().map(|pool| escaped(pool)).collect();
    let pattern = names.join("|").replace('\\', "\\\\").replace('"', "\\\"");
    format!("{}{{pool=~\"{pattern}\"}}", model::catalogue::JOBS_WAITING.0.prometheus())
}

/// As a regular expression that matches only itself.
fn escaped(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_,:/@".contains(c);
    text.chars().fold(String::new(), |mut out, c| {
        if !is_plain(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

fn of(condition: &Condition, grouping: Grouping) -> Result<String, PromError> {
    let long = of_long(condition, grouping)?;
    let Some(short) = &condition.short else { return Ok(long) };
    let value = short.expr.promql(grouping)?;
    let Condition { relation, threshold, .. } = condition;
    Ok(format!("({long}) and ({value} {} {threshold})", relation.sign()))
}

fn of_long(condition: &Condition, grouping: Grouping) -> Result<String, PromError> {
    let value = condition.expr.promql(grouping)?;
    let Condition { relation, threshold, period, periods, datapoints_to_alarm: m, .. } = condition;
    if let (1, Missing::NotBreaching | Missing::Missing) = (*periods, condition.missing) {
        return Ok(format!("{value} {} {threshold}", relation.sign()));
    }
    let breaches = format!("({value} {} bool {threshold})", relation.sign());
    let breaches = match condition.missing {
        Missing::Breaching if grouping == Grouping::One => format!("({breaches} or vector(1))"),
        _ => breaches,
    };
    // A second less than the periods, so that the one before them is not counted in.
    let span = promql_duration((*period * *periods).saturating_sub(Duration::from_secs(1)));
    let step = promql_duration(*period);
    Ok(format!("sum_over_time({breaches}[{span}:{step}]) >= {m}"))
}

fn any_of(parts: &[&'static str]) -> String {
    let names: Vec<String> = parts.iter().map(|part| alert(part)).collect();
    format!("max by (pool) (ALERTS{{alertname=~\"{}\",alertstate=\"firing\"}})", names.join("|"))
}

/// A text in YAML; JSON's are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, Tuning};
    use std::collections::BTreeMap;

    fn expr(rules: &Rules, alarm: &str) -> String {
        let text = super::rules(rules, Some(alarm), None).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("        expr: ")).unwrap();
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn m_of_n_is_counted_over_as_many_minutes() {
        let text = expr(&Rules::default(), list::OLDEST_JOB_TOO_OLD);
        assert_eq!(
            text,
            "sum_over_time((max by (pool) \
             (max_over_time(headroom_oldest_waiting_age_seconds[1m])) > bool 1800)[179s:1m]) >= 3"
        );
    }

    #[test]
    fn a_pool_with_figures_of_its_own_is_asked_by_itself() {
        let own = Change { threshold: Some(60.0), ..Change::default() };
        let own = BTreeMap::from([(list::OLDEST_JOB_TOO_OLD.to_owned(), own)]);
        let pools = BTreeMap::from([("a.b".to_owned(), (None, own))]);
        let rules = Rules::new(&Tuning { pools, ..Tuning::default() }).unwrap();
        let text = expr(&rules, list::OLDEST_JOB_TOO_OLD);
        assert!(
            text.contains("unless on (pool) headroom_jobs_waiting{pool=~\"a\\\\.b\"}"),
            "{text}"
        );
        assert!(text.contains("{pool=\"a.b\"}[1m])) > bool 60)"), "{text}");
        assert!(!expr(&rules, list::POOL_INCIDENT).contains("unless"));
    }

    #[test]
    fn every_alarm_has_a_rule_of_its_own_name() {
        let text = super::rules(&Rules::default(), None, Some("https://headroom.example")).unwrap();
        for alarm in list::all(list::Objective::default()) {
            assert!(text.contains(&format!("- alert: {}\n", alert(alarm.name))), "{}", alarm.name);
            let page = format!("https://headroom.example/runbooks/{}\"", alarm.name);
            assert!(text.contains(&page), "{page}");
        }
    }
}
