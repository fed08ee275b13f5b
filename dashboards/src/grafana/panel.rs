//! One widget of a board as one panel.

use serde_json::{Value, json};

use super::{DataSource, Options, cloudwatch, field, prometheus, table};
use crate::board::{Board, Kind, Line, Variable, Widget};

/// Rows of the grid that a kind of widget takes.
pub(super) fn height(widget: &Widget) -> u32 {
    match widget.kind {
        Kind::SingleValue => 4,
        Kind::Text => 3,
        Kind::AlarmStatus => 5,
        Kind::Table => 9,
        Kind::TimeSeries | Kind::Stacked | Kind::HeatMap => 8,
    }
}

/// The panel, without its place.
pub(super) fn panel(board: &Board, widget: &Widget, options: &Options) -> Value {
    let mut panel = match widget.kind {
        Kind::TimeSeries | Kind::Stacked => course(widget, options),
        Kind::SingleValue => figure(widget, options),
        Kind::HeatMap => heat_map(widget, options),
        Kind::Table => table::panel(widget, options),
        Kind::Text => words(&widget.explanation()),
        Kind::AlarmStatus => alarms(board, options),
    };
    panel["title"] = json!(widget.title);
    if widget.kind != Kind::Text && panel["description"].is_null() {
        panel["description"] = json!(widget.explanation());
    }
    panel
}

/// The queries of all lines.
pub(super) fn targets(widget: &Widget, options: &Options) -> Vec<Value> {
    match options.source {
        DataSource::CloudWatch => cloudwatch::targets(widget, options),
        DataSource::Prometheus => prometheus::targets(widget),
    }
}

/// The shortest step: a counter needs more than one scrape within it.
fn step(widget: &Widget) -> String {
    let period = widget.lines.iter().map(|line| line.query().period.as_secs()).max();
    format!("{}m", (period.unwrap_or_default() / 60).max(prometheus::STEP_MINUTES_MIN))
}

fn course(widget: &Widget, options: &Options) -> Value {
    let mut defaults = field::defaults(widget, options);
    defaults["custom"] = field::course(widget);
    let bounds = widget.bounds(&options.bounds);
    let said = field::mark(&mut defaults, &bounds, &widget.explanation());
    let is_split = field::is_split(widget);
    json!({
        "type": "timeseries",
        "description": said,
        "datasource": options.source.reference(),
        "interval": step(widget),
        "targets": targets(widget, options),
        "fieldConfig": { "defaults": defaults, "overrides": field::overrides(widget) },
        "options": {
            "legend": {
                "showLegend": true, "displayMode": if is_split { "table" } else { "list" },
                "placement": if is_split { "right" } else { "bottom" },
                "calcs": if is_split { json!(["max", "lastNotNull"]) } else { json!([]) },
            },
            "tooltip": { "mode": "multi", "sort": "desc" },
        },
    })
}

fn figure(widget: &Widget, options: &Options) -> Value {
    let is_of_now = widget.lines.iter().all(Line::is_level);
    let calculation = match options.source {
        DataSource::CloudWatch => cloudwatch::calculation(widget),
        DataSource::Prometheus => "lastNotNull",
    };
    let mut panel = json!({
        "type": "stat",
        "datasource": options.source.reference(),
        "interval": step(widget),
        "targets": targets(widget, options),
        "fieldConfig": { "defaults": field::defaults(widget, options), "overrides": [] },
        "options": {
            "reduceOptions": { "calcs": [calculation], "fields": "", "values": false },
            "graphMode": if is_of_now { "area" } else { "none" },
            "colorMode": "value", "justifyMode": "auto", "textMode": "value",
            "orientation": "auto", "wideLayout": true, "showPercentChange": false,
            "percentChangeColorMode": "standard",
        },
    });
    if let Some(said) = cloudwatch::said_of_figure(widget, options.source) {
        panel["description"] = json!(said);
    }
    panel
}

/// Prometheus has buckets, which make a heat map; CloudWatch counts between bounds, which are
/// areas upon each other.
fn heat_map(widget: &Widget, options: &Options) -> Value {
    match options.source {
        DataSource::CloudWatch => {
            let mut panel = course(widget, options);
            panel["fieldConfig"]["defaults"]["unit"] = json!("short");
            panel["fieldConfig"]["overrides"] =
                json!(widget.lines.iter().flat_map(cloudwatch::band_colours).collect::<Vec<_>>());
            panel
        }
        DataSource::Prometheus => json!({
            "type": "heatmap",
            "datasource": options.source.reference(),
            "interval": step(widget),
            "targets": targets(widget, options),
            "fieldConfig": { "defaults": {}, "overrides": [] },
            "options": {
                "calculate": false,
                "cellGap": 1,
                "cellValues": { "unit": "short", "decimals": 0 },
                "color": {
                    "mode": "scheme", "scheme": "Oranges", "fill": "dark-orange", "scale": "exponential",
                    "exponent": 0.5, "steps": 64, "reverse": false,
                },
                "exemplars": { "color": "rgba(255,0,255,0.7)" },
                // A bucket without a job is no cell.
                "filterValues": { "le": 1e-9 },
                "legend": { "show": true },
                "rowsFrame": { "layout": "auto" },
                "showValue": "never",
                "tooltip": { "mode": "single", "yHistogram": true, "showColorScale": false },
                "yAxis": { "axisPlacement": "left", "reverse": false, "unit": "s" },
            },
        }),
    }
}

pub(super) fn words(markdown: &str) -> Value {
    json!({
        "type": "text",
        "fieldConfig": { "defaults": {}, "overrides": [] },
        "options": { "mode": "markdown", "content": markdown },
    })
}

fn alarms(board: &Board, options: &Options) -> Value {
    match options.source {
        DataSource::CloudWatch => words(
            "Alarms are evaluated by CloudWatch; when they rang is marked in every graph. \
             [Open the alarms](https://console.aws.amazon.com/cloudwatch/home#alarmsV2:)",
        ),
        DataSource::Prometheus => table::alarms(board.variables.contains(&Variable::Pool), options),
    }
}
