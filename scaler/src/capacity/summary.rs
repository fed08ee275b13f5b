//! The paragraph that a manager reads, and perhaps nothing else.

use model::Timestamp;
use model::capacity::{Figure, Report, Wait};

use super::{hours, length, money, number, percent};

/// What the measured part of the report says, in a few sentences. `waits` are those of all pools.
pub(super) fn paragraph(report: &Report, waits: &Wait) -> String {
    let jobs: u64 = report.pools.iter().map(|pool| pool.jobs).sum();
    let (from, to) = (day(report.period.from), day(report.period.to));
    if jobs == 0 {
        return format!("No job asked for a runner from {from} to {to}.");
    }
    let pools = match &report.pools[..] {
        [pool] => format!("the pool {}", pool.name),
        pools => format!("{} pools", pools.len()),
    };
    let mut text =
        format!("From {from} to {to}, {} asked for a runner of {pools}. ", plural(jobs, "job"));
    text += &waited(report, waits);
    text += &ran(report);
    text += &compared(report);
    text.trim_end().to_owned()
}

fn waited(report: &Report, waits: &Wait) -> String {
    let Some(p50) = waits.p50 else {
        return "How long they waited is not known. ".to_owned();
    };
    let mut text = match waits.p95 {
        Some(p95) => format!(
            "Half of them had one within {}, and one in twenty waited for more than {}. ",
            length(p50),
            length(p95)
        ),
        None => format!(
            "Half of them had one within {}; so many still wait that more cannot be said. ",
            length(p50)
        ),
    };
    if let Some(within) = figure(report, "within_slo").and_then(|figure| figure.value) {
        let verdict = match within >= report.slo.share {
            true => "which meets the objective of",
            false => "short of the objective of",
        };
        text += &format!(
            "{} had one within {}, {verdict} {}. ",
            percent(within),
            length(report.slo.wait_secs),
            percent(report.slo.share)
        );
    }
    let waiting: u64 = report.pools.iter().map(|pool| pool.job_counts.waiting).sum();
    if waiting > 0 {
        text += &format!("{} still waiting at the end. ", are(waiting, "job"));
    }
    text
}

fn ran(report: &Report) -> String {
    let value = |name| figure(report, name).and_then(|figure| figure.value);
    let (Some(mean), Some(total)) = (value("concurrency_mean"), value("runner_hours")) else {
        return String::new();
    };
    let cost = value("cost").map_or(String::new(), |cost| {
        format!(", which on demand cost {}", money(cost, &report.prices.currency))
    });
    let most = match &report.pools[..] {
        [pool] => format!(" and {} at most", pool.concurrency.max),
        _ => String::new(),
    };
    format!(
        "On average {mean:.1} jobs ran at one time{most}; together they took {} of runners{cost}. ",
        hours(total)
    )
}

fn compared(report: &Report) -> String {
    let change = |name| figure(report, name).and_then(|figure| figure.change?.relative);
    let (Some(jobs), Some(p95)) = (change("jobs"), change("wait_p95_secs")) else {
        return String::new();
    };
    let word = |part: f64| match part {
        part if part > 0.005 => format!("{} more", percent(part)),
        part if part < -0.005 => format!("{} less", percent(-part)),
        _ => "as much".to_owned(),
    };
    format!(
        "Against the period before, there was {} demand, and one in twenty waited for {} time.",
        word(jobs),
        word(p95)
    )
}

fn figure<'a>(report: &'a Report, name: &str) -> Option<&'a Figure> {
    report.headline.iter().find(|figure| figure.name == name)
}

/// The day of an instant, UTC: `2026-01-31`.
pub fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// `1 job`, `2 jobs`.
pub(super) fn plural(n: u64, what: &str) -> String {
    format!("{} {what}{}", number(n), if n == 1 { "" } else { "s" })
}

/// `1 job was`, `2 jobs were`.
pub(super) fn are(n: u64, what: &str) -> String {
    format!("{} {}", plural(n, what), if n == 1 { "was" } else { "were" })
}
