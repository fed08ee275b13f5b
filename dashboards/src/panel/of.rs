//! From a widget and the answers to its lines to a picture.

use std::collections::BTreeMap;

use model::{Kind as Behaves, Statistic};

use super::{Chart, Figure, Layer, Mark, Measured, Panel, Picture, Shape, Table, Tone};
use crate::board::{Bound, Kind, Line, Role, Unit, Widget};
use crate::{HeatMap, Series, format};

/// The answer to one line: a part for each value that it is split by, or one part without a name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Its parts, the most important first.
    pub parts: Vec<Part>,
    /// Parts that were left out.
    pub left_out: usize,
}

/// The answer for one value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// The value; empty where a line is not split.
    pub name: String,
    /// One value a step: counts, seconds or hours.
    pub series: Series,
    /// A level as it is now, anything else over the whole time.
    pub whole: Option<f64>,
    /// The distribution, of a timing.
    pub heat: Option<HeatMap>,
}

/// The picture of a widget, given an answer for each of its lines and the thresholds of the alarms.
pub fn panel(widget: &Widget, answers: &[Answer], bounds: &[Bound]) -> Panel {
    let picture = match widget.kind {
        Kind::TimeSeries | Kind::Stacked | Kind::HeatMap => {
            Picture::Chart(Chart { marks: marks(widget, bounds), ..chart(widget, answers) })
        }
        Kind::SingleValue => Picture::Figures(figures(widget, answers)),
        Kind::Table => Picture::Table(table(widget, answers)),
        Kind::AlarmStatus => Picture::Alarms(Vec::new()),
        Kind::Text => Picture::Text,
    };
    Panel {
        id: widget.id.to_owned(),
        title: widget.title.to_owned(),
        help: widget.explanation(),
        columns: widget.columns,
        picture,
    }
}

fn chart(widget: &Widget, answers: &[Answer]) -> Chart {
    let mut layers = Vec::new();
    let lines = widget.lines.iter().zip(answers);
    if is_of_waits(widget) || widget.kind == Kind::HeatMap {
        let heat =
            answers.iter().flat_map(|answer| &answer.parts).find_map(|part| part.heat.clone());
        layers.extend(heat.map(|heat| Layer {
            name: "jobs".to_owned(),
            tone: Tone::Role(Role::Running),
            shape: Shape::Heat(heat),
            values: Series::new(),
        }));
    }
    for (i, (line, answer)) in lines.enumerate().filter(|_| widget.kind != Kind::HeatMap) {
        let several =
            answer.parts.len() > 1 || answer.parts.iter().any(|part| !part.name.is_empty());
        for (place, part) in answer.parts.iter().enumerate() {
            layers.push(Layer {
                name: if several { part.name.clone() } else { line.label.to_owned() },
                tone: tone(line, several, place),
                shape: shape(widget, i),
                values: part.series.clone(),
            });
        }
    }
    Chart { unit: measured(widget), layers, marks: Vec::new(), note: note(answers) }
}

fn marks(widget: &Widget, bounds: &[Bound]) -> Vec<Mark> {
    let per_second = widget.lines.first().and_then(|line| line.spec().unit.per_second());
    let divisor = per_second.filter(|_| widget.unit == Unit::Time).unwrap_or(1);
    let mark = |bound: &Bound| {
        let at = bound.threshold / f64::from(u32::try_from(divisor).unwrap_or(1));
        let value = crate::chart::figure(measured(widget), Some(at));
        Mark { name: format!("alarm {} {value}", bound.side()), at }
    };
    widget.bounds(bounds).into_iter().map(mark).collect()
}

/// Waits by several percentiles: they are drawn over the distribution that they are of.
fn is_of_waits(widget: &Widget) -> bool {
    let is_percentile = |line: &Line| matches!(line.query().statistic, Statistic::Percentile(_));
    let is_split = |line: &Line| line.parts().next().is_some();
    widget.kind == Kind::TimeSeries
        && widget.lines.len() > 1
        && widget.lines.iter().all(|line| is_percentile(line) && !is_split(line))
}

fn tone(line: &Line, several: bool, place: usize) -> Tone {
    match line.role {
        role if several || role == Role::Plain => Tone::Part(place),
        role => Tone::Role(role),
    }
}

/// The first of several counters is drawn as bars: lines before it do not hide it.
fn shape(widget: &Widget, line: usize) -> Shape {
    let counts = widget.lines.iter().all(|line| line.spec().kind == Behaves::Counter);
    match widget.kind {
        Kind::Stacked => Shape::Area,
        _ if counts && line == 0 && widget.lines.len() > 1 => Shape::Bars,
        _ => Shape::Line,
    }
}

fn measured(widget: &Widget) -> Measured {
    let is_timing = widget.lines.iter().any(|line| line.spec().kind == Behaves::Timing);
    match widget.unit {
        Unit::Time if is_timing => Measured::Waits,
        Unit::Time => Measured::Secs,
        Unit::Hours => Measured::Hours,
        Unit::Percent => Measured::Percent,
        Unit::Count | Unit::Mixed | Unit::None => Measured::Count,
    }
}

fn note(answers: &[Answer]) -> String {
    let shown = answers.iter().map(|answer| answer.parts.len()).max().unwrap_or(0);
    match answers.iter().map(|answer| answer.left_out).max().unwrap_or(0) {
        0 => String::new(),
        left_out => format!("the {shown} busiest of {}", shown + left_out),
    }
}

fn figures(widget: &Widget, answers: &[Answer]) -> Vec<Figure> {
    let lines = widget.lines.iter().zip(answers);
    let figure = |(line, answer): (&Line, &Answer)| Figure {
        name: line.label.to_owned(),
        value: words(line, answer.parts.first().and_then(|part| part.whole)),
    };
    lines.map(figure).collect()
}

fn table(widget: &Widget, answers: &[Answer]) -> Table {
    let mut names: Vec<&str> = Vec::new();
    for part in answers.iter().flat_map(|answer| &answer.parts) {
        if !names.contains(&part.name.as_str()) {
            names.push(&part.name);
        }
    }
    let of_line = |answer: &Answer| -> BTreeMap<String, Option<f64>> {
        answer.parts.iter().map(|part| (part.name.clone(), part.whole)).collect()
    };
    let columns: Vec<BTreeMap<_, _>> = answers.iter().map(of_line).collect();
    let row = |name: &str| {
        let cell = |(line, column): (&Line, &BTreeMap<String, Option<f64>>)| {
            words(line, column.get(name).copied().flatten())
        };
        (name.to_owned(), widget.lines.iter().zip(&columns).map(cell).collect())
    };
    let by = widget.lines.iter().flat_map(Line::parts).next();
    Table {
        by: by.map_or("", |dimension| dimension.as_str()).to_owned(),
        columns: widget.lines.iter().map(|line| line.label.to_owned()).collect(),
        rows: names.into_iter().map(row).collect(),
        note: note(answers),
    }
}

/// One value of a line, in words of the page.
fn words(line: &Line, value: Option<f64>) -> String {
    match line.unit() {
        Unit::Hours => format::hours(value),
        Unit::Percent => format::percent(value),
        Unit::Time => format::duration_secs(value),
        Unit::Count | Unit::Mixed | Unit::None => format::level(value),
    }
}
