//! Search expressions: every series of a metric whose dimension values are not all known.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html>

use model::Dimension;
use model::catalogue::NAMESPACE;

use super::placeholder;
use crate::board::{By, Line, Variable};

/// `{Headroom,Pool} MetricName="JobsWaiting"`: the metrics of a line, in the words of a search.
pub(super) fn metrics_of(line: &Line) -> String {
    let mut schema = vec![NAMESPACE];
    schema.extend(line.dimensions().into_iter().map(Dimension::as_str));
    let mut search = format!("{{{}}} MetricName=\"{}\"", schema.join(","), line.spec().name);
    for (dimension, value) in known(line) {
        search.push_str(&format!(" {}=\"{value}\"", dimension.as_str()));
    }
    search
}

/// `SEARCH('{..} ..', 'Sum')`. The period is that of the widget, which grows with the time shown.
pub(super) fn search(line: &Line, statistic: &str) -> String {
    format!("SEARCH('{}', '{statistic}')", metrics_of(line))
}

/// The dimension values of a line that are fixed, or chosen by the reader.
pub(super) fn known(line: &Line) -> Vec<(Dimension, String)> {
    let fixed = line.query().filter.iter().map(|(dimension, value)| (dimension, value.to_owned()));
    let chosen = line.by.iter().filter_map(|by| match by {
        By::Chosen(Dimension::Repository) => {
            Some((Dimension::Repository, placeholder(Variable::Repository).to_owned()))
        }
        By::Chosen(dimension) => Some((*dimension, placeholder(Variable::Pool).to_owned())),
        By::Each(_) | By::Total(_) => None,
    });
    let mut known: Vec<(Dimension, String)> = fixed.chain(chosen).collect();
    known.sort();
    known
}
