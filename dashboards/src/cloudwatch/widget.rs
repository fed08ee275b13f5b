//! One widget of a board as one widget of a body.

use model::Unit as MetricUnit;

use super::body::{
    Annotations, Axis, Content, Graph, Legend, Mark, Placed, States, Table, Words, YAxis,
};
use super::{Options, metrics, name};
use crate::board::{Board, Bound, COLUMNS, Kind, Line, Place, Role, Unit, Widget};

/// Rows of the grid that a kind of widget takes.
pub(super) fn height(widget: &Widget) -> u32 {
    match widget.kind {
        Kind::SingleValue | Kind::AlarmStatus => 3,
        Kind::Text => 2,
        Kind::Table => 9,
        Kind::TimeSeries | Kind::Stacked | Kind::HeatMap => 6,
    }
}

/// What the board is for, and the way to the others.
pub(super) fn head(board: &Board, options: &Options, height: u32) -> Placed {
    let console = console(&options.region);
    let links: Vec<String> = Board::all()
        .iter()
        .map(|other| match other.name == board.name {
            true => format!("**{}**", other.title),
            false => format!("[{}]({console}#dashboards:name={})", other.title, name(other)),
        })
        .collect();
    let (title, description) = (board.title, board.description);
    let markdown = format!("# Headroom: {title}\n{description} {}", links.join(" | "));
    words(markdown, Place { x: 0, y: 0, width: COLUMNS, height })
}

/// The heading of a row.
pub(super) fn title(text: &str, y: u32, height: u32) -> Placed {
    words(format!("## {text}"), Place { x: 0, y, width: COLUMNS, height })
}

fn words(markdown: String, place: Place) -> Placed {
    Placed { place, content: Content::Text(Words { markdown }) }
}

/// A widget in its place.
pub(super) fn placed(board: &Board, widget: &Widget, place: Place, options: &Options) -> Placed {
    match widget.kind {
        Kind::Text => words(widget.explanation(), place),
        Kind::AlarmStatus => states(board, widget, place, options),
        Kind::TimeSeries | Kind::Stacked | Kind::SingleValue | Kind::HeatMap | Kind::Table => {
            Placed { place, content: Content::Metric(Box::new(graph(widget, options))) }
        }
    }
}

/// The states of alarms, or the way to them.
fn states(board: &Board, widget: &Widget, place: Place, options: &Options) -> Placed {
    let alarms = options.alarms.on(board).to_vec();
    if alarms.is_empty() {
        let list = format!("{}#alarmsV2:", console(&options.region));
        let said = widget.explanation();
        return words(format!("**{}** {said} [Open the alarms]({list})", widget.title), place);
    }
    Placed { place, content: Content::Alarm(States { title: widget.title, alarms }) }
}

fn graph(widget: &Widget, options: &Options) -> Graph {
    let is_course = !widget.kind.is_of_one_figure();
    let period = widget.lines.iter().map(|line| line.query().period.as_secs()).max();
    Graph {
        title: titled(widget),
        region: options.region.clone(),
        view: match widget.kind {
            Kind::SingleValue => "singleValue",
            Kind::Table => "table",
            _ => "timeSeries",
        },
        stacked: matches!(widget.kind, Kind::Stacked | Kind::HeatMap),
        period: period.unwrap_or(60),
        metrics: metrics::rows(widget),
        set_period_to_time_range: whole_range(widget).then_some(true),
        sparkline: (widget.kind == Kind::SingleValue && !whole_range(widget)).then_some(true),
        y_axis: is_course.then(|| YAxis { left: axis(widget) }),
        annotations: annotations(&widget.bounds(&options.bounds)),
        legend: is_course.then(|| Legend {
            position: if metrics::is_coloured(widget) { "bottom" } else { "right" },
        }),
        table: (widget.kind == Kind::Table).then_some(Table {
            layout: "vertical",
            show_time_series_data: false,
            sticky_summary: true,
            summary_columns: ["MAX"],
        }),
    }
}

/// The title with what the body has no other place for: the roll-up that must be switched on.
fn titled(widget: &Widget) -> String {
    match widget.needs() {
        None => widget.title.to_owned(),
        Some(roll_up) => format!("{} (roll-up {})", widget.title, roll_up.as_str()),
    }
}

/// A figure of anything but a level is one over the whole time shown. In a table all are: the
/// levels of CloudWatch's tables are the highest of that time.
fn whole_range(widget: &Widget) -> bool {
    match widget.kind {
        Kind::Table => true,
        Kind::SingleValue => !widget.lines.iter().all(Line::is_level),
        _ => false,
    }
}

/// The thresholds of alarms as lines across the graph.
fn annotations(bounds: &[&Bound]) -> Option<Annotations> {
    let mark = |bound: &&Bound| Mark {
        label: format!("alarm {} {}", bound.alarm, bound.side()),
        value: bound.threshold,
        color: Role::Limit.colour(),
    };
    let horizontal: Vec<Mark> = bounds.iter().map(mark).collect();
    (!horizontal.is_empty()).then_some(Annotations { horizontal })
}

fn axis(widget: &Widget) -> Axis {
    let unit = widget.lines.first().map(|line| line.spec().unit);
    let label = match (widget.kind, widget.unit, unit) {
        (Kind::HeatMap, _, _) => Some("jobs"),
        (_, Unit::Time, Some(MetricUnit::Milliseconds)) => Some("milliseconds"),
        (_, Unit::Time, _) => Some("seconds"),
        (_, Unit::Hours, _) => Some("hours"),
        (_, Unit::Percent, _) => Some("per cent"),
        (_, Unit::Count | Unit::Mixed | Unit::None, _) => None,
    };
    Axis { min: 0, show_units: false, label }
}

/// The console of the region's partition.
fn console(region: &str) -> String {
    let (_, domain) = partition(region);
    format!("https://{region}.{domain}/cloudwatch/home?region={region}")
}

/// The partition that a region belongs to, and the domain of its console.
/// <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
fn partition(region: &str) -> (&'static str, &'static str) {
    match region {
        _ if region.starts_with("cn-") => ("aws-cn", "console.amazonaws.cn"),
        _ if region.starts_with("us-gov-") => ("aws-us-gov", "console.amazonaws-us-gov.com"),
        _ => ("aws", "console.aws.amazon.com"),
    }
}

/// The ARN of an alarm.
pub fn alarm_arn(region: &str, account: &str, name: &str) -> String {
    let (partition, _) = partition(region);
    format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}")
}
