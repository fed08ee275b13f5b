//! Which days of each pool are replayed: decided before jobs are kept, from how many there are.
//!
//! In: [`Days`]. Out: a [`Stretch`] of each pool.
//!
//! * A stretch goes back from the pool's last day, without a hole: the latest week, which is
//!   measured, and the days before it that teach. Thinning would take the bursts out, and a few days
//!   would miss the busiest one.
//! * The pools take turns, the one whose runners cost most first. In the first round each takes its
//!   latest week, in each further one a week more, while there is room: [`JOBS_MAX`] for one pool,
//!   [`JOBS_ALL_MAX`] for all. Who finds no room in the first round is not replayed.
//! * A pool whose latest week alone has too many jobs gets fewer days, up to the busiest of that
//!   week.

use std::collections::BTreeMap;
use std::time::Duration;

use model::capacity::{Period, Prices};
use model::{OTHER_POOL, Timestamp, UNROUTED_POOL};

use super::days::{Day, midnight};
use super::{Days, Name, Names};

/// Jobs of one replay at most.
pub const JOBS_MAX: u64 = 200_000;

/// Jobs of all replays of a report at most: what two processors replay within a minute.
pub const JOBS_ALL_MAX: u64 = 500_000;

/// The days of the shortest stretch: a week that is measured, and what the scaler's model needs
/// before it holds anything.
const DAYS_LEAST: i64 = 7 + 3;

const WEEK: i64 = 7;

/// The jobs of a pool that are replayed, by when they were queued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stretch {
    /// All of the period.
    #[default]
    Whole,
    /// From here to the end: at least one whole week and the days before it that teach.
    Since(Timestamp),
    /// Fewer days, up to the busiest of the latest week: the week has more than [`JOBS_MAX`].
    Days(Period),
    /// None: pools that cost more have the room.
    NoRoom,
    /// None: each of the days has more than [`JOBS_MAX`].
    TooMany,
    /// None: nobody asked for a replay.
    Unasked,
}

impl Stretch {
    /// Whether a job of the period that was queued then belongs to it.
    pub(super) fn takes(&self, at: Timestamp) -> bool {
        match self {
            Stretch::Whole => true,
            Stretch::Since(from) => at >= *from,
            Stretch::Days(days) => days.contains(at),
            Stretch::NoRoom | Stretch::TooMany | Stretch::Unasked => false,
        }
    }
}

/// The stretch of each pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretches {
    by_pool: BTreeMap<usize, Stretch>,
    /// Of pools that were not counted.
    otherwise: Stretch,
}

impl Stretches {
    /// Where nothing is to be replayed.
    pub fn none() -> Self {
        Stretches { otherwise: Stretch::Unasked, ..Stretches::default() }
    }

    /// Of these pools; `names` are those that they were counted by.
    pub fn of(days: &Days, names: &Names, prices: &Prices) -> Self {
        let claim = |(number, days): (&usize, _)| {
            Claim::of(*number, days, names.name(Name::at(*number)), prices)
        };
        let counted = days.by_pool.iter().filter(|(_, days)| !days.is_empty());
        let mut claims: Vec<Claim<'_>> = counted.map(claim).collect();
        share_out(&mut claims, JOBS_MAX, JOBS_ALL_MAX);
        let by_pool = claims.into_iter().map(|claim| (claim.pool, claim.stretch)).collect();
        Stretches { by_pool, otherwise: Stretch::Whole }
    }

    pub(super) fn of_pool(&self, number: usize) -> Stretch {
        self.by_pool.get(&number).copied().unwrap_or(self.otherwise)
    }
}

/// A pool in the queue for room.
struct Claim<'a> {
    pool: usize,
    days: &'a BTreeMap<i64, Day>,
    /// Nobody can set the size of a mixture, so it comes last.
    is_mixture: bool,
    /// Of its runners: money, or time where there is no price for all.
    cost: f64,
    stretch: Stretch,
    /// How many rounds it had room in, while it wants more.
    rounds: Option<i64>,
    jobs: u64,
}

impl<'a> Claim<'a> {
    #[expect(clippy::cast_precision_loss, reason = "to find an order")]
    fn of(pool: usize, days: &'a BTreeMap<i64, Day>, name: &str, prices: &Prices) -> Self {
        let ran_ms: u64 = days.values().map(|day| day.ran_ms).sum();
        // Money and hours cannot be compared.
        let price = prices.per_hour.and_then(|_| prices.per_hour_of(name)).unwrap_or(1.0);
        Claim {
            pool,
            days,
            is_mixture: [OTHER_POOL, UNROUTED_POOL].contains(&name),
            cost: ran_ms as f64 * price,
            stretch: Stretch::NoRoom,
            rounds: Some(0),
            jobs: 0,
        }
    }

    /// Takes what a further round gives, within so many jobs of its own and `room` of all. Whether
    /// it got anything.
    fn take(&mut self, own_max: u64, room: &mut u64) -> bool {
        let Some(round) = self.rounds else { return false };
        let (stretch, jobs) = self.after(round);
        self.rounds = (stretch != Stretch::Whole).then_some(round + 1);
        let more = jobs - self.jobs;
        if jobs <= own_max && more <= *room {
            self.grant(stretch, jobs, room);
            return true;
        }
        self.rounds = None;
        if round == 0 && jobs > own_max {
            return self.take_days(own_max, room);
        }
        false
    }

    fn grant(&mut self, stretch: Stretch, jobs: u64, room: &mut u64) {
        *room -= jobs - self.jobs;
        (self.stretch, self.jobs) = (stretch, jobs);
    }

    /// The stretch after that many rounds besides the first, and its jobs.
    fn after(&self, round: i64) -> (Stretch, u64) {
        let (first, last) = self.ends();
        let from = last - DAYS_LEAST.max(WEEK * (round + 1));
        let stretch = if from <= first { Stretch::Whole } else { Stretch::Since(midnight(from)) };
        (stretch, self.jobs_of(from, last))
    }

    /// Takes as many whole days as there is room for, the last of them the busiest of the week.
    fn take_days(&mut self, own_max: u64, room: &mut u64) -> bool {
        let (first, last) = self.ends();
        let week = self.days.range((last - WEEK).max(first)..=last);
        let busiest = week.max_by_key(|(day, it)| (it.jobs, **day)).map_or(last, |(day, _)| *day);
        let fits = |from: &i64| self.jobs_of(*from, busiest) <= own_max;
        let earliest = busiest - DAYS_LEAST;
        let Some(from) = (earliest.max(first)..=busiest).find(fits) else {
            self.stretch = Stretch::TooMany;
            return false;
        };
        let jobs = self.jobs_of(from, busiest);
        if jobs > *room {
            return false;
        }
        let to = midnight(busiest + 1).minus(Duration::from_millis(1));
        self.grant(Stretch::Days(Period { from: midnight(from), to }), jobs, room);
        true
    }

    fn ends(&self) -> (i64, i64) {
        let first = self.days.keys().next().copied().unwrap_or_default();
        let last = self.days.keys().next_back().copied().unwrap_or_default();
        (first, last)
    }

    fn jobs_of(&self, from: i64, to: i64) -> u64 {
        self.days.range(from..=to).map(|(_, day)| day.jobs).sum()
    }
}

/// Lets the pools take turns.
fn share_out(claims: &mut [Claim<'_>], own_max: u64, all_max: u64) {
    claims.sort_by(|a, b| a.is_mixture.cmp(&b.is_mixture).then_with(|| b.cost.total_cmp(&a.cost)));
    let mut room = all_max;
    loop {
        let mut was_given = false;
        for claim in &mut *claims {
            was_given |= claim.take(own_max, &mut room);
        }
        if !was_given {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pools with so many jobs on each of the days, each job as long as the pool says.
    fn shared(pools: &[(&str, u64, &[u64])], own_max: u64, all_max: u64) -> Vec<Stretch> {
        let mut names = Names::new(9);
        let counted: Vec<(Name, BTreeMap<i64, Day>)> = pools
            .iter()
            .map(|(name, ran_ms, jobs)| {
                let day = |jobs: &u64| Day { jobs: *jobs, ran_ms: jobs * ran_ms };
                (names.number(name), (0..).zip(jobs.iter().map(day)).collect())
            })
            .collect();
        let prices = Prices::default();
        let mut claims: Vec<Claim<'_>> = counted
            .iter()
            .map(|(name, days)| Claim::of(name.index(), days, names.name(*name), &prices))
            .collect();
        share_out(&mut claims, own_max, all_max);
        claims.sort_by_key(|claim| claim.pool);
        claims.into_iter().map(|claim| claim.stretch).collect()
    }

    fn since(day: i64) -> Stretch {
        Stretch::Since(midnight(day))
    }

    #[test]
    fn where_there_is_room_all_is_replayed() {
        let days = [10; 28];
        assert_eq!(shared(&[("a", 1, &days), ("b", 1, &days)], 300, 900), [Stretch::Whole; 2]);
        assert_eq!(shared(&[("a", 1, &[1, 2])], 300, 900), [Stretch::Whole]);
    }

    #[test]
    fn whole_weeks_are_given_in_turn_and_the_dearest_pool_is_first() {
        let days = [10; 28];
        let pools: [(&str, u64, &[u64]); 3] = [("a", 1, &days), ("b", 3, &days), ("c", 2, &days)];
        // A week and its teaching days have 110 jobs, 150 with four more days, 220 with eleven.
        assert_eq!(shared(&pools, 300, 330), [since(17); 3]);
        assert_eq!(shared(&pools, 300, 400), [since(17), since(13), since(17)]);
        assert_eq!(shared(&pools, 300, 120), [Stretch::NoRoom, since(17), Stretch::NoRoom]);
        assert_eq!(shared(&pools, 219, 900), [since(13); 3]);
    }

    #[test]
    fn a_small_pool_takes_the_room_that_is_too_small_for_a_dearer_one() {
        let (large, small) = ([10; 28], [1; 28]);
        let pools: [(&str, u64, &[u64]); 3] =
            [("a", 5, &large), ("b", 4, &large), ("c", 1, &small)];
        assert_eq!(shared(&pools, 300, 138), [since(17), Stretch::NoRoom, Stretch::Whole]);
    }

    #[test]
    fn a_mixture_of_jobs_comes_last() {
        let days = [10; 28];
        let pools: [(&str, u64, &[u64]); 2] = [(UNROUTED_POOL, 9, &days), ("b", 1, &days)];
        assert_eq!(shared(&pools, 300, 120), [Stretch::NoRoom, since(17)]);
    }

    #[test]
    fn a_week_that_is_too_long_gives_days_up_to_its_busiest() {
        let mut days = [10; 28];
        days[23] = 40;
        let period = |from, to: i64| {
            let to = midnight(to + 1).minus(Duration::from_millis(1));
            [Stretch::Days(Period { from: midnight(from), to })]
        };
        assert_eq!(shared(&[("a", 1, &days)], 100, 900), period(17, 23));
        assert_eq!(shared(&[("a", 1, &days)], 45, 900), period(23, 23));
        assert_eq!(shared(&[("a", 1, &days)], 39, 900), [Stretch::TooMany]);
        assert_eq!(shared(&[("a", 1, &days)], 100, 60), [Stretch::NoRoom]);
    }
}
