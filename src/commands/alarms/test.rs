//! `headroom alarms test`: are notifications taken by those who are to be told?

use alarms::notify::sample;
use alarms::{Severity, list};
use model::document::Table;
use serde::Serialize;

use crate::cli::{TableOrJson, TestArgs};
use crate::clock::Clock;
use crate::config::{Config, Flags, Target};
use crate::exit::{self, Failure};
use crate::notify::{Ids, client, deliver};
use crate::render;

/// What came of one attempt.
#[derive(Debug, Serialize)]
struct Tried {
    target: String,
    kind: &'static str,
    /// Where it went, without what may be secret.
    place: String,
    /// Severities that it is told of.
    severities: Vec<Severity>,
    /// The sample's id, as the target got it; none where nothing was sent.
    id: Option<String>,
    /// Whether it took the sample; none where nothing was sent.
    is_delivered: Option<bool>,
    /// Why not; empty where it did.
    trouble: String,
}

/// Shows who is told; with `--notify`, sends a sample to each target, or to one, and exits 1 when
/// one did not take it.
///
/// # Errors
/// When the configuration cannot be used, names no such target, or stdout cannot be written.
pub fn run(args: &TestArgs) -> Result<u8, Failure> {
    let flags = Flags { config: args.config.clone(), ..Flags::default() };
    let config = Config::load(&flags, &|name| std::env::var(name).ok())?;
    let targets = chosen(&config, args.target.as_deref())?;
    let no_chance = |source| Failure::System { what: "randomness", source };
    let mut ids = Ids::random().map_err(no_chance)?;
    let mut tried = Vec::with_capacity(targets.len());
    for target in targets {
        tried.push(match args.notify {
            true => send(&config, target, ids.next().map_err(no_chance)?),
            false => described(target),
        });
    }
    match args.format {
        TableOrJson::Json => render::print_json(&tried),
        TableOrJson::Table => render::print(&as_table(&tried)),
    }
    .map_err(super::super::stdout)?;
    let has_failed = tried.iter().any(|tried| tried.is_delivered == Some(false));
    Ok(if has_failed { exit::FINDINGS } else { exit::OK })
}

fn chosen<'a>(config: &'a Config, name: Option<&str>) -> Result<Vec<&'a Target>, Failure> {
    let chosen: Vec<&Target> = config
        .targets
        .iter()
        .filter(|target| name.is_none_or(|name| name == target.name))
        .collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    let known: Vec<&str> = config.targets.iter().map(|target| target.name.as_str()).collect();
    let problem = match (name, known.is_empty()) {
        (_, true) => "nobody is to be told: a [[notify]] in the configuration was expected".into(),
        (name, false) => {
            format!("one of {} was expected, not {:?}", known.join(", "), name.unwrap_or_default())
        }
    };
    Err(Failure::Argument { key: "--target".into(), problem })
}

fn send(config: &Config, target: &Target, id: String) -> Tried {
    let now = Clock::System.now();
    let links = config.links(config.listen);
    let alarm = config.rules.find(list::POOL_DOWN).or(config.rules.of_each_pool().next());
    let notification = alarm.map(|alarm| sample(alarm, &target.name, id.clone(), now, &links));
    let outcome = match &notification {
        Some(notification) => deliver(target, &client(target, &config.roots), notification, 1)
            .map_err(|trouble| trouble.to_string()),
        None => Err("every alarm is off".to_owned()),
    };
    Tried {
        id: Some(id),
        is_delivered: Some(outcome.is_ok()),
        trouble: outcome.err().unwrap_or_default(),
        ..described(target)
    }
}

fn described(target: &Target) -> Tried {
    Tried {
        target: target.name.clone(),
        kind: target.way.kind(),
        place: target.way.place(),
        severities: target.severities.iter().copied().collect(),
        id: None,
        is_delivered: None,
        trouble: String::new(),
    }
}

fn as_table(tried: &[Tried]) -> String {
    let rows = tried.iter().map(|tried| {
        let outcome = match tried.is_delivered {
            Some(true) => "delivered".to_owned(),
            Some(false) => tried.trouble.clone(),
            None => "not tried: --notify sends a sample".to_owned(),
        };
        let severities: Vec<&str> = tried.severities.iter().map(|it| it.as_str()).collect();
        let (target, kind, place) = (&tried.target, tried.kind, &tried.place);
        [target.clone(), kind.to_owned(), place.clone(), severities.join(", "), outcome]
    });
    render::table(&Table::new(["target", "kind", "place", "told of", "outcome"]).with(rows))
}
