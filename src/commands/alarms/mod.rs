//! `headroom alarms`: what is worth telling, as others take it and over history.

pub mod diff;
pub mod eval;
mod live;
pub mod print;
pub mod push;
pub mod test;

use alarms::Rules;
use alarms::cloudwatch::Options;

use crate::cli::alarms::Chosen;
use crate::config::{Config, Flags};
use crate::exit::Failure;

/// The pool in whose name alarms are printed where none is known.
const EXAMPLE_POOL: &str = "linux";

/// The alarms as tuned, and for whom.
struct Asked {
    rules: Rules,
    options: Options,
    /// Whether no pool is known, and the one of the options is made up.
    is_example: bool,
}

impl Asked {
    fn of(chosen: &Chosen) -> Result<Asked, Failure> {
        let flags = Flags { config: chosen.config.clone(), ..Flags::default() };
        let config = Config::load(&flags, &|name| std::env::var(name).ok())?;
        let mut pools = chosen.pool.clone();
        if pools.is_empty() {
            pools = config.pools.iter().map(|pool| pool.name.clone()).collect();
        }
        let is_example = pools.is_empty();
        if is_example {
            pools.push(EXAMPLE_POOL.to_owned());
        }
        let mut options =
            Options { pools, base_url: chosen.base_url.clone(), ..Options::default() };
        for (severity, arn) in &chosen.action {
            options.actions.entry(*severity).or_default().push(arn.clone());
        }
        Ok(Asked { rules: config.rules, options, is_example })
    }

    fn base_url(&self) -> Option<&str> {
        self.options.base_url.as_deref()
    }
}

/// Objects to a name that is no alarm's.
fn known(rules: &Rules, name: Option<&str>) -> Result<(), Failure> {
    match name {
        Some(name) if rules.find(name).is_none() => {
            let all = alarms::Listed::all(rules, None);
            let names: Vec<&str> = all.iter().map(|alarm| alarm.name).collect();
            let problem = format!("there is no alarm {name:?}; there are {}", names.join(", "));
            Err(Failure::Argument { key: "--name".into(), problem })
        }
        _ => Ok(()),
    }
}
