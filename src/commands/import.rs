//! `headroom import`: what was recorded earlier becomes history.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::past::Past;
use local::{Importer, Settings};

use crate::cli::ImportArgs;
use crate::clock::Clock;
use crate::config::Config;
use crate::exit::{self, Failure};
use crate::import::{Format, Input, Line, Lines, Problem, Reading, open};

mod summary;

use summary::Counts;

/// The bar moves this often.
const HZ: u8 = 5;

/// Imports all files; what cannot be read is reported on stderr and skipped.
///
/// # Errors
/// When a file or the store cannot be used. What was read until then is imported.
pub fn run(args: &ImportArgs) -> Result<u8, Failure> {
    let config = Config::load(&args.place.flags(), &|name| std::env::var(name).ok())?;
    let now = Clock::System.now();
    let bar = progress(&args.paths);
    look_at(args)?;
    let settings = Settings {
        pools: config.pools.clone(),
        roll_ups: config.emf.roll_ups.clone(),
        retention: config.retention,
        ..Settings::default()
    };
    let importer = Importer::open(&config.store, &settings)?;
    let pools = config.pools.iter().map(|pool| pool.name.clone()).collect();
    let mut import = Import { importer, counts: Counts::default(), bar, pools };
    let read = args.paths.iter().try_for_each(|path| import.file(path, args.format));
    let Import { importer, counts, bar, .. } = import;
    bar.set_message("telling the levels");
    let outcome = importer.finish(now)?;
    bar.finish_and_clear();
    eprint!("{}", summary::text(&counts, &outcome, config.retention, now));
    read?;
    Ok(if counts.malformed > 0 { exit::FINDINGS } else { exit::OK })
}

/// Every file can be opened and is of a known format: a slip of the pen ends the command before
/// anything is written. stdin is looked at when its turn comes.
fn look_at(args: &ImportArgs) -> Result<(), Failure> {
    for path in args.paths.iter().filter(|path| path.as_path() != Path::new("-")) {
        formatted(path, args.format, &ProgressBar::hidden())?;
    }
    Ok(())
}

/// Opens a file; `None` when it is empty.
fn formatted(
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

struct Import {
    importer: Importer,
    counts: Counts,
    bar: ProgressBar,
    pools: Vec<String>,
}

impl Import {
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

/// Of bytes as they lie on the disk; where there is a stream among them, without an end.
fn progress(paths: &[PathBuf]) -> ProgressBar {
    let sizes =
        paths.iter().map(|path| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file));
    let len: Option<u64> = sizes.map(|size| size.map(|size| size.len())).sum();
    let template = match len {
        Some(_) => "{bar:40} {percent:>3} %  {msg}",
        None => "{spinner} {bytes}  {msg}",
    };
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // Hidden by itself where stderr is no terminal.
    ProgressBar::with_draw_target(len, ProgressDrawTarget::stderr_with_hz(HZ)).with_style(style)
}
