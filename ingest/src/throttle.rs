//! Keeps floods out of a log: of each kind of line one a while, with the number left out.
//!
//! It says whether a line is to be written; the doors write it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::Timestamp;

/// One line of a kind in this time.
const EVERY: Duration = Duration::from_secs(10);

/// Decides which lines are written. Kinds are few and fixed.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<BTreeMap<&'static str, (Timestamp, u64)>>);

impl Throttle {
    /// Whether to write a line of this kind now; then how many were left out since the last one.
    pub fn admit(&self, kind: &'static str, now: Timestamp) -> Option<u64> {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kinds.get_mut(kind) {
            Some((last, left_out)) if now.saturating_since(*last) < EVERY && now >= *last => {
                *left_out += 1;
                None
            }
            known => {
                let left_out = known.map_or(0, |(_, left_out)| *left_out);
                kinds.insert(kind, (now, 0));
                Some(left_out)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_while_tells_how_many_it_stands_for() {
        let throttle = Throttle::default();
        let at = Timestamp::from_secs;
        assert_eq!(throttle.admit("a", at(0)), Some(0));
        assert_eq!((throttle.admit("a", at(1)), throttle.admit("a", at(9))), (None, None));
        assert_eq!(throttle.admit("b", at(9)), Some(0));
        assert_eq!(throttle.admit("a", at(10)), Some(2));
        assert_eq!(throttle.admit("a", at(3)), Some(0), "a clock that steps back silences nothing");
    }
}
