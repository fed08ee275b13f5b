//! Units: a closed list, and a guess at what was meant.

use super::json::{self, Json, Raw};
use super::{Finding, Rule};
use crate::emf::UNITS;

/// Spellings of other systems.
const OTHER_SPELLINGS: [(&str, &str); 10] = [
    ("s", "Seconds"),
    ("sec", "Seconds"),
    ("ms", "Milliseconds"),
    ("us", "Microseconds"),
    ("by", "Bytes"),
    ("kb", "Kilobytes"),
    ("mb", "Megabytes"),
    ("gb", "Gigabytes"),
    ("%", "Percent"),
    ("1", "None"),
];

/// The unit that `raw` names.
pub(super) fn check(raw: Raw<'_>, path: &str) -> Result<String, Finding> {
    let finding = || Finding::new(Rule::UnitUnknown, path, raw.get());
    match json::open(raw) {
        Json::Text(unit) if UNITS.contains(&unit.as_str()) => Ok(unit),
        Json::Text(unit) => Err(match guess(&unit) {
            Some(meant) => finding().but(format!("did you mean {meant}?")),
            None => finding(),
        }),
        _ => Err(finding()),
    }
}

fn guess(unit: &str) -> Option<&'static str> {
    let unit = unit.trim().to_ascii_lowercase();
    let is = |known: &&str| {
        let known = known.to_ascii_lowercase();
        known == unit || known.trim_end_matches('s') == unit || known == unit.trim_end_matches('s')
    };
    let other = || OTHER_SPELLINGS.iter().find(|(word, _)| *word == unit).map(|(_, meant)| *meant);
    UNITS.iter().find(|known| is(known)).copied().or_else(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_recognised() {
        let guesses = [
            ("seconds", Some("Seconds")),
            ("Second", Some("Seconds")),
            ("COUNTS", Some("Count")),
            ("bytes/second", Some("Bytes/Second")),
            ("ms", Some("Milliseconds")),
            ("Nanoseconds", None),
            ("", None),
        ];
        for (unit, meant) in guesses {
            assert_eq!(guess(unit), meant, "{unit}");
        }
    }
}
