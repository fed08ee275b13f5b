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
    /// A stored value is not what this version writes.
    #[error("the store holds an unreadable {what}")]
    Damaged {
        /// What could not be read.
        what: &'static str,
    },
}
