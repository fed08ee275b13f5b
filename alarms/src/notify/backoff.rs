//! When a delivery that failed is tried again.

use std::time::Duration;

/// Before the second attempt, at most.
const FIRST: Duration = Duration::from_secs(1);

/// Between two attempts at most: what a receiver that comes back waits for, without being flooded
/// while it is away.
pub const BACKOFF_MAX: Duration = Duration::from_mins(10);

/// A notification that could not be delivered for so long is given up: nobody needs to be woken for
/// it any more, and alarms that still hold have been told of anew.
pub const GIVE_UP_AFTER: Duration = Duration::from_hours(3 * 24);

/// How long to wait after so many failed attempts: twice as long each time, up to [`BACKOFF_MAX`],
/// of which `chance` (0..1) takes up to a half away, so that what failed together is not tried
/// together.
pub fn backoff(attempts: u32, chance: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    doubled.min(BACKOFF_MAX).mul_f64(1.0 - 0.5 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_spread_over_half_of_it() {
        for (attempts, millis) in
            [(1, 1_000), (2, 2_000), (5, 16_000), (11, 600_000), (u32::MAX, 600_000)]
        {
            assert_eq!(backoff(attempts, 0.0).as_millis(), millis, "{attempts}");
            assert_eq!(backoff(attempts, 1.0).as_millis(), millis / 2, "{attempts}");
            assert_eq!(backoff(attempts, f64::INFINITY), backoff(attempts, 1.0));
        }
    }
}
