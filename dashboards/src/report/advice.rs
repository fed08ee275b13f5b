//! What to set, what it would give, and how far to trust that.

use maud::{Markup, html};
use model::capacity::{
    Advice, Block, Fidelity, FrontierPoint, PoolReport, Prices, Recommendation, Role, Warning,
};

use super::figure::{self, amount, money, secs, share, times};

/// The box at the top of a pool.
pub fn recommendation(pool: &PoolReport, advice: &Advice, prices: &Prices) -> Markup {
    let Some(recommendation) = &pool.recommendation else { return html! {} };
    html! {
        h3 { "What to set" }
        div class=(if recommendation.is_slo_met { "advice met" } else { "advice missed" }) {
            dl class="set" {
                div { dt { "Runners at least" } dd { (recommendation.runners_min) } }
                div { dt { "Runners at most" } dd { @match recommendation.runners_max { Some(max) => { (max) } None => { "no limit" } } } }
                div { dt { "Stopped instances" } dd { (stopped(recommendation)) } }
                div { dt { "Idle runners" } dd { (idle(recommendation)) } }
            }
            p { (recommendation.because) }
            (compared(pool, recommendation, prices))
            (band(recommendation))
            (promise(advice))
        }
        (snippets(recommendation))
    }
}

/// Why there is no such box.
pub fn none(warning: &Warning) -> Markup {
    html! {
        h3 { "What to set" }
        p { (warning.text) " " (warning.effect) }
    }
}

fn stopped(recommendation: &Recommendation) -> Markup {
    let size = recommendation.warm_pool;
    html! {
        @match recommendation.stopped.as_str() {
            "\"none\"" => { "none" }
            text if text.parse::<u32>().is_ok() => { (text) }
            _ => { "self-sizing" span class="aside" { " (about " (size) ")" } }
        }
    }
}

fn idle(recommendation: &Recommendation) -> Markup {
    html! {
        @if recommendation.schedule.is_empty() {
            @if recommendation.config.contains("hot_spare") { "see below" } @else { "none" }
        } @else {
            @for window in &recommendation.schedule { (window.runners) ", " (window.from_hour) "\u{2013}" (window.to_hour) " h UTC " }
        }
    }
}

/// What was recorded, and beside it what today's setting, the recommended one and none would give.
fn compared(pool: &PoolReport, recommendation: &Recommendation, prices: &Prices) -> Markup {
    let of = |role: Role| pool.frontier.iter().find(|point| point.role == role);
    let rows = [
        ("Today", of(Role::Current)),
        ("Recommended", Some(&recommendation.predicted)),
        ("Nothing held", of(Role::PerWebhook)),
    ];
    let has_cost = recommendation.predicted.cost_per_week.is_some();
    let cells = |point: &FrontierPoint| {
        html! {
            td { (secs(Some(point.wait_p50_secs))) }
            td { (secs(Some(point.wait_p95_secs))) }
            td { (share(Some(point.within_slo))) }
            td { (times(point.bill_over_oracle)) }
            td { (amount(Some(point.instance_hours_per_week))) }
            @if has_cost { td { (money(point.cost_per_week, prices)) } }
        }
    };
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="What it would give" {
            table {
                caption class="hidden" { "In the replay" }
                thead { tr {
                    th scope="col" { "In the replay" }
                    @for name in ["Median wait", "p95 wait", "In time", "Bill", "Instance-hours a week"] { th scope="col" { (name) } }
                    @if has_cost { th scope="col" { "Cost a week" } }
                } }
                tbody {
                    @if pool.wait_secs.p50.is_some() {
                        tr {
                            th scope="row" { "As recorded" }
                            td { (secs(pool.wait_secs.p50)) }
                            td { (secs(pool.wait_secs.p95)) }
                            td { (share(pool.within_slo)) }
                            @for _ in 0..(2 + usize::from(has_cost)) { td { "\u{2013}" } }
                        }
                    }
                    @for (name, point) in rows {
                        @if let Some(point) = point {
                            tr class=[(name == "Recommended").then_some("best")] { th scope="row" { (name) } (cells(point)) }
                        }
                    }
                }
            }
        }
        p class="aside" { "Bill: instance time as a multiple of the least that single-use runners can have, each job's duration and one boot." }
    }
}

fn band(recommendation: &Recommendation) -> Markup {
    let Some(band) = &recommendation.predicted.band else { return html! {} };
    let (word, doubt) = match band.block {
        Block::Week => ("weeks", ""),
        Block::Day => {
            ("days", " There are fewer than three weeks, so the band is too narrow to mean much.")
        }
        Block::None => return html! {},
    };
    html! {
        p {
            "In other " (word) " like these (" (band.blocks) " were drawn anew, " (band.draws) " times), nine times in ten: p95 "
            (range(band.wait_p95_secs, |value| secs(Some(value)))) ", in time "
            (range(band.within_slo, |value| share(Some(value)))) ", bill "
            (range(band.bill_over_oracle, times)) "." (doubt)
        }
    }
}

fn range((low, high): (f64, f64), told: impl Fn(f64) -> String) -> String {
    let (low, high) = (told(low), told(high));
    if low == high { low } else { format!("{low} to {high}") }
}

fn promise(advice: &Advice) -> Markup {
    html! {
        @if let Some(promise) = &advice.promise {
            p {
                "A pool of prepared instances is often said to cut waiting by 70 to 80 %. Here the recommended setting cuts it by "
                strong { (format!("{:.0} %", promise.reduction * 100.0)) }
                ", from " (secs(Some(promise.cold_mean_secs))) " to " (secs(Some(promise.warm_mean_secs)))
                " on average, for " (format!("{:.0} %", promise.bill_added * 100.0)) " more instance time."
            }
        }
    }
}

fn snippets(recommendation: &Recommendation) -> Markup {
    html! {
        div class="pair" {
            div {
                h4 { "headroom.toml" }
                pre tabindex="0" { code { (recommendation.config) } }
            }
            @if !recommendation.cloudformation.is_empty() {
                div {
                    h4 { "Auto Scaling group without Headroom's scaler" }
                    pre tabindex="0" { code { @for (name, value) in &recommendation.cloudformation { (name) ": " (value) "\n" } } }
                }
            }
        }
    }
}

/// What each lever does.
pub fn levers(advice: &Advice) -> Markup {
    html! {
        @if advice.levers.len() > 1 {
            h3 { "What each lever does" }
            p class="aside" { "In the order in which they are worth pulling; each was replayed on these jobs." }
            div class="scroll" tabindex="0" role="region" aria-label="Levers" {
                table {
                    thead { tr { th scope="col" { "Lever" } @for name in ["Mean wait", "p95", "In time", "Bill"] { th scope="col" { (name) } } } }
                    tbody {
                        @for lever in &advice.levers {
                            tr class=[(lever.name == "baseline").then_some("today")] {
                                th scope="row" { (lever.title) div class="aside" { (lever.note) } }
                                td { (secs(Some(lever.wait_mean_secs))) }
                                td { (secs(Some(lever.wait_p95_secs))) }
                                td { (share(Some(lever.within_slo))) }
                                td { (times(lever.bill_over_oracle)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How far to trust it.
pub fn trust(advice: &Advice) -> Markup {
    let (sample, learned) = (&advice.sample, &advice.learned);
    html! {
        h3 { "How far to trust this" }
        @if let Some(fidelity) = &advice.fidelity { (fidelity_of(fidelity)) }
        p {
            (figure::counted(sample.jobs, "job", "jobs")) " were replayed, " (figure::day(sample.from)) " to " (figure::day(sample.to))
            @if sample.left_out > 0 { ", " (figure::counted(sample.left_out, "other", "others")) " left out" }
            ". The first " (format!("{:.1}", learned.days)) " days teach and are not measured; "
            (figure::counted(learned.jobs_measured, "job is", "jobs are")) " measured."
        }
        ul class="plain" { @for assumption in &advice.assumptions { li { (assumption) } } }
    }
}

fn fidelity_of(fidelity: &Fidelity) -> Markup {
    let Fidelity { recorded_secs, replayed_secs, .. } = fidelity;
    html! {
        p { (fidelity.verdict) }
        p class="aside" {
            "Recorded: median " (secs(Some(recorded_secs.0))) ", p95 " (secs(Some(recorded_secs.1)))
            "; replayed: median " (secs(Some(replayed_secs.0))) ", p95 " (secs(Some(replayed_secs.1)))
            "; " (figure::counted(fidelity.jobs, "job", "jobs")) "."
        }
    }
}
