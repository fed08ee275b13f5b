//! Expressions over [`Query`], shared by alarms and dashboards.
//!
//! One expression is evaluated over the points of a store, written as CloudWatch's metric math and
//! written as PromQL. It holds what all three can say, and means the same in each:
//! * a value is a number or missing; what is computed from something missing is missing, except by
//!   [`Expr::fill`], [`Expr::min`] and [`Expr::max`], and by the branch of [`Expr::choose`] that is
//!   not taken;
//! * a condition is 1 where it holds and 0 where not, and every number but 0 is true;
//! * a division by zero is missing.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>

mod cloudwatch;
mod evaluate;
mod promql;
mod said;

use std::ops::{Add, Div, Mul, Sub};
use std::time::Duration;

use crate::{Dimension, Query};

pub use cloudwatch::{EXPRESSION_LEN_MAX, METRICS_MAX, MathError, MetricMath};
pub use promql::{Grouping, PromError, duration as promql_duration};

/// What is computed from the answers to some queries, for one period after another.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// The answer to one query.
    Query(Query),
    /// The same in each period.
    Constant(f64),
    /// This, or a constant where it is missing.
    Fill(Box<Expr>, f64),
    /// Two values made one.
    Math(Operator, Box<Expr>, Box<Expr>),
    /// 1 where the relation holds, 0 where not.
    Compare(Relation, Box<Expr>, Box<Expr>),
    /// 1 where both or either hold, 0 where not.
    Logic(Junction, Box<Expr>, Box<Expr>),
    /// The second where the first holds, the third where not.
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// How two values are made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Their sum.
    Add,
    /// The first less the second.
    Subtract,
    /// Their product.
    Multiply,
    /// The first over the second; missing where that is 0.
    Divide,
    /// The lesser; the one that is there where one is missing.
    Min,
    /// The greater; the one that is there where one is missing.
    Max,
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
}

/// How two conditions are made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Junction {
    /// Both hold.
    And,
    /// Either holds.
    Or,
}

impl Relation {
    /// The sign, the same in CloudWatch's metric math, PromQL and Rust.
    pub const fn sign(self) -> &'static str {
        match self {
            Relation::Above => ">",
            Relation::AtLeast => ">=",
            Relation::Below => "<",
            Relation::AtMost => "<=",
            Relation::Equal => "==",
        }
    }

    /// Whether it holds between two values.
    #[expect(clippy::float_cmp, reason = "counts and levels are whole numbers, exact in an f64")]
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Relation::Above => a > b,
            Relation::AtLeast => a >= b,
            Relation::Below => a < b,
            Relation::AtMost => a <= b,
            Relation::Equal => a == b,
        }
    }
}

impl Expr {
    /// This, or `constant` in periods in which it is missing.
    pub fn fill(self, constant: f64) -> Expr {
        Expr::Fill(Box::new(self), constant)
    }

    /// The lesser of both.
    pub fn min(self, other: impl Into<Expr>) -> Expr {
        self.math(Operator::Min, other)
    }

    /// The greater of both.
    pub fn max(self, other: impl Into<Expr>) -> Expr {
        self.math(Operator::Max, other)
    }

    /// 1 where this is above `other`, else 0.
    pub fn above(self, other: impl Into<Expr>) -> Expr {
        self.is(Relation::Above, other)
    }

    /// 1 where this is at least `other`, else 0.
    pub fn at_least(self, other: impl Into<Expr>) -> Expr {
        self.is(Relation::AtLeast, other)
    }

    /// 1 where this is below `other`, else 0.
    pub fn below(self, other: impl Into<Expr>) -> Expr {
        self.is(Relation::Below, other)
    }

    /// 1 where this is at most `other`, else 0.
    pub fn at_most(self, other: impl Into<Expr>) -> Expr {
        self.is(Relation::AtMost, other)
    }

    /// 1 where this equals `other`, else 0.
    pub fn equals(self, other: impl Into<Expr>) -> Expr {
        self.is(Relation::Equal, other)
    }

    /// 1 where the relation to `other` holds, else 0.
    pub fn is(self, relation: Relation, other: impl Into<Expr>) -> Expr {
        Expr::Compare(relation, Box::new(self), Box::new(other.into()))
    }

    /// 1 where both hold, else 0.
    pub fn and(self, other: Expr) -> Expr {
        Expr::Logic(Junction::And, Box::new(self), Box::new(other))
    }

    /// 1 where either holds, else 0.
    pub fn or(self, other: Expr) -> Expr {
        Expr::Logic(Junction::Or, Box::new(self), Box::new(other))
    }

    /// `then` where this holds, else `otherwise`.
    pub fn choose(self, then: impl Into<Expr>, otherwise: impl Into<Expr>) -> Expr {
        Expr::Choose(Box::new(self), Box::new(then.into()), Box::new(otherwise.into()))
    }

    fn math(self, operator: Operator, other: impl Into<Expr>) -> Expr {
        Expr::Math(operator, Box::new(self), Box::new(other.into()))
    }

    /// The same with every query asked only of this value.
    pub fn of(self, dimension: Dimension, value: &str) -> Expr {
        self.map(&|query| query.of(dimension, value))
    }

    /// The same with every query answered once a `period`.
    pub fn every(self, period: Duration) -> Expr {
        self.map(&|query| query.every(period))
    }

    /// The same with every query made another.
    pub fn map(self, change: &impl Fn(Query) -> Query) -> Expr {
        let inner = |e: Box<Expr>| Box::new(e.map(change));
        match self {
            Expr::Query(query) => Expr::Query(change(query)),
            Expr::Constant(value) => Expr::Constant(value),
            Expr::Fill(e, value) => Expr::Fill(inner(e), value),
            Expr::Math(operator, a, b) => Expr::Math(operator, inner(a), inner(b)),
            Expr::Compare(relation, a, b) => Expr::Compare(relation, inner(a), inner(b)),
            Expr::Logic(junction, a, b) => Expr::Logic(junction, inner(a), inner(b)),
            Expr::Choose(a, b, c) => Expr::Choose(inner(a), inner(b), inner(c)),
        }
    }

    /// Every query in it, each once, in the order of their first appearance.
    pub fn queries(&self) -> Vec<&Query> {
        let mut found: Vec<&Query> = Vec::new();
        self.visit(&mut |query| {
            if !found.contains(&query) {
                found.push(query);
            }
        });
        found
    }

    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Query)) {
        match self {
            Expr::Query(query) => see(query),
            Expr::Constant(_) => {}
            Expr::Fill(e, _) => e.visit(see),
            Expr::Math(_, a, b) | Expr::Compare(_, a, b) | Expr::Logic(_, a, b) => {
                a.visit(see);
                b.visit(see);
            }
            Expr::Choose(a, b, c) => {
                a.visit(see);
                b.visit(see);
                c.visit(see);
            }
        }
    }

    /// Whether it is 0, 1 or missing, whatever the answers are.
    pub fn is_condition(&self) -> bool {
        matches!(self, Expr::Compare(..) | Expr::Logic(..))
    }
}

impl From<Query> for Expr {
    fn from(query: Query) -> Expr {
        Expr::Query(query)
    }
}

impl From<f64> for Expr {
    fn from(constant: f64) -> Expr {
        Expr::Constant(constant)
    }
}

impl<E: Into<Expr>> Add<E> for Expr {
    type Output = Expr;

    fn add(self, other: E) -> Expr {
        self.math(Operator::Add, other)
    }
}

impl<E: Into<Expr>> Sub<E> for Expr {
    type Output = Expr;

    fn sub(self, other: E) -> Expr {
        self.math(Operator::Subtract, other)
    }
}

impl<E: Into<Expr>> Mul<E> for Expr {
    type Output = Expr;

    fn mul(self, other: E) -> Expr {
        self.math(Operator::Multiply, other)
    }
}

impl<E: Into<Expr>> Div<E> for Expr {
    type Output = Expr;

    fn div(self, other: E) -> Expr {
        self.math(Operator::Divide, other)
    }
}
