//! What ran at one time against what could have, and how jobs come in bursts.

use maud::{Markup, html};
use model::capacity::{Bursts, ConcurrencyPoint, PoolReport};

use super::plot::{Plot, percent};
use super::{Detail, figure};
use crate::chart::path;
use crate::chart::scale::{Scale, TIME_TICKS_MAX, Tick, time_ticks};
use crate::{Grid, Series, format};

const HEIGHT: f64 = 170.0;

/// Bars of the bursts, in pixels.
const BAR: f64 = 120.0;

/// Running jobs over time, with the limit.
pub fn chart(pool: &PoolReport, at: usize, detail: Detail) -> Markup {
    let points = &pool.concurrency_over_time;
    let Some(first) = points.first() else { return html! {} };
    let together = points.len().div_ceil(detail.steps.max(1));
    let chunks: Vec<&[ConcurrencyPoint]> = points.chunks(together).collect();
    let mean = series(&chunks, |chunk| average(chunk.iter().map(|point| point.mean)));
    let max =
        series(&chunks, |chunk| chunk.iter().map(|point| whole(point.max)).fold(0.0, f64::max));
    let step_ms = millis(pool.step_secs) * i64::try_from(together).unwrap_or(1);
    let grid = Grid { start_ms: first.at.as_millis(), step_ms, len: chunks.len() };
    let limits = limits(pool);
    let top = limits
        .iter()
        .map(|(_, _, limit)| f64::from(*limit))
        .fold(path::max([max.as_slice()]), f64::max);
    let scale = Scale::counts(top, HEIGHT);
    let mut legend = vec![("area run", "average".to_owned()), ("line peak", "most".to_owned())];
    legend.extend(limits.iter().map(|(class, name, limit)| (*class, format!("{name} ({limit})"))));
    let plot = Plot {
        id: format!("running-{at}"),
        title: "Jobs running at one time",
        unit: "average and most in each step, against the limit",
        legend,
        summary: summary(pool),
        height: HEIGHT,
        down: scale.ticks(),
        across: time_ticks(&grid, TIME_TICKS_MAX),
        across_title: "UTC",
    };
    let view = format!("0 0 {} {HEIGHT}", grid.len.max(1));
    let shapes = html! {
        svg width="100%" height=(HEIGHT) viewBox=(view) preserveAspectRatio="none" {
            path class="area run" d=(path::area(&[], &mean, scale)) {}
            path class="line peak" d=(path::line(&max, scale)) {}
        }
        @for (class, _, limit) in &limits {
            @let y = scale.y(f64::from(*limit));
            line class=(class) x1="0" x2="100%" y1=(y) y2=(y) {}
        }
    };
    plot.draw(&shapes)
}

fn series(chunks: &[&[ConcurrencyPoint]], of: impl Fn(&[ConcurrencyPoint]) -> f64) -> Series {
    chunks.iter().map(|chunk| Some((of(chunk) * 100.0).round() / 100.0)).collect()
}

fn average(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = whole(values.len() as u64);
    values.sum::<f64>() / count.max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of jobs")]
fn whole(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, reason = "steps of hours")]
fn millis(secs: f64) -> i64 {
    (secs * 1000.0).round().max(1.0) as i64
}

/// The limits that are drawn: class, name, runners.
fn limits(pool: &PoolReport) -> Vec<(&'static str, &'static str, u32)> {
    let today = pool.capacity.runners_max.map(|max| ("line limit", "runners_max today", max));
    let advised = pool.recommendation.as_ref().and_then(|it| it.runners_max);
    let advised = advised.map(|max| ("line advised", "recommended", max));
    today.into_iter().chain(advised).collect()
}

fn summary(pool: &PoolReport) -> String {
    let concurrency = pool.concurrency;
    format!(
        "{} jobs ran at one time on average, up to {} for 95 % of the time, {} at most.",
        figure::amount(Some(concurrency.mean)),
        concurrency.p95,
        concurrency.max
    )
}

/// How many jobs come at once.
pub fn bursts(bursts: &Bursts, at: usize) -> Markup {
    let most = bursts.sizes.iter().map(|(_, count)| *count).max().unwrap_or(0);
    if most == 0 {
        return html! {};
    }
    // By the root, so that few large bursts are seen beside many lone jobs.
    let top = whole(most).sqrt();
    let each = 1.0 / whole(bursts.sizes.len() as u64);
    let at_bar = |index: usize| each * (whole(index as u64) + 0.5);
    let label = |index: usize| {
        let from = bursts.sizes[index].0;
        match bursts.sizes.get(index + 1).map(|(next, _)| next - 1) {
            Some(to) if to > from => format!("{from}\u{2013}{to}"),
            None if bursts.jobs_max > from => format!("{from}+"),
            _ => from.to_string(),
        }
    };
    let across = (0..bursts.sizes.len()).map(|index| Tick {
        at: (at_bar(index) * 10_000.0).round() / 100.0,
        label: label(index),
        minor: index % 2 == 1,
    });
    let plot = Plot {
        id: format!("bursts-{at}"),
        title: "Jobs that come together",
        unit: "how many bursts were of each size; heights by the root",
        legend: Vec::new(),
        summary: told(bursts),
        height: BAR + 16.0,
        down: Vec::new(),
        across: across.collect(),
        across_title: "jobs in a burst",
    };
    let shapes = html! {
        @for (index, (_, count)) in bursts.sizes.iter().enumerate() {
            @let height = BAR * whole(*count).sqrt() / top;
            rect class="bar" x=(percent(at_bar(index) - each * 0.35)) width=(percent(each * 0.7)) y=(BAR + 16.0 - height) height=(height) {}
            text class="x value" x=(percent(at_bar(index))) y=(BAR + 11.0 - height) { (format::count(*count)) }
        }
    };
    html! { (plot.draw(&shapes)) p class="aside" { (told(bursts)) } }
}

fn told(bursts: &Bursts) -> String {
    let largest =
        bursts.largest_at.map_or(String::new(), |at| format!(" on {} UTC", figure::instant(at)));
    format!(
        "{}, {} an hour; {} jobs in one on average, up to {} in 95 % of them. The largest had {}{largest}. Jobs within {} s of each other are one burst.",
        figure::counted(bursts.count, "burst", "bursts"),
        figure::amount(Some(bursts.per_hour)),
        figure::amount(Some(bursts.jobs_mean)),
        bursts.jobs_p95,
        figure::counted(bursts.jobs_max, "job", "jobs"),
        bursts.gap_secs,
    )
}
