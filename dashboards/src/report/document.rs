//! The document: what a reader sees first, the pools, and how it was found.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use model::capacity::{PoolReport, Report, Told, Warning, told};

use super::figure::{self, secs, share};
use super::{CONTENT_SECURITY_POLICY, Detail, pool};
use crate::format;
use crate::text::clipped;

const STYLE: &str = include_str!("../../assets/report.css");
const SCRIPT: &str = include_str!("../../assets/report.js");
const ICON: &str = include_str!("../../assets/favicon.svg");

pub fn document(report: &Report, version: &str) -> Markup {
    let detail = Detail::of(report);
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(report))
            body {
                a class="skip" href="#summary" { "Skip to the summary" }
                (header(report))
                main {
                    (warnings(&report.warnings))
                    (summary(report))
                    (overview(report))
                    @for (at, pool) in report.pools.iter().enumerate() { (pool::section(report, pool, at, detail)) }
                    (methods(report))
                }
                footer { p { "Headroom " (version) " · all times UTC · made " (figure::instant(report.generated_at)) } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn head(report: &Report) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(CONTENT_SECURITY_POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { "Capacity report, " (figure::day(report.period.from)) " to " (figure::day(report.period.to)) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

fn header(report: &Report) -> Markup {
    html! {
        header class="top" {
            div class="brand" { span class="logo" aria-hidden="true" { (PreEscaped(ICON)) } "Headroom" }
            h1 { "Capacity report" }
            p class="aside" {
                (figure::day(report.period.from)) " to " (figure::day(report.period.to))
                span class="sep" aria-hidden="true" { "·" } (figure::counted(report.pools.len() as u64, "pool", "pools"))
                @for source in &report.sources { span class="sep" aria-hidden="true" { "·" } bdi { (source) } }
            }
        }
    }
}

fn warnings(warnings: &[Warning]) -> Markup {
    html! {
        @if !warnings.is_empty() {
            section class="warnings panel" aria-labelledby="warnings-title" {
                h2 id="warnings-title" { "Before you read on" }
                ul {
                    @for point in told(warnings) {
                        li { (concerned(&point)) (point.text) " " span class="effect" { (point.effect) } }
                    }
                }
            }
        }
    }
}

/// The pools that a point concerns.
fn concerned(point: &Told<'_>) -> Markup {
    html! {
        @if let Some(first) = point.pools.first() {
            strong {
                @for (at, pool) in point.pools.iter().enumerate() { @if at > 0 { ", " } (clipped("", pool)) }
                @if point.more > 0 { " and " (figure::counted(point.more as u64, "more pool", "more pools")) }
                ": "
            }
            @if !point.is_of_all { "of " (clipped("", first)) ", and much the same of the others: " }
        }
    }
}

fn summary(report: &Report) -> Markup {
    html! {
        section id="summary" class="panel" aria-labelledby="summary-title" {
            h2 id="summary-title" { "In short" }
            p class="lead" { (report.summary) }
            dl class="tiles" {
                @for figure in &report.headline {
                    div class="tile" {
                        dt { (figure.title) }
                        dd class="figure" { (figure::headline(figure)) }
                        @if let Some(change) = figure::change(figure) { dd class="note" { (change) } }
                    }
                }
            }
            p class="aside" {
                "The objective: " (share(Some(report.slo.share))) " of the jobs wait no longer than " (secs(Some(report.slo.wait_secs))) "."
                @if let Some(previous) = &report.previous {
                    " Changes are against " (figure::day(previous.from)) " to " (figure::day(previous.to)) "."
                }
            }
        }
    }
}

fn overview(report: &Report) -> Markup {
    html! {
        @if report.pools.len() > 1 {
            section class="panel" aria-labelledby="pools-title" {
                h2 id="pools-title" { "Pools" }
                div class="scroll" tabindex="0" role="region" aria-label="Pools" {
                    table class="sortable" {
                        thead { tr { @for name in ["Pool", "Jobs", "Median wait", "p95 wait", "In time", "Runner-hours", "At most", "Stopped", "p95 then"] { th scope="col" { (name) } } } }
                        tbody { @for (at, pool) in report.pools.iter().enumerate() { (overview_row(pool, at)) } }
                    }
                }
                p class="aside" { "\u{201c}At most\u{201d}, \u{201c}stopped\u{201d} and \u{201c}p95 then\u{201d} are what is recommended and what it would give." }
            }
        }
    }
}

fn overview_row(pool: &PoolReport, at: usize) -> Markup {
    let advice = pool.recommendation.as_ref();
    let then = advice.map(|it| it.predicted.wait_p95_secs);
    html! {
        tr {
            th scope="row" { a href=(format!("#pool-{at}")) { (clipped("", &pool.name)) } }
            td data-value=(pool.jobs) { (format::count(pool.jobs)) }
            td data-value=(pool.wait_secs.p50.unwrap_or(-1.0)) { (secs(pool.wait_secs.p50)) }
            td data-value=(pool.wait_secs.p95.unwrap_or(-1.0)) { (secs(pool.wait_secs.p95)) }
            td data-value=(pool.within_slo.unwrap_or(-1.0)) { (share(pool.within_slo)) }
            td data-value=(pool.runner_hours) { (figure::amount(Some(pool.runner_hours))) }
            td { @match advice.and_then(|it| it.runners_max) { Some(max) => { (max) } None => { (format::UNKNOWN) } } }
            td { @match advice { Some(it) => { (it.warm_pool) } None => { (format::UNKNOWN) } } }
            td data-value=(then.unwrap_or(-1.0)) { (secs(then)) }
        }
    }
}

fn methods(report: &Report) -> Markup {
    html! {
        section class="panel" aria-labelledby="method-title" {
            h2 id="method-title" { "How this was found" }
            ul class="plain" { @for sentence in &report.method { li { (sentence) } } }
            dl class="words" {
                @for (word, meaning) in WORDS { dt { (word) } dd { (meaning) } }
            }
        }
    }
}

/// Words that a reader may not know.
const WORDS: [(&str, &str); 7] = [
    ("Wait", "from a job asking for a runner to its start on one."),
    ("p95", "95 of 100 jobs waited no longer than this; the median is the same for half of them."),
    ("In time", "the share of the jobs that waited no longer than the objective allows."),
    ("Pool", "runners that take the same jobs."),
    (
        "Stopped instance",
        "a machine that was prepared and shut down: it costs its disk, and starts in seconds.",
    ),
    ("Idle runner", "a running machine without a job: it costs as much as a busy one."),
    (
        "Replay",
        "the recorded jobs, served once more by a simulated fleet that decides as Headroom's scaler does.",
    ),
];
