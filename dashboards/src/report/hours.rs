//! Hours of the week as heat maps: when jobs come, and when they wait.

use std::fmt::Write as _;

use maud::{Markup, html};
use model::capacity::{HourOfWeek, PoolReport};

use super::figure::secs;
use crate::format;

/// Pixels of a row.
const ROW: f64 = 22.0;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Shades of the map, pale to full.
const SHADES: usize = 5;

/// Both maps; nothing where the hours are not known.
pub fn section(pool: &PoolReport, at: usize) -> Markup {
    let hours = &pool.hours_of_week;
    let demand: Vec<Option<f64>> = hours.iter().map(|hour| hour.jobs_per_hour).collect();
    let waits: Vec<Option<f64>> = hours.iter().map(|hour| hour.wait_secs.p95).collect();
    html! {
        @if hours.len() == 168 {
            div class="pair" {
                (map(&format!("demand-{at}"), "When jobs come", "jobs an hour, UTC", &demand, "", &|value| format::level(Some(value))))
                @if waits.iter().any(Option::is_some) {
                    (map(&format!("late-{at}"), "When they wait", "p95 wait of the jobs that asked then, UTC", &waits, "hot", &|value| secs(Some(value))))
                }
            }
            (busiest(hours))
        }
    }
}

/// The stopped instances that the recommended rule held.
pub fn held(held: &[f64], at: usize) -> Markup {
    let values: Vec<Option<f64>> = held.iter().copied().map(Some).collect();
    html! {
        @if held.len() == 168 {
            (map(&format!("held-{at}"), "Stopped instances the recommended rule would hold", "on average, UTC", &values, "cool", &|value| format!("{value:.1}")))
        }
    }
}

fn map(
    id: &str,
    title: &str,
    unit: &str,
    values: &[Option<f64>],
    colour: &str,
    told: &dyn Fn(f64) -> String,
) -> Markup {
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    let height = ROW * 7.0;
    let numbers: Vec<String> =
        values.iter().map(|value| value.map_or(String::new(), told)).collect();
    html! {
        figure id=(id) class=(format!("chart heat {colour}").trim_end()) {
            figcaption {
                h4 { (title) } span class="unit" { (unit) }
                ul class="legend" {
                    @for (shade, name) in [(1, "little".to_owned()), (SHADES, told(most))] {
                        li { svg width="16" height="10" aria-hidden="true" { rect class=(format!("cell h{shade}")) width="16" height="10" rx="2" {} } (name) }
                    }
                }
            }
            div class="plot" data-hours=(numbers.join("|")) {
                svg width="100%" height=(height + 20.0) role="img" aria-label=(summary(title, values, told)) {
                    @for (day, name) in DAYS.iter().enumerate() {
                        text class="y" x="-8" y=(ROW * step(day) + 15.0) { (name) }
                    }
                    svg width="100%" height=(height) viewBox=(format!("0 0 24 {height}")) preserveAspectRatio="none" {
                        rect class="empty" width="24" height=(height) {}
                        @for (shade, path) in paths(values, most).iter().enumerate() {
                            @if !path.is_empty() { path class=(format!("cell h{}", shade + 1)) d=(path) {} }
                        }
                    }
                    @for hour in [0_usize, 6, 12, 18] {
                        text class="x first" x=(format!("{}%", step(hour) / 0.24)) y=(height + 15.0) { (hour) ":00" }
                    }
                }
            }
        }
    }
}

/// One path for each shade; neighbours of an hour are one rectangle.
fn paths(values: &[Option<f64>], most: f64) -> [String; SHADES] {
    let mut paths: [String; SHADES] = Default::default();
    for (index, value) in values.iter().enumerate() {
        let Some(shade) = value.and_then(|value| shade(value, most)) else { continue };
        let (day, hour) = (index / 24, index % 24);
        let _ = write!(paths[shade], "M{hour} {}h1v{}h-1z", ROW * step(day) + 1.0, ROW - 2.0);
    }
    paths
}

/// By the root of the value, so that quiet hours differ too; none for nothing.
fn shade(value: f64, most: f64) -> Option<usize> {
    let part = (value / most.max(f64::MIN_POSITIVE)).sqrt();
    (value > 0.0).then(|| [0.3, 0.5, 0.7, 0.87].iter().filter(|limit| part > **limit).count())
}

fn step(index: usize) -> f64 {
    f64::from(u32::try_from(index).unwrap_or(u32::MAX))
}

fn summary(title: &str, values: &[Option<f64>], told: &dyn Fn(f64) -> String) -> String {
    let known = values.iter().enumerate().filter_map(|(index, value)| Some((index, (*value)?)));
    match known.max_by(|(_, a), (_, b)| a.total_cmp(b)) {
        Some((index, value)) => {
            format!(
                "{title}: most on {} at {}:00 UTC, {}.",
                DAYS[index / 24],
                index % 24,
                told(value)
            )
        }
        None => format!("{title}: nothing is known."),
    }
}

/// The five busiest hours, as a table for those who cannot see the maps.
fn busiest(hours: &[HourOfWeek]) -> Markup {
    let mut busiest: Vec<&HourOfWeek> = hours.iter().filter(|hour| hour.jobs > 0).collect();
    busiest.sort_by(|a, b| {
        b.jobs_per_hour.partial_cmp(&a.jobs_per_hour).unwrap_or(std::cmp::Ordering::Equal)
    });
    html! {
        details {
            summary { "The busiest hours in figures" }
            div class="scroll" tabindex="0" role="region" aria-label="Busiest hours" {
                table class="sortable" {
                    thead { tr { @for name in ["Hour (UTC)", "Jobs an hour", "Running on average", "p50 wait", "p95 wait"] { th scope="col" { (name) } } } }
                    tbody {
                        @for hour in busiest.iter().take(12) {
                            tr {
                                th scope="row" data-value=(u32::from(hour.day) * 24 + u32::from(hour.hour)) { (DAYS[usize::from(hour.day.min(6))]) " " (hour.hour) ":00" }
                                td data-value=(hour.jobs_per_hour.unwrap_or_default()) { (format::level(hour.jobs_per_hour)) }
                                td data-value=(hour.running_mean.unwrap_or_default()) { (format::level(hour.running_mean)) }
                                td data-value=(hour.wait_secs.p50.unwrap_or(-1.0)) { (secs(hour.wait_secs.p50)) }
                                td data-value=(hour.wait_secs.p95.unwrap_or(-1.0)) { (secs(hour.wait_secs.p95)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
