//! One line of a widget: a question to the catalogue, for which values of its dimensions, how it is
//! called and in which role it is drawn.

use model::{Dimension, Expr, Kind, Level, Query, RollUp, Spec, Statistic, Unit as MetricUnit};

use super::{Role, Unit};

/// For which values of a dimension a line asks, beyond those that its query fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The one that the reader chose in the board's variable.
    Chosen(Dimension),
    /// Every one, each as a curve, an area or a row of its own.
    Each(Dimension),
    /// All together, as one sum. For what can be added up: counts and hours.
    Total(Dimension),
}

impl By {
    /// The dimension.
    pub const fn dimension(self) -> Dimension {
        match self {
            By::Chosen(dimension) | By::Each(dimension) | By::Total(dimension) => dimension,
        }
    }
}

/// What becomes of the answer before it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// It stands as it is.
    Plain,
    /// Hours of one runner: a level over the time that it lasted, or a sum of durations.
    Hours,
    /// Per cent: some levels over others. What it is of their sums it is of their means, so either
    /// may be asked for; the sums are right also where a level is told only while it is above zero.
    Share,
}

/// One curve, area, figure or column, or one for each value of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    expr: Expr,
    /// For which values.
    pub by: Vec<By>,
    /// What becomes of the answer.
    pub measure: Measure,
    /// The name in the legend. Where a line is split, the values name its parts, and this is the
    /// name of the whole.
    pub label: &'static str,
    /// What it means to the reader, which decides its colour.
    pub role: Role,
}

/// A line of the whole fleet.
pub fn line(asked: impl Into<Expr>) -> Line {
    let expr = asked.into();
    Line { expr, by: Vec::new(), measure: Measure::Plain, label: "", role: Role::Plain }
}

/// What some levels are of others, in per cent.
pub fn share(part: &[Level], whole: &[Level]) -> Line {
    let sum = |levels: &[Level]| {
        let levels = levels.iter().map(|level| Expr::from(level.average()).fill(0.0));
        levels.reduce(|sum, level| sum + level).unwrap_or(Expr::Constant(0.0))
    };
    let expr = Expr::from(100.0) * sum(part) / sum(whole);
    Line { measure: Measure::Share, ..line(expr) }
}

impl Line {
    /// What is asked, or what it is computed of is asked first; `by` says of which values besides.
    pub fn query(&self) -> &Query {
        self.queries().first().copied().expect("a line asks for something")
    }

    /// Everything that is asked; all for the same values.
    pub fn queries(&self) -> Vec<&Query> {
        self.expr.queries()
    }

    /// What is drawn.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// What is computed of the answers; `None` where the answer is drawn as it is.
    pub fn computed(&self) -> Option<&Expr> {
        match &self.expr {
            Expr::Query(_) => None,
            computed => Some(computed),
        }
    }

    /// The same of one of the queries that it is computed of.
    pub fn over(&self, query: &Query) -> Line {
        Line { expr: Expr::Query(query.clone()), ..self.clone() }
    }

    /// The metric, or the first of those that it is computed of.
    pub fn spec(&self) -> &'static Spec {
        self.query().spec
    }

    /// What its figures are in.
    pub fn unit(&self) -> Unit {
        match (self.measure, self.query().statistic, self.spec().unit) {
            (Measure::Hours, _, _) => Unit::Hours,
            (Measure::Share, _, _) | (_, Statistic::ShareUpTo(_), _) => Unit::Percent,
            (_, Statistic::SampleCount, _) | (_, _, MetricUnit::Count) => Unit::Count,
            (_, _, MetricUnit::Seconds | MetricUnit::Milliseconds) => Unit::Time,
        }
    }

    /// Whether it is a level, drawn as it is.
    pub fn is_level(&self) -> bool {
        self.computed().is_none()
            && self.measure == Measure::Plain
            && self.spec().kind == Kind::Level
    }

    /// Of the value that the reader chose.
    pub fn chosen(mut self, dimension: Dimension) -> Self {
        self.by.push(By::Chosen(dimension));
        self
    }

    /// One for each value.
    pub fn each(mut self, dimension: Dimension) -> Self {
        self.by.push(By::Each(dimension));
        self
    }

    /// The sum over all values.
    pub fn total(mut self, dimension: Dimension) -> Self {
        self.by.push(By::Total(dimension));
        self
    }

    /// As hours of one runner.
    pub fn in_hours(mut self) -> Self {
        self.measure = Measure::Hours;
        self
    }

    /// Its name in the legend, and what it means.
    pub fn called(mut self, label: &'static str, role: Role) -> Self {
        self.label = label;
        self.role = role;
        self
    }

    /// The dimensions that it is split by, each value a part of its own.
    pub fn parts(&self) -> impl Iterator<Item = Dimension> {
        self.by.iter().filter_map(|by| match by {
            By::Each(dimension) => Some(*dimension),
            By::Chosen(_) | By::Total(_) => None,
        })
    }

    /// The dimensions of the series behind it, in the order of [`Dimension`].
    pub fn dimensions(&self) -> Vec<Dimension> {
        let fixed = self.query().filter.iter().map(|(dimension, _)| dimension);
        let mut all: Vec<Dimension> =
            fixed.chain(self.by.iter().map(|by| by.dimension())).collect();
        all.sort_unstable();
        all
    }

    /// The roll-up that publishes exactly these series; `None` if the catalogue publishes none.
    pub fn roll_up(&self) -> Option<RollUp> {
        let of = |query: &Query| self.over(query).roll_up_of_one();
        let all: Option<Vec<RollUp>> = self.queries().into_iter().map(of).collect();
        all?.into_iter().max()
    }

    fn roll_up_of_one(&self) -> Option<RollUp> {
        let asked = self.dimensions();
        let published = self.spec().published.iter().filter(|published| {
            let mut by = published.by.to_vec();
            by.sort_unstable();
            by == asked
        });
        published.map(|published| published.roll_up).min()
    }
}
