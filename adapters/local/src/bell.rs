//! Tells the scaler in which pools jobs were queued, and when each was, once that is on the disk.
//!
//! A pool's scaler reads its history once and hears of everything later from here, so that a flood
//! of jobs costs it no reading. The store makes its transactions durable behind a [`Gate`], and
//! whoever begins to read behind the same gate knows exactly what they read and what they will hear.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::Timestamp;
use tokio::sync::Notify;

/// Arrivals kept for scalers that have not asked for them yet: 2 MB, and ten seconds of 25,000 jobs
/// a second. Beyond, the latest are left out: a model of the demand counts bursts up to 512 jobs.
const ARRIVALS_MAX: usize = 256 * 1024;

/// Pools with a job that was queued since the last look, and arrivals of pools that are listened to.
/// Many jobs of one pool ring once.
#[derive(Debug, Default)]
pub struct Bell {
    heard: Mutex<Heard>,
    rung: Notify,
    gate: Mutex<()>,
}

#[derive(Debug, Default)]
struct Heard {
    pools: BTreeSet<String>,
    /// Of each pool that is listened to.
    arrivals: BTreeMap<String, Vec<Timestamp>>,
    kept: usize,
    left_out: u64,
}

/// While it is held no transaction becomes durable.
#[derive(Debug)]
pub(crate) struct Gate<'a>(#[expect(dead_code, reason = "held, not read")] MutexGuard<'a, ()>);

impl Bell {
    /// Waits until no transaction is under way, and lets none begin to end.
    pub(crate) fn gate(&self) -> Gate<'_> {
        Gate(self.gate.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// These transactions' jobs were queued in these pools.
    pub(crate) fn ring<'a>(
        &self,
        _gate: &Gate<'_>,
        queued: impl IntoIterator<Item = (&'a str, Timestamp)>,
    ) {
        let mut heard = self.lock();
        let mut is_news = false;
        for (pool, at) in queued {
            is_news |= heard.note(pool, at);
        }
        if is_news {
            self.rung.notify_one();
        }
    }

    /// Something else asks for a look at this pool, such as one of its alarms.
    pub fn wake(&self, pool: &str) {
        self.lock().pools.insert(pool.to_owned());
        self.rung.notify_one();
    }

    /// From the next transaction on, when jobs of this pool are queued is kept for
    /// [`Bell::arrived`].
    pub(crate) fn listen(&self, _gate: &Gate<'_>, pool: &str) {
        self.hush(pool);
        self.lock().arrivals.insert(pool.to_owned(), Vec::new());
    }

    /// Nothing is kept of this pool any more.
    pub(crate) fn hush(&self, pool: &str) {
        let mut heard = self.lock();
        let gone = heard.arrivals.remove(pool).map_or(0, |arrivals| arrivals.len());
        heard.kept -= gone;
    }

    /// When jobs of this pool were queued since it is listened to or the last call, in order.
    pub(crate) fn arrived(&self, pool: &str) -> Vec<Timestamp> {
        let mut heard = self.lock();
        let mut arrivals = heard.arrivals.get_mut(pool).map(std::mem::take).unwrap_or_default();
        heard.kept -= arrivals.len();
        let left_out = std::mem::take(&mut heard.left_out);
        drop(heard);
        if left_out > 0 {
            tracing::warn!(left_out, "the scaler looked too seldom to learn of all arrivals");
        }
        arrivals.sort_unstable();
        arrivals
    }

    /// Waits until a job is queued, and tells in which pools some were.
    pub async fn heard(&self) -> BTreeSet<String> {
        loop {
            let pools = std::mem::take(&mut self.lock().pools);
            if !pools.is_empty() {
                return pools;
            }
            self.rung.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    /// Whether the pool had not rung.
    fn note(&mut self, pool: &str, at: Timestamp) -> bool {
        if let Some(arrivals) = self.arrivals.get_mut(pool) {
            match self.kept < ARRIVALS_MAX {
                true => {
                    arrivals.push(at);
                    self.kept += 1;
                }
                false => self.left_out += 1,
            }
        }
        !self.pools.contains(pool) && self.pools.insert(pool.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn ring(bell: &Bell, pool: &str, secs: i64) {
        bell.ring(&bell.gate(), [(pool, at(secs))]);
    }

    #[test]
    fn what_is_queued_is_kept_for_whoever_listens_in_order_and_once() {
        let bell = Bell::default();
        ring(&bell, "linux", 1);
        bell.listen(&bell.gate(), "linux");
        for (pool, secs) in [("linux", 3), ("mac", 4), ("linux", 2)] {
            ring(&bell, pool, secs);
        }
        assert_eq!(bell.arrived("linux"), [at(2), at(3)]);
        assert!(bell.arrived("linux").is_empty() && bell.arrived("mac").is_empty());
    }

    #[test]
    fn arrivals_that_nobody_asks_for_are_bounded() {
        let bell = Bell::default();
        for pool in ["linux", "mac"] {
            bell.listen(&bell.gate(), pool);
            let all = (0..ARRIVALS_MAX + 7).map(|_| (pool, at(1)));
            bell.ring(&bell.gate(), all);
        }
        assert_eq!(bell.lock().left_out, (ARRIVALS_MAX + 14) as u64);
        assert_eq!(bell.arrived("mac").len(), 0);
        bell.hush("linux");
        ring(&bell, "mac", 2);
        assert_eq!(bell.arrived("mac"), [at(2)], "there is room again");
    }
}
