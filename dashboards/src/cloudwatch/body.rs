//! The words of a dashboard body, as far as they are used here.

use serde::Serialize;
use serde_json::Value;

use crate::board::Place;

/// A dashboard body.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Body {
    pub(super) start: &'static str,
    pub(super) period_override: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) variables: Vec<Choice>,
    pub(super) widgets: Vec<Placed>,
}

/// A dashboard variable: `pattern` is replaced by what is chosen, wherever it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Choice {
    pub(super) id: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) pattern: &'static str,
    pub(super) input_type: &'static str,
    pub(super) label: &'static str,
    pub(super) default_value: &'static str,
    pub(super) visible: bool,
    pub(super) search: String,
    pub(super) populate_from: &'static str,
}

/// A widget and its place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Placed {
    #[serde(flatten)]
    pub(super) place: Place,
    #[serde(flatten)]
    pub(super) content: Content,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", content = "properties", rename_all = "lowercase")]
pub(super) enum Content {
    Metric(Box<Graph>),
    Text(Words),
    Alarm(States),
}

/// The states of alarms, by their ARNs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct States {
    pub(super) title: &'static str,
    pub(super) alarms: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Words {
    pub(super) markdown: String,
}

/// The properties of a metric widget.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Graph {
    pub(super) title: String,
    pub(super) region: String,
    pub(super) view: &'static str,
    pub(super) stacked: bool,
    pub(super) period: u64,
    /// Rows of namespace, name, dimensions and options, or of one expression.
    pub(super) metrics: Vec<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) set_period_to_time_range: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sparkline: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) y_axis: Option<YAxis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) annotations: Option<Annotations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) legend: Option<Legend>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<Table>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Annotations {
    pub(super) horizontal: Vec<Mark>,
}

/// A line across a graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Mark {
    pub(super) label: String,
    pub(super) value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) color: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct YAxis {
    pub(super) left: Axis,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Axis {
    pub(super) min: u32,
    pub(super) show_units: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Legend {
    pub(super) position: &'static str,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Table {
    pub(super) layout: &'static str,
    pub(super) show_time_series_data: bool,
    pub(super) sticky_summary: bool,
    pub(super) summary_columns: [&'static str; 1],
}

impl Body {
    /// The places of all widgets.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.widgets.iter().map(|widget| widget.place)
    }

    /// The alarms of each widget that has any.
    pub fn alarms(&self) -> impl Iterator<Item = &[String]> {
        self.widgets.iter().filter_map(|widget| match &widget.content {
            Content::Alarm(states) => Some(states.alarms.as_slice()),
            Content::Text(_) | Content::Metric(_) => None,
        })
    }

    /// The metrics and expressions of each widget that has any.
    pub fn metrics(&self) -> impl Iterator<Item = &[Vec<Value>]> {
        self.widgets.iter().filter_map(|widget| match &widget.content {
            Content::Metric(graph) => Some(graph.metrics.as_slice()),
            Content::Text(_) | Content::Alarm(_) => None,
        })
    }
}
