//! What a reader may choose, and what is marked in every graph.

use serde_json::{Value, json};

use model::catalogue::NAMESPACE;

use super::{DataSource, Options, cloudwatch, prometheus};
use crate::board::{Board, Variable};

/// The variables of a board: where to ask, then what it lets choose.
pub(super) fn list(board: &Board, options: &Options) -> Vec<Value> {
    let source = options.source;
    let mut list = vec![json!({
        "type": "datasource", "name": "datasource", "label": "Data source", "query": source.as_str(),
        "refresh": 1, "hide": 0, "multi": false, "includeAll": false,
    })];
    list.extend(board.variables.iter().map(|variable| choice(*variable, options)));
    list
}

fn choice(variable: Variable, options: &Options) -> Value {
    let (query, definition) = match options.source {
        DataSource::CloudWatch => cloudwatch_values(variable, options),
        DataSource::Prometheus => {
            let values = prometheus::label_values(&variable.values(), variable.dimension());
            let ref_id = "PrometheusVariableQueryEditor-VariableQuery";
            (json!({ "qryType": 1, "query": values, "refId": ref_id }), values)
        }
    };
    json!({
        "type": "query", "name": variable.name(), "label": variable.title(),
        "datasource": options.source.reference(), "query": query, "definition": definition,
        // Read anew with every time range: pools come and go.
        "refresh": 2, "sort": 1, "hide": 0, "multi": false, "includeAll": false,
    })
}

fn cloudwatch_values(variable: Variable, options: &Options) -> (Value, String) {
    let region = cloudwatch::region(options);
    let (metric, key) = (variable.values().spec().name, variable.dimension().as_str());
    let definition = format!("dimension_values({region}, {NAMESPACE}, {metric}, {key})");
    let query = json!({
        "queryType": "dimensionValues", "region": region, "namespace": NAMESPACE,
        "metricName": metric, "dimensionKey": key, "dimensionFilters": {},
        "refId": "CloudWatchVariableQueryEditor-VariableQuery",
    });
    (query, definition)
}

/// What is marked in every graph: people's own notes, and when alarms rang.
pub(super) fn annotations(board: &Board, options: &Options) -> Vec<Value> {
    let notes = json!({
        "builtIn": 1, "type": "dashboard", "name": "Annotations & Alerts", "enable": true,
        "hide": true, "iconColor": "rgba(0, 211, 255, 1)",
        "datasource": { "type": "grafana", "uid": "-- Grafana --" },
    });
    let mut alarms = match options.source {
        DataSource::CloudWatch => cloudwatch::alarm_marks(options),
        DataSource::Prometheus => prometheus::alarm_marks(board),
    };
    alarms["name"] = json!("Alarms");
    alarms["enable"] = json!(true);
    alarms["iconColor"] = json!("red");
    alarms["datasource"] = options.source.reference();
    vec![notes, alarms]
}
