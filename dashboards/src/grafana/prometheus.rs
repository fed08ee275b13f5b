//! Queries of Grafana's Prometheus data source, in PromQL.
//!
//! Lengths of time are Grafana's: `$__interval` is one step of a graph, `$__range` the whole time
//! shown. <https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/>

use model::{Dimension, Expr, Kind as MetricKind};
use serde_json::{Value, json};

use super::DataSource;
use crate::board::{Board, By, Kind, Line, Measure, Variable, Widget};

/// The shortest step of a graph: two scrapes at Prometheus' default of one a minute.
pub(super) const STEP_MINUTES_MIN: u64 = 2;

/// How far back a level may have been scraped to be that of now.
const NOW: &str = "2m";

/// Grafana's letter for the query of that index.
pub(super) fn ref_id(index: usize) -> char {
    u8::try_from(index).map_or('Z', |index| char::from(b'A' + index.min(25)))
}

/// The queries of a widget.
pub(super) fn targets(widget: &Widget) -> Vec<Value> {
    widget.lines.iter().enumerate().map(|(index, line)| target(widget, line, index)).collect()
}

fn target(widget: &Widget, line: &Line, index: usize) -> Value {
    let of_now = line.is_level();
    let (window, is_instant) = match widget.kind {
        Kind::Table if of_now => (NOW, true),
        Kind::SingleValue if of_now => ("$__interval", false),
        Kind::Table | Kind::SingleValue => ("$__range", true),
        _ => ("$__interval", false),
    };
    let (expr, format, legend) = match widget.kind {
        Kind::HeatMap => (buckets(line, window), "heatmap", "{{le}}".to_owned()),
        Kind::Table => (promql(line, window), "table", String::new()),
        _ => (promql(line, window), "time_series", legend(line)),
    };
    json!({
        "datasource": DataSource::Prometheus.reference(), "refId": ref_id(index).to_string(),
        "editorMode": "code", "expr": expr, "format": format, "legendFormat": legend,
        "instant": is_instant, "range": !is_instant,
    })
}

fn standing(variable: Variable) -> String {
    format!("${}", variable.name())
}

/// What a line asks, with the values that are chosen in it.
fn of_chosen(line: &Line) -> Expr {
    let chosen = line.by.iter().filter_map(|by| match by {
        By::Chosen(dimension) => Some((*dimension, standing(Variable::of(*dimension)?))),
        By::Each(_) | By::Total(_) => None,
    });
    chosen.fold(line.expr().clone(), |expr, (dimension, value)| expr.of(dimension, &value))
}

/// A line in PromQL, each value over `window`.
fn promql(line: &Line, window: &str) -> String {
    let parts: Vec<Dimension> = line.parts().collect();
    let asked = of_chosen(line).promql_over(window, &parts);
    let asked = asked.expect("a test asks every line of every board");
    match (line.measure, line.spec().kind) {
        (Measure::Plain | Measure::Share, _) => asked,
        (Measure::Hours, MetricKind::Level) => format!("{asked} * {} / 3600", secs_of(window)),
        (Measure::Hours, _) => format!("{asked} / 3600"),
    }
}

/// Grafana's word for the seconds of a window.
fn secs_of(window: &str) -> String {
    match window {
        "$__range" => "$__range_s".to_owned(),
        _ => "$__interval_ms / 1000".to_owned(),
    }
}

/// The buckets of a timing, for a heat map.
fn buckets(line: &Line, window: &str) -> String {
    let counted = of_chosen(line);
    let labels = counted.queries().into_iter().flat_map(|query| query.filter.iter());
    let labels: Vec<String> =
        labels.map(|(by, value)| format!("{}=\"{value}\"", by.prometheus())).collect();
    let family = line.spec().prometheus();
    format!("sum by (le) (increase({family}_bucket{{{}}}[{window}]))", labels.join(","))
}

/// The name in the legend; of a split line the values that its parts have.
fn legend(line: &Line) -> String {
    let parts: Vec<String> =
        line.parts().map(|dimension| format!("{{{{{}}}}}", dimension.prometheus())).collect();
    if parts.is_empty() { line.label.to_owned() } else { parts.join(" ") }
}

/// Where the choices of a variable come from.
pub(super) fn label_values(line: &Line, dimension: Dimension) -> String {
    let suffix = match line.spec().kind {
        MetricKind::Timing => "_count",
        MetricKind::Counter | MetricKind::Level => "",
    };
    format!("label_values({}{suffix}, {})", line.spec().prometheus(), dimension.prometheus())
}

/// The alerts of Headroom; of one pool and of the whole where the board is of one pool.
fn firing(board_is_of_a_pool: bool, state: &str) -> String {
    let pool = if board_is_of_a_pool { ",pool=~\"$pool|\"" } else { "" };
    format!("ALERTS{{alertname=~\"Headroom.*\"{state}{pool}}}")
}

/// When alarms rang.
pub(super) fn alarm_marks(board: &Board) -> Value {
    let expr = firing(board.variables.contains(&Variable::Pool), ",alertstate=\"firing\"");
    json!({
        "expr": expr, "step": "1m", "titleFormat": "{{alertname}}", "textFormat": "{{pool}}",
        "tagKeys": "severity", "useValueForTime": false,
    })
}

/// The alerts that ring now or are about to.
pub(super) fn alerts(of_one_pool: bool) -> Value {
    json!({
        "datasource": DataSource::Prometheus.reference(), "refId": "A", "editorMode": "code",
        "expr": firing(of_one_pool, ""), "format": "table", "legendFormat": "",
        "instant": true, "range": false,
    })
}
