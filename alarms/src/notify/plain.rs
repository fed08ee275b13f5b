//! A notification as plain text: for a command, and the words of all other renderings.

use std::time::Duration;

use super::incident::Said;
use super::lengths::in_words;
use super::notification::{AlarmReport, Impact, Notification, Report, Told};
use crate::{Figure, Severity, State};

/// All of it, the headline first.
pub fn plain(notification: &Notification) -> String {
    let mut text = format!("{}\n", notification.headline);
    for report in &notification.incidents {
        text.push_str(&format!("\n{}\n", opening(report)));
        for alarm in &report.alarms {
            alarm_text(&mut text, alarm, report.told);
        }
        text.push_str(&format!("Dashboard: {}\n", report.dashboard_url));
    }
    if notification.omitted > 0 {
        text.push_str(&format!("\n{} more are not listed here.\n", notification.omitted));
    }
    text
}

/// All of it in one line.
pub(super) fn headline(incidents: &[Report], omitted: u32) -> String {
    let Some(first) = incidents.first() else { return "Nothing to tell.".into() };
    let worst = format!("{}: {}", word(first), short(first));
    match incidents.len() - 1 + omitted as usize {
        0 => worst,
        more => format!("{worst}; and {more} more"),
    }
}

/// The word at the beginning.
pub(super) fn word(report: &Report) -> &'static str {
    match (report.told, report.severity) {
        (Told::Over, _) => "OVER",
        (_, Severity::Page) => "PAGE",
        (_, Severity::Ticket) => "TICKET",
        (_, Severity::Info) => "INFO",
    }
}

/// What is wrong and where, in a few words.
pub(super) fn short(report: &Report) -> String {
    let open = report.alarms.iter().filter(|alarm| alarm.state != State::Ok);
    let mut names: Vec<&str> = open.map(|alarm| alarm.name.as_str()).collect();
    if report.told == Told::Over {
        names = report.alarms.iter().map(|alarm| alarm.name.as_str()).collect();
    }
    let lasted = in_words(Duration::from_secs(report.lasted_secs));
    let when = match report.told {
        Told::Began => String::new(),
        Told::Worse => ", got worse".to_owned(),
        Told::Lasts => format!(", for {lasted} now"),
        Told::Over => format!(", after {lasted}"),
    };
    format!("{}: {}{when}", place(report), names.join(", "))
}

/// The pool, or the fleet.
pub(super) fn place(report: &Report) -> String {
    report.pool.as_ref().map_or("fleet".to_owned(), |pool| format!("pool {pool}"))
}

/// The first sentences about an incident.
pub(super) fn opening(report: &Report) -> String {
    let lasted = in_words(Duration::from_secs(report.lasted_secs));
    let place = place(report);
    let mut text = match report.told {
        Told::Began => format!("{} in {place} since {}.", word(report), report.since),
        Told::Worse => {
            format!("{} in {place}: worse. It began at {}.", word(report), report.since)
        }
        Told::Lasts => {
            format!("{} in {place}: still so, for {lasted}, since {}.", word(report), report.since)
        }
        Told::Over => {
            let until = report.until.map_or(String::new(), |until| format!(" until {until}"));
            format!("OVER in {place}: it lasted {lasted}, from {}{until}.", report.since)
        }
    };
    if report.returns > 0 {
        let times =
            if report.returns == 1 { "once".into() } else { format!("{} times", report.returns) };
        text.push_str(&format!(" It went away and came back {times}."));
    }
    if let Some(impact) = &report.impact {
        text.push_str(&format!(" {}", impact_in_words(impact)));
    }
    text
}

fn impact_in_words(impact: &Impact) -> String {
    let jobs = |n: u64| if n == 1 { "1 job".to_owned() } else { format!("{n} jobs") };
    let mut text = format!("{} got a runner meanwhile", jobs(impact.jobs_started));
    if let (Some(half), Some(most)) = (impact.wait_p50_secs, impact.wait_max_secs) {
        let [half, most] = [half, most].map(|secs| in_words(Duration::from_secs(secs)));
        text.push_str(&format!(", after {half} (median) and {most} at most"));
    }
    match impact.jobs_waiting {
        0 => text.push_str("; none waits now."),
        1 => text.push_str("; 1 job waits now."),
        n => text.push_str(&format!("; {n} jobs wait now.")),
    }
    text
}

fn alarm_text(text: &mut String, alarm: &AlarmReport, told: Told) {
    let state = match alarm.state {
        State::Alarm => "firing",
        State::InsufficientData => "fired, no data since",
        State::Ok => "calm",
    };
    text.push_str(&format!("\n* {} ({state})", alarm.name));
    if !alarm.meaning.is_empty() {
        text.push_str(&format!(": {}", alarm.meaning));
    }
    text.push('\n');
    text.push_str(&figures(alarm));
    if told == Told::Over || alarm.state == State::Ok {
        return;
    }
    if let Some(note) = &alarm.note {
        text.push_str(&format!("  {note}\n"));
    }
    list(text, "Likely causes", &alarm.causes);
    list(text, "What to do", &alarm.actions);
    text.push_str(&format!("  Runbook: {}\n", alarm.runbook_url));
}

/// Then and now.
fn figures(alarm: &AlarmReport) -> String {
    let mut text = format!("  At {}: {}\n", alarm.since, in_words_of(&alarm.then));
    if alarm.now != alarm.then {
        text.push_str(&format!("  Now: {}\n", in_words_of(&alarm.now)));
    }
    text
}

/// `31 jobs waiting, 40 runners busy (3 of the last 3 values ..)`.
pub(super) fn in_words_of(said: &Said) -> String {
    let figures: Vec<String> = said.figures.iter().map(figure).collect();
    match (figures.is_empty(), said.reason.is_empty()) {
        (true, _) => said.reason.clone(),
        (false, true) => figures.join(", "),
        (false, false) => format!("{} ({})", figures.join(", "), said.reason),
    }
}

/// `jobs waiting: 31`; lengths as people say them.
fn figure(figure: &Figure) -> String {
    let Figure { label, value, unit } = figure;
    let Some(value) = *value else { return format!("{label}: unknown") };
    let length = |secs: f64| Duration::try_from_secs_f64(secs).map(in_words).unwrap_or_default();
    match unit.as_str() {
        "Seconds" => format!("{label}: {}", length(value)),
        "Milliseconds" if value >= 1_000.0 => format!("{label}: {}", length(value / 1_000.0)),
        "Milliseconds" => format!("{label}: {value:.0} ms"),
        "Percent" => format!("{label}: {value:.1} %"),
        _ => format!("{label}: {}", (value * 100.0).round() / 100.0),
    }
}

fn list(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    text.push_str(&format!("  {title}:\n"));
    for (n, line) in (1..).zip(lines) {
        text.push_str(&format!("    {n}. {line}\n"));
    }
}
