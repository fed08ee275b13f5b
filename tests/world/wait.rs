//! Waiting for a condition, never for a time.

use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine; what takes longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Looks until there is an answer.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = look() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
        thread::sleep(LOOK_EVERY);
    }
}
