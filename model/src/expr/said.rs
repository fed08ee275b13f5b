//! An expression as people read it.

use std::fmt;

use super::{Expr, Junction, Operator};
use crate::{Query, Statistic};

impl fmt::Display for Expr {
    /// `JobsWaiting > 0 and RunnersIdle (or 0) = 0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Query(query) => write!(f, "{query}"),
            Expr::Constant(value) => write!(f, "{value}"),
            Expr::Fill(e, value) => write!(f, "({e} or {value})"),
            Expr::Math(operator @ (Operator::Min | Operator::Max), a, b) => {
                write!(f, "{}({a}, {b})", operator.sign())
            }
            Expr::Math(operator, a, b) => write!(f, "({a} {} {b})", operator.sign()),
            Expr::Compare(relation, a, b) => write!(f, "({a} {} {b})", relation.sign()),
            Expr::Logic(Junction::And, a, b) => write!(f, "({a} and {b})"),
            Expr::Logic(Junction::Or, a, b) => write!(f, "({a} or {b})"),
            Expr::Choose(a, b, c) => write!(f, "(if {a} then {b} else {c})"),
        }
    }
}

impl Operator {
    fn sign(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Min => "min",
            Operator::Max => "max",
        }
    }
}

impl fmt::Display for Query {
    /// `JobEvents{Status=queued} sum`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec.name)?;
        let pairs: Vec<String> =
            self.filter.iter().map(|(by, value)| format!("{}={value}", by.as_str())).collect();
        if !pairs.is_empty() {
            write!(f, "{{{}}}", pairs.join(","))?;
        }
        match self.statistic {
            Statistic::Sum => f.write_str(" sum"),
            Statistic::Average => f.write_str(" average"),
            Statistic::Maximum => f.write_str(" max"),
            Statistic::SampleCount => f.write_str(" count"),
            Statistic::Percentile(percent) => write!(f, " p{percent}"),
            Statistic::ShareUpTo(bound) => {
                write!(f, " % up to {bound} {}", self.spec.unit.as_str().to_lowercase())
            }
        }
    }
}
