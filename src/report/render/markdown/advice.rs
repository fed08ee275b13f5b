//! What the replay tells of a pool.

use model::capacity::{Advice, FrontierPoint, MaxPoint, PoolReport, Report, Role};
use scaler::capacity::{length, money, number, percent};

use super::plain;

/// The recommendation, the frontier, the sweep of `runners_max`, and how far to trust them.
pub(super) fn advised(pool: &PoolReport, report: &Report) -> String {
    let mut text = String::new();
    if let Some(warning) = report.not_replayed(pool) {
        text += &format!("**{}** {}\n\n", plain(&warning.text), plain(&warning.effect));
    }
    if let Some(set) = &pool.recommendation {
        let config = set.config.trim_end();
        text += &format!("**Recommended.** {}\n\n", plain(&set.because));
        text += &format!("```toml\n{config}\n```\n\n");
    }
    text += &frontier(&pool.frontier, &report.prices.currency);
    if let Some(advice) = &pool.advice {
        text += &sweep(advice, report);
        text += &trust(advice);
    }
    text
}

fn frontier(points: &[FrontierPoint], currency: &str) -> String {
    if points.is_empty() {
        return String::new();
    }
    let has_cost = points.iter().any(|point| point.cost_per_week.is_some());
    let (cost, rule) = if has_cost { (" cost a week |", "--:|") } else { ("", "") };
    let mut text = format!(
        "| replayed on these jobs | p50 wait | p95 wait | bill over the least |{cost}\n\
         |---|--:|--:|--:|{rule}\n"
    );
    for point in worth_telling(points) {
        let strong = match point.role {
            Role::Recommended | Role::Current => "**",
            _ => "",
        };
        let band = |of: Option<(f64, f64)>, told: &dyn Fn(f64) -> String| {
            of.map_or(String::new(), |(low, high)| format!(" ({} to {})", told(low), told(high)))
        };
        let bill = |bill: f64| format!("{bill:.3}");
        text += &format!(
            "| {strong}{}{strong} | {} | {}{} | {}{} |{}\n",
            plain(&point.title),
            length(point.wait_p50_secs),
            length(point.wait_p95_secs),
            band(point.band.map(|band| band.wait_p95_secs), &length),
            bill(point.bill_over_oracle),
            band(point.band.map(|band| band.bill_over_oracle), &bill),
            point
                .cost_per_week
                .map_or(String::new(), |cost| format!(" {} |", money(cost, currency))),
        );
    }
    text + "\n"
}

/// Of settings that hold something, only those are told that wait a fifth less than any cheaper one;
/// the other forms of the report have all.
const LESS_WAIT: f64 = 0.8;

fn worth_telling(points: &[FrontierPoint]) -> Vec<&FrontierPoint> {
    let mut best = f64::INFINITY;
    let told = points.iter().filter(|point| match point.role {
        Role::Recommended | Role::Current | Role::PerWebhook | Role::Peer | Role::Bound => true,
        Role::SelfSizing | Role::StoppedPool | Role::HotPool | Role::Schedule => {
            let is_better = point.wait_mean_secs < best * LESS_WAIT;
            best = best.min(point.wait_mean_secs);
            is_better
        }
    });
    told.collect()
}

fn sweep(advice: &Advice, report: &Report) -> String {
    if advice.sweep.is_empty() {
        return String::new();
    }
    let slo = length(report.slo.wait_secs);
    let mut text = format!(
        "| runners\\_max | would have given p50 wait | p95 wait | within {slo} |\n|--:|--:|--:|--:|\n"
    );
    for step in telling(&advice.sweep) {
        text += &format!(
            "| {} | {} | {} | {} |\n",
            step.runners_max,
            length(step.wait_p50_secs),
            length(step.wait_p95_secs),
            percent(step.within_slo)
        );
    }
    text + "\n"
}

/// Limits whose outcomes differ by less than this part of the jobs are told as one, the lowest.
const SAME_WITHIN: f64 = 0.005;

fn telling(sweep: &[MaxPoint]) -> Vec<&MaxPoint> {
    let mut told: Vec<&MaxPoint> = Vec::new();
    for step in sweep {
        let is_new = |last: &&MaxPoint| {
            (step.within_slo - last.within_slo).abs() >= SAME_WITHIN
                || step.wait_p95_secs < last.wait_p95_secs * LESS_WAIT
        };
        if told.last().is_none_or(is_new) {
            told.push(step);
        }
    }
    told
}

fn trust(advice: &Advice) -> String {
    let mut text = String::new();
    if let Some(promise) = &advice.promise {
        text += &format!(
            "For these jobs a warm pool cuts the mean wait by {} ({} to {}) and adds {} to the \
             bill; 70 to 80 % is what is often promised.\n\n",
            percent(promise.reduction),
            length(promise.cold_mean_secs),
            length(promise.warm_mean_secs),
            percent(promise.bill_added)
        );
    }
    if let Some(fidelity) = &advice.fidelity {
        text += &format!("How far to trust it: {}\n\n", plain(&fidelity.verdict));
    }
    let sample = &advice.sample;
    text += &format!(
        "Replayed: {} jobs from {} to {}, the first {:.1} days to learn from{}.",
        number(sample.jobs),
        sample.from,
        sample.to,
        advice.learned.days,
        match sample.left_out {
            0 => String::new(),
            n => format!("; {} others were left out", number(n)),
        }
    );
    for sentence in &advice.assumptions {
        text += &format!(" {}", plain(sentence));
    }
    text + "\n\n"
}
