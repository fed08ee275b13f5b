//! Search expressions: every series of a metric whose dimension values are not all known.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html>

use model::Dimension;
use model::catalogue::NAMESPACE;

use crate::board::{By, Line, Variable};

/// What stands for the value that a reader is to choose.
pub(crate) type Standing = fn(Variable) -> String;

/// `{Headroom,Pool} MetricName="JobsWaiting"`: the metrics of a line, in the words of a search.
pub(crate) fn metrics_of(line: &Line, standing: Standing) -> String {
    let mut schema = vec![NAMESPACE];
    schema.extend(line.dimensions().into_iter().map(Dimension::as_str));
    let mut search = format!("{{{}}} MetricName=\"{}\"", schema.join(","), line.spec().name);
    for (dimension, value) in known(line, standing) {
        search.push_str(&format!(" {}=\"{value}\"", dimension.as_str()));
    }
    search
}

/// `SEARCH('{..} ..', 'Sum')`. Without a period it is that of the widget, which grows with the time
/// shown.
pub(crate) fn search(
    line: &Line,
    statistic: &str,
    period: Option<&str>,
    standing: Standing,
) -> String {
    let period = period.map(|period| format!(", {period}")).unwrap_or_default();
    format!("SEARCH('{}', '{statistic}'{period})", metrics_of(line, standing))
}

/// The dimension values of a line that are fixed, or chosen by the reader.
pub(crate) fn known(line: &Line, standing: Standing) -> Vec<(Dimension, String)> {
    let fixed = line.query().filter.iter().map(|(dimension, value)| (dimension, value.to_owned()));
    let chosen = line.by.iter().filter_map(|by| match by {
        By::Chosen(dimension) => Some((*dimension, standing(Variable::of(*dimension)?))),
        By::Each(_) | By::Total(_) => None,
    });
    let mut known: Vec<(Dimension, String)> = fixed.chain(chosen).collect();
    known.sort();
    known
}
