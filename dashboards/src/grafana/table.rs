//! Tables: a row for each value of a dimension, a column for each line.

use model::Dimension;
use serde_json::{Map, Value, json};

use super::{DataSource, Options, field, panel, pool_link, prometheus};
use crate::board::{Role, Widget};

/// The panel of a table.
pub(super) fn panel(widget: &Widget, options: &Options) -> Value {
    let Some(by) = widget.lines.first().and_then(|line| line.parts().next()) else {
        return panel::words(&widget.explanation());
    };
    let rows = heading(by);
    let mut overrides = vec![rows_look(by, rows, options.source)];
    overrides.extend(widget.lines.iter().map(|line| {
        let mut look = vec![("unit", json!(field::unit_of(line)))];
        if line.role != Role::Plain {
            look.push(("custom.cellOptions", json!({ "type": "color-text" })));
            look.extend(line.role.colour().map(|colour| ("color", field::fixed(colour))));
        }
        field::of_name(line.label, &look)
    }));
    let mut table = frame(options);
    table["targets"] = json!(panel::targets(widget, options));
    table["fieldConfig"]["overrides"] = json!(overrides);
    table["options"]["sortBy"] = json!([{
        "displayName": widget.lines.first().map_or("", |line| line.label), "desc": true,
    }]);
    table["transformations"] = match options.source {
        DataSource::CloudWatch => matrix(by, rows),
        DataSource::Prometheus => joined(widget, by, rows),
    };
    if options.source == DataSource::CloudWatch {
        let said = widget.explanation();
        table["description"] = json!(format!(
            "{said} In CloudWatch all but levels are of the last hour that had any."
        ));
    }
    table
}

fn frame(options: &Options) -> Value {
    let inspect = json!({ "align": "auto", "inspect": false });
    json!({
        "type": "table",
        "datasource": options.source.reference(),
        "fieldConfig": { "defaults": { "custom": inspect, "noValue": "–", "decimals": 0 } },
        "options": { "frameIndex": 0, "showHeader": true, "cellHeight": "sm" },
    })
}

/// The heading of the first column.
const fn heading(by: Dimension) -> &'static str {
    match by {
        Dimension::Pool => "pool",
        Dimension::Repository => "repository",
        other => other.as_str(),
    }
}

/// The first column: a pool leads to its board.
fn rows_look(by: Dimension, rows: &str, source: DataSource) -> Value {
    let link = pool_link(source, "${__value.text}").filter(|_| by == Dimension::Pool);
    let links: Vec<Value> = link.into_iter().collect();
    let links = Some(("links", json!(links))).filter(|_| by == Dimension::Pool);
    let look: Vec<(&str, Value)> =
        links.into_iter().chain([("custom.width", json!(260))]).collect();
    field::of_name(rows, &look)
}

/// Prometheus answers a table for each query; they have the label in common.
fn joined(widget: &Widget, by: Dimension, rows: &str) -> Value {
    let mut names = Map::new();
    let mut order = Map::new();
    names.insert(by.prometheus(), json!(rows));
    order.insert(by.prometheus(), json!(0));
    for (index, line) in widget.lines.iter().enumerate() {
        let value = format!("Value #{}", prometheus::ref_id(index));
        order.insert(value.clone(), json!(index + 1));
        names.insert(value, json!(line.label));
    }
    let organize =
        json!({ "excludeByName": { "Time": true }, "indexByName": order, "renameByName": names });
    json!([{ "id": "merge", "options": {} }, { "id": "organize", "options": organize }])
}

/// CloudWatch answers series: each becomes a row with its labels, and those a matrix.
fn matrix(by: Dimension, rows: &str) -> Value {
    let last = json!({
        "reducers": ["lastNotNull"], "mode": "seriesToRows", "labelsToFields": true,
        "includeTimeField": false,
    });
    let (row, column) = (by.as_str(), "Field");
    let matrix = json!({
        "rowField": row, "columnField": column, "valueField": "Last *", "emptyValue": "null",
    });
    let corner = format!("{row}\\{column}");
    json!([
        { "id": "reduce", "options": last },
        { "id": "groupingToMatrix", "options": matrix },
        { "id": "organize", "options": { "renameByName": { corner: rows } } },
    ])
}

/// The alerts of Prometheus that ring or are about to.
pub(super) fn alarms(of_one_pool: bool, options: &Options) -> Value {
    let mut table = frame(options);
    table["targets"] = json!([prometheus::alerts(of_one_pool)]);
    let shown = |text: &str, colour: &str| json!({ "text": text, "color": colour });
    let states = json!([{
        "type": "value",
        "options": { "firing": shown("firing", "red"), "pending": shown("pending", "orange") },
    }]);
    let look = [("mappings", states), ("custom.cellOptions", json!({ "type": "color-text" }))];
    table["fieldConfig"]["overrides"] = json!([field::of_name("alertstate", &look)]);
    table["fieldConfig"]["defaults"]["noValue"] = json!("No alarm rings.");
    let excluded =
        json!({ "Time": true, "Value": true, "__name__": true, "instance": true, "job": true });
    table["transformations"] =
        json!([{ "id": "organize", "options": { "excludeByName": excluded } }]);
    table
}
