//! The present. The core never asks for it; it is handed in as a value.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use model::Timestamp;

/// Tells the present.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that somebody else moves: the player of the demo. Milliseconds since the epoch.
    Driven(Arc<AtomicI64>),
}

impl Clock {
    /// The present.
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Clock::Driven(millis) => Timestamp::from_millis(millis.load(Ordering::Relaxed)),
        }
    }
}
