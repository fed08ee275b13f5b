//! `headroom import`: what was recorded earlier becomes history.

use std::path::Path;

use indicatif::ProgressBar;
use local::{Importer, Settings};

use crate::cli::ImportArgs;
use crate::clock::Clock;
use crate::config::Config;
use crate::exit::{self, Failure};
use crate::import::{self, formatted};

mod summary;

/// Imports all files; what cannot be read is reported on stderr and skipped.
///
/// # Errors
/// When a file or the store cannot be used. What was read until then is imported.
pub fn run(args: &ImportArgs) -> Result<u8, Failure> {
    let config = Config::load(&args.place.flags(), &|name| std::env::var(name).ok())?;
    let now = Clock::System.now();
    let bar = import::progress(&args.paths);
    look_at(args)?;
    let settings = Settings {
        pools: config.pools.clone(),
        roll_ups: config.emf.roll_ups.clone(),
        retention: config.retention,
        ..Settings::default()
    };
    let importer = Importer::open(&config.store, &settings)?;
    let pools = config.pools.iter().map(|pool| pool.name.clone()).collect();
    let (read, outcome) = import::files(importer, &args.paths, args.format, pools, &bar);
    bar.set_message("telling the levels");
    let done = read.importer.finish(now)?;
    bar.finish_and_clear();
    eprint!("{}", summary::text(&read.counts, &done, config.retention, now));
    outcome?;
    Ok(if read.counts.malformed > 0 { exit::FINDINGS } else { exit::OK })
}

/// Every file can be opened and is of a known format: a slip of the pen ends the command before
/// anything is written. stdin is looked at when its turn comes.
fn look_at(args: &ImportArgs) -> Result<(), Failure> {
    for path in args.paths.iter().filter(|path| path.as_path() != Path::new("-")) {
        formatted(path, args.format, &ProgressBar::hidden())?;
    }
    Ok(())
}
