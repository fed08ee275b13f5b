//! Series as EMF lines, Headroom's or what others write under its namespace and names.

use std::io::{self, BufRead};

use model::catalogue::{self, NAMESPACE};
use model::{Dimension, Dimensions, Histogram, Kind, Point, Quantity, Spec, Timestamp};
use serde_json::Value;

use super::Table;
use crate::import::{Line, Lines};

/// Reads all lines; those of other namespaces tell nothing. A line that cannot be read is told to
/// `problem` with its number, and skipped; how many were.
///
/// # Errors
/// When the stream cannot be read.
pub fn read(
    from: impl BufRead,
    table: &mut Table,
    mut problem: impl FnMut(u64, String),
) -> io::Result<u64> {
    let mut lines = Lines::new(from);
    let mut skipped = 0;
    loop {
        let told = match lines.next()? {
            None => return Ok(skipped),
            Some(Line::Unreadable(what)) => Err(what.to_owned()),
            Some(Line::Text(text)) => take(text, table),
        };
        if let Err(what) = told {
            skipped += 1;
            problem(lines.number(), what);
        }
    }
}

/// CloudWatch Logs exports a time before each line.
fn take(text: &str, table: &mut Table) -> Result<(), String> {
    let Some(start) = text.find('{') else { return Ok(()) };
    let root: Value = serde_json::from_str(&text[start..]).map_err(|error| error.to_string())?;
    let aws = &root["_aws"];
    let Some(directives) = aws["CloudWatchMetrics"].as_array() else { return Ok(()) };
    let at = aws["Timestamp"].as_i64().map(Timestamp::from_millis);
    let at = at.ok_or("_aws.Timestamp: milliseconds since 1970 were expected")?;
    for directive in directives.iter().filter(|directive| directive["Namespace"] == NAMESPACE) {
        let Some(by) = dimensions(&root, directive)? else { continue };
        let names = directive["Metrics"].as_array().into_iter().flatten();
        for name in names.filter_map(|metric| metric["Name"].as_str()) {
            let Some(spec) = catalogue::by_name(name) else { continue };
            for quantity in quantities(spec, &root[name])? {
                table.add(at, &by, &Point { spec, quantity });
            }
        }
    }
    Ok(())
}

/// The finest; `None` where one is not known.
fn dimensions(root: &Value, directive: &Value) -> Result<Option<Dimensions>, String> {
    let mut by = Dimensions::none();
    let sets = directive["Dimensions"].as_array().into_iter().flatten();
    for name in sets.flat_map(|set| set.as_array().into_iter().flatten()) {
        let name = name.as_str().unwrap_or_default();
        let Some(dimension) = Dimension::from_name(name) else { return Ok(None) };
        let value = root[name].as_str().ok_or_else(|| format!("{name}: a text was expected"))?;
        by = by.with(dimension, value);
    }
    Ok(Some(by))
}

fn quantities(spec: &Spec, value: &Value) -> Result<Vec<Quantity>, String> {
    let wrong = || {
        format!("{}: whole numbers, as one, a list, or Values and Counts, were expected", spec.name)
    };
    let number = |value: &Value| whole(value).ok_or_else(wrong);
    let of_kind = |value: u64| match spec.kind {
        Kind::Counter => Quantity::Add(value),
        Kind::Level => Quantity::Is(value),
        Kind::Timing => Quantity::Took(value),
    };
    match (value, spec.kind) {
        (Value::Array(values), _) => {
            values.iter().map(|value| number(value).map(of_kind)).collect()
        }
        (Value::Object(_), Kind::Timing) => Ok(vec![distribution(value).ok_or_else(wrong)?]),
        (value, _) => Ok(vec![of_kind(number(value)?)]),
    }
}

fn distribution(value: &Value) -> Option<Quantity> {
    let list =
        |key: &str| -> Option<Vec<u64>> { value[key].as_array()?.iter().map(whole).collect() };
    let (values, counts) = (list("Values")?, list("Counts")?);
    let least = whole(&value["Min"]).or(values.iter().min().copied())?;
    let most = whole(&value["Max"]).or(values.iter().max().copied())?;
    let is_whole = values.len() == counts.len() && least <= most;
    let buckets = values.into_iter().zip(counts);
    is_whole.then(|| Quantity::Distribution(Histogram::from_buckets(buckets, least, most)))
}

/// Others write whole numbers as `5.0`.
fn whole(value: &Value) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within 0..=2^53"
    )]
    let as_u64 = |number: f64| number as u64;
    let is_whole = |number: &f64| (0.0..=2_f64.powi(53)).contains(number) && number.fract() == 0.0;
    value.as_u64().or_else(|| value.as_f64().filter(is_whole).map(as_u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alarms::Source;
    use model::catalogue as c;

    #[test]
    fn lines_of_headroom_and_of_others_are_counted_and_the_rest_is_named() {
        let text = r#"2026-01-31T12:00:00Z {"_aws":{"Timestamp":60000,"CloudWatchMetrics":[{"Namespace":"Headroom","Dimensions":[["Pool"],[]],"Metrics":[{"Name":"JobWait"}]}]},"Pool":"a","JobWait":{"Values":[10,20],"Counts":[1,2]}}
{"_aws":{"Timestamp":60000,"CloudWatchMetrics":[{"Namespace":"Other","Dimensions":[[]],"Metrics":[{"Name":"JobWait"}]}]},"JobWait":5}
{"level":"info"}
{"_aws":{"Timestamp":60000,"CloudWatchMetrics":[{"Namespace":"Headroom","Dimensions":[["Pool"]],"Metrics":[{"Name":"JobsWaiting"}]}]},"Pool":"a","JobsWaiting":-1}
{"_aws":"#;
        let (mut table, mut problems) = (Table::default(), Vec::new());
        let skipped =
            read(text.as_bytes(), &mut table, |line, what| problems.push((line, what))).unwrap();
        let lines: Vec<u64> = problems.iter().map(|(line, _)| *line).collect();
        assert_eq!((skipped, lines), (2, vec![4, 5]), "{problems:?}");
        let span = (Timestamp::EPOCH, Timestamp::from_secs(600));
        let waits = table.minutes(c::JOB_WAIT.0, &Dimensions::none(), span.0, span.1).unwrap();
        assert_eq!((waits.len(), waits[0].1.samples, waits[0].1.max), (1, 3, 20));
    }
}
