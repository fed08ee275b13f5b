//! What we write as EMF has no fault, and is read back as what it was; anybody's lines are answered.

use std::collections::BTreeMap;

use arbitrary::Unstructured;
use ingest::past::{Past, emf};
use model::emf::{Form, Property, Record, dimension_value};
use model::{Labels, Quantity, RollUp, Timestamp, lint};

use super::line::{Pen, is_short};
use super::make;

/// The first byte says of what the others are.
pub(super) fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let mut u = Unstructured::new(rest);
    // What is left when the bytes run out is zero, so every value comes about.
    let _ = match kind {
        b'e' => event(&mut u),
        b'm' => minute(&mut u),
        _ => {
            anybodys(&String::from_utf8_lossy(rest));
            Ok(())
        }
    };
}

/// Lint answers with short lines, and the reader with a value or a short reason.
fn anybodys(text: &str) {
    for line in text.lines() {
        let checked = lint::check(line, Timestamp::from_secs(1_767_603_600));
        for finding in &checked.findings {
            let told = finding.to_string();
            assert!(told.len() < 1000 && !told.chars().any(char::is_control), "{told}");
        }
        match emf::read(line) {
            Ok(_) => {}
            Err(malformed) => is_short(&malformed),
        }
    }
}

/// An event is the same after it was written and read, except for what was too long; and what was
/// read once is read the same for ever.
fn event(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let pen = make::pen(u)?;
    let past = make::event(u)?;
    let again = pen.read_back(&past);
    let mut expected = past.clone();
    let event = &mut expected.event;
    if pen.roll_ups.contains(&RollUp::Article) {
        // The article's dimension has the name of our property.
        event.repository.0 = dimension_value(&event.repository.0).into_owned();
    }
    let texts = [&mut event.workflow, &mut event.branch, &mut event.url];
    let more = [&mut event.runner, &mut event.runner_group, &mut expected.pool];
    let texts = texts.into_iter().chain(more).flatten();
    texts.chain([&mut event.name, &mut event.repository.0]).for_each(shorten);
    let labels = event.labels.iter().take(Property::LIST_LEN_MAX);
    event.labels = Labels::new(labels.map(|label| short(label, Property::LIST_TEXT_BYTES_MAX)));
    assert_eq!(again, expected);
    assert_eq!(pen.read_back(&again), again);
    Ok(())
}

fn shorten(text: &mut String) {
    *text = short(text, Property::TEXT_BYTES_MAX).to_owned();
}

/// The obvious way: one character less until it fits.
fn short(text: &str, bytes_max: usize) -> &str {
    let mut text = text;
    while serde_json::to_string(text).unwrap().len() > bytes_max + "\"\"".len() {
        text = &text[..text.floor_char_boundary(text.len() - 1)];
    }
    text
}

/// Nothing that was counted is lost or counted twice on its way through lines.
fn minute(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let pen = make::pen(u)?;
    let record = make::minute(u)?;
    let mut read = BTreeMap::new();
    for line in pen.write(&record) {
        let Ok(Past::Minute(records)) = emf::read(&line) else { panic!("{line}") };
        for part in records {
            assert_eq!(part.at, record.at);
            for (dimension, value) in part.dimensions.iter() {
                assert_eq!(value, dimension_value(record.dimensions.get(dimension).unwrap()));
            }
            for point in part.points {
                add(read.entry(point.spec.name).or_default(), point.quantity, pen.form);
            }
        }
    }
    assert_eq!(read, expected(&record, &pen));
    Ok(())
}

/// A number, and the buckets of a distribution with what is the smallest and the largest.
type Sum = (u128, Vec<(u64, u64)>, Option<(u64, u64)>);

fn add(sum: &mut Sum, quantity: Quantity, form: Form) {
    match quantity {
        Quantity::Add(n) | Quantity::Is(n) | Quantity::Took(n) => sum.0 += u128::from(n),
        Quantity::Distribution(part) => {
            sum.0 += u128::from(part.len());
            if form == Form::Histogram {
                sum.1.extend(part.buckets());
                let edges = part.min().zip(part.max());
                let wider = |(a, b): (u64, u64), (c, d): (u64, u64)| (a.min(c), b.max(d));
                sum.2 = sum.2.into_iter().chain(edges).reduce(wider);
            }
        }
    }
}

fn expected(record: &Record, pen: &Pen) -> BTreeMap<&'static str, Sum> {
    let published = record.points.iter().filter(|point| point.spec.is_published(&pen.roll_ups));
    let mut sums = BTreeMap::new();
    for point in published {
        add(sums.entry(point.spec.name).or_default(), point.quantity.clone(), pen.form);
    }
    sums
}
