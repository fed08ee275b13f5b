//! Our encoder and lint against AWS's own EMF writer, `metrique`.
//!
//! The same observations go through both, and what CloudWatch would extract must be the same:
//! namespaces, dimensions, units, times, and how often each value was seen. Values stay below 128,
//! where our buckets are exact. `metrique` has one list of dimension sets for a document, so it is
//! asked once for each list, where our encoder writes several directives.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod extract;

use std::time::{Duration, SystemTime};

use metrique_writer::format::Format as _;
use metrique_writer::unit::NegativeScale;
use metrique_writer::{Entry, EntryWriter, MetricFlags, Observation, Unit, Value, ValueWriter};
use metrique_writer_format_emf::Emf;
use model::catalogue::{self, JOB_DURATION, JOB_EVENTS, JOB_WAIT, RUN_EVENTS};
use model::emf::{Encoder, Form, Record, VALUES_MAX};
use model::lint::{self, Severity};
use model::{Dimension, Dimensions, Histogram, Point, Quantity, Spec, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_769_860_800_123);

/// One document for `metrique`.
#[derive(Clone, Debug, Default)]
struct Document {
    texts: Vec<(String, String)>,
    metrics: Vec<(String, Observations)>,
}

/// Values of one metric.
#[derive(Clone, Debug)]
struct Observations {
    values: Vec<f64>,
    unit: Unit,
}

impl Value for Observations {
    fn write(&self, writer: impl ValueWriter) {
        let values = self.values.iter().map(|value| Observation::Floating(*value));
        writer.metric(values, self.unit, [], MetricFlags::empty());
    }
}

impl Entry for Document {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        let millis = u64::try_from(NOW.as_millis()).unwrap();
        writer.timestamp(SystemTime::UNIX_EPOCH + Duration::from_millis(millis));
        for (name, text) in &self.texts {
            writer.value(name.as_str(), text.as_str());
        }
        for (name, observations) in &self.metrics {
            writer.value(name.as_str(), observations);
        }
    }
}

impl Document {
    fn with_text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.texts.push((name.into(), text.into()));
        self
    }

    fn with_metric(mut self, name: impl Into<String>, values: Vec<f64>, unit: Unit) -> Self {
        self.metrics.push((name.into(), Observations { values, unit }));
        self
    }

    /// The lines that `metrique` writes under these dimension sets.
    fn written(&self, sets: Vec<Vec<String>>) -> String {
        let mut out = Vec::new();
        let mut emf = Emf::no_validations(catalogue::NAMESPACE.into(), sets);
        emf.format(self, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

/// Whole numbers as `metrique` takes them.
fn floats(values: &[u8]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

/// What is observed in one go: one run event, job events, a wait, and many durations.
#[derive(Clone, Debug)]
struct Observed {
    pool: String,
    status: String,
    events: u8,
    wait: u8,
    durations: Vec<u8>,
}

fn observed() -> impl Strategy<Value = Observed> {
    let word = || "[!-~][ -~]{0,30}";
    // `metrique` writes a pair for each observation, equal or not, and does not split documents.
    (word(), word(), 0..128_u8, 0..128_u8, vec(0..128_u8, 1..=VALUES_MAX)).prop_map(
        |(pool, status, events, wait, durations)| Observed {
            pool,
            status,
            events,
            wait,
            durations,
        },
    )
}

impl Observed {
    fn ours(&self, form: Form) -> Vec<u8> {
        let durations: Histogram = self.durations.iter().map(|value| u64::from(*value)).collect();
        let by = Dimensions::none()
            .with(Dimension::Pool, self.pool.as_str())
            .with(Dimension::Status, self.status.as_str());
        let record = Record::new(NOW, by)
            .with(JOB_EVENTS.inc_by(self.events.into()))
            .with(RUN_EVENTS.inc())
            .with(JOB_WAIT.took(Duration::from_secs(self.wait.into())))
            .with(Point { spec: JOB_DURATION.0, quantity: Quantity::Distribution(durations) });
        let mut out = Vec::new();
        Encoder::new(vec![], form).write(&record, &mut out).unwrap();
        out
    }

    fn theirs(&self) -> String {
        let seconds = Unit::Second(NegativeScale::One);
        let metrics = [
            (JOB_EVENTS.0, vec![self.events], Unit::Count),
            (RUN_EVENTS.0, vec![1], Unit::Count),
            (JOB_WAIT.0, vec![self.wait], seconds),
            (JOB_DURATION.0, self.durations.clone(), seconds),
        ];
        metrics.into_iter().map(|(spec, values, unit)| self.document(spec, &values, unit)).collect()
    }

    fn document(&self, spec: &'static Spec, values: &[u8], unit: Unit) -> String {
        let name = |dimension: &Dimension| dimension.as_str().to_owned();
        let sets = spec.sets(&[]).map(|set| set.iter().map(name).collect()).collect();
        Document::default()
            .with_text("Pool", &self.pool)
            .with_text("Status", &self.status)
            .with_metric(spec.name, floats(values), unit)
            .written(sets)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn both_writers_say_the_same_and_lint_accepts_both(observed in observed()) {
        let theirs = observed.theirs();
        for form in [Form::Histogram, Form::Array] {
            let ours = observed.ours(form);
            prop_assert_eq!(extract::extract(&ours), extract::extract(theirs.as_bytes()));
            for line in std::str::from_utf8(&ours).unwrap().lines().chain(theirs.lines()) {
                prop_assert_eq!(lint::check(line, NOW).findings, [], "{}", line);
            }
        }
    }
}

/// Lints what `metrique` writes for `document` under one set, and compares the codes.
fn check(what: &str, document: &Document, set: &[&str], expected: &[&str]) {
    let set = set.iter().map(|name| (*name).to_owned()).collect();
    let line = document.written(vec![set]);
    let findings = lint::check(&line, NOW).findings;
    let codes: Vec<_> = findings.iter().map(|finding| finding.rule.code()).collect();
    assert_eq!(codes, expected, "{what}: {line}");
}

#[test]
fn lint_finds_what_the_other_writer_lets_through() {
    let one = || Document::default().with_metric("Wait", vec![1.0], Unit::None);
    let values = |n: u8| {
        Document::default().with_metric("Wait", floats(&(0..n).collect::<Vec<_>>()), Unit::Count)
    };
    let metrics = (0..101).fold(Document::default(), |all, i| {
        all.with_metric(format!("M{i}"), vec![1.0], Unit::Count)
    });
    let infinite = Document::default().with_metric("Wait", vec![f64::INFINITY], Unit::Count);
    let unit = Document::default().with_metric("Wait", vec![1.0], Unit::Custom("Furlongs"));
    let emoji = one().with_text("Pool", "\u{1f680}");
    let cases: [(&str, Document, &[&str], &[&str]); 10] = [
        ("one value", one(), &[], &[]),
        ("100 values", values(100), &[], &[]),
        ("101 values", values(101), &[], &["values-too-many"]),
        ("101 metrics", metrics, &[], &["metrics-too-many"]),
        ("infinity, written as the largest double", infinite, &[], &["value-out-of-range"]),
        ("a unit of its own", unit, &[], &["unit-unknown"]),
        ("a dimension without value", one(), &["Pool"], &["dimension-missing"]),
        ("an empty dimension", one().with_text("Pool", ""), &["Pool"], &["dimension-value-blank"]),
        ("an emoji", emoji, &["Pool"], &["dimension-value-charset"]),
        ("no metric", Document::default(), &[], &["metrics-empty"]),
    ];
    for (what, document, set, expected) in cases {
        check(what, &document, set, expected);
    }
}

#[test]
fn an_entry_without_metrics_is_only_a_warning() {
    let line = Document::default().with_text("Pool", "linux").written(vec![vec![]]);
    let checked = lint::check(&line, NOW);
    assert_eq!((checked.count(Severity::Error), checked.count(Severity::Warning)), (0, 1));
}
