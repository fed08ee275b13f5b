//! Events as a store that is thrown away: those of one job may lie far apart, come twice, or out of
//! order.

use std::path::{Path, PathBuf};
use std::time::Duration;

use local::{Importer, Settings};
use model::{Pool, Timestamp};
use tempfile::TempDir;

use super::{Counts, Import, files, listening, progress, told};
use crate::cli::aws::Account;
use crate::cloud::Cloud;
use crate::exit::Failure;

/// Jobs of a stretch of time may have been queued before it, but hardly longer ago than this.
pub const LOOKED_BACK: Duration = Duration::from_hours(24);

/// A log group of AWS that holds EMF lines of job events.
#[derive(Clone, Debug)]
pub struct LogGroup {
    /// Its name or ARN.
    pub name: String,
    /// Where it is.
    pub account: Account,
    /// From when on it is read.
    pub from: Timestamp,
}

/// A store in a folder that is deleted when this is dropped.
#[derive(Debug)]
pub struct Temporary {
    folder: TempDir,
    /// What was read.
    pub counts: Counts,
}

impl Temporary {
    /// Of EMF lines or recorded webhooks in files.
    ///
    /// # Errors
    /// When a file cannot be read, or the store cannot be written.
    pub fn of_files(paths: &[PathBuf], pools: &[Pool], now: Timestamp) -> Result<Self, Failure> {
        let bar = progress(paths);
        let names = pools.iter().map(|pool| pool.name.clone()).collect();
        let filled =
            Temporary::filled(pools, now, |importer| files(importer, paths, None, names, &bar));
        bar.finish_and_clear();
        filled
    }

    /// Of the EMF lines of a log group.
    ///
    /// # Errors
    /// When the group cannot be read, or the store cannot be written.
    pub fn of_log_group(
        cloud: &Cloud,
        group: &LogGroup,
        pools: &[Pool],
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let bar = listening();
        let filled = Temporary::filled(pools, now, |importer| {
            told(importer, &group.name, &bar, |take| {
                cloud.read(&group.name, (group.from, now), take).map(drop)
            })
        });
        bar.finish_and_clear();
        filled
    }

    fn filled(
        pools: &[Pool],
        now: Timestamp,
        fill: impl FnOnce(Importer) -> (Import, Result<(), Failure>),
    ) -> Result<Self, Failure> {
        let failed = |source| Failure::System { what: "a folder for what the events tell", source };
        let folder = tempfile::tempdir().map_err(failed)?;
        let settings = Settings { pools: pools.to_vec(), ..Settings::default() };
        let (read, outcome) = fill(Importer::open(&path(folder.path()), &settings)?);
        read.importer.finish(now)?;
        outcome?;
        Ok(Temporary { folder, counts: read.counts })
    }

    /// The store.
    pub fn path(&self) -> PathBuf {
        path(self.folder.path())
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("events.db")
}
