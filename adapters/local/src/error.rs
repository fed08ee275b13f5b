//! What can go wrong with the file.

use std::path::PathBuf;

/// The store cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened at all.
    #[error("cannot open the store {path}", path = path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// It is a folder.
    #[error("{path} is a folder, and the store is a file", path = path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
    },
    /// The lock beside the file cannot be made.
    #[error("cannot write beside the store {path}", path = path.display())]
    Beside {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process writes to it.
    #[error("the store {path} is in use by another headroom process", path = path.display())]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// It is a SQLite file of something else.
    #[error("{path} is a SQLite file, but not a store of headroom", path = path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// It was written by a newer version.
    #[error("the store {path} has layout {found}, and this version of headroom knows {known}: use the newer version that wrote it", path = path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The layout of the file.
        found: i64,
        /// The newest layout this version knows.
        known: i64,
    },
    /// It was written by an older version, and nobody has written to it since.
    #[error("the store {path} has layout {found}, and this version of headroom reads {known}", path = path.display())]
    Older {
        /// Which file.
        path: PathBuf,
        /// The layout of the file.
        found: i64,
        /// The layout this version reads.
        known: i64,
    },
    /// A statement failed: disk full, read-only file system, damaged file.
    #[error("the store cannot be read or written")]
    Sqlite(#[from] rusqlite::Error),
    /// The thread that writes has ended.
    #[error("the store is not written any more: the process is about to end")]
    Ended,
    /// A stored value is not what this version writes.
    #[error("the store holds an unreadable {what}")]
    Damaged {
        /// What could not be read.
        what: &'static str,
    },
}

impl StoreError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            StoreError::Folder { .. } => {
                "name a file within it with --store, such as FOLDER/headroom.db"
            }
            StoreError::Beside { .. } => {
                "make the folder and let this user write to it, or choose another with --store"
            }
            StoreError::InUse { .. } => {
                "stop the other process, or choose another file with --store"
            }
            StoreError::Foreign { .. } => "choose another file with --store",
            StoreError::Newer { .. } => "use the newer version of headroom that wrote it",
            StoreError::Older { .. } => {
                "start `headroom serve` on it once, which brings it up to date"
            }
            StoreError::Open { source, .. } | StoreError::Sqlite(source) => remedy_of(source),
            StoreError::Ended => "start it again",
            StoreError::Damaged { .. } => DAMAGED,
        }
    }
}

const DAMAGED: &str = "restore it from a backup, or choose another file with --store";

fn remedy_of(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly};
    match error.sqlite_error_code() {
        Some(NotADatabase) => "it is no database: choose another file with --store",
        Some(DatabaseCorrupt) => DAMAGED,
        Some(DiskFull) => "make room on the disk",
        Some(ReadOnly) => {
            "let this user write to the file and to its folder, or choose another with --store"
        }
        _ => "check that the file and its folder can be read and written by this user",
    }
}
