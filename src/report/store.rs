//! Jobs of a store; and EMF lines or webhooks, which a store that is thrown away makes jobs of.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use local::Reader;
use model::Timestamp;
use model::capacity::{Report, Subject, Warning};
use scaler::capacity::{About, Days, JOBS_MAX, Names, Vocabulary};

use super::{Ask, Gathered, facts, pipe, series};
use crate::cloud::Cloud;
use crate::config::Config;
use crate::exit::{self, Failure};
use crate::import::{LogGroup, Temporary, counting};

/// The bar moves after so many jobs.
const BAR_STEP: u64 = 16_384;

/// Describes the jobs of a store; `name` is how the reader knows it.
///
/// # Errors
/// When it cannot be read, or holds no job.
pub(super) fn gather(path: &Path, name: &str, ask: &Ask) -> Result<Gathered, Failure> {
    let reader = Reader::open(path)?;
    let mut gathered = of(&reader, ask, &ask.about(vec![name.to_owned()]))?;
    let report = &mut gathered.described.report;
    series::add(&reader, report)?;
    Ok(gathered)
}

/// Describes the jobs that EMF lines or recorded webhooks tell of.
///
/// # Errors
/// When a file cannot be read, the store for them cannot be written, or there is no job.
pub(super) fn of_events(
    paths: &[PathBuf],
    ask: &Ask,
    config: &Config,
) -> Result<Gathered, Failure> {
    let store = Temporary::of_files(paths, &config.pools, ask.now)?;
    let names = paths.iter().map(|path| path.display().to_string()).collect();
    of_temporary(&store, names, ask)
}

/// Describes the jobs that a log group tells of, and what CloudWatch knows of their instances: whoever
/// may read the one and not the other is told so in the report.
///
/// # Errors
/// When the group cannot be read, the store for it cannot be written, or there is no job.
pub(super) fn of_log_group(
    group: &LogGroup,
    ask: &Ask,
    config: &Config,
) -> Result<Gathered, Failure> {
    let cloud = Cloud::connect(&group.account)?;
    let store = Temporary::of_log_group(&cloud, group, &config.pools, ask.now)?;
    let mut gathered = of_temporary(&store, vec![group.name.clone()], ask)?;
    let report = &mut gathered.described.report;
    if let Err(failure) = series::add(&cloud, report) {
        warn(report, &failure);
    }
    Ok(gathered)
}

fn warn(report: &mut Report, failure: &Failure) {
    let hint = failure.hint().map_or(String::new(), |hint| format!("; {hint}"));
    report.warnings.push(Warning {
        subject: Subject::Instances,
        pool: None,
        text: format!("CloudWatch tells nothing of instances: {}{hint}.", exit::chain(failure)),
        effect: "Instance time without a job, runners over time and boots are unknown; no other \
                 figure changes."
            .to_owned(),
    });
    report.warnings.sort_by_key(|warning| warning.subject);
}

fn of_temporary(store: &Temporary, names: Vec<String>, ask: &Ask) -> Result<Gathered, Failure> {
    let unreadable = store.counts.malformed;
    of(&Reader::open(&store.path())?, ask, &About { unreadable, ..ask.about(names) })
}

fn of(reader: &Reader, ask: &Ask, about: &About) -> Result<Gathered, Failure> {
    let from = about.sources.join(", ");
    let newest = reader.newest_at()?.ok_or_else(|| ask.no_jobs(&from))?;
    let jobs = reader.job_count()?;
    let mut words = Vocabulary::default();
    let days = match ask.is_replayed && jobs > JOBS_MAX {
        true => Some(survey(reader, ask, &mut words.pools)?),
        false => None,
    };
    let question = ask.question(newest, days.as_ref().map(|days| (days, &words.pools)));
    let bar = counting(jobs);
    let (tally, words, told) =
        pipe::count(question, words, |facts| tell(reader, ask, newest, &bar, facts))?;
    bar.finish_and_clear();
    if told == 0 {
        return Err(ask.no_jobs(&from));
    }
    Ok(Gathered { described: tally.describe(&words, about), unreadable: about.unreadable })
}

/// Jobs by pool and day.
fn survey(reader: &Reader, ask: &Ask, pools: &mut Names) -> Result<Days, Failure> {
    let mut days = Days::new(ask.since);
    reader.each_course(|course| {
        let ran = course.job.started_at().zip(course.job.completed_at);
        if let Some((started_at, ended_at)) = ran.filter(|_| ask.is_wanted(course.pool)) {
            let at = course.job.asks_since().unwrap_or(started_at);
            days.note(pools.number(course.pool), at, ended_at.saturating_since(started_at));
        }
        ControlFlow::Continue(())
    })?;
    Ok(days)
}

/// Makes facts of all jobs; how many there are.
fn tell(
    reader: &Reader,
    ask: &Ask,
    newest: Timestamp,
    bar: &ProgressBar,
    facts: &mut pipe::Facts,
) -> Result<u64, Failure> {
    let mut told = 0;
    reader.each_course(|course| {
        if !ask.is_wanted(course.pool) {
            return ControlFlow::Continue(());
        }
        told += 1;
        if told % BAR_STEP == 0 {
            bar.inc(BAR_STEP);
        }
        let fact = facts::of_course(course, newest, &mut facts.words, &mut facts.batch);
        facts.batch.push(fact);
        match facts.flow() {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    })?;
    Ok(told)
}
