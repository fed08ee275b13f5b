//! A board in the words of one target: its name there and its JSON.

use serde_json::Value;

use crate::board::Board;
use crate::{cloudwatch, grafana};

/// A target, and what it is written for.
#[derive(Clone, Debug, PartialEq)]
pub enum Rendering {
    /// Bodies of CloudWatch dashboards.
    CloudWatch(cloudwatch::Options),
    /// Grafana dashboards.
    Grafana(grafana::Options),
}

impl Rendering {
    /// What the dashboard of a board is called there: a name in CloudWatch, a uid in Grafana.
    pub fn name(&self, board: &Board) -> String {
        match self {
            Rendering::CloudWatch(_) => cloudwatch::name(board),
            Rendering::Grafana(options) => grafana::uid(board, options.source),
        }
    }

    /// The dashboard of a board.
    pub fn value(&self, board: &Board) -> Value {
        match self {
            Rendering::CloudWatch(options) => serde_json::json!(cloudwatch::body(board, options)),
            Rendering::Grafana(options) => grafana::dashboard(board, options),
        }
    }

    /// The dashboard as a file: indented JSON that ends in a line break.
    pub fn text(&self, board: &Board) -> String {
        format!("{:#}\n", self.value(board))
    }
}
