//! What the command line says.

use std::time::{SystemTime, UNIX_EPOCH};

const USAGE: &str = "usage: soak [--minutes 3] [--seed N]";

/// What the command line says.
pub(crate) struct Arguments {
    pub(crate) minutes: u64,
    pub(crate) seed: u64,
}

impl Arguments {
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Arguments { minutes: 3, seed: any_seed() };
        while let Some(word) = words.next() {
            let place = match word.as_str() {
                "--minutes" => &mut arguments.minutes,
                "--seed" => &mut arguments.seed,
                _ => return Err(USAGE.into()),
            };
            let value = words.next().and_then(|value| value.parse().ok());
            *place = value.ok_or_else(|| format!("{word} wants a whole number\n{USAGE}"))?;
        }
        arguments.minutes = arguments.minutes.max(1);
        Ok(arguments)
    }
}

fn any_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
