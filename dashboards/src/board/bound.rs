//! Thresholds of alarms, drawn where an alarm watches what a widget draws.
//!
//! A threshold is drawn beside the course of the very same figures. That of a sum over a quarter of
//! an hour is not: the periods of a graph change with the time that it shows.

use model::expr::Relation;
use model::{Dimension, Expr, Kind as Behaves, Query, Statistic};

use super::{By, Kind, Line, Widget};

/// What an alarm compares a value with.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The name of the alarm.
    pub alarm: String,
    /// What is compared. Of an alarm for each pool its queries name no pool.
    pub expr: Expr,
    /// Whether there is one for each pool.
    pub is_of_pool: bool,
    /// How a value that breaches compares.
    pub relation: Relation,
    /// What it is compared with, in the unit of the metric.
    pub threshold: f64,
}

impl Bound {
    /// The word between the alarm and its threshold.
    pub const fn side(&self) -> &'static str {
        match self.relation {
            Relation::Above => "above",
            Relation::AtLeast => "from",
            Relation::Below => "below",
            Relation::AtMost => "up to",
            Relation::Equal => "at",
        }
    }

    fn is_of(&self, line: &Line) -> bool {
        let is_of_pool = match line.by.as_slice() {
            [] => false,
            [By::Chosen(Dimension::Pool) | By::Each(Dimension::Pool)] => true,
            _ => return false,
        };
        let adds_up = |query: &&Query| query.statistic == Statistic::Sum;
        let watched = comparable(watched(&self.expr));
        is_of_pool == self.is_of_pool
            && !watched.queries().iter().any(adds_up)
            && watched == comparable(line.expr())
    }
}

impl Widget {
    /// The thresholds to draw in it, the lowest first.
    pub fn bounds<'a>(&self, all: &'a [Bound]) -> Vec<&'a Bound> {
        let is_shown = |bound: &&Bound| {
            self.kind == Kind::TimeSeries && self.lines.iter().any(|line| bound.is_of(line))
        };
        let mut shown: Vec<&Bound> = all.iter().filter(is_shown).collect();
        shown.sort_by(|a, b| a.threshold.total_cmp(&b.threshold));
        shown
    }
}

/// What is compared where there is enough to compare: "the share of late jobs, if 20 started".
fn watched(expr: &Expr) -> &Expr {
    match expr {
        Expr::Choose(_, then, otherwise) if matches!(**otherwise, Expr::Constant(_)) => {
            watched(then)
        }
        other => other,
    }
}

/// Without what makes no difference between points of a graph: the length of a period, what is put
/// in the place of what is missing, and which value of a level stands for a minute.
fn comparable(expr: &Expr) -> Expr {
    let plain = |query: Query| {
        let is_level = query.spec.kind == Behaves::Level;
        let statistic = if is_level { Statistic::Maximum } else { query.statistic };
        Query { statistic, ..query }.every(std::time::Duration::from_mins(1))
    };
    unfilled(expr.clone()).map(&plain)
}

fn unfilled(expr: Expr) -> Expr {
    match expr {
        Expr::Fill(inner, _) => unfilled(*inner),
        Expr::Math(operator, a, b) => {
            Expr::Math(operator, Box::new(unfilled(*a)), Box::new(unfilled(*b)))
        }
        other => other,
    }
}
