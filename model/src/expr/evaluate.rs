//! What an expression is, from what its queries answered.

use std::collections::{BTreeMap, BTreeSet};

use super::{Expr, Junction, Operator};
use crate::{Query, Timestamp};

impl Expr {
    /// Its value in one period; `answer` tells each query's in that period, `None` where missing.
    pub fn value(&self, answer: &mut impl FnMut(&Query) -> Option<f64>) -> Option<f64> {
        match self {
            Expr::Query(query) => answer(query),
            Expr::Constant(value) => Some(*value),
            Expr::Fill(e, constant) => Some(e.value(answer).unwrap_or(*constant)),
            Expr::Math(operator, a, b) => operator.of(a.value(answer), b.value(answer)),
            Expr::Compare(relation, a, b) => {
                let (a, b) = (a.value(answer), b.value(answer));
                Some(number(relation.holds(a?, b?)))
            }
            Expr::Logic(junction, a, b) => {
                let (a, b) = (a.value(answer), b.value(answer));
                let (a, b) = (is_true(a?), is_true(b?));
                Some(number(match junction {
                    Junction::And => a && b,
                    Junction::Or => a || b,
                }))
            }
            Expr::Choose(condition, then, otherwise) => match is_true(condition.value(answer)?) {
                true => then.value(answer),
                false => otherwise.value(answer),
            },
        }
    }

    /// Its value in each period of which any query has an answer; `answers` tells each query's
    /// points by the start of their periods, which are the same for all.
    ///
    /// # Errors
    /// Those of `answers`.
    pub fn series<E>(
        &self,
        mut answers: impl FnMut(&Query) -> Result<Vec<(Timestamp, f64)>, E>,
    ) -> Result<Vec<(Timestamp, f64)>, E> {
        let mut told: Vec<(&Query, BTreeMap<Timestamp, f64>)> = Vec::new();
        for query in self.queries() {
            told.push((query, answers(query)?.into_iter().collect()));
        }
        let periods: BTreeSet<Timestamp> =
            told.iter().flat_map(|(_, points)| points.keys().copied()).collect();
        let value = |at: Timestamp| {
            let mut answer =
                |query: &Query| told.iter().find(|(known, _)| *known == query)?.1.get(&at).copied();
            Some((at, self.value(&mut answer)?))
        };
        Ok(periods.into_iter().filter_map(value).collect())
    }
}

impl Operator {
    fn of(self, a: Option<f64>, b: Option<f64>) -> Option<f64> {
        match (self, a, b) {
            (Operator::Min, Some(a), Some(b)) => Some(a.min(b)),
            (Operator::Max, Some(a), Some(b)) => Some(a.max(b)),
            (Operator::Min | Operator::Max, a, b) => a.or(b),
            (Operator::Add, Some(a), Some(b)) => Some(a + b),
            (Operator::Subtract, Some(a), Some(b)) => Some(a - b),
            (Operator::Multiply, Some(a), Some(b)) => Some(a * b),
            (Operator::Divide, Some(a), Some(b)) => (b != 0.0).then(|| a / b),
            (_, None, _) | (_, _, None) => None,
        }
    }
}

fn is_true(value: f64) -> bool {
    value != 0.0
}

fn number(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue as c;

    fn waiting() -> Expr {
        c::JOBS_WAITING.max().into()
    }

    fn idle() -> Expr {
        c::RUNNERS_IDLE.max().into()
    }

    fn check(expr: &Expr, answers: [Option<f64>; 2], expected: Option<f64>) {
        let mut answer = |query: &Query| match query.spec == c::JOBS_WAITING.0 {
            true => answers[0],
            false => answers[1],
        };
        assert_eq!(expr.value(&mut answer), expected, "{expr} of {answers:?}");
    }

    #[test]
    fn what_is_computed_from_something_missing_is_missing() {
        let both = [Some(6.0), Some(2.0)];
        for (expr, expected) in [
            (waiting() + idle(), 8.0),
            (waiting() - idle(), 4.0),
            (waiting() * idle(), 12.0),
            (waiting() / idle(), 3.0),
            (waiting().above(idle()), 1.0),
            (waiting().at_most(idle()), 0.0),
            (waiting().above(9.0).or(idle().equals(2.0)), 1.0),
            (waiting().above(9.0).and(idle().equals(2.0)), 0.0),
        ] {
            check(&expr, both, Some(expected));
            check(&expr, [None, Some(2.0)], None);
            check(&expr, [Some(6.0), None], None);
        }
    }

    #[test]
    fn what_is_filled_or_the_greater_of_two_needs_only_one() {
        check(&waiting().fill(0.0), [None, None], Some(0.0));
        check(&waiting().max(idle()), [None, Some(2.0)], Some(2.0));
        check(&waiting().min(idle()), [Some(6.0), None], Some(6.0));
        check(&waiting().min(idle()), [None, None], None);
        check(&waiting().min(idle()), [Some(6.0), Some(2.0)], Some(2.0));
    }

    #[test]
    fn a_branch_that_is_not_taken_may_be_missing() {
        let expr = waiting().above(3.0).choose(idle(), 7.0);
        check(&expr, [Some(1.0), None], Some(7.0));
        check(&expr, [Some(5.0), None], None);
        check(&expr, [None, Some(1.0)], None);
    }

    #[test]
    fn a_division_by_zero_is_missing() {
        check(&(waiting() / idle()), [Some(1.0), Some(0.0)], None);
    }

    #[test]
    fn series_are_joined_by_their_periods() {
        let at = Timestamp::from_secs;
        let sum = waiting().fill(0.0) + idle();
        let told = sum.series(|query| {
            Ok::<_, ()>(match query.spec == c::JOBS_WAITING.0 {
                true => vec![(at(0), 1.0), (at(60), 2.0)],
                false => vec![(at(60), 10.0), (at(120), 20.0)],
            })
        });
        assert_eq!(told.unwrap(), [(at(60), 12.0), (at(120), 20.0)]);
    }
}
