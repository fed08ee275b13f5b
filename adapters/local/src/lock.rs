//! One writer a file, for as long as it lives.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Held by the process that writes; the system lets go of it when the process ends, however.
#[derive(Debug)]
pub(crate) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Locks `PATH.lock`, which stays beside the store. A link leads to the lock of what it names.
    pub(crate) fn take(store: &Path) -> Result<Self, StoreError> {
        let real = store.canonicalize().unwrap_or_else(|_| store.to_owned());
        let mut path = real.into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        let beside = |source| StoreError::Beside { path: store.to_owned(), source };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(beside)?;
        match file.try_lock() {
            Ok(()) => Ok(WriterLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: store.to_owned() }),
            Err(TryLockError::Error(source)) => Err(beside(source)),
        }
    }
}
