//! `headroom alarms eval`: the alarms over history.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io::BufRead;
use std::path::Path;
use std::time::Duration;

use alarms::Rules;
use indicatif::{ProgressBar, ProgressStyle};
use local::Reader;
use model::Timestamp;
use model::document::Table as Rows;

use super::known;
use crate::cli::TableOrJson;
use crate::cli::alarms::EvalArgs;
use crate::config::{Config, Flags};
use crate::exit::{self, Failure};
use crate::import::open;
use crate::lookback::{self, Fired, History, Minutes, Stored, Table};
use crate::render;

/// What was read from files.
struct Files {
    table: Table,
    skipped: u64,
}

/// Runs them and prints what would have fired.
///
/// # Errors
/// When the configuration or the history cannot be read, or stdout cannot be written.
pub fn run(args: &EvalArgs) -> Result<u8, Failure> {
    let flags =
        Flags { config: args.config.clone(), store: args.store.clone(), ..Flags::default() };
    let config = Config::load(&flags, &|name| std::env::var(name).ok())?;
    known(&config.rules, args.name.as_deref())?;
    let (mut history, skipped) = match args.emf.is_empty() && args.series.is_empty() {
        true => (of_store(args, &config.store, config.rules)?, 0),
        false => {
            let files = read(args)?;
            (of_files(args, files.table, config.rules)?, files.skipped)
        }
    };
    let is_asked = |fired: &Fired| {
        args.name.as_ref().is_none_or(|name| *name == fired.alarm)
            && fired.pool.as_ref().is_none_or(|pool| args.pool.as_ref().is_none_or(|p| p == pool))
    };
    history.fired.retain(is_asked);
    match args.format {
        TableOrJson::Json => render::print_json(&history),
        TableOrJson::Table => render::print(&render::table(&rows(&history))),
    }
    .map_err(super::super::stdout)?;
    tell(&history, skipped);
    Ok(if skipped > 0 { exit::FINDINGS } else { exit::OK })
}

fn of_store(args: &EvalArgs, path: &Path, rules: Rules) -> Result<History, Failure> {
    let reader = Reader::open(path)?;
    let counted = reader.counted()?;
    let Some((first, last)) = counted else { return Err(empty(&path.display().to_string())) };
    let pools = asked(args, reader.pool_names()?);
    let metrics = reader.metrics()?;
    let minutes = minutes(args, first, last);
    let bar = progress(minutes);
    let told = |spec: &'static model::Spec| metrics.contains(spec.name);
    let source = Stored::new(reader);
    let history = lookback::over(rules, source, pools, minutes, told, |minutes| bar.inc(minutes))?;
    bar.finish_and_clear();
    Ok(history)
}

fn of_files(args: &EvalArgs, table: Table, rules: Rules) -> Result<History, Failure> {
    let Some((first, last)) = table.span() else { return Err(empty("the files")) };
    let pools = asked(args, table.pools());
    let told: BTreeSet<&str> =
        model::catalogue::ALL.iter().filter(|spec| table.has(spec)).map(|spec| spec.name).collect();
    let minutes = minutes(args, first, last);
    let bar = progress(minutes);
    let is_told = |spec: &'static model::Spec| told.contains(spec.name);
    let history = lookback::over(rules, table, pools, minutes, is_told, |m| bar.inc(m));
    bar.finish_and_clear();
    Ok(history.unwrap_or_else(|never: Infallible| match never {}))
}

fn asked(args: &EvalArgs, all: BTreeSet<String>) -> BTreeSet<String> {
    all.into_iter().filter(|pool| args.pool.as_ref().is_none_or(|asked| asked == pool)).collect()
}

fn minutes(args: &EvalArgs, first: Timestamp, last: Timestamp) -> Minutes {
    let from = args.since.map_or(first, |since| since.minute().max(first));
    Minutes { known_from: first, from, to: last.plus(Duration::from_mins(1)) }
}

fn empty(what: &str) -> Failure {
    Failure::Argument { key: what.to_owned(), problem: "nothing was counted in it".into() }
}

fn read(args: &EvalArgs) -> Result<Files, Failure> {
    let mut files = Files { table: Table::default(), skipped: 0 };
    for path in &args.emf {
        each(path, &mut files, |from, table, problem| {
            lookback::read_emf(from, table, problem)
                .map_err(|source| Failure::File { what: path.display().to_string(), source })
        })?;
    }
    for path in &args.series {
        each(path, &mut files, |from, table, problem| {
            lookback::read_csv(from, table, problem)
                .map_err(|problem| Failure::Argument { key: path.display().to_string(), problem })
        })?;
    }
    Ok(files)
}

fn each(
    path: &Path,
    files: &mut Files,
    read: impl FnOnce(&mut dyn BufRead, &mut Table, &mut dyn FnMut(u64, String)) -> Result<u64, Failure>,
) -> Result<(), Failure> {
    let shown = path.display().to_string();
    let failed = |source| Failure::File { what: shown.clone(), source };
    let mut from = open(path, &ProgressBar::hidden()).map_err(failed)?.read();
    let mut problem = |line: u64, what: String| eprintln!("{shown}:{line}: {what}");
    files.skipped += read(&mut from, &mut files.table, &mut problem)?;
    Ok(())
}

/// Only on a terminal.
fn progress(minutes: Minutes) -> ProgressBar {
    let length = minutes.to.saturating_since(minutes.from).as_secs() / 60;
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} minutes, {eta} left");
    let bar = ProgressBar::new(length);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn rows(history: &History) -> Rows {
    let header = ["fired", "cleared", "lasted", "severity", "alarm", "pool", "told by", "why"];
    let row = |fired: &Fired| {
        let cleared = fired.cleared_at.map_or("-".to_owned(), |at| at.to_string());
        vec![
            fired.fired_at.to_string(),
            cleared,
            lasted(fired.lasted_secs),
            fired.severity.as_str().to_owned(),
            fired.alarm.clone(),
            fired.pool.clone().unwrap_or_default(),
            fired.part_of.clone().unwrap_or_default(),
            fired.reason.clone(),
        ]
    };
    let mut right = vec![false; header.len()];
    right[2] = true;
    Rows {
        header: header.map(str::to_owned).into(),
        rows: history.fired.iter().map(row).collect(),
        right,
    }
}

fn lasted(secs: u64) -> String {
    match secs / 60 {
        minutes if minutes < 60 => format!("{minutes} min"),
        minutes => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

fn tell(history: &History, skipped: u64) {
    let Minutes { from, to, .. } = history.minutes;
    let told = history.fired.iter().filter(|fired| fired.part_of.is_none()).count();
    let all = history.fired.len();
    eprintln!("{from} to {to}: {all} fired, {told} would have been told");
    for alarm in &history.left_out {
        eprintln!("{alarm} was left out: nothing in this history tells what it lives on");
    }
    if skipped > 0 {
        eprintln!("{skipped} lines could not be read");
    }
}
