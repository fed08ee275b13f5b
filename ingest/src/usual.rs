//! What traffic is usual at an hour: the least that came at the same hour before.
//!
//! Jobs come in bursts, so the mean of an hour says little about whether it may be silent; if even
//! the weakest of several such hours had traffic, silence is strange. Hours are those of UTC, as
//! counted by receipt.

/// Hours of a week.
const WEEK: i64 = 7 * 24;

/// Weeks that are looked back on: a month, in which habits do not change much.
const WEEKS: i64 = 4;

/// The least of one would be what happened to happen.
const SAMPLES_MIN: usize = 2;

/// The least number of job events that came in hours like `hour` (hours since the epoch); `None`
/// while too few of those are known. `counted` tells how many came in an hour, `None` if nobody
/// counted in it.
///
/// # Errors
/// Those of `counted`.
pub fn usual<E>(
    hour: i64,
    mut counted: impl FnMut(i64) -> Result<Option<u64>, E>,
) -> Result<Option<u64>, E> {
    let mut known = Vec::new();
    for week in 1..=WEEKS {
        known.extend(counted(hour - week * WEEK)?);
    }
    if known.len() < SAMPLES_MIN {
        known.clear();
        for day in 1..=7 {
            known.extend(counted(hour - day * 24)?);
        }
    }
    let least = known.iter().min().copied();
    Ok(least.filter(|_| known.len() >= SAMPLES_MIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// An hour of which enough lies before it.
    const HOUR: i64 = 500_000;

    fn check(known: &[(i64, u64)], expected: Option<u64>) {
        let counted = |hour: i64| {
            let before = HOUR - hour;
            Ok::<_, Infallible>(known.iter().find(|(h, _)| *h == before).map(|(_, n)| *n))
        };
        assert_eq!(usual(HOUR, counted), Ok(expected), "{known:?}");
    }

    #[test]
    fn the_weakest_of_the_same_hours_of_the_week_counts() {
        check(&[(WEEK, 90), (2 * WEEK, 40), (4 * WEEK, 70), (24, 3)], Some(40));
        check(&[(WEEK, 90), (5 * WEEK, 1), (2 * WEEK, 50)], Some(50));
    }

    #[test]
    fn in_the_first_weeks_the_same_hour_of_the_last_days_counts() {
        check(&[(24, 30), (48, 20), (WEEK, 60)], Some(20));
        check(&[(24, 30)], None);
        check(&[], None);
    }
}
