//! Figures as a reader of the report expects them.

use model::Timestamp;
use model::capacity::{Figure, Prices};

use crate::format::{self, UNKNOWN};
use crate::utc;

/// `28 s`, `3 min 05 s`; unknown is an en dash.
pub fn secs(secs: Option<f64>) -> String {
    format::duration_secs(secs.map(f64::round))
}

/// `95.9 %`.
pub fn share(share: Option<f64>) -> String {
    share.map_or_else(|| UNKNOWN.to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// `1.14`.
pub fn times(factor: f64) -> String {
    format!("{factor:.2}")
}

/// `701`, `3.4`.
pub fn amount(value: Option<f64>) -> String {
    format::level(value)
}

/// `140.31 USD`.
pub fn money(value: Option<f64>, prices: &Prices) -> String {
    let Some(value) = value else { return UNKNOWN.to_owned() };
    match value.abs() >= 1000.0 {
        true => format!("{} {}", format::level(Some(value)), prices.currency),
        false => format!("{value:.2} {}", prices.currency),
    }
}

/// A headline figure.
pub fn headline(figure: &Figure) -> String {
    match figure.unit.as_str() {
        "seconds" => secs(figure.value),
        "share" => share(figure.value),
        "jobs" | "runners" => amount(figure.value),
        "hours" => format!("{} h", amount(figure.value)),
        currency => {
            let prices = Prices { currency: currency.to_owned(), ..Prices::default() };
            money(figure.value, &prices)
        }
    }
}

/// Its change, in words: `12 % more`, `4 points less`; none where it is not known or nothing.
pub fn change(figure: &Figure) -> Option<String> {
    let change = figure.change?;
    let (size, what) = match figure.unit.as_str() {
        "share" => (change.difference * 100.0, "points"),
        _ => (change.relative? * 100.0, "%"),
    };
    let way = if size < 0.0 { "less" } else { "more" };
    Some(match size.abs() < 0.5 {
        true => "as before".to_owned(),
        false => format!("{:.0} {what} {way}", size.abs()),
    })
}

/// `Sun 22 Nov 22:31`.
pub fn instant(at: Timestamp) -> String {
    format!("{} {}", utc::date(at.as_millis()), utc::clock(at.as_millis()))
}

/// `2026-11-22`.
pub fn day(at: Timestamp) -> String {
    utc::full(at.as_millis()).chars().take(10).collect()
}

/// `1 job`, `2 jobs`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", format::count(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use model::capacity::Change;

    use super::*;

    fn figure(unit: &str, previous: f64, value: f64) -> Figure {
        let (difference, relative) = (value - previous, Some(value / previous - 1.0));
        Figure {
            name: String::new(),
            title: String::new(),
            unit: unit.to_owned(),
            value: Some(value),
            change: Some(Change { previous, difference, relative }),
        }
    }

    #[test]
    fn a_change_is_told_in_words() {
        for (unit, previous, value, told) in [
            ("seconds", 100.0, 88.0, "12 % less"),
            ("share", 0.90, 0.94, "4 points more"),
            ("jobs", 1000.0, 1001.0, "as before"),
        ] {
            assert_eq!(change(&figure(unit, previous, value)).as_deref(), Some(told));
        }
    }

    #[test]
    fn a_figure_has_its_unit() {
        for (unit, value, told) in [
            ("seconds", 184.6, "3 min 05 s"),
            ("share", 0.959, "95.9 %"),
            ("hours", 701.5, "702 h"),
            ("USD", 12.5, "12.50 USD"),
        ] {
            assert_eq!(headline(&figure(unit, 1.0, value)), told);
        }
    }
}
