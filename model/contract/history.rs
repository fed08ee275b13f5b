//! What every [`History`](model::ports::History) answers, wherever its points lie. The tests of each
//! adapter take this file in, and hand each claim a history of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use model::catalogue as c;
use model::emf::Record;
use model::{Dimension, Dimensions, Point, Query, Timestamp};

/// A history that holds nothing at first.
pub(crate) trait Stand {
    /// This is published, at its instant; instants never go back.
    fn told(&mut self, record: Record);

    /// What it answers.
    fn answers(&mut self, queries: &[Query], from: Timestamp, to: Timestamp) -> Vec<Series>;
}

type Series = model::ports::Series;

type Claim = fn(&mut dyn Stand);

/// Every claim, in words and as a check.
pub(crate) const CLAIMS: [(&str, Claim); 11] = [
    ("what was never told is empty", what_was_never_told_is_empty),
    ("periods are aligned to the epoch", periods_are_aligned_to_the_epoch),
    ("a period belongs to the instant it starts at", a_period_belongs_to_the_instant_it_starts_at),
    ("a counter adds up", a_counter_adds_up),
    ("a level has a sum, a number, an average and a maximum", a_level_has_its_statistics),
    ("a timing is a distribution", a_timing_is_a_distribution),
    (SHARE, a_share_is_of_what_took_no_longer),
    ("queries keep their order", queries_keep_their_order),
    ("a name may be of any alphabet", a_name_may_be_of_any_alphabet),
    ("the fleet is all of its pools", the_fleet_is_all_of_its_pools),
    ("hours are their minutes, also of days that are over", hours_are_their_minutes),
];

/// A claim that not every emulator can show.
pub(crate) const SHARE: &str = "a share is of what took no longer";

/// The start of an hour.
const START: i64 = 1_700_002_800;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(START + secs)
}

fn tell(on: &mut dyn Stand, secs: i64, pool: &str, points: impl IntoIterator<Item = Point>) {
    let by = Dimensions::none().with(Dimension::Pool, pool);
    on.told(points.into_iter().fold(Record::new(at(secs), by), Record::with));
}

fn of(query: Query) -> Query {
    query.of(Dimension::Pool, "linux")
}

/// A query's answer, by seconds after the beginning.
fn ask(on: &mut dyn Stand, query: &Query, from: i64, to: i64) -> Vec<(i64, f64)> {
    let mut all = on.answers(std::slice::from_ref(query), at(from), at(to));
    assert_eq!(all.len(), 1);
    all.remove(0).into_iter().map(|(start, value)| (start.as_secs() - START, value)).collect()
}

/// The same of the first minutes.
fn minutes(on: &mut dyn Stand, query: Query) -> Vec<(i64, f64)> {
    ask(on, &of(query), 0, 10 * MINUTE)
}

fn what_was_never_told_is_empty(on: &mut dyn Stand) {
    tell(on, 0, "mac", [c::BOOTS_FAILED.inc()]);
    assert_eq!(minutes(on, c::BOOTS_FAILED.sum()), []);
    assert_eq!(minutes(on, c::RUNNERS_SPOT.max()), []);
    assert_eq!(minutes(on, c::BOOT_TIME.percentile(95)), []);
}

fn periods_are_aligned_to_the_epoch(on: &mut dyn Stand) {
    for secs in [7 * MINUTE + 59, 10 * MINUTE - 1, 10 * MINUTE] {
        tell(on, secs, "linux", [c::BOOTS_FAILED.inc()]);
    }
    let five = of(c::BOOTS_FAILED.sum()).every(Duration::from_mins(5));
    assert_eq!(ask(on, &five, -HOUR, HOUR), [(5 * MINUTE, 2.0), (10 * MINUTE, 1.0)]);
}

fn a_period_belongs_to_the_instant_it_starts_at(on: &mut dyn Stand) {
    for minute in 0..10 {
        tell(on, minute * MINUTE, "linux", [c::BOOTS_FAILED.inc()]);
    }
    let five = of(c::BOOTS_FAILED.sum()).every(Duration::from_mins(5));
    let both = [(0, 5.0), (5 * MINUTE, 5.0)];
    assert_eq!(ask(on, &five, 0, 10 * MINUTE), both);
    assert_eq!(ask(on, &five, 0, 5 * MINUTE + 1), both, "the second starts before the end");
    assert_eq!(ask(on, &five, 1, 10 * MINUTE), both[1..], "the first starts before the beginning");
    assert_eq!(ask(on, &five, 0, 5 * MINUTE), both[..1], "the end is not in the span");
    assert_eq!(ask(on, &five, 0, 0), []);
}

fn a_counter_adds_up(on: &mut dyn Stand) {
    for (secs, times) in [(0, 1), (30, 2), (MINUTE, 3)] {
        tell(on, secs, "linux", [c::BOOTS_FAILED.inc_by(times)]);
    }
    assert_eq!(minutes(on, c::BOOTS_FAILED.sum()), [(0, 3.0), (MINUTE, 3.0)]);
}

fn a_level_has_its_statistics(on: &mut dyn Stand) {
    for (minute, level) in [(0, 4), (1, 0), (3, 8)] {
        tell(on, minute * MINUTE, "linux", [c::RUNNERS_DESIRED.is(level)]);
    }
    let level = c::RUNNERS_DESIRED;
    assert_eq!(minutes(on, level.max()), [(0, 4.0), (MINUTE, 0.0), (3 * MINUTE, 8.0)]);
    for (query, value) in
        [(level.sum(), 12.0), (level.samples(), 3.0), (level.average(), 4.0), (level.max(), 8.0)]
    {
        assert_eq!(minutes(on, query.every(Duration::from_mins(10))), [(0, value)]);
    }
}

/// Of 21 durations one alone is the 95th percentile, however that is found between two.
fn a_timing_is_a_distribution(on: &mut dyn Stand) {
    for secs in 1..=21 {
        let took = Duration::from_secs(secs * 10);
        tell(on, secs.cast_signed() * 2, "linux", [c::BOOT_TIME.took(took)]);
    }
    let timing = c::BOOT_TIME;
    for (query, value) in [
        (timing.samples(), 21.0),
        (timing.sum(), 2310.0),
        (timing.average(), 110.0),
        (timing.max(), 210.0),
        (timing.percentile(50), 110.0),
        (timing.percentile(95), 200.0),
    ] {
        assert_eq!(minutes(on, query), [(0, value)]);
    }
}

fn a_share_is_of_what_took_no_longer(on: &mut dyn Stand) {
    for secs in [10, 20, 30, 90] {
        tell(on, 0, "linux", [c::BOOT_TIME.took(Duration::from_secs(secs))]);
    }
    assert_eq!(minutes(on, c::BOOT_TIME.share_up_to(30)), [(0, 75.0)]);
}

fn queries_keep_their_order(on: &mut dyn Stand) {
    tell(on, 0, "linux", [c::BOOTS_FAILED.inc(), c::RUNNERS_DESIRED.is(7)]);
    tell(on, 0, "mac", [c::BOOTS_FAILED.inc_by(2)]);
    let failed = |pool| c::BOOTS_FAILED.sum().of(Dimension::Pool, pool);
    let asked = [
        failed("mac").every(Duration::from_hours(1)),
        failed("windows"),
        of(c::RUNNERS_DESIRED.max()),
        failed("linux"),
        failed("mac"),
    ];
    let answers = on.answers(&asked, at(0), at(MINUTE));
    let values: Vec<Vec<f64>> =
        answers.iter().map(|series| series.iter().map(|(_, value)| *value).collect()).collect();
    assert_eq!(values, [vec![2.0], vec![], vec![7.0], vec![1.0], vec![2.0]]);
    assert!(on.answers(&[], at(0), at(MINUTE)).is_empty());
}

fn a_name_may_be_of_any_alphabet(on: &mut dyn Stand) {
    for (pool, times) in [("größe", 1), ("groesse", 2), ("größe, 🚀", 4)] {
        tell(on, 0, pool, [c::BOOTS_FAILED.inc_by(times)]);
    }
    for (pool, times) in [("größe", 1.0), ("groesse", 2.0), ("größe, 🚀", 4.0)] {
        let failed = c::BOOTS_FAILED.sum().of(Dimension::Pool, pool);
        assert_eq!(ask(on, &failed, 0, MINUTE), [(0, times)], "{pool}");
    }
}

fn the_fleet_is_all_of_its_pools(on: &mut dyn Stand) {
    for (pool, secs) in [("linux", 10), ("linux", 20), ("mac", 60)] {
        tell(on, 0, pool, [c::JOB_WAIT.took(Duration::from_secs(secs))]);
    }
    let wait = c::JOB_WAIT;
    let whole = |query: Query| query.every(Duration::from_hours(1));
    assert_eq!(ask(on, &whole(wait.average()), 0, HOUR), [(0, 30.0)]);
    assert_eq!(ask(on, &whole(wait.samples()), 0, HOUR), [(0, 3.0)]);
    assert_eq!(ask(on, &of(whole(wait.average())), 0, HOUR), [(0, 15.0)]);
}

/// Three hours of every look, and long after them a look that begins another day.
fn hours_are_their_minutes(on: &mut dyn Stand) {
    for minute in 0..3 * 60_u32 {
        let mut points = vec![c::RUNNERS_DESIRED.is(u64::from(minute % 7))];
        if minute % 5 == 0 {
            points.push(c::RUNNERS_IDLE.is(u64::from(minute % 15)));
            points.push(c::BOOT_TIME.took(Duration::from_secs((minute % 50).into())));
        }
        tell(on, i64::from(minute) * MINUTE, "linux", points);
    }
    for day in 1..4 {
        tell(on, day * 24 * HOUR, "linux", [c::RUNNERS_DESIRED.is(1)]);
    }
    for query in [
        c::RUNNERS_DESIRED.sum(),
        c::RUNNERS_DESIRED.samples(),
        c::RUNNERS_IDLE.sum(),
        c::BOOT_TIME.sum(),
        c::BOOT_TIME.samples(),
    ] {
        let fine = ask(on, &of(query.clone()), 0, 3 * HOUR);
        let mut sums: BTreeMap<i64, f64> = BTreeMap::new();
        for (start, value) in fine {
            *sums.entry(start - start % HOUR).or_default() += value;
        }
        let hours = ask(on, &of(query.clone()).every(Duration::from_hours(1)), 0, 3 * HOUR);
        assert_eq!(hours, sums.into_iter().collect::<Vec<_>>(), "{query:?}");
        assert_eq!(hours.len(), 3, "{query:?}");
    }
}
