//! Jobs that GitHub does not know any more, on their way to the writer: it gives them up with its next
//! transaction.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use model::JobKey;

/// Jobs that are to be given up. What a failed transaction loses is found anew by whoever asks GitHub.
#[derive(Debug, Default)]
pub struct Deleted(Mutex<BTreeSet<JobKey>>);

impl Deleted {
    /// Notes one.
    pub fn note(&self, key: JobKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(crate) fn take(&self) -> BTreeSet<JobKey> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
