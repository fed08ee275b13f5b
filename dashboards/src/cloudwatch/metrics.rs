//! The rows of a widget's `metrics`: one for each line, with hidden ones for what it is computed of.

use model::catalogue::NAMESPACE;
use model::{Kind as MetricKind, Statistic, Unit};
use serde_json::{Value, json};

use super::search::{known, search};
use super::standing;
use crate::board::{By, Kind, Line, Measure, Role, Widget};

/// Bounds between which waits are told apart, in seconds: ready, warm start, boot, late, stuck.
const BANDS_SECS: [u64; 6] = [15, 60, 180, 600, 1800, 7200];

/// The bands from those who were served at once, green, to those who were stuck, red.
pub(crate) const BAND_COLOURS: [&str; BANDS_SECS.len() + 1] =
    ["#58a67c", "#b7c96b", "#f2c879", "#f2a24d", "#e07b1f", "#c7481b", "#8f1d1d"];

/// The rows of a widget.
pub(super) fn rows(widget: &Widget) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for (index, line) in widget.lines.iter().enumerate() {
        match widget.kind {
            Kind::HeatMap => rows.extend(bands(line)),
            kind => rows.extend(of_line(line, kind, index + 1)),
        }
    }
    rows
}

fn of_line(line: &Line, kind: Kind, number: usize) -> Vec<Vec<Value>> {
    let statistic = statistic(line);
    let is_single = !line.by.iter().any(|by| matches!(by, By::Each(_) | By::Total(_)));
    let mut look = vec![("label", json!(label(line, kind)))];
    if let Some(colour) = line.role.colour().filter(|_| line.parts().next().is_none()) {
        look.push(("color", json!(colour)));
    }
    if let Some(expr) = line.computed() {
        let mut rows = operands(line, number, is_single);
        let expression = expr.metric_math_over(&|place| operand(number, place));
        rows.push(expressed(&expression, number, look));
        return rows;
    }
    match (is_single, divisor(line)) {
        (true, None) => {
            look.push(("stat", json!(statistic)));
            vec![metric(line, look)]
        }
        (true, Some(divisor)) => {
            let id = format!("m{number}");
            let hidden =
                vec![("id", json!(id)), ("stat", json!(statistic)), ("visible", json!(false))];
            let expression = format!("{id}/{divisor}");
            vec![metric(line, hidden), expressed(&expression, number, look)]
        }
        (false, divisor) => {
            let found = search(line, &statistic, None, standing);
            let is_total = line.parts().next().is_none();
            let found = if is_total { format!("SUM({found})") } else { found };
            let expression = divisor.map_or(found.clone(), |divisor| format!("{found}/{divisor}"));
            vec![expressed(&expression, number, look)]
        }
    }
}

/// What a line is computed of, hidden: a metric, or the sum of those of all values.
fn operands(line: &Line, number: usize, is_single: bool) -> Vec<Vec<Value>> {
    let of = |(place, query): (usize, &model::Query)| {
        let line = line.over(query);
        let (id, statistic) = (json!(operand(number, place)), statistic(&line));
        let mut hidden = vec![("id", id), ("visible", json!(false))];
        if is_single {
            hidden.push(("stat", json!(statistic)));
            return metric(&line, hidden);
        }
        let total = format!("SUM({})", search(&line, &statistic, None, standing));
        hidden.push(("expression", json!(total)));
        vec![object(hidden)]
    };
    line.queries().into_iter().enumerate().map(of).collect()
}

/// The id of what a line is computed of.
pub(crate) fn operand(number: usize, place: usize) -> String {
    format!("m{number}_{place}")
}

/// Namespace, name, dimensions, options.
fn metric(line: &Line, options: Vec<(&str, Value)>) -> Vec<Value> {
    let mut row = vec![json!(NAMESPACE), json!(line.spec().name)];
    for (dimension, value) in known(line, standing) {
        row.extend([json!(dimension.as_str()), json!(value)]);
    }
    row.push(object(options));
    row
}

fn expressed(expression: &str, number: usize, mut options: Vec<(&str, Value)>) -> Vec<Value> {
    options.push(("expression", json!(expression)));
    options.push(("id", json!(format!("e{number}"))));
    vec![object(options)]
}

fn object(members: Vec<(&str, Value)>) -> Value {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A level is published once a minute, zero or not, so its sum is runner minutes.
pub(crate) fn divisor(line: &Line) -> Option<u64> {
    match (line.measure, line.spec().kind, line.spec().unit) {
        (Measure::Plain | Measure::Share, _, _) => None,
        (Measure::Hours, MetricKind::Timing, Unit::Milliseconds) => Some(3_600_000),
        (Measure::Hours, MetricKind::Timing, _) => Some(3_600),
        (Measure::Hours, MetricKind::Level | MetricKind::Counter, _) => Some(60),
    }
}

pub(crate) fn statistic(line: &Line) -> String {
    match line.measure {
        Measure::Hours | Measure::Share => Statistic::Sum.cloudwatch(),
        Measure::Plain => line.query().statistic.cloudwatch(),
    }
}

/// The label; of a split line the values that its parts have, which CloudWatch fills in.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html>
pub(crate) fn label(line: &Line, kind: Kind) -> String {
    let parts: Vec<String> =
        line.parts().map(|dimension| format!("${{PROP('Dim.{}')}}", dimension.as_str())).collect();
    match (parts.is_empty(), kind) {
        (true, _) => line.label.to_owned(),
        (false, Kind::Table) => format!("{}: {}", parts.join(" "), line.label),
        (false, _) => parts.join(" "),
    }
}

/// CloudWatch draws no heat maps; it counts values between two bounds (trimmed count), which as
/// areas upon each other show the same: how many were served at once, and how many waited long.
fn bands(line: &Line) -> Vec<Vec<Value>> {
    let band = |((statistic, label), colour): ((String, String), &str)| {
        let options =
            vec![("stat", json!(statistic)), ("label", json!(label)), ("color", json!(colour))];
        metric(line, options)
    };
    band_statistics(line).into_iter().zip(BAND_COLOURS).map(band).collect()
}

/// The statistic of each band, such as `TC(15:60)`, and its name.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
pub(crate) fn band_statistics(line: &Line) -> Vec<(String, String)> {
    let per_second = line.spec().unit.per_second().unwrap_or(1);
    let bound = |secs: Option<u64>| secs.map_or(String::new(), |s| (s * per_second).to_string());
    let statistic = |(from, to)| format!("TC({}:{})", bound(from), bound(to));
    let band = |(from, to)| (statistic((from, to)), spoken(from, to));
    band_bounds().map(band).collect()
}

fn band_bounds() -> impl Iterator<Item = (Option<u64>, Option<u64>)> {
    let from = std::iter::once(None).chain(BANDS_SECS.map(Some));
    from.zip(BANDS_SECS.map(Some).into_iter().chain([None]))
}

fn spoken(from: Option<u64>, to: Option<u64>) -> String {
    let bound = |secs: u64| match secs {
        ..60 => format!("{secs} s"),
        60..3_600 => format!("{} min", secs / 60),
        _ => format!("{} h", secs / 3_600),
    };
    match (from, to) {
        (None, to) => format!("up to {}", bound(to.unwrap_or_default())),
        (Some(from), Some(to)) => format!("{} to {}", bound(from), bound(to)),
        (Some(from), None) => format!("over {}", bound(from)),
    }
}

/// Whether a widget's rows all carry colours of their own.
pub(super) fn is_coloured(widget: &Widget) -> bool {
    widget.lines.iter().all(|line| line.role != Role::Plain)
}
