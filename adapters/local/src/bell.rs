//! Tells the scaler in which pools jobs were queued, once that is on the disk.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Pools with a job that was queued since the last look. Many jobs of one pool ring once.
#[derive(Debug, Default)]
pub struct Bell {
    pools: Mutex<BTreeSet<String>>,
    rung: Notify,
}

impl Bell {
    /// A job was queued in this pool.
    pub(crate) fn ring(&self, pool: &str) {
        let mut pools = self.lock();
        if !pools.contains(pool) {
            pools.insert(pool.to_owned());
            self.rung.notify_one();
        }
    }

    /// Waits until a job is queued, and tells in which pools some were.
    pub async fn heard(&self) -> BTreeSet<String> {
        loop {
            let pools = std::mem::take(&mut *self.lock());
            if !pools.is_empty() {
                return pools;
            }
            self.rung.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
