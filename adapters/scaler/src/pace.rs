//! When the scheduled loop looks.

use std::time::Duration;

use model::Timestamp;

/// A look begins no later than this before its invocation ends.
const MARGIN: Duration = Duration::from_secs(5);

/// The looks of one invocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    tick: Duration,
    deadline: Timestamp,
    /// When the last look was due.
    due: Timestamp,
    /// How long a look may take by what was seen so far.
    longest: Duration,
}

impl Pace {
    /// The first look is due now.
    pub(crate) fn new(now: Timestamp, tick: Duration, deadline: Timestamp) -> Self {
        Pace { tick, deadline, due: now, longest: MARGIN }
    }

    /// When the next look is due, now that the last one is over. One that took longer than a tick
    /// is not made up for, and none begins that would not come to its end if it took as long as the
    /// longest: Lambda ends the sandbox with it, and all that it knows.
    pub(crate) fn next(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.longest = self.longest.max(now.saturating_since(self.due));
        self.due = now.max(self.due.plus(self.tick));
        (self.due.plus(self.longest) <= self.deadline).then_some(self.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When looks of an invocation of a minute begin that take so long, in seconds.
    fn looks(took: impl Fn(usize) -> u64) -> Vec<i64> {
        let at = Timestamp::from_secs;
        let mut pace = Pace::new(at(0), Duration::from_secs(10), at(60));
        let mut begun = vec![0];
        loop {
            let over = at(begun[begun.len() - 1]).plus(Duration::from_secs(took(begun.len())));
            match pace.next(over) {
                Some(due) => begun.push(due.as_secs()),
                None => return begun,
            }
        }
    }

    #[test]
    fn looks_are_a_tick_apart_and_the_last_leaves_time_for_its_end() {
        assert_eq!(looks(|_| 1), [0, 10, 20, 30, 40, 50]);
        assert_eq!(looks(|_| 6), [0, 10, 20, 30, 40, 50]);
    }

    #[test]
    fn a_slow_look_is_followed_at_once_and_by_none_that_would_not_come_to_its_end() {
        assert_eq!(looks(|_| 24), [0, 24]);
        assert_eq!(looks(|_| 40), [0]);
    }

    #[test]
    fn what_one_slow_look_missed_is_not_made_up_for() {
        assert_eq!(looks(|n| if n == 1 { 25 } else { 1 }), [0, 25, 35]);
    }
}
