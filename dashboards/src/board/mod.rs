//! The dashboards, each defined once: what is drawn, of which metrics, in which words.
//!
//! A [`Board`] is rows of [`Widget`]s, a widget draws [`Line`]s, and a line is a question to the
//! catalogue. CloudWatch bodies, Grafana dashboards and the embedded page are renderings of these
//! values; none of them names a metric of its own. Widths are in columns of a grid of
//! [`COLUMNS`], which both CloudWatch and Grafana lay out by.

mod bound;
mod cost;
mod fleet;
mod line;
mod pipeline;
mod place;
mod pool;
mod role;
mod undrawn;

pub use bound::Bound;
pub use line::{By, Line, Measure, line, share};
pub use place::{COLUMNS, Place, places};
pub use role::Role;
pub use undrawn::{Undrawn, undrawn};

use model::{Dimension, RollUp};

/// One dashboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// The word on the command line and in addresses: `fleet`.
    pub name: &'static str,
    /// What it is called: `Fleet`.
    pub title: &'static str,
    /// The question that it answers.
    pub description: &'static str,
    /// What a reader may choose, and every line that is [`By::Chosen`] follows.
    pub variables: Vec<Variable>,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

/// Widgets that belong together, side by side; those that find no room wrap.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What they are about.
    pub title: &'static str,
    /// From left to right.
    pub widgets: Vec<Widget>,
}

/// One picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Widget {
    /// Unlike that of any other widget of its board; for anchors: `waits`.
    pub id: &'static str,
    /// What it shows, without the unit.
    pub title: &'static str,
    /// How to read it, in one sentence or two.
    pub description: &'static str,
    /// How it is drawn.
    pub kind: Kind,
    /// What its figures are in.
    pub unit: Unit,
    /// Its width in columns, 1 to [`COLUMNS`].
    pub columns: u32,
    /// What is drawn, in the order of the legend, from the bottom of a stack upwards.
    pub lines: Vec<Line>,
}

/// How a widget is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Curves over time.
    TimeSeries,
    /// Areas over time, one upon the other: their top is the total.
    Stacked,
    /// One figure for each line: a level as it is now, anything else over the whole time shown.
    SingleValue,
    /// How a timing is distributed over time. It has one line; the statistic is not used.
    HeatMap,
    /// A row for each value of the dimension that the lines are split by, a column for each line.
    /// A level as it is now, anything else over the whole time shown.
    Table,
    /// Words: the description.
    Text,
    /// The alarms of what is chosen, and the state that each is in.
    AlarmStatus,
}

/// What the figures of a widget are in. A rendering may scale them for the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// A time, in the unit of the metric.
    Time,
    /// Hours of one runner.
    Hours,
    /// Hundredths of a whole.
    Percent,
    /// Different for each line: that of its metric. For tables and figures.
    Mixed,
    /// Nothing is measured.
    None,
}

/// What a reader may choose on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// One of the pools.
    Pool,
    /// One of the repositories. Its series exist where the roll-up `repository` is switched on.
    Repository,
}

impl Variable {
    /// The variable that chooses a value of that dimension.
    pub const fn of(dimension: Dimension) -> Option<Variable> {
        match dimension {
            Dimension::Pool => Some(Variable::Pool),
            Dimension::Repository => Some(Variable::Repository),
            _ => None,
        }
    }

    /// The dimension whose values are offered.
    pub const fn dimension(self) -> Dimension {
        match self {
            Variable::Pool => Dimension::Pool,
            Variable::Repository => Dimension::Repository,
        }
    }

    /// The word in addresses: `pool`.
    pub const fn name(self) -> &'static str {
        match self {
            Variable::Pool => "pool",
            Variable::Repository => "repository",
        }
    }

    /// The word for people: `Pool`.
    pub const fn title(self) -> &'static str {
        match self {
            Variable::Pool => "Pool",
            Variable::Repository => "Repository",
        }
    }

    /// A line that has every value: where the choices come from.
    pub fn values(self) -> Line {
        use model::catalogue as c;
        match self {
            Variable::Pool => line(c::JOBS_WAITING.max()).each(Dimension::Pool),
            Variable::Repository => line(c::JOB_WAIT.samples()).each(Dimension::Repository),
        }
    }
}

impl Board {
    /// Every dashboard, in the order in which they are looked at.
    pub fn all() -> Vec<Board> {
        vec![fleet::board(), pool::board(), pipeline::board(), cost::board()]
    }

    /// The dashboard of that name.
    pub fn named(name: &str) -> Option<Board> {
        Board::all().into_iter().find(|board| board.name == name)
    }

    /// Every widget from top to bottom, left to right.
    pub fn widgets(&self) -> impl Iterator<Item = &Widget> {
        self.rows.iter().flat_map(|row| &row.widgets)
    }
}

impl Widget {
    /// The roll-up that must be switched on before it shows anything; `None` if none.
    pub fn needs(&self) -> Option<RollUp> {
        let roll_ups = self.lines.iter().filter_map(Line::roll_up);
        roll_ups.filter(|roll_up| *roll_up != RollUp::Pool).max()
    }

    /// The description, and what must be switched on first.
    pub fn explanation(&self) -> String {
        match self.needs() {
            None => self.description.to_owned(),
            Some(roll_up) => format!(
                "{} Empty unless the roll-up `{}` is switched on.",
                self.description,
                roll_up.as_str()
            ),
        }
    }
}

/// Curves over time, half as wide as the board.
fn time_series(id: &'static str, title: &'static str, unit: Unit) -> Widget {
    Widget {
        id,
        title,
        description: "",
        kind: Kind::TimeSeries,
        unit,
        columns: COLUMNS / 2,
        lines: Vec::new(),
    }
}

/// Areas upon each other, half as wide as the board.
fn stacked(id: &'static str, title: &'static str, unit: Unit) -> Widget {
    Widget { kind: Kind::Stacked, ..time_series(id, title, unit) }
}

/// One figure, a sixth as wide as the board.
fn figure(id: &'static str, title: &'static str, unit: Unit) -> Widget {
    Widget { kind: Kind::SingleValue, columns: COLUMNS / 6, ..time_series(id, title, unit) }
}

/// A table, as wide as the board.
fn table(id: &'static str, title: &'static str) -> Widget {
    Widget { kind: Kind::Table, columns: COLUMNS, ..time_series(id, title, Unit::Mixed) }
}

/// A heat map, half as wide as the board.
fn heat_map(id: &'static str, title: &'static str) -> Widget {
    Widget { kind: Kind::HeatMap, ..time_series(id, title, Unit::Time) }
}

/// The alarms, as wide as the board.
fn alarms(id: &'static str, title: &'static str) -> Widget {
    Widget { kind: Kind::AlarmStatus, columns: COLUMNS, ..time_series(id, title, Unit::None) }
}

impl Widget {
    fn says(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    fn wide(mut self, columns: u32) -> Self {
        self.columns = columns;
        self
    }

    fn draws(mut self, lines: impl IntoIterator<Item = Line>) -> Self {
        self.lines = lines.into_iter().collect();
        self
    }
}

#[cfg(test)]
pub(crate) mod tests;
