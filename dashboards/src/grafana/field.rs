//! How figures look: units, colours, and the way from a figure of a pool to the board of the pool.

use model::{Dimension, Statistic, Unit as MetricUnit};
use serde_json::{Value, json};

use super::{DataSource, Options, pool_link};
use crate::board::{Bound, Kind, Line, Role, Unit, Widget};

/// Grafana's word for the unit of a line.
/// <https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts>
pub(super) fn unit_of(line: &Line) -> &'static str {
    match (line.unit(), line.spec().unit) {
        (Unit::Hours, _) => "h",
        (Unit::Percent, _) => "percent",
        (Unit::Time, MetricUnit::Milliseconds) => "ms",
        (Unit::Time, _) => "s",
        (Unit::Count | Unit::Mixed | Unit::None, _) => "short",
    }
}

/// The defaults of a widget's figures.
pub(super) fn defaults(widget: &Widget, options: &Options) -> Value {
    let mut defaults = json!({ "min": 0, "color": colour(widget) });
    if let Some(line) = widget.lines.first().filter(|_| widget.unit != Unit::Mixed) {
        defaults["unit"] = json!(unit_of(line));
        let links = pool_links(line, options.source);
        if !links.is_empty() {
            defaults["links"] = json!(links);
        }
    }
    if widget.unit == Unit::Count && widget.kind.is_of_one_figure() {
        defaults["decimals"] = json!(0);
    }
    if widget.unit == Unit::Percent {
        defaults["max"] = json!(100);
    }
    if widget.kind == Kind::SingleValue {
        defaults["noValue"] = json!("–");
    }
    defaults
}

/// Where a line has a part for each pool, a click on one leads to the board of that pool.
fn pool_links(line: &Line, source: DataSource) -> Vec<Value> {
    let label = match source {
        DataSource::CloudWatch => Dimension::Pool.as_str().to_owned(),
        DataSource::Prometheus => Dimension::Pool.prometheus(),
    };
    let is_split = line.parts().any(|dimension| dimension == Dimension::Pool);
    let leads = pool_link(source, &format!("${{__field.labels.{label}}}"));
    leads.filter(|_| is_split).into_iter().collect()
}

fn colour(widget: &Widget) -> Value {
    match widget.lines.as_slice() {
        [only] => match only.role.colour() {
            Some(colour) => fixed(colour),
            None => json!({ "mode": "palette-classic-by-name" }),
        },
        _ => json!({ "mode": "palette-classic-by-name" }),
    }
}

/// One colour for good.
pub(super) fn fixed(colour: &str) -> Value {
    json!({ "mode": "fixed", "fixedColor": colour })
}

/// The colours of lines that have names of their own.
pub(super) fn overrides(widget: &Widget) -> Vec<Value> {
    let named = widget.lines.iter().filter(|line| line.parts().next().is_none());
    let coloured = named.filter_map(|line| Some((line, line.role.colour()?)));
    coloured.map(|(line, colour)| of_name(line.label, &[("color", fixed(colour))])).collect()
}

/// What is different for the field of that name.
pub(super) fn of_name(name: &str, properties: &[(&str, Value)]) -> Value {
    let property = |(id, value): &(&str, Value)| json!({ "id": id, "value": value });
    let properties: Vec<Value> = properties.iter().map(property).collect();
    json!({ "matcher": { "id": "byName", "options": name }, "properties": properties })
}

/// Draws thresholds of alarms, which Grafana gives no words, and says them in the description.
pub(super) fn mark(defaults: &mut Value, bounds: &[&Bound], said: &str) -> String {
    if bounds.is_empty() {
        return said.to_owned();
    }
    let step = |bound: &&Bound| json!({ "color": Role::Limit.colour(), "value": bound.threshold });
    let base = json!({ "color": "transparent", "value": null });
    let steps: Vec<Value> = std::iter::once(base).chain(bounds.iter().map(step)).collect();
    defaults["thresholds"] = json!({ "mode": "absolute", "steps": steps });
    defaults["custom"]["thresholdsStyle"] = json!({ "mode": "dashed" });
    let unit = defaults["unit"].as_str().unwrap_or_default();
    let unit = match unit {
        "percent" => " %",
        "s" => " s",
        "ms" => " ms",
        _ => "",
    };
    let word =
        |bound: &&Bound| format!("{} {} {}{unit}", bound.alarm, bound.side(), bound.threshold);
    let words: Vec<String> = bounds.iter().map(word).collect();
    format!("{said} Dashed: the alarm {}.", words.join(", the alarm "))
}

/// How the course of a widget is drawn.
pub(super) fn course(widget: &Widget) -> Value {
    let is_stacked = matches!(widget.kind, Kind::Stacked | Kind::HeatMap);
    let counts = |line: &Line| line.query().statistic == Statistic::Sum;
    let is_bars = is_stacked && widget.lines.iter().all(counts) || widget.kind == Kind::HeatMap;
    let of_jobs = |line: &Line| {
        matches!(line.query().statistic, Statistic::Percentile(_) | Statistic::ShareUpTo(_))
    };
    let has_gaps = widget.lines.iter().any(of_jobs);
    json!({
        "drawStyle": if is_bars { "bars" } else { "line" },
        "lineInterpolation": "linear",
        "lineWidth": if is_stacked { 0 } else { 2 },
        "fillOpacity": if is_stacked { 80 } else { 8 },
        // Of a quiet pool a percentile is a dot here and there.
        "showPoints": if has_gaps { "auto" } else { "never" },
        "pointSize": 5,
        "stacking": { "mode": if is_stacked { "normal" } else { "none" }, "group": "A" },
        "axisSoftMin": 0,
    })
}

/// Whether the legend needs a side of its own: parts that nobody can count in advance.
pub(super) fn is_split(widget: &Widget) -> bool {
    widget.lines.iter().any(|line| line.role == Role::Plain)
}
