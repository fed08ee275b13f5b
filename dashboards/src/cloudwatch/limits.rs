//! What CloudWatch takes, and what of a body it would not.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html>
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html>

use serde_json::Value;

use super::Body;
use crate::board::{COLUMNS, Place};

/// Widgets of one dashboard (`PutDashboard`).
pub const WIDGETS_MAX: usize = 500;

/// Metrics of one widget, those that expressions are computed of included (`PutDashboard`).
pub const METRICS_A_WIDGET_MAX: usize = 500;

/// Metrics of all widgets together (`PutDashboard`).
pub const METRICS_A_BODY_MAX: usize = 2_500;

/// Characters of a search expression.
pub const SEARCH_LEN_MAX: usize = 1_024;

/// Search expressions of one graph.
const SEARCHES_A_WIDGET_MAX: usize = 100;

/// Alarms of one alarm widget.
const ALARMS_A_WIDGET_MAX: usize = 100;

/// Rows that a widget may be high.
const HEIGHT_MAX: u32 = 1_000;

/// Characters of a dashboard's name: letters, digits, `-` and `_`.
const NAME_LEN_MAX: usize = 255;

/// What CloudWatch would refuse, or would not show in full.
pub fn problems(name: &str, body: &Body) -> Vec<String> {
    let mut problems = Vec::new();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > NAME_LEN_MAX || !name.chars().all(is_word) {
        problems.push(format!("{name:?} is no name"));
    }
    let places: Vec<Place> = body.places().collect();
    over("widgets", places.len(), WIDGETS_MAX, &mut problems);
    problems.extend(places.iter().filter(|place| !is_placeable(place)).map(misplaced));
    let counts = body.metrics().map(<[_]>::len);
    over("metrics", counts.sum(), METRICS_A_BODY_MAX, &mut problems);
    for alarms in body.alarms() {
        over("alarms in a widget", alarms.len(), ALARMS_A_WIDGET_MAX, &mut problems);
    }
    for metrics in body.metrics() {
        of_widget(metrics, &mut problems);
    }
    problems
}

fn of_widget(metrics: &[Vec<Value>], problems: &mut Vec<String>) {
    over("metrics in a widget", metrics.len(), METRICS_A_WIDGET_MAX, problems);
    let expressions = metrics.iter().flatten().filter_map(|cell| cell["expression"].as_str());
    let searches: Vec<&str> = expressions.filter(|text| text.contains("SEARCH(")).collect();
    over("searches in a widget", searches.len(), SEARCHES_A_WIDGET_MAX, problems);
    for search in searches {
        over("characters in a search", search.chars().count(), SEARCH_LEN_MAX, problems);
    }
}

fn over(what: &str, found: usize, most: usize, problems: &mut Vec<String>) {
    if found > most {
        problems.push(format!("{found} {what}, and CloudWatch takes {most}"));
    }
}

fn is_placeable(place: &Place) -> bool {
    place.width >= 1 && place.x + place.width <= COLUMNS && (1..=HEIGHT_MAX).contains(&place.height)
}

fn misplaced(place: &Place) -> String {
    let Place { x, y, width, height } = place;
    format!("a widget of {width} by {height} at {x}, {y} does not fit")
}
