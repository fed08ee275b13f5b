//! Queries of Grafana's Prometheus data source, in PromQL.
//!
//! Lengths of time are Grafana's: `$__interval` is one step of a graph, `$__range` the whole time
//! shown. <https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/>

use model::{Dimension, Query};
use serde_json::{Value, json};

use super::{DataSource, panel};
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
    let of_now = panel::is_of_now(line);
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
