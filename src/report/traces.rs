//! Jobs of trace files: once to find the newest event and how many there are, once to count them.

use std::io::{self, Seek};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use ingest::past::trace::{Columns, Row};
use model::{JobKey, Timestamp};
use scaler::capacity::{About, Days, Known, Vocabulary};
use tempfile::NamedTempFile;

use super::{Ask, Gathered, facts, pipe};
use crate::exit::Failure;
use crate::import::{Line, Lines, open, progress};

/// What lies further in the future than this is a wrong clock's, and not the newest event.
const FUTURE_MAX: std::time::Duration = std::time::Duration::from_hours(24);

/// A trace that can be read twice.
struct Trace {
    /// As the reader named it.
    name: String,
    path: PathBuf,
    /// Holds what came from stdin.
    _copy: Option<NamedTempFile>,
}

/// Describes the jobs of all files.
///
/// # Errors
/// When a file cannot be read or is no trace, or there is no job.
pub(super) fn gather(paths: &[PathBuf], ask: &Ask) -> Result<Gathered, Failure> {
    let traces: Vec<Trace> = paths.iter().map(|path| Trace::of(path)).collect::<Result<_, _>>()?;
    let names: Vec<String> = traces.iter().map(|trace| trace.name.clone()).collect();
    let Surveyed { newest, future, days, words } = survey(&traces, ask)?;
    let newest = newest.ok_or_else(|| ask.no_jobs(&names.join(", ")))?;
    let question = ask.question(newest, Some((&days, &words.pools)));
    let (tally, words, (unreadable, repeated, told)) =
        pipe::count(question, words, |facts| tell(&traces, ask, facts))?;
    if told == 0 {
        return Err(ask.no_jobs(&names.join(", ")));
    }
    let about = About { unreadable, repeated, future, is_trace: true, ..ask.about(names) };
    Ok(Gathered { described: tally.describe(&words, &about), unreadable })
}

/// What must be known before jobs are counted.
struct Surveyed {
    /// When the last job was over.
    newest: Option<Timestamp>,
    /// How many are dated in the future.
    future: u64,
    /// Jobs by pool and day.
    days: Days,
    /// With the pools.
    words: Vocabulary,
}

fn survey(traces: &[Trace], ask: &Ask) -> Result<Surveyed, Failure> {
    let bar = bar(traces, "finding the newest event");
    let latest = ask.now.plus(FUTURE_MAX);
    let (days, words) = (Days::new(ask.since), Vocabulary::default());
    let mut found = Surveyed { newest: None, future: 0, days, words };
    for trace in traces {
        trace.rows(&bar, |row| {
            let Ok(row) = row else { return true };
            match row.completed_at() {
                at if at > latest => found.future += 1,
                at => {
                    found.newest = found.newest.max(Some(at));
                    if ask.is_wanted(&row.pool) {
                        let pool = found.words.pools.number(&row.pool);
                        found.days.note(pool, row.queued_at, row.duration);
                    }
                }
            }
            true
        })?;
    }
    bar.finish_and_clear();
    Ok(found)
}

/// Makes facts of all rows: lines that cannot be read, rows that repeat a job, and facts.
fn tell(traces: &[Trace], ask: &Ask, facts: &mut pipe::Facts) -> Result<(u64, u64, u64), Failure> {
    let bar = bar(traces, "counting jobs");
    let mut known = Known::default();
    let (mut unreadable, mut repeated, mut told) = (0, 0, 0);
    for trace in traces {
        trace.rows(&bar, |row| {
            match row {
                Err((line, problem)) => {
                    unreadable += 1;
                    bar.suspend(|| eprintln!("{}:{line}: {problem}", trace.name));
                }
                Ok(row) if !known.insert(JobKey { job: row.job_id, attempt: 1 }) => repeated += 1,
                Ok(row) if ask.is_wanted(&row.pool) => {
                    told += 1;
                    let fact = facts::of_row(&row, &mut facts.words);
                    facts.batch.push(fact);
                }
                Ok(_) => {}
            }
            facts.flow()
        })?;
    }
    bar.finish_and_clear();
    Ok((unreadable, repeated, told))
}

fn bar(traces: &[Trace], doing: &'static str) -> ProgressBar {
    let paths: Vec<PathBuf> = traces.iter().map(|trace| trace.path.clone()).collect();
    progress(&paths).with_message(doing)
}

impl Trace {
    /// A file, or a copy of stdin, which can be read only once.
    fn of(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        if path != Path::new("-") {
            return Ok(Trace { name, path: path.to_owned(), _copy: None });
        }
        let copy = copied().map_err(|source| Failure::File { what: "stdin".into(), source })?;
        Ok(Trace { name, path: copy.path().to_owned(), _copy: Some(copy) })
    }

    fn failed(&self) -> impl Fn(io::Error) -> Failure + '_ {
        |source| Failure::File { what: self.name.clone(), source }
    }

    /// Hands over each row, or the number of its line and what is wrong with it, while `take` says
    /// so.
    fn rows(
        &self,
        bar: &ProgressBar,
        mut take: impl FnMut(Result<Row, (u64, String)>) -> bool,
    ) -> Result<(), Failure> {
        let mut lines = Lines::new(open(&self.path, bar).map_err(self.failed())?.read());
        let mut columns: Option<Columns> = None;
        loop {
            let number = lines.number() + 1;
            let row = match (lines.next().map_err(self.failed())?, &columns) {
                (None, _) => return Ok(()),
                (Some(Line::Unreadable(problem)), _) => Err(problem.to_owned()),
                (Some(Line::Text(text)), Some(columns)) => {
                    columns.row(text).map_err(|problem| problem.to_string())
                }
                (Some(Line::Text(text)), None) => {
                    columns = Some(Columns::of(text).map_err(|problem| Failure::Trace {
                        file: self.name.clone(),
                        problem: problem.to_string(),
                    })?);
                    continue;
                }
            };
            if !take(row.map_err(|problem| (number.max(lines.number()), problem))) {
                return Ok(());
            }
        }
    }
}

fn copied() -> io::Result<NamedTempFile> {
    let mut copy = NamedTempFile::new()?;
    io::copy(&mut io::stdin().lock(), copy.as_file_mut())?;
    copy.as_file_mut().rewind()?;
    Ok(copy)
}
