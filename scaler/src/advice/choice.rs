//! Which of the settings is best.
//!
//! The cheapest that meets the objective with a margin. Of those that cost hardly more, the one
//! that asks for the least attention. What costs more than twice the least possible is no answer:
//! there a faster image is. If nothing meets the objective, the best is what costs least where a
//! second of waiting has its usual price.

use model::capacity::Block;

use super::candidates::{Candidate, Family};
use super::point::{bill_over, rounded};
use super::study::Study;
use crate::{PATIENCE, Policy, Stopped};

/// The part of the misses that the objective allows which is kept as a margin: what was best in
/// hindsight is a little worse tomorrow.
const MARGIN: f64 = 0.1;

/// The same where fewer than three weeks are measured: there a setting can be lucky for longer.
const MARGIN_OF_DAYS: f64 = 0.25;

/// Settings whose bills differ by no more than this are equally cheap: weeks differ by more.
pub const TIE: f64 = 0.01;

/// A bill of more than this, as a multiple of the least possible, is no answer to waiting: the same
/// money buys a faster image, or fewer jobs.
pub const BILL_MAX: f64 = 2.0;

/// What was chosen, and against what.
#[derive(Clone, Debug)]
pub struct Chosen {
    pub policy: Policy,
    pub title: String,
    pub is_met: bool,
    /// How many were compared.
    pub tried: usize,
    /// A cheaper one that meets the objective as well, within [`TIE`]: title and bill.
    pub tied: Option<(String, f64)>,
    /// The cheapest that meets the objective, where its bill is over [`BILL_MAX`]: title and bill.
    pub too_dear: Option<(String, f64)>,
    /// The smallest constant stopped pool that meets the objective.
    pub least_constant: Option<u32>,
    /// The lowest price of waiting that meets the objective.
    pub patience: Option<f64>,
}

impl Chosen {
    /// As a constant number of stopped instances: the least that meets the objective, or what is
    /// held on average.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    pub fn constant(&self, held_mean: f64) -> u32 {
        match self.policy.stopped {
            Stopped::None => 0,
            Stopped::Constant { instances } => instances,
            Stopped::Worthwhile { .. } | Stopped::Share { .. } => {
                self.least_constant.unwrap_or(held_mean.ceil() as u32)
            }
        }
    }
}

/// The share of the jobs that is asked for, with the margin.
pub fn target(study: &Study<'_>) -> f64 {
    let margin = match study.window.cut {
        Block::Week => MARGIN,
        Block::Day | Block::None => MARGIN_OF_DAYS,
    };
    1.0 - (1.0 - study.ask.slo.share) * (1.0 - margin)
}

/// Picks one; there is always at least one candidate.
pub fn best(study: &mut Study<'_>, candidates: &[Candidate]) -> Chosen {
    let table = Table::of(study, candidates);
    let cheapest = table.cheapest();
    let affordable = cheapest.filter(|it| it.bill <= BILL_MAX);
    let picked = affordable.map_or_else(|| table.least_cost(), |it| table.preferred(it));
    let told = |it: &Row<'_>| (it.candidate.title.clone(), it.bill);
    Chosen {
        policy: picked.candidate.policy.clone(),
        title: picked.candidate.title.clone(),
        is_met: affordable.is_some(),
        tried: candidates.len(),
        tied: affordable.filter(|it| it.candidate.name != picked.candidate.name).map(told),
        too_dear: cheapest.filter(|_| affordable.is_none()).map(told),
        least_constant: least_constant(&table),
        patience: least_patience(&table),
    }
}

/// The candidates with the figures they are compared by.
struct Table<'c> {
    rows: Vec<Row<'c>>,
    target: f64,
}

struct Row<'c> {
    candidate: &'c Candidate,
    bill: f64,
    within: f64,
    p95_secs: f64,
    mean_secs: f64,
    unserved: u64,
    /// On top of the least bill, with waiting at its usual price.
    cost: f64,
}

impl<'c> Table<'c> {
    fn of(study: &mut Study<'_>, candidates: &'c [Candidate]) -> Table<'c> {
        let oracle_secs = study.oracle_secs();
        let row = |candidate: &'c Candidate| {
            let outcome = study.whole(candidate.run);
            Row {
                candidate,
                bill: rounded(bill_over(outcome, oracle_secs)),
                within: rounded(study.within_slo(candidate.run)),
                p95_secs: outcome.waits.percentile_secs(95),
                mean_secs: outcome.waits.mean_secs(),
                unserved: outcome.given_up,
                cost: outcome.cost_per_job(PATIENCE),
            }
        };
        Table { rows: candidates.iter().map(row).collect(), target: target(study) }
    }

    /// Those that meet the objective.
    fn meeting(&self) -> impl Iterator<Item = &Row<'c>> {
        self.rows.iter().filter(|row| row.within >= self.target)
    }

    fn cheapest(&self) -> Option<&Row<'c>> {
        let order = |a: &&Row<'_>, b: &&Row<'_>| {
            a.bill.total_cmp(&b.bill).then(a.candidate.family.cmp(&b.candidate.family))
        };
        self.meeting().min_by(order)
    }

    /// Of those that are hardly dearer than the cheapest, and not worse than another in all
    /// respects, the one that asks for the least attention.
    fn preferred<'t>(&'t self, cheapest: &'t Row<'c>) -> &'t Row<'c> {
        let limit = cheapest.bill * (1.0 + TIE);
        let equal = self.meeting().filter(|row| row.bill <= limit);
        let order = |a: &&Row<'_>, b: &&Row<'_>| {
            let order = a.candidate.family.cmp(&b.candidate.family);
            order.then(a.bill.total_cmp(&b.bill)).then(a.mean_secs.total_cmp(&b.mean_secs))
        };
        equal
            .filter(|row| !self.rows.iter().any(|it| it.dominates(row)))
            .min_by(order)
            .unwrap_or(cheapest)
    }

    fn least_cost(&self) -> &Row<'c> {
        let order = |a: &&Row<'_>, b: &&Row<'_>| {
            a.unserved.cmp(&b.unserved).then(a.cost.total_cmp(&b.cost))
        };
        self.rows.iter().min_by(order).expect("something was tried")
    }
}

impl Row<'_> {
    /// Whether it is as good in all respects, and cheaper or in time for more jobs.
    fn dominates(&self, other: &Row<'_>) -> bool {
        let is_as_good = self.bill <= other.bill
            && self.within >= other.within
            && self.p95_secs <= other.p95_secs;
        is_as_good && (self.bill < other.bill || self.within > other.within)
    }
}

fn least_constant(table: &Table<'_>) -> Option<u32> {
    let size = |row: &Row<'_>| match row.candidate.policy.stopped {
        Stopped::Constant { instances } => Some(instances),
        _ => None,
    };
    table.meeting().filter_map(size).min()
}

fn least_patience(table: &Table<'_>) -> Option<f64> {
    let price = |row: &Row<'_>| match row.candidate.policy.stopped {
        Stopped::Worthwhile { patience } => Some(patience),
        _ => None,
    };
    table.meeting().filter_map(price).min_by(f64::total_cmp)
}

/// The cheapest of a kind that meets the objective, or the one that comes nearest to it.
pub fn best_of<'c>(
    study: &Study<'_>,
    candidates: &'c [Candidate],
    family: Family,
) -> Option<&'c Candidate> {
    let target = target(study);
    let of_kind = || candidates.iter().filter(|it| it.family == family);
    let bill = |it: &&Candidate| study.whole(it.run).bill.secs();
    let within = |it: &&Candidate| study.within_slo(it.run);
    let cheapest =
        of_kind().filter(|it| within(it) >= target).min_by(|a, b| bill(a).total_cmp(&bill(b)));
    cheapest.or_else(|| of_kind().max_by(|a, b| within(a).total_cmp(&within(b))))
}
