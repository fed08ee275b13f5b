//! Writes records as EMF lines.
//!
//! A counter or timing is published under every dimension set whose roll-up is on. A level is
//! published only under the set that is exactly the record's dimensions: levels of pools do not add
//! up by themselves, so whoever knows the fleet's level says it in a record of its own.

use std::io::Write;

use crate::catalogue::NAMESPACE;
use crate::histogram::Bucket;
use crate::{Dimension, Histogram, Kind, Point, Quantity, RollUp, Spec};

use super::{Property, Record, VALUES_MAX, dimension_value};

/// How a distribution is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// `{"Values":[..],"Counts":[..],"Min":..,"Max":..}`: what CloudWatch accepts and AWS's own
    /// writers use, although the published schema does not name it.
    #[default]
    Histogram,
    /// `[42,42,43]`: the form in the published schema; a value stands as often as it was counted.
    Array,
}

/// A metric that cannot be published because the record lacks a dimension of its sets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{metric} is published by {set}, and the record gives only ({given})")]
pub struct MissingDimension {
    metric: &'static str,
    set: String,
    given: String,
}

/// Writes records as EMF lines.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    roll_ups: Vec<RollUp>,
    form: Form,
}

/// A set of dimensions, as in `Dimensions` of a directive.
type Set = &'static [Dimension];

/// So much of a distribution as one document holds. Without `Min` and `Max` CloudWatch would take
/// the representatives of the outer buckets for the extremes.
struct Part {
    buckets: Vec<Bucket>,
    min: u64,
    max: u64,
}

impl Part {
    fn of(buckets: &[Bucket]) -> Self {
        let (min, max) = (buckets.first().map_or(0, |b| b.0), buckets.last().map_or(0, |b| b.0));
        Part { buckets: buckets.to_vec(), min, max }
    }
}

impl Encoder {
    /// An encoder for these roll-ups beside [`RollUp::Pool`], and this form of distributions.
    pub fn new(roll_ups: Vec<RollUp>, form: Form) -> Self {
        Encoder { roll_ups, form }
    }

    /// Appends the lines of `record` to `out`, each with its newline; points of metrics that no
    /// roll-up publishes are left out, and a record without any point writes nothing.
    ///
    /// # Errors
    /// When the record lacks a dimension that one of its metrics is published by; then nothing is
    /// written.
    pub fn write(&self, record: &Record, out: &mut Vec<u8>) -> Result<(), MissingDimension> {
        let mut scalars = Vec::with_capacity(record.points.len());
        let mut distributions = Vec::new();
        for point in record.points.iter().filter(|p| p.spec.is_published(&self.roll_ups)) {
            self.check_sets(record, point.spec)?;
            match &point.quantity {
                Quantity::Distribution(histogram) => distributions.push((point, histogram)),
                Quantity::Add(_) | Quantity::Is(_) | Quantity::Took(_) => scalars.push(point),
            }
        }
        let mut rest: Vec<_> = distributions
            .iter()
            .map(|(point, histogram)| (*point, self.parts(histogram).into_iter()))
            .collect();
        let mut first = true;
        loop {
            let values: Vec<(&Point, Part)> = rest
                .iter_mut()
                .filter_map(|(point, parts)| Some((*point, parts.next()?)))
                .collect();
            let scalars = if first { scalars.as_slice() } else { &[] };
            if scalars.is_empty() && values.is_empty() {
                return Ok(());
            }
            self.write_line(record, scalars, &values, out);
            first = false;
        }
    }

    fn check_sets(&self, record: &Record, spec: &'static Spec) -> Result<(), MissingDimension> {
        let missing = match spec.kind {
            Kind::Level if self.sets(record, spec).next().is_some() => None,
            Kind::Level => spec.sets(&self.roll_ups).next(),
            Kind::Counter | Kind::Timing => {
                spec.sets(&self.roll_ups).find(|set| !record.dimensions.cover(set))
            }
        };
        match missing {
            None => Ok(()),
            Some(set) => Err(MissingDimension {
                metric: spec.name,
                set: format!("{set:?}"),
                given: record
                    .dimensions
                    .iter()
                    .map(|(d, _)| d.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }

    /// The sets that `spec` is published under with the record's dimensions.
    fn sets<'a>(
        &'a self,
        record: &'a Record,
        spec: &'static Spec,
    ) -> impl Iterator<Item = Set> + 'a {
        spec.sets(&self.roll_ups).filter(move |set| match spec.kind {
            Kind::Level => record.dimensions.are_exactly(set),
            Kind::Counter | Kind::Timing => true,
        })
    }

    /// Cuts a distribution into parts that each fit one document.
    fn parts(&self, histogram: &Histogram) -> Vec<Part> {
        let buckets: Vec<Bucket> = match self.form {
            Form::Histogram => histogram.buckets().collect(),
            Form::Array => histogram
                .buckets()
                .flat_map(|(value, times)| (0..times).map(move |_| (value, 1)))
                .collect(),
        };
        let mut parts: Vec<Part> = buckets.chunks(VALUES_MAX).map(Part::of).collect();
        if let (Some(first), Some(min)) = (parts.first_mut(), histogram.min()) {
            first.min = min;
        }
        if let (Some(last), Some(max)) = (parts.last_mut(), histogram.max()) {
            last.max = max;
        }
        parts
    }

    fn write_line(
        &self,
        record: &Record,
        scalars: &[&Point],
        values: &[(&Point, Part)],
        out: &mut Vec<u8>,
    ) {
        let specs = scalars.iter().map(|p| p.spec).chain(values.iter().map(|(p, _)| p.spec));
        out.extend_from_slice(b"{\"_aws\":{\"Timestamp\":");
        push_number(record.at.as_millis().max(0).unsigned_abs(), out);
        out.extend_from_slice(b",\"CloudWatchMetrics\":[");
        let named = self.write_directives(record, specs, out);
        out.extend_from_slice(b"]}");
        write_dimensions(record, &named, out);
        for point in scalars {
            push_key(point.spec.name, out);
            match point.quantity {
                Quantity::Add(n) | Quantity::Is(n) | Quantity::Took(n) => push_number(n, out),
                Quantity::Distribution(_) => unreachable!("distributions are written apart"),
            }
        }
        for (key, property) in &record.properties {
            if !named.iter().any(|dimension| dimension.as_str() == *key) {
                push_key(key, out);
                push_property(property, out);
            }
        }
        for (point, part) in values {
            push_key(point.spec.name, out);
            self.push_distribution(part, out);
        }
        out.extend_from_slice(b"}\n");
    }

    /// One directive for each list of sets; gives back the dimensions that were named.
    fn write_directives(
        &self,
        record: &Record,
        specs: impl Iterator<Item = &'static Spec>,
        out: &mut Vec<u8>,
    ) -> Vec<Dimension> {
        let mut directives: Vec<(Vec<Set>, Vec<&'static Spec>)> = Vec::with_capacity(4);
        for spec in specs {
            let sets: Vec<Set> = self.sets(record, spec).collect();
            match directives.iter_mut().find(|(known, _)| *known == sets) {
                Some((_, specs)) => specs.push(spec),
                None => directives.push((sets, vec![spec])),
            }
        }
        let mut named = Vec::with_capacity(4);
        for (i, (sets, specs)) in directives.iter().enumerate() {
            separate(i, out);
            out.extend_from_slice(b"{\"Namespace\":");
            push_word(NAMESPACE, out);
            out.extend_from_slice(b",\"Dimensions\":[");
            for (j, set) in sets.iter().enumerate() {
                separate(j, out);
                write_set(set, &mut named, out);
            }
            out.extend_from_slice(b"],\"Metrics\":[");
            for (j, spec) in specs.iter().enumerate() {
                separate(j, out);
                out.extend_from_slice(b"{\"Name\":");
                push_word(spec.name, out);
                out.extend_from_slice(b",\"Unit\":");
                push_word(spec.unit.as_str(), out);
                out.push(b'}');
            }
            out.extend_from_slice(b"]}");
        }
        named
    }

    fn push_distribution(&self, part: &Part, out: &mut Vec<u8>) {
        let values = |out: &mut Vec<u8>| push_list(part.buckets.iter().map(|b| b.0), out);
        match self.form {
            Form::Array => values(out),
            Form::Histogram => {
                out.extend_from_slice(b"{\"Values\":");
                values(out);
                out.extend_from_slice(b",\"Counts\":");
                push_list(part.buckets.iter().map(|b| b.1), out);
                out.extend_from_slice(b",\"Min\":");
                push_number(part.min, out);
                out.extend_from_slice(b",\"Max\":");
                push_number(part.max, out);
                out.push(b'}');
            }
        }
    }
}

fn write_set(set: Set, named: &mut Vec<Dimension>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, dimension) in set.iter().enumerate() {
        separate(i, out);
        push_word(dimension.as_str(), out);
        if !named.contains(dimension) {
            named.push(*dimension);
        }
    }
    out.push(b']');
}

fn write_dimensions(record: &Record, named: &[Dimension], out: &mut Vec<u8>) {
    for (dimension, value) in record.dimensions.iter().filter(|(d, _)| named.contains(d)) {
        push_key(dimension.as_str(), out);
        push_text(&dimension_value(value), out);
    }
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

fn push_key(key: &str, out: &mut Vec<u8>) {
    out.push(b',');
    push_word(key, out);
    out.push(b':');
}

/// Names of our own, in which nothing has to be escaped.
fn push_word(word: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(word.as_bytes());
    out.push(b'"');
}

fn push_text(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("a text serialises into memory");
}

fn push_number(number: u64, out: &mut Vec<u8>) {
    serde_json::to_writer(out, &number).expect("a number serialises into memory");
}

fn push_list(numbers: impl Iterator<Item = u64>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, number) in numbers.enumerate() {
        separate(i, out);
        push_number(number, out);
    }
    out.push(b']');
}

fn push_property(property: &Property, out: &mut Vec<u8>) {
    match property {
        Property::Text(text) => push_text(cut(text, Property::TEXT_BYTES_MAX), out),
        Property::Number(number) => push_number(*number, out),
        Property::Time(at) => write!(out, "\"{at}\"").expect("a time is written into memory"),
        Property::List(texts) => {
            out.push(b'[');
            for (i, text) in texts.iter().take(Property::LIST_LEN_MAX).enumerate() {
                separate(i, out);
                push_text(cut(text, Property::LIST_TEXT_BYTES_MAX), out);
            }
            out.push(b']');
        }
    }
}

/// Bytes of an escaped control character: `\u0001`.
const ESCAPE_BYTES: usize = 6;

/// The longest beginning of `text` that takes at most `bytes_max` bytes once it is escaped.
fn cut(text: &str, bytes_max: usize) -> &str {
    if text.len() * ESCAPE_BYTES <= bytes_max {
        return text;
    }
    let mut bytes = 0;
    for (at, c) in text.char_indices() {
        bytes += match c {
            '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
            c if c < ' ' => ESCAPE_BYTES,
            c => c.len_utf8(),
        };
        if bytes > bytes_max {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{JOB_EVENTS, JOB_WAIT, JOBS_WAITING};
    use crate::{Dimensions, Timestamp};
    use serde_json::{Value, json};
    use std::time::Duration;

    fn lines(encoder: &Encoder, record: &Record) -> Vec<Value> {
        let mut out = Vec::new();
        encoder.write(record, &mut out).unwrap();
        out.split(|b| *b == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    fn queued_on_linux() -> Record {
        let at = Timestamp::from_millis(1_700_000_000_123);
        let by =
            Dimensions::none().with(Dimension::Pool, "linux").with(Dimension::Status, "queued");
        Record::new(at, by).with(JOB_EVENTS.inc())
    }

    #[test]
    fn an_event_is_one_scalar_document() {
        let mut record = queued_on_linux().with(JOB_WAIT.took(Duration::from_secs(42)));
        record.properties.push(("job_name", Property::Text("deploy \u{1f680}".into())));
        let lines = lines(&Encoder::default(), &record);
        assert_eq!(
            lines,
            [json!({
                "_aws": {"Timestamp": 1_700_000_000_123_u64, "CloudWatchMetrics": [
                    {"Namespace": "Headroom", "Dimensions": [["Pool", "Status"], ["Status"]],
                     "Metrics": [{"Name": "JobEvents", "Unit": "Count"}]},
                    {"Namespace": "Headroom", "Dimensions": [["Pool"], []],
                     "Metrics": [{"Name": "JobWait", "Unit": "Seconds"}]}]},
                "Pool": "linux", "Status": "queued", "JobEvents": 1, "JobWait": 42,
                "job_name": "deploy \u{1f680}",
            })]
        );
    }

    #[test]
    fn a_distribution_is_split_at_the_hundredth_value_and_nothing_is_lost() {
        for (values, documents) in [(99, 1), (100, 1), (101, 2), (250, 3)] {
            let histogram: Histogram = (0..values).map(|v| v * 10_000).collect();
            let distribution =
                Point { spec: JOB_WAIT.0, quantity: Quantity::Distribution(histogram) };
            let lines = lines(&Encoder::default(), &queued_on_linux().with(distribution));
            assert_eq!(lines.len(), documents, "{values} values");
            let counted: u64 = lines
                .iter()
                .flat_map(|line| line["JobWait"]["Counts"].as_array().unwrap())
                .map(|count| count.as_u64().unwrap())
                .sum();
            assert_eq!(counted, values);
            let events = lines.iter().filter(|line| line.get("JobEvents").is_some()).count();
            assert_eq!(events, 1, "a counter beside a split distribution is written once");
        }
    }

    #[test]
    fn a_text_is_cut_where_its_escapes_no_longer_fit() {
        for (one, bytes) in [("x", 1), ("\n", 2), ("\u{c}", 2), ("\"", 2), ("\u{1}", 6)] {
            let fits = 1 + (20 - 1) / bytes;
            let text = format!("y{}", one.repeat(30));
            assert_eq!(cut(&text, 20), &text[..fits], "{one:?}");
        }
    }

    #[test]
    fn the_array_form_repeats_each_value_as_often_as_it_was_counted() {
        let histogram: Histogram = [7, 7, 9].into_iter().collect();
        let distribution = Point { spec: JOB_WAIT.0, quantity: Quantity::Distribution(histogram) };
        let record = queued_on_linux().with(distribution);
        let lines = lines(&Encoder::new(vec![], Form::Array), &record);
        assert_eq!(lines[0]["JobWait"], json!([7, 7, 9]));
    }

    #[test]
    fn a_level_is_published_only_where_it_was_measured() {
        let at = Timestamp::EPOCH;
        let pool = Record::new(at, Dimensions::none().with(Dimension::Pool, "linux"));
        let fleet = Record::new(at, Dimensions::none());
        for (record, sets) in [(pool, json!([["Pool"]])), (fleet, json!([[]]))] {
            let line = &lines(&Encoder::default(), &record.with(JOBS_WAITING.is(3)))[0];
            assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"], sets);
        }
    }

    #[test]
    fn a_missing_dimension_is_an_error_and_writes_nothing() {
        let record = Record::new(Timestamp::EPOCH, Dimensions::none()).with(JOB_EVENTS.inc());
        let mut out = Vec::new();
        let error = Encoder::default().write(&record, &mut out).unwrap_err().to_string();
        assert!(error.contains("JobEvents") && error.contains("Pool"), "{error}");
        assert!(out.is_empty());
        let with_repository = Encoder::new(vec![RollUp::Repository], Form::Histogram);
        assert!(with_repository.write(&queued_on_linux(), &mut out).is_err());
    }

    #[test]
    fn a_line_stays_short_whatever_its_properties_hold() {
        const NAMES: [&str; 20] = [
            "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q",
            "r", "s", "t",
        ];
        for (worst, written) in [("\u{1}", "\\u0001"), ("\"", "\\\""), ("\u{1f680}", "\u{1f680}")] {
            let text = worst.repeat(10_000);
            let mut record = queued_on_linux();
            for name in NAMES {
                record.properties.push((name, Property::List(vec![text.clone(); 99])));
            }
            record.properties.push(("text", Property::Text(text)));
            let mut out = Vec::new();
            Encoder::default().write(&record, &mut out).unwrap();
            assert!(out.len() < super::super::EVENT_BYTES_ADVISED, "{} bytes", out.len());
            let line = String::from_utf8(out).unwrap();
            let kept = written.repeat(Property::TEXT_BYTES_MAX / written.len());
            assert!(line.contains(&format!("\"text\":\"{kept}\"")), "{worst:?}");
        }
    }

    #[test]
    fn a_property_never_stands_beside_a_dimension_of_its_name() {
        let mut record = queued_on_linux();
        record.properties.push(("Pool", Property::Text("other".into())));
        let mut out = Vec::new();
        Encoder::default().write(&record, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap().matches("\"Pool\":").count(), 1);
    }
}
