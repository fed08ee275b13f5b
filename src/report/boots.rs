//! How instances became runners, from what the scaler and the agents on instances time.

use std::collections::BTreeMap;
use std::time::Duration;

use model::capacity::{Boots, Period};
use model::ports::{History, Series};
use model::{Dimension, Query, Timestamp, catalogue as c};

use super::series::{STEP, hour, next};

/// How many per cent of the boots a percentile is told of.
const SHARE: f64 = 95.0;

/// How it was found.
pub(super) const METHOD: &str = "A boot runs from the order of an instance to its runner, as the \
     scaler's looks see it; its stages are timed by the agent on the instance. Means are over all that \
     ended in the hours that the period touches.";

/// Sum and number of each time, and how often it came to nothing.
pub(super) fn queries() -> [Query; 9] {
    [
        c::BOOT_TIME.sum(),
        c::BOOT_TIME.samples(),
        c::BOOT_MACHINE_TIME.sum(),
        c::BOOT_MACHINE_TIME.samples(),
        c::BOOT_CONFIG_TIME.sum(),
        c::BOOT_CONFIG_TIME.samples(),
        c::BOOT_CONNECT_TIME.sum(),
        c::BOOT_CONNECT_TIME.samples(),
        c::BOOTS_FAILED.sum(),
    ]
}

/// Boots by the answers; `None` where none ended.
pub(super) fn of(told: [Series; 9]) -> Option<Boots> {
    let [took, started, machine, machines, config, configs, connect, connects, failed] =
        told.map(|series| series.into_iter().map(|(_, value)| value).sum::<f64>());
    let mean = |sum: f64, count: f64| (count > 0.0).then(|| sum / count);
    let boots = Boots {
        started: whole(started),
        mean_secs: mean(took, started),
        p95_secs: None,
        machine_secs: mean(machine, machines),
        config_secs: mean(config, configs),
        connect_secs: mean(connect, connects),
        failed: whole(failed),
    };
    (boots != Boots::default()).then_some(boots)
}

/// Adds how long 95 % of the boots of each pool took at most. Percentiles of hours do not add up, but
/// how many of each hour took no longer than a bound does: the bound is halved down to a second, for
/// all pools at once.
///
/// # Errors
/// When the history does not answer.
pub(super) fn add_percentiles<H: History>(
    history: &H,
    period: Period,
    pools: &mut [(&str, &mut Boots)],
) -> Result<(), H::Error> {
    let ask = |queries: &[Query]| history.answers(queries, hour(period.from), period.to);
    let of = |pool: &str, query: Query| query.of(Dimension::Pool, pool).every(STEP);
    let booted = || pools.iter().filter(|(_, boots)| boots.started > 0);
    let asked: Vec<Query> = booted()
        .flat_map(|(pool, _)| [c::BOOT_TIME.samples(), c::BOOT_TIME.max()].map(|it| of(pool, it)))
        .collect();
    let mut answers = ask(&asked)?.into_iter();
    let mut searches: Vec<(&str, Search)> =
        booted().map(|(pool, _)| (*pool, Search::within(next(&mut answers)))).collect();
    loop {
        let bounds = searches.iter().filter_map(|(pool, it)| Some((*pool, it.bound()?)));
        let asked: Vec<Query> =
            bounds.map(|(pool, bound)| of(pool, c::BOOT_TIME.share_up_to(bound))).collect();
        if asked.is_empty() {
            break;
        }
        let open = searches.iter_mut().filter(|(_, it)| it.bound().is_some());
        for ((_, search), shares) in open.zip(ask(&asked)?) {
            search.take(shares);
        }
    }
    let mut found = searches.into_iter().map(|(_, search)| search.found());
    for (_, boots) in pools.iter_mut().filter(|(_, boots)| boots.started > 0) {
        boots.p95_secs = found.next().flatten();
    }
    Ok(())
}

/// For the least whole number of seconds that [`SHARE`] of all boots did not exceed.
#[derive(Debug)]
struct Search {
    /// How many ended in each hour.
    counts: BTreeMap<Timestamp, f64>,
    /// Too few took no longer.
    low: u64,
    /// Enough took no longer.
    high: u64,
    /// Whether each hour said how many.
    is_known: bool,
}

impl Search {
    /// Nothing is known but how many boots ended in each hour and how long the longest took.
    fn within([counts, longest]: [Series; 2]) -> Self {
        let longest = longest.into_iter().map(|(_, value)| value).fold(0.0, f64::max);
        let high = whole(longest.ceil());
        Search { counts: counts.into_iter().collect(), low: 0, high, is_known: true }
    }

    /// The bound to ask for next, in seconds.
    fn bound(&self) -> Option<u64> {
        (self.is_known && self.low + 1 < self.high).then(|| self.low.midpoint(self.high))
    }

    /// Takes how many per cent of each hour's boots took no longer than the bound.
    fn take(&mut self, shares: Series) {
        let Some(bound) = self.bound() else { return };
        let shares: BTreeMap<Timestamp, f64> = shares.into_iter().collect();
        let mut within = 0.0;
        for (hour, count) in &self.counts {
            match shares.get(hour) {
                Some(share) => within += count * share,
                None => self.is_known = false,
            }
        }
        // Shares are quotients, so what is enough may be told as a hair less.
        let enough = SHARE * self.counts.values().sum::<f64>() - 1e-6;
        match within >= enough {
            true => self.high = bound,
            false => self.low = bound,
        }
    }

    fn found(&self) -> Option<f64> {
        self.is_known.then(|| Duration::from_secs(self.high).as_secs_f64())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
fn whole(count: f64) -> u64 {
    count.max(0.0).round() as u64
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use model::Statistic;

    use super::*;

    const HOUR: i64 = 3600;

    /// Boots by pool and hour, in seconds.
    struct Told {
        boots: Vec<(&'static str, i64, Vec<u64>)>,
        /// No answer of this hour has a share.
        without_shares: Option<i64>,
        calls: Cell<usize>,
    }

    impl History for Told {
        type Error = Infallible;

        fn answers(
            &self,
            queries: &[Query],
            _: Timestamp,
            _: Timestamp,
        ) -> Result<Vec<Series>, Infallible> {
            self.calls.set(self.calls.get() + 1);
            Ok(queries.iter().map(|query| self.answer(query)).collect())
        }
    }

    impl Told {
        fn answer(&self, query: &Query) -> Series {
            let pool = query.filter.get(Dimension::Pool);
            let of_pool = self.boots.iter().filter(|(name, ..)| Some(*name) == pool);
            let value = |(_, hour, boots): &(&str, i64, Vec<u64>)| {
                let count = float(boots.len() as u64);
                let value = match query.statistic {
                    Statistic::SampleCount => count,
                    Statistic::Maximum => float(*boots.iter().max()?),
                    Statistic::ShareUpTo(_) if self.without_shares == Some(*hour) => return None,
                    Statistic::ShareUpTo(bound) => {
                        let within = boots.iter().filter(|took| **took <= bound).count();
                        float(within as u64) / count * 100.0
                    }
                    other => panic!("{other:?} is not needed"),
                };
                Some((Timestamp::from_secs(hour * HOUR), value))
            };
            of_pool.filter_map(value).collect()
        }
    }

    fn float(value: u64) -> f64 {
        Duration::from_secs(value).as_secs_f64()
    }

    /// The percentiles of these pools.
    fn percentiles(told: &Told, pools: &[&str]) -> Vec<Option<f64>> {
        let period = Period { from: Timestamp::from_secs(0), to: Timestamp::from_secs(9 * HOUR) };
        let started = |pool: &&str| {
            let of_pool = told.boots.iter().filter(|(name, ..)| name == pool);
            Boots { started: of_pool.map(|(.., it)| it.len() as u64).sum(), ..Boots::default() }
        };
        let mut boots: Vec<Boots> = pools.iter().map(started).collect();
        let mut named: Vec<_> = pools.iter().copied().zip(&mut boots).collect();
        let Ok(()) = add_percentiles(told, period, &mut named);
        boots.into_iter().map(|it| it.p95_secs).collect()
    }

    #[test]
    fn a_percentile_is_of_all_boots_whichever_hours_they_ended_in() {
        // A busy hour of fast boots, a quiet one of slow ones: the mean of both percentiles is 330.
        let linux = [("linux", 0, vec![60; 95]), ("linux", 7, vec![300, 400, 500, 600, 1700])];
        let mac = [("mac", 3, (1..=200).collect()), ("mac", 4, vec![1])];
        let boots = linux.into_iter().chain(mac).collect();
        let told = Told { boots, without_shares: None, calls: Cell::new(0) };
        let found = percentiles(&told, &["linux", "idle", "mac"]);
        assert_eq!(found, [Some(60.0), None, Some(190.0)]);
        assert!(told.calls.get() <= 12, "a bound below 1,700 in {} calls", told.calls.get());
    }

    #[test]
    fn a_percentile_is_of_the_least_whole_second_that_is_enough() {
        for (took, found) in
            [(vec![0], 0.0), (vec![1], 1.0), (vec![7; 3], 7.0), (vec![1, 90], 90.0)]
        {
            let boots = vec![("linux", 0, took.clone())];
            let told = Told { boots, without_shares: None, calls: Cell::new(0) };
            assert_eq!(percentiles(&told, &["linux"]), [Some(found)], "{took:?}");
        }
    }

    #[test]
    fn an_hour_that_tells_no_shares_leaves_it_unknown() {
        let boots = vec![("linux", 0, vec![60; 95]), ("linux", 7, vec![300; 5])];
        let told = Told { boots, without_shares: Some(7), calls: Cell::new(0) };
        assert_eq!(percentiles(&told, &["linux"]), [None]);
    }
}
