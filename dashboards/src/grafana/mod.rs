//! A board as a Grafana dashboard, for the CloudWatch or the Prometheus data source.
//!
//! The data source is a variable of the dashboard, so one file serves every Grafana: it can be
//! imported, provisioned or pushed as it is. What is chosen is a variable too, filled from the data
//! source. The members are those of Grafana's own schema.
//!
//! <https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/>

mod cloudwatch;
mod field;
mod panel;
mod prometheus;
mod table;
mod variable;

use serde_json::{Value, json};

use crate::board::{Board, Bound, COLUMNS, Place, places};

/// The version of the schema that is written; newer ones of Grafana bring it up to theirs.
pub const SCHEMA_VERSION: u32 = 42;

/// The tag of every dashboard; the links between them go by it.
pub const TAG: &str = "headroom";

/// Rows of the grid that the heading of a row takes.
const TITLE_HEIGHT: u32 = 1;

/// Where Grafana asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataSource {
    /// CloudWatch: what EMF made of the metrics.
    CloudWatch,
    /// Prometheus: what it scraped from `/metrics`.
    Prometheus,
}

impl DataSource {
    /// All of them.
    pub const ALL: [DataSource; 2] = [DataSource::CloudWatch, DataSource::Prometheus];

    /// Grafana's id of the plugin, which is the word on the command line as well.
    pub const fn as_str(self) -> &'static str {
        match self {
            DataSource::CloudWatch => "cloudwatch",
            DataSource::Prometheus => "prometheus",
        }
    }

    /// A reference to the one that the reader chose.
    fn reference(self) -> Value {
        json!({ "type": self.as_str(), "uid": "${datasource}" })
    }
}

/// What a dashboard is written for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Where Grafana asks.
    pub source: DataSource,
    /// The region that has the metrics, for CloudWatch; `None` is the one that the data source is
    /// configured with.
    pub region: Option<String>,
    /// The thresholds that are drawn.
    pub bounds: Vec<Bound>,
}

/// The uid of a board's dashboard: what addresses and updates go by.
pub fn uid(board: &Board, source: DataSource) -> String {
    format!("headroom-{}-{}", board.name, source.as_str())
}

/// The dashboard of a board.
pub fn dashboard(board: &Board, options: &Options) -> Value {
    let tags = [TAG, options.source.as_str()];
    json!({
        "uid": uid(board, options.source),
        "title": format!("Headroom: {}", board.title),
        "description": board.description,
        "tags": tags,
        "schemaVersion": SCHEMA_VERSION,
        "editable": true,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": { "from": "now-3h", "to": "now" },
        "timezone": "browser",
        "links": [link("Headroom", tags)],
        "templating": { "list": variable::list(board, options) },
        "annotations": { "list": variable::annotations(board, options) },
        "panels": panels(board, options),
    })
}

/// To every dashboard of the same data source.
fn link(title: &str, tags: [&str; 2]) -> Value {
    json!({
        "type": "dashboards", "title": title, "tags": tags, "icon": "dashboard", "tooltip": "",
        "asDropdown": false, "includeVars": false, "keepTime": true, "targetBlank": false,
    })
}

/// To the board of one pool, with the pool that `value` gives.
fn pool_link(source: DataSource, value: &str) -> Option<Value> {
    let uid = uid(&Board::named("pool")?, source);
    let url =
        format!("/d/{uid}?var-pool={value}&var-datasource=${{datasource}}&${{__url_time_range}}");
    Some(json!({
        "type": "link", "title": "Show this pool", "url": url, "tags": [], "icon": "", "tooltip": "",
        "asDropdown": false, "includeVars": false, "keepTime": false, "targetBlank": false,
    }))
}

fn panels(board: &Board, options: &Options) -> Vec<Value> {
    let mut panels = Vec::new();
    let mut y = 0;
    for row in &board.rows {
        let place = Place { x: 0, y, width: COLUMNS, height: TITLE_HEIGHT };
        panels.push(json!({
            "type": "row", "title": row.title, "collapsed": false, "panels": [],
            "gridPos": grid(place),
        }));
        let (places, next) = places(row, y + TITLE_HEIGHT, panel::height);
        for (widget, place) in row.widgets.iter().zip(places) {
            let mut panel = panel::panel(board, widget, options);
            panel["gridPos"] = grid(place);
            panels.push(panel);
        }
        y = next;
    }
    for (panel, id) in panels.iter_mut().zip(1..) {
        panel["id"] = json!(id);
    }
    panels
}

fn grid(place: Place) -> Value {
    json!({ "x": place.x, "y": place.y, "w": place.width, "h": place.height })
}

#[cfg(test)]
mod tests;
