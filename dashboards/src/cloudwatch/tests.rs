//! The bodies say what the boards say, in CloudWatch's words and within its limits.

use serde_json::{Value, json};

use super::body::{Content, Placed, Words};
use super::*;
use crate::board::{COLUMNS, Place};

fn options() -> Options {
    let bounds = vec![crate::board::tests::oldest()];
    Options { region: "eu-west-1".into(), bounds, ..Options::default() }
}

fn bodies() -> Vec<(Board, Body)> {
    let body = |board: Board| (board.clone(), body(&board, &options()));
    Board::all().into_iter().map(body).collect()
}

/// The properties of one widget, by its title.
fn graph(board: &str, title: &str) -> Value {
    let body = serde_json::to_value(body(&Board::named(board).unwrap(), &options())).unwrap();
    let widgets = body["widgets"].as_array().unwrap().clone();
    let found = widgets.into_iter().find(|widget| widget["properties"]["title"] == title);
    found.unwrap_or_else(|| panic!("{board} has no {title}"))["properties"].clone()
}

#[test]
fn cloudwatch_takes_every_board() {
    for (board, body) in bodies() {
        assert_eq!(problems(&name(&board), &body), Vec::<String>::new(), "{}", board.name);
    }
}

#[test]
fn no_two_widgets_share_a_place() {
    for (board, body) in bodies() {
        let mut taken = std::collections::BTreeSet::new();
        for Place { x, y, width, height } in body.places() {
            for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
                assert!(taken.insert(cell), "{} at {cell:?}", board.name);
            }
        }
    }
}

#[test]
fn a_limit_is_a_limit_at_its_edge() {
    let of = |n: usize, width: u32| {
        let place = Place { x: 0, y: 0, width, height: 1 };
        let words = || Placed { place, content: Content::Text(Words { markdown: "x".into() }) };
        let widgets = (0..n).map(|_| words()).collect();
        Body { start: START, period_override: "auto", variables: Vec::new(), widgets }
    };
    assert_eq!(problems("a-B_9", &of(WIDGETS_MAX, COLUMNS)), Vec::<String>::new());
    assert_eq!(problems("n", &of(WIDGETS_MAX + 1, 1)), ["501 widgets, and CloudWatch takes 500"]);
    assert_eq!(problems("n", &of(1, COLUMNS + 1)), ["a widget of 25 by 1 at 0, 0 does not fit"]);
    assert_eq!(problems("a name", &of(1, 1)), ["\"a name\" is no name"]);
    assert_eq!(problems(&"n".repeat(256), &of(1, 1)).len(), 1);
}

#[test]
fn one_dashboard_serves_every_pool() {
    let pool = json!(body(&Board::named("pool").unwrap(), &options()));
    assert_eq!(
        pool["variables"],
        json!([{
            "id": "pool", "type": "pattern", "pattern": "choose-a-pool", "inputType": "select",
            "label": "Pool", "defaultValue": "__FIRST", "visible": true,
            "search": "{Headroom,Pool} MetricName=\"JobsWaiting\"", "populateFrom": "Pool",
        }])
    );
    let waiting = graph("pool", "Waiting now");
    let row = json!(["Headroom", "JobsWaiting", "Pool", "choose-a-pool",
        { "label": "waiting", "color": "#e8751a", "stat": "Maximum" }]);
    assert_eq!(waiting["metrics"], json!([row]));
    assert_eq!(waiting["sparkline"], true);
}

#[test]
fn what_is_split_is_searched_for_so_that_a_new_value_appears_by_itself() {
    let ended = graph("pool", "How jobs ended");
    assert_eq!(
        ended["metrics"],
        json!([[{
            "expression": "SEARCH('{Headroom,Pool,Conclusion} MetricName=\"JobConclusions\" \
                           Pool=\"choose-a-pool\"', 'Sum')",
            "id": "e1", "label": "${PROP('Dim.Conclusion')}",
        }]])
    );
    assert_eq!((&ended["stacked"], &ended["legend"]["position"]), (&json!(true), &json!("right")));
}

#[test]
fn percentiles_are_asked_of_cloudwatch() {
    let waits = graph("fleet", "How long jobs waited");
    let stats: Vec<&Value> =
        waits["metrics"].as_array().unwrap().iter().map(|row| &row[2]["stat"]).collect();
    assert_eq!(stats, ["p50", "p95", "p99"]);
    assert_eq!(
        (&waits["period"], &waits["yAxis"]["left"]["label"]),
        (&json!(300), &json!("seconds"))
    );
}

#[test]
fn a_heat_map_is_counts_between_bounds_without_gaps() {
    let spread = graph("pool", "How waits are spread");
    let rows = spread["metrics"].as_array().unwrap();
    let stats: Vec<&str> = rows.iter().map(|row| row[4]["stat"].as_str().unwrap()).collect();
    assert_eq!(stats.first(), Some(&"TC(:15)"));
    assert_eq!(stats.last(), Some(&"TC(7200:)"));
    for pair in stats.windows(2) {
        let (to, from) = (pair[0].split(':').nth(1), pair[1].split(':').next());
        assert_eq!(to.unwrap().trim_end_matches(')'), from.unwrap().trim_start_matches("TC("));
    }
    assert_eq!(rows[2][4]["label"], "1 min to 3 min");
}

#[test]
fn hours_are_computed_of_what_is_published() {
    let jobs = graph("cost", "Hours of jobs");
    let hidden =
        json!(["Headroom", "JobDuration", { "id": "m1", "stat": "Sum", "visible": false }]);
    assert_eq!(jobs["metrics"][0], hidden);
    assert_eq!(jobs["metrics"][1][0]["expression"], "m1/3600");
    assert_eq!(jobs["setPeriodToTimeRange"], true);
    let idle = graph("cost", "Idle hours");
    let sum = "SUM(SEARCH('{Headroom,Pool} MetricName=\"RunnersIdle\"', 'Sum'))/60";
    assert_eq!(idle["metrics"][0][0]["expression"], sum);
}

#[test]
fn a_share_is_metric_math_over_hidden_metrics() {
    let late = graph("pool", "Jobs that waited longer than 5 minutes");
    let hidden = json!(["Headroom", "JobWait", "Pool", "choose-a-pool",
        { "id": "m1_0", "visible": false, "stat": "PR(:300)" }]);
    assert_eq!(late["metrics"][0], hidden);
    assert_eq!(late["metrics"][1][0]["expression"], "(100 - m1_0)");
    assert_eq!(late["yAxis"]["left"]["label"], "per cent");
    let fleet = graph("cost", "Utilisation");
    let sum = "SUM(SEARCH('{Headroom,Pool} MetricName=\"RunnersBusy\"', 'Sum'))";
    let hidden = json!([{ "id": "m1_0", "visible": false, "expression": sum }]);
    assert_eq!(fleet["metrics"][0], hidden);
    assert_eq!(fleet["setPeriodToTimeRange"], true);
}

#[test]
fn the_threshold_of_an_alarm_crosses_the_graph_of_what_it_watches() {
    let mark = json!({ "horizontal": [
        { "label": "alarm oldest above", "value": 1800.0, "color": "#d6453d" },
    ] });
    assert_eq!(graph("pool", "Oldest wait over time")["annotations"], mark);
    assert_eq!(graph("fleet", "Oldest wait, by pool")["annotations"], mark);
    assert!(graph("fleet", "Oldest wait")["annotations"].is_null(), "a figure has no axis");
    assert!(graph("pool", "Stopped instances")["annotations"].is_null());
}

#[test]
fn what_needs_a_roll_up_says_so_in_its_title() {
    let hours = graph("cost", "Hours by repository (roll-up repository)");
    assert_eq!(hours["view"], "table");
}

#[test]
fn links_lead_to_the_console_of_the_regions_partition() {
    for (region, expected) in [
        ("eu-west-1", "https://eu-west-1.console.aws.amazon.com/"),
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
    ] {
        let options = Options { region: region.into(), ..Options::default() };
        let text = json!(body(&Board::named("fleet").unwrap(), &options)).to_string();
        assert!(text.contains(&format!("[Pool]({expected}")), "{region}");
    }
}

#[test]
fn alarms_are_shown_by_their_arns_and_else_linked_to() {
    let text = |options: &Options, board: &str| {
        json!(body(&Board::named(board).unwrap(), options)).to_string()
    };
    assert!(text(&options(), "pool").contains("#alarmsV2:"));
    let arn = |name: &str| alarm_arn("eu-west-1", "123456789012", name);
    assert_eq!(arn("a"), "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a");
    assert!(alarm_arn("cn-north-1", "1", "a").starts_with("arn:aws-cn:cloudwatch:cn-north-1:"));
    let alarms = Alarms {
        of_fleet: vec![arn("headroom-silence")],
        of_pool: vec![arn("headroom-choose-a-pool-exhausted")],
    };
    let options = Options { alarms, ..options() };
    for (board, shown, not) in
        [("pool", "pool-exhausted", "silence"), ("fleet", "silence", "pool-e")]
    {
        let text = text(&options, board);
        assert!(text.contains("\"type\":\"alarm\"") && text.contains(shown), "{board}");
        assert!(!text.contains(not), "{board}");
    }
}
