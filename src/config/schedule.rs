//! Hours of the week as people write them: `{ days = "mon-fri", hours = "8-18", runners = 4 }`.

use scaler::{Hot, Window};
use toml::Value;

use super::scaling::whole;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `{ schedule = [..], otherwise = N }`; hours are UTC.
pub(super) fn hot(windows: &Value, table: &toml::Table) -> Result<Hot, String> {
    if let Some(key) = table.keys().find(|key| !["schedule", "otherwise"].contains(&key.as_str())) {
        return Err(format!("{key}: schedule and otherwise were expected"));
    }
    let otherwise = match table.get("otherwise") {
        None => 0,
        Some(value) => whole(value).ok_or("otherwise: a number was expected")?,
    };
    let windows = windows.as_array().ok_or("schedule: a list was expected")?;
    let windows = windows.iter().map(window).collect::<Result<_, _>>()?;
    Ok(Hot::Schedule { otherwise, windows })
}

fn window(value: &Value) -> Result<Window, String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let (first_day, last_day) = text("days").and_then(days).ok_or(
        "days: a day or two of the same week were expected, such as \"sat\" or \"mon-fri\"",
    )?;
    let (from_hour, to_hour) = text("hours")
        .and_then(hours)
        .ok_or("hours: two hours of one day were expected, such as \"8-18\" (UTC, 24 at most)")?;
    let runners = value.get("runners").and_then(whole).ok_or("runners: a number was expected")?;
    Ok(Window { first_day, last_day, from_hour, to_hour, runners })
}

fn days(text: &str) -> Option<(u8, u8)> {
    let day = |name: &str| {
        let at = DAYS.iter().position(|day| *day == name.trim())?;
        u8::try_from(at).ok()
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (day(first)?, day(last)?);
    (first <= last).then_some((first, last))
}

fn hours(text: &str) -> Option<(u8, u8)> {
    let (from, to) = text.split_once('-')?;
    let (from, to): (u8, u8) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from < to && to <= 24).then_some((from, to))
}
