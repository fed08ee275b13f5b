//! A board as the body of a CloudWatch dashboard.
//!
//! One dashboard serves all pools: the pool board holds the words [`CHOOSE_A_POOL`] wherever a pool
//! stands, and a variable of the pattern kind puts the chosen pool in their place, in dimension
//! values, in search expressions and in the names of alarms alike. (A variable of the property kind
//! would reach dimension values only.) Lines that are split are search expressions, so a new pool
//! appears by itself; percentiles are asked of CloudWatch, never computed of other percentiles.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>

mod body;
mod limits;
pub(crate) mod metrics;
pub(crate) mod search;
mod widget;

pub use body::Body;
pub use limits::{METRICS_A_BODY_MAX, METRICS_A_WIDGET_MAX, SEARCH_LEN_MAX, WIDGETS_MAX, problems};
pub use widget::alarm_arn;

use crate::board::{Board, Bound, Variable, places};
use body::Choice;

/// What stands for the pool that a reader is to choose. It is what they read until they do.
pub const CHOOSE_A_POOL: &str = "choose-a-pool";

/// What stands for the repository that a reader is to choose.
pub const CHOOSE_A_REPOSITORY: &str = "choose-a-repository";

/// How far back a dashboard looks when it is opened.
const START: &str = "-PT3H";

/// Rows of the grid that the words above everything take, and those above each row of widgets.
const HEAD_HEIGHT: u32 = 2;
const TITLE_HEIGHT: u32 = 1;

/// What a body is written for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The region that has the metrics: `eu-west-1`.
    pub region: String,
    /// The alarms whose states are shown; where none are known, the words say where they are found.
    pub alarms: Alarms,
    /// The thresholds that are drawn.
    pub bounds: Vec<Bound>,
}

/// ARNs of alarms: CloudWatch shows the states of those that it is told by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Those of the fleet.
    pub of_fleet: Vec<String>,
    /// Those of one pool, with [`CHOOSE_A_POOL`] for its name.
    pub of_pool: Vec<String>,
}

impl Alarms {
    /// Those that a board shows.
    fn on(&self, board: &Board) -> &[String] {
        match board.variables.contains(&Variable::Pool) {
            true => &self.of_pool,
            false => &self.of_fleet,
        }
    }
}

/// The name that a board has in CloudWatch: `headroom-fleet`.
pub fn name(board: &Board) -> String {
    format!("headroom-{}", board.name)
}

/// The body of a board.
pub fn body(board: &Board, options: &Options) -> Body {
    let mut widgets = vec![widget::head(board, options, HEAD_HEIGHT)];
    let mut y = HEAD_HEIGHT;
    for row in &board.rows {
        widgets.push(widget::title(row.title, y, TITLE_HEIGHT));
        let (places, next) = places(row, y + TITLE_HEIGHT, widget::height);
        for (drawn, place) in row.widgets.iter().zip(places) {
            widgets.push(widget::placed(board, drawn, place, options));
        }
        y = next;
    }
    Body {
        start: START,
        // Periods grow with the time shown: a week by the minute is a grey block.
        period_override: "auto",
        variables: board.variables.iter().map(|variable| choice(*variable)).collect(),
        widgets,
    }
}

/// What stands in place of a value until it is chosen.
const fn placeholder(variable: Variable) -> &'static str {
    match variable {
        Variable::Pool => CHOOSE_A_POOL,
        Variable::Repository => CHOOSE_A_REPOSITORY,
    }
}

fn standing(variable: Variable) -> String {
    placeholder(variable).to_owned()
}

fn choice(variable: Variable) -> Choice {
    let dimension = variable.dimension().as_str();
    Choice {
        id: variable.name(),
        kind: "pattern",
        pattern: placeholder(variable),
        input_type: "select",
        label: variable.title(),
        // CloudWatch's word for the first that the search finds.
        default_value: "__FIRST",
        visible: true,
        search: search::metrics_of(&variable.values(), standing),
        populate_from: dimension,
    }
}

#[cfg(test)]
mod tests;
