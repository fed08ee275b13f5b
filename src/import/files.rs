//! Files into an importer, line by line; and the bars that show how far that is.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::past::Past;
use local::Importer;
use model::Timestamp;

use super::{Format, Input, Line, Lines, Problem, Reading, open};
use crate::exit::Failure;

/// The bar moves this often.
const HZ: u8 = 5;

/// What was read, before the store saw it.
#[derive(Debug, Default)]
pub struct Counts {
    /// Lines that are not blank.
    pub lines: u64,
    /// Lines that are not ours.
    pub foreign: u64,
    /// Lines of ours that history does not keep.
    pub unused: u64,
    /// Lines that could not be read.
    pub malformed: u64,
}

/// An importer, and what went into it.
pub struct Import {
    /// It is to be finished.
    pub importer: Importer,
    /// What was read.
    pub counts: Counts,
    bar: ProgressBar,
    pools: Vec<String>,
}

/// Imports all files; what cannot be read is reported on stderr and skipped. A file that cannot be
/// used ends it; what was read until then is in the importer.
pub fn files(
    importer: Importer,
    paths: &[PathBuf],
    format: Option<Format>,
    pools: Vec<String>,
    bar: &ProgressBar,
) -> (Import, Result<(), Failure>) {
    let bar = bar.clone();
    let mut import = Import { importer, counts: Counts::default(), bar, pools };
    let read = paths.iter().try_for_each(|path| import.file(path, format));
    (import, read)
}

/// Opens a file; `None` when it is empty.
///
/// # Errors
/// When it cannot be opened, or does not say what it holds.
pub fn formatted(
    path: &Path,
    given: Option<Format>,
    bar: &ProgressBar,
) -> Result<Option<(Input, Format)>, Failure> {
    let failed = |source| Failure::File { what: path.display().to_string(), source };
    let input = open(path, bar).map_err(failed)?;
    if input.start.is_empty() {
        return Ok(None);
    }
    let unknown = || Failure::Format { file: path.display().to_string() };
    let format = given.or_else(|| Format::of(&input.start)).ok_or_else(unknown)?;
    Ok(Some((input, format)))
}

/// What is told of EMF lines that come one by one from elsewhere than files, such as a log group:
/// `read` hands each over with its time, and `name` is what the reader knows it by.
pub fn told(
    importer: Importer,
    name: &str,
    bar: &ProgressBar,
    read: impl FnOnce(&mut dyn FnMut(&str, Timestamp)) -> Result<(), Failure>,
) -> (Import, Result<(), Failure>) {
    let bar = bar.clone();
    let mut import = Import { importer, counts: Counts::default(), bar, pools: Vec::new() };
    let mut taken = Ok(());
    let outcome = read(&mut |text, at| {
        import.bar.set_message(format!("{} lines, up to {at}", import.counts.lines));
        if taken.is_ok() {
            taken = import.event(name, text, at);
        }
    });
    (import, taken.and(outcome))
}

impl Import {
    /// An event may hold several lines, such as those that were written at once.
    fn event(&mut self, name: &str, text: &str, at: Timestamp) -> Result<(), Failure> {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            self.counts.lines += 1;
            match Reading::Emf.line(line) {
                Ok(told) => self.take(told)?,
                Err(Problem::Line(why) | Problem::File(why)) => {
                    self.counts.malformed += 1;
                    self.bar.suspend(|| eprintln!("{name} at {at}: {why}"));
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, given: Option<Format>) -> Result<(), Failure> {
        let Some((input, format)) = formatted(path, given, &self.bar)? else { return Ok(()) };
        let name = path.display().to_string();
        self.bar.set_message(name.clone());
        let mut reading = Reading::of(format, &self.pools);
        let mut lines = Lines::new(input.read());
        while let Some(line) = next(&mut lines, &name)? {
            self.counts.lines += 1;
            let told = match line {
                Line::Text(text) => reading.line(text),
                Line::Unreadable(why) => Err(Problem::Line(why.into())),
            };
            match told {
                Ok(told) => self.take(told)?,
                Err(Problem::Line(why)) => self.report(&name, lines.number(), &why),
                Err(Problem::File(why)) => {
                    self.report(&name, lines.number(), &why);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, told: Vec<Past>) -> Result<(), Failure> {
        for past in told {
            self.counts.unused += u64::from(past == Past::Unused);
            self.counts.foreign += u64::from(past == Past::Foreign);
            self.importer.take(past)?;
        }
        Ok(())
    }

    fn report(&mut self, file: &str, line: u64, why: &str) {
        self.counts.malformed += 1;
        self.bar.suspend(|| eprintln!("{file}:{line}: {why}"));
    }
}

fn next<'a>(lines: &'a mut Lines<impl BufRead>, file: &str) -> Result<Option<Line<'a>>, Failure> {
    let number = lines.number();
    lines
        .next()
        .map_err(|source| Failure::File { what: format!("{file} after line {number}"), source })
}

/// Of bytes as they lie on the disk; where there is a stream among them, without an end. Hidden by
/// itself where stderr is no terminal.
pub fn progress(paths: &[PathBuf]) -> ProgressBar {
    let sizes =
        paths.iter().map(|path| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file));
    let len: Option<u64> = sizes.map(|size| size.map(|size| size.len())).sum();
    let template = match len {
        Some(_) => "{bar:40} {percent:>3} %  {msg}",
        None => "{spinner} {bytes}  {msg}",
    };
    styled(len, template)
}

/// Of a number of jobs.
pub fn counting(jobs: u64) -> ProgressBar {
    styled(Some(jobs), "{bar:40} {percent:>3} %  {human_pos} jobs")
}

/// Of lines that come from elsewhere.
pub fn listening() -> ProgressBar {
    styled(None, "{spinner} {msg}")
}

/// Of runs whose number is not known beforehand.
pub fn replaying() -> ProgressBar {
    styled(None, "{spinner} {pos} simulations")
}

fn styled(len: Option<u64>, template: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(len, ProgressDrawTarget::stderr_with_hz(HZ)).with_style(style)
}
