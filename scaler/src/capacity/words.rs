//! Figures as people read them.

/// A whole number with commas: `12,345`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length of time: `0.4 s`, `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
pub fn length(secs: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
    let whole = secs.max(0.0).round() as u64;
    let two = |first: u64, unit: &str, second: u64, part: &str| match second {
        0 => format!("{first} {unit}"),
        second => format!("{first} {unit} {second} {part}"),
    };
    match whole {
        0..10 if secs.fract() > 0.05 && secs.fract() < 0.95 => format!("{secs:.1} s"),
        0..120 => format!("{whole} s"),
        120..7200 => two(whole / 60, "min", whole % 60, "s"),
        7200..172_800 => two(whole / 3600, "h", whole % 3600 / 60, "min"),
        _ => two(whole / 86_400, "d", whole % 86_400 / 3600, "h"),
    }
}

/// A share: `97.3 %`.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Hours: `12,345 h`, and with a fraction below ten.
pub fn hours(hours: f64) -> String {
    format!("{} h", rounded(hours))
}

/// Money: `1,234 USD`, and with a fraction below ten.
pub fn money(amount: f64, currency: &str) -> String {
    format!("{} {currency}", rounded(amount))
}

fn rounded(x: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
    match x.max(0.0) {
        x if x < 10.0 => format!("{x:.2}"),
        x => number(x.round() as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_like_those_of_people() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        let lengths = [0.0, 0.43, 9.97, 28.0, 119.6, 200.0, 7260.0, 300_000.0].map(length);
        let expected =
            ["0 s", "0.4 s", "10 s", "28 s", "2 min", "3 min 20 s", "2 h 1 min", "3 d 11 h"];
        assert_eq!(lengths, expected);
        assert_eq!((percent(0.9734), hours(1234.5)), ("97.3 %".into(), "1,235 h".into()));
        assert_eq!((money(3.456, "USD"), hours(0.5)), ("3.46 USD".into(), "0.50 h".into()));
    }
}
