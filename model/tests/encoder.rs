//! Whatever a record holds, the encoder's lines pass lint, and no observation is lost.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod extract;

use std::collections::BTreeMap;

use model::emf::{Encoder, Form, Property, Record};
use model::{Dimension, Dimensions, Histogram, Kind, Point, Quantity, RollUp, Spec, Timestamp};
use model::{catalogue, lint};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const NOW: Timestamp = Timestamp::from_secs(1_769_860_800);

/// Members of a line that are no metrics; one has the name of a dimension.
const PROPERTIES: [&str; 5] = ["job_name", "labels", "job_id", "Pool", "branch"];

/// Texts as payloads may hold them: plain, empty, blank, long, and of any characters.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9 ._/-]{1,40}",
        Just(String::new()),
        Just(" \t\u{a0}".to_owned()),
        Just("deploy \u{1f680}\u{202e}".to_owned()),
        select(vec!["x", "\u{1f680}", "\u{1}", "\"", "\\"]).prop_map(|c| c.repeat(10_000)),
        vec(any::<char>(), 0..60).prop_map(String::from_iter),
    ]
}

fn property() -> impl Strategy<Value = Property> {
    prop_oneof![
        text().prop_map(Property::Text),
        any::<u64>().prop_map(Property::Number),
        vec(text(), 0..50).prop_map(Property::List),
        (text(), 0..50_usize).prop_map(|(text, n)| Property::List(vec![text; n])),
    ]
}

/// Up to 1,000 distinct values, each up to three times.
fn histogram() -> impl Strategy<Value = Histogram> {
    let value = prop_oneof![0..200_u64, 0..100_000_u64, any::<u64>()];
    vec((value, 1..=3_usize), 0..1_000).prop_map(|counted| {
        counted.into_iter().flat_map(|(value, times)| std::iter::repeat_n(value, times)).collect()
    })
}

fn point(spec: &'static Spec) -> BoxedStrategy<Point> {
    let quantity = match spec.kind {
        Kind::Counter => any::<u64>().prop_map(Quantity::Add).boxed(),
        Kind::Level => any::<u64>().prop_map(Quantity::Is).boxed(),
        Kind::Timing => prop_oneof![
            any::<u64>().prop_map(Quantity::Took),
            histogram().prop_map(Quantity::Distribution),
        ]
        .boxed(),
    };
    quantity.prop_map(move |quantity| Point { spec, quantity }).boxed()
}

/// Points of some of the metrics for which `keep` holds, each at most once.
fn points(keep: fn(&Spec) -> bool) -> impl Strategy<Value = Vec<Point>> {
    let specs: Vec<_> = catalogue::ALL.iter().copied().filter(|spec| keep(spec)).collect();
    let count = specs.len();
    subsequence(specs, 0..=count)
        .prop_flat_map(|specs| specs.into_iter().map(point).collect::<Vec<_>>())
}

fn dimensions(of: &'static [Dimension]) -> impl Strategy<Value = Dimensions> {
    vec(text(), of.len()).prop_map(|texts| {
        of.iter().zip(texts).fold(Dimensions::none(), |all, (by, text)| all.with(*by, text))
    })
}

fn is_level_of_a_pool(spec: &Spec) -> bool {
    let of_pool = |by: &[Dimension]| by == [Dimension::Pool];
    spec.kind == Kind::Level && spec.published.iter().any(|published| of_pool(published.by))
}

fn is_level_of_the_fleet(spec: &Spec) -> bool {
    spec.kind == Kind::Level && spec.published.iter().any(|published| published.by.is_empty())
}

/// A record of events with all dimensions, or of levels under exactly their own.
fn record() -> impl Strategy<Value = Record> {
    let events = (dimensions(&Dimension::ALL), points(|spec| spec.kind != Kind::Level));
    let pool = (dimensions(&[Dimension::Pool]), points(is_level_of_a_pool));
    let fleet = (Just(Dimensions::none()), points(is_level_of_the_fleet));
    let observed = prop_oneof![3 => events, 1 => pool, 1 => fleet];
    let properties = vec(property(), PROPERTIES.len()).prop_map(|p| PROPERTIES.into_iter().zip(p));
    let ages = -2 * 3_600_000..14 * 86_400_000_i64;
    (observed, properties, ages).prop_map(|((dimensions, points), properties, age)| {
        let at = Timestamp::from_millis(NOW.as_millis() - age);
        Record { at, dimensions, points, properties: properties.collect() }
    })
}

/// How many observations of each metric the record holds.
fn observed(record: &Record, on: &[RollUp]) -> BTreeMap<String, u64> {
    let samples = |point: &Point| match &point.quantity {
        Quantity::Add(_) | Quantity::Is(_) | Quantity::Took(_) => 1,
        Quantity::Distribution(histogram) => histogram.len(),
    };
    let published = record.points.iter().filter(|point| point.spec.is_published(on));
    let counted = published.map(|point| (point.spec.name.to_owned(), samples(point)));
    counted.filter(|(_, samples)| *samples > 0).collect()
}

/// Encodes `record`, lints every line, and counts what comes out of each series.
fn check(record: &Record, roll_ups: &[RollUp], form: Form) -> Result<(), TestCaseError> {
    let mut out = Vec::new();
    Encoder::new(roll_ups.to_vec(), form).write(record, &mut out).unwrap();
    for line in std::str::from_utf8(&out).unwrap().lines() {
        let checked = lint::check(line, NOW);
        prop_assert_eq!(&checked.findings, &[], "{}", line);
        prop_assert!(checked.metrics > 0);
    }
    let mut counted = BTreeMap::new();
    for (series, counts) in extract::extract(&out) {
        let samples = counts.values().sum::<u64>();
        let known = *counted.entry(series.metric.clone()).or_insert(samples);
        prop_assert_eq!(known, samples, "{:?} differs from its other series", series);
    }
    prop_assert_eq!(counted, observed(record, roll_ups));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_line_of_every_record_passes_lint_and_no_count_is_lost(
        record in record(),
        roll_ups in subsequence(RollUp::ALL.to_vec(), 0..=RollUp::ALL.len()),
    ) {
        check(&record, &roll_ups, Form::Histogram)?;
        check(&record, &roll_ups, Form::Array)?;
    }
}
