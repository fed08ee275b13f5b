//! A picture and its figures, ready to be drawn: what a widget of a board becomes once its questions
//! are answered.

mod of;

pub use of::{Answer, Part, panel};

use crate::board::Role;
use crate::{AlarmRow, HeatMap, Series};

/// Pictures that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What they are about.
    pub title: String,
    /// From left to right.
    pub panels: Vec<Panel>,
}

/// One picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Unlike that of any other picture of the view.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// How to read it.
    pub help: String,
    /// Its width, in columns of a grid of [`crate::board::COLUMNS`].
    pub columns: u32,
    /// The picture.
    pub picture: Picture,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Picture {
    /// A course over time.
    Chart(Chart),
    /// One figure for each name.
    Figures(Vec<Figure>),
    /// Rows by columns.
    Table(Table),
    /// Alarms and how they stand.
    Alarms(Vec<AlarmRow>),
    /// The words alone.
    Text,
}

/// A course over time, on the grid of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What its figures are.
    pub unit: Measured,
    /// From back to front; areas stand upon those before them.
    pub layers: Vec<Layer>,
    /// Thresholds of alarms.
    pub marks: Vec<Mark>,
    /// Said beside the title, such as `the 8 busiest of 500`.
    pub note: String,
}

/// What figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// Things.
    Count,
    /// Seconds, on an axis by powers.
    Waits,
    /// Seconds.
    Secs,
    /// Hours of a runner.
    Hours,
    /// Hundredths of a whole.
    Percent,
}

/// A line across a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What begins there: `alarm above 30 min`.
    pub name: String,
    /// Where it is, in what the chart measures.
    pub at: f64,
}

/// One series.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// What it means, which decides its colour.
    pub tone: Tone,
    /// How it is drawn.
    pub shape: Shape,
    /// Its values; unused by a heat map.
    pub values: Series,
}

/// What decides a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A meaning.
    Role(Role),
    /// A place among equals.
    Part(usize),
}

/// How a series is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// As steps.
    Line,
    /// As an area upon the areas before it.
    Area,
    /// As bars.
    Bars,
    /// As a cell for each step and bucket.
    Heat(HeatMap),
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// Its value, in words of the page.
    pub value: String,
}

/// Rows by columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// What names the rows.
    pub by: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Their names and cells, in words of the page.
    pub rows: Vec<(String, Vec<String>)>,
    /// Said below, such as `the 30 busiest of 500`.
    pub note: String,
}
