//! The boards keep the promises that their renderings build on.

use std::collections::BTreeSet;

use model::{Kind as MetricKind, RollUp, Statistic, Unit as MetricUnit, catalogue as c};

use super::*;

fn widgets() -> Vec<(Board, Widget)> {
    let all = Board::all();
    let widgets = all.iter().flat_map(|board| board.widgets().map(|w| (board.clone(), w.clone())));
    widgets.collect()
}

fn lines() -> Vec<(String, Line)> {
    let of = |(board, widget): (Board, Widget)| {
        let name = format!("{}/{}", board.name, widget.id);
        widget.lines.into_iter().map(move |line| (name.clone(), line))
    };
    widgets().into_iter().flat_map(of).collect()
}

#[test]
fn every_line_asks_for_series_that_the_catalogue_publishes() {
    for (name, line) in lines() {
        let (metric, by) = (line.spec().name, line.dimensions());
        assert!(line.roll_up().is_some(), "{name}: {metric} is not published by {by:?}");
    }
}

#[test]
fn a_line_by_dimensions_that_nobody_publishes_is_found() {
    use model::Dimension::{Pool, Repository, Status};
    assert_eq!(line(c::JOB_EVENTS.sum()).roll_up(), None);
    assert_eq!(line(c::JOB_EVENTS.sum()).each(Pool).roll_up(), None);
    assert_eq!(line(c::JOB_EVENTS.sum()).each(Status).roll_up(), Some(RollUp::Pool));
    let queued = line(c::JOB_EVENTS.sum().of(Status, "queued"));
    assert_eq!(queued.clone().chosen(Pool).roll_up(), Some(RollUp::Pool));
    assert_eq!(queued.each(Repository).roll_up(), Some(RollUp::Repository));
}

#[test]
fn what_needs_a_roll_up_says_so() {
    let needing: Vec<Widget> =
        widgets().into_iter().map(|(_, w)| w).filter(|w| w.needs().is_some()).collect();
    assert!(needing.len() >= 5, "{needing:?}");
    for widget in needing {
        assert!(widget.explanation().contains("roll-up `repository`"), "{}", widget.id);
    }
}

#[test]
fn every_metric_is_drawn_or_said_to_be_undrawn() {
    let lines = lines();
    let drawn = lines.iter().flat_map(|(_, line)| line.queries());
    let drawn: BTreeSet<&str> = drawn.map(|query| query.spec.name).collect();
    let undrawn: BTreeSet<&str> = undrawn().iter().map(|undrawn| undrawn.spec.name).collect();
    let all: BTreeSet<&str> = c::ALL.iter().map(|spec| spec.name).collect();
    assert_eq!(drawn.union(&undrawn).copied().collect::<BTreeSet<_>>(), all);
    assert_eq!(drawn.intersection(&undrawn).count(), 0, "{undrawn:?}");
}

#[test]
fn names_are_single_and_every_text_is_a_sentence() {
    let names: BTreeSet<&str> = Board::all().iter().map(|board| board.name).collect();
    assert_eq!(names.len(), Board::all().len());
    for board in Board::all() {
        let ids: BTreeSet<&str> = board.widgets().map(|widget| widget.id).collect();
        assert_eq!(ids.len(), board.widgets().count(), "{}", board.name);
        assert!(board.description.ends_with(['.', '?']));
        for widget in board.widgets() {
            assert!(widget.description.ends_with('.'), "{}/{}", board.name, widget.id);
            assert!((1..=COLUMNS).contains(&widget.columns), "{}", widget.id);
        }
    }
}

#[test]
fn a_widgets_unit_is_that_of_its_lines() {
    for (board, widget) in widgets() {
        let name = format!("{}/{}", board.name, widget.id);
        for line in &widget.lines {
            let is_heat = widget.kind == Kind::HeatMap;
            let expected = if is_heat { Unit::Time } else { line.unit() };
            assert!(widget.unit == Unit::Mixed || widget.unit == expected, "{name}");
        }
        let is_table = widget.kind == Kind::Table;
        assert_eq!(widget.unit == Unit::Mixed, is_table, "{name}");
        let lines = widget.lines.iter().filter(|line| line.computed().is_none());
        let metrics: BTreeSet<_> = lines.map(|line| line.spec().unit).collect();
        assert!(is_table || widget.unit == Unit::Hours || metrics.len() < 2, "{name}");
    }
}

#[test]
fn lines_that_are_not_split_have_a_colour_of_their_own() {
    for (board, widget) in widgets() {
        let whole = widget.lines.iter().filter(|line| line.parts().count() == 0);
        let roles: Vec<Role> = whole.map(|line| line.role).collect();
        let distinct: BTreeSet<Role> = roles.iter().copied().collect();
        assert_eq!(distinct.len(), roles.len(), "{}/{}", board.name, widget.id);
        assert!(!distinct.contains(&Role::Plain), "{}/{}", board.name, widget.id);
        assert!(widget.lines.iter().all(|line| !line.label.is_empty()), "{}", widget.id);
    }
}

#[test]
fn a_choice_is_offered_exactly_where_some_line_follows_it() {
    for board in Board::all() {
        let followed = board.widgets().flat_map(|widget| &widget.lines).flat_map(|line| &line.by);
        let followed = followed.filter(|by| matches!(by, By::Chosen(_)));
        let chosen: BTreeSet<Dimension> = followed.map(|by| by.dimension()).collect();
        let offered = board.variables.iter().map(|variable| variable.dimension()).collect();
        assert_eq!(chosen, offered, "{}", board.name);
        for variable in &board.variables {
            assert!(variable.values().roll_up().is_some());
        }
    }
}

#[test]
fn tables_have_the_same_rows_in_every_column_and_heat_maps_one_timing() {
    for (board, widget) in widgets() {
        let name = format!("{}/{}", board.name, widget.id);
        match widget.kind {
            Kind::Table => {
                let rows: BTreeSet<Vec<Dimension>> =
                    widget.lines.iter().map(|line| line.parts().collect()).collect();
                assert_eq!(rows.len(), 1, "{name}");
                assert_eq!(rows.first().map(Vec::len), Some(1), "{name}");
            }
            Kind::HeatMap => {
                assert_eq!(widget.lines.len(), 1, "{name}");
                assert_eq!(widget.lines[0].spec().kind, MetricKind::Timing, "{name}");
            }
            Kind::SingleValue => assert_eq!(widget.lines.len(), 1, "{name}"),
            Kind::Text | Kind::AlarmStatus => assert!(widget.lines.is_empty(), "{name}"),
            Kind::TimeSeries | Kind::Stacked => assert!(!widget.lines.is_empty(), "{name}"),
        }
    }
}

#[test]
fn only_what_adds_up_is_totalled_or_turned_into_hours() {
    for (name, line) in lines() {
        let spec = line.spec();
        let totalled = line.by.iter().any(|by| matches!(by, By::Total(_)));
        assert!(!totalled || spec.unit == MetricUnit::Count, "{name}");
        let statistic = line.query().statistic;
        let lasts = match spec.kind {
            MetricKind::Level => statistic == Statistic::Average && spec.unit == MetricUnit::Count,
            MetricKind::Timing => statistic == Statistic::Sum,
            MetricKind::Counter => false,
        };
        assert!(line.measure == Measure::Plain || lasts, "{name}");
    }
}

/// CloudWatch computes with one series at a time, not with those that a search finds.
#[test]
fn what_is_computed_is_not_split_and_of_metrics_of_the_same_dimensions() {
    let computed: Vec<_> =
        lines().into_iter().filter(|(_, line)| line.computed().is_some()).collect();
    assert!(computed.len() >= 10);
    for (name, line) in computed {
        assert_eq!(line.parts().count(), 0, "{name}");
        let filters = line.queries().into_iter().map(|query| query.filter.clone());
        assert_eq!(filters.collect::<BTreeSet<_>>().len(), 1, "{name}");
        let is_level = |query: &&model::Query| {
            query.spec.kind == MetricKind::Level && query.spec.unit == MetricUnit::Count
        };
        assert!(line.measure != Measure::Share || line.queries().iter().all(is_level), "{name}");
    }
}

/// An alarm that watches how long the oldest job of each pool waits.
pub(crate) fn oldest() -> Bound {
    Bound {
        alarm: "oldest".to_owned(),
        expr: c::OLDEST_WAITING_AGE.max().into(),
        is_of_pool: true,
        relation: model::expr::Relation::Above,
        threshold: 1800.0,
    }
}

#[test]
fn a_threshold_is_drawn_where_the_alarm_looks_and_nowhere_else() {
    let shows = |board: &str, id: &str, bound: &Bound| {
        let board = Board::named(board).unwrap();
        let widget = board.widgets().find(|widget| widget.id == id).unwrap().clone();
        widget.bounds(std::slice::from_ref(bound)).len() == 1
    };
    assert!(shows("pool", "age", &oldest()) && shows("fleet", "oldest-by-pool", &oldest()));
    assert!(!shows("fleet", "oldest", &oldest()), "the fleet is another series");
    assert!(!shows("pool", "late", &oldest()));
    // What only matters if there is enough of it, and is filled where there is none.
    let late =
        model::Expr::from(100.0) - model::Expr::from(c::JOB_WAIT.share_up_to(300)).fill(100.0);
    let enough = model::Expr::from(c::JOB_WAIT.samples()).fill(0.0).at_least(20.0);
    let late = Bound { expr: enough.choose(late, 0.0), ..oldest() };
    assert!(shows("pool", "late", &late));
    // A sum over another period than the graph's is another figure.
    let lost = Bound { expr: model::Expr::from(c::BOOTS_FAILED.sum()).fill(0.0), ..oldest() };
    assert!(!shows("pool", "lost", &lost));
}

#[test]
fn widgets_lie_side_by_side_and_wrap_where_the_grid_ends() {
    let row = Row {
        title: "r",
        widgets: vec![
            time_series("a", "A", Unit::Count).wide(8),
            time_series("b", "B", Unit::Count).wide(16),
            time_series("c", "C", Unit::Count).wide(24),
        ],
    };
    let height = |widget: &Widget| if widget.id == "b" { 9 } else { 6 };
    let (places, next) = places(&row, 1, height);
    let at = |x, y, width, height| Place { x, y, width, height };
    assert_eq!(places, [at(0, 1, 8, 9), at(8, 1, 16, 9), at(0, 10, 24, 6)]);
    assert_eq!(next, 16);
}
