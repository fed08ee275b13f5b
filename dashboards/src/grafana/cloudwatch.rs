//! Queries of Grafana's CloudWatch data source.
//!
//! A line of one series is a metric query, one that is split a metric query with `*` for the values
//! (Grafana makes a search of it), and what is computed is an expression in CloudWatch's own words.
//! <https://grafana.com/docs/grafana/latest/datasources/aws-cloudwatch/query-editor/>

use model::catalogue::NAMESPACE;
use model::{Query, Statistic};
use serde_json::{Map, Value, json};

use super::prometheus::ref_id;
use super::{DataSource, Options, field};
use crate::board::{By, Kind, Line, Variable, Widget};
use crate::cloudwatch::metrics::{self, BAND_COLOURS};
use crate::cloudwatch::search;

/// Figures over a stretch of time that Grafana cannot ask as a whole are those of the last hour.
const HOUR: &str = "3600";

/// The region, or Grafana's word for that of the data source.
pub(super) fn region(options: &Options) -> &str {
    options.region.as_deref().unwrap_or("default")
}

/// The queries of a widget.
pub(super) fn targets(widget: &Widget, options: &Options) -> Vec<Value> {
    let mut targets = Vec::new();
    for line in &widget.lines {
        match widget.kind {
            Kind::HeatMap => {
                let band = |(statistic, label): (String, String)| {
                    let mut query = metric(line, &statistic, options);
                    query["label"] = json!(label);
                    query
                };
                targets.extend(metrics::band_statistics(line).into_iter().map(band));
            }
            kind => targets.extend(of_line(line, kind, targets.len(), options)),
        }
    }
    for (index, target) in targets.iter_mut().enumerate() {
        target["refId"] = json!(ref_id(index).to_string());
    }
    targets
}

fn of_line(line: &Line, kind: Kind, index: usize, options: &Options) -> Vec<Value> {
    let statistic = metrics::statistic(line);
    let is_total = line.by.iter().any(|by| matches!(by, By::Total(_)));
    let is_split = line.parts().next().is_some();
    let mut queries = match metrics::divisor(line) {
        None if line.computed().is_some() => computed(line, index, is_total, options),
        None if !is_total => vec![metric(line, &statistic, options)],
        Some(divisor) if !is_total && !is_split => {
            let mut hidden = metric(line, &statistic, options);
            hidden["id"] = json!(format!("m{index}"));
            hidden["hide"] = json!(true);
            vec![hidden, expression(&format!("m{index}/{divisor}"), options)]
        }
        divisor => {
            let found = search::search(line, &statistic, Some("$__period_auto"), standing);
            let found = if is_total { format!("SUM({found})") } else { found };
            let whole = divisor.map_or(found.clone(), |divisor| format!("{found}/{divisor}"));
            vec![expression(&whole, options)]
        }
    };
    let is_of_hour = kind.is_of_one_figure() && !line.is_level() && !adds_up(line, kind);
    for query in queries.iter_mut().filter(|_| is_of_hour) {
        query["period"] = json!(HOUR);
    }
    if let Some(shown) = queries.last_mut() {
        // In a table the labels make the rows, and the name the column.
        let is_named = !is_split || kind == Kind::Table;
        shown["label"] =
            json!(if is_named { line.label.to_owned() } else { metrics::label(line, kind) });
    }
    queries
}

/// What a line is computed of, hidden, and the expression over it.
fn computed(line: &Line, index: usize, is_total: bool, options: &Options) -> Vec<Value> {
    let operand = |(place, query): (usize, &Query)| {
        let line = line.over(query);
        let statistic = metrics::statistic(&line);
        let mut hidden = match is_total {
            true => {
                let found = search::search(&line, &statistic, Some("$__period_auto"), standing);
                expression(&format!("SUM({found})"), options)
            }
            false => metric(&line, &statistic, options),
        };
        hidden["id"] = json!(metrics::operand(index, place));
        hidden["hide"] = json!(true);
        hidden
    };
    let mut queries: Vec<Value> = line.queries().into_iter().enumerate().map(operand).collect();
    let whole = line.expr().metric_math_over(&|place| metrics::operand(index, place));
    queries.push(expression(&whole, options));
    queries
}

fn metric(line: &Line, statistic: &str, options: &Options) -> Value {
    let fixed = search::known(line, standing).into_iter();
    let fixed = fixed.map(|(dimension, value)| (dimension.as_str().to_owned(), json!(value)));
    let all = line.parts().map(|dimension| (dimension.as_str().to_owned(), json!("*")));
    let dimensions: Map<String, Value> = fixed.chain(all).collect();
    json!({
        "datasource": DataSource::CloudWatch.reference(), "queryMode": "Metrics", "id": "",
        "metricQueryType": 0, "metricEditorMode": 0, "region": region(options),
        "namespace": NAMESPACE, "metricName": line.spec().name, "dimensions": dimensions,
        "matchExact": true, "statistic": statistic, "period": "", "expression": "",
    })
}

fn expression(text: &str, options: &Options) -> Value {
    json!({
        "datasource": DataSource::CloudWatch.reference(), "queryMode": "Metrics", "id": "",
        "metricQueryType": 0, "metricEditorMode": 1, "region": region(options),
        "namespace": NAMESPACE, "expression": text, "period": "",
    })
}

/// What stands for a value until it is chosen: Grafana puts the chosen one there.
fn standing(variable: Variable) -> String {
    format!("${}", variable.name())
}

/// Whether the figure of the whole time is the sum of its periods.
fn adds_up(line: &Line, kind: Kind) -> bool {
    kind == Kind::SingleValue && line.computed().is_none() && metrics::statistic(line) == "Sum"
}

/// How one figure is made of the periods of a widget's only line.
pub(super) fn calculation(widget: &Widget) -> &'static str {
    let adds_up = widget.lines.iter().all(|line| adds_up(line, widget.kind));
    if adds_up { "sum" } else { "lastNotNull" }
}

/// The description of a figure that is not one over the whole time shown, as elsewhere.
pub(super) fn said_of_figure(widget: &Widget, source: DataSource) -> Option<String> {
    let is_of_parts = |line: &Line| {
        line.computed().is_some() || matches!(line.query().statistic, Statistic::Percentile(_))
    };
    let is_of_hour = source == DataSource::CloudWatch && widget.lines.iter().all(is_of_parts);
    is_of_hour
        .then(|| format!("{} In CloudWatch: of the last hour that had any.", widget.explanation()))
}

/// The colours of the bands that stand for a heat map.
pub(super) fn band_colours(line: &Line) -> Vec<Value> {
    let labels = metrics::band_statistics(line).into_iter().map(|(_, label)| label);
    let coloured = labels.zip(BAND_COLOURS);
    coloured
        .map(|(label, colour)| field::of_name(&label, &[("color", field::fixed(colour))]))
        .collect()
}

/// When alarms rang.
pub(super) fn alarm_marks(options: &Options) -> Value {
    json!({ "target": {
        "queryMode": "Annotations", "refId": "Anno", "region": region(options),
        "namespace": "", "metricName": "", "dimensions": {}, "statistic": "Average",
        "period": "300", "prefixMatching": true, "actionPrefix": "", "alarmNamePrefix": "headroom",
    } })
}
