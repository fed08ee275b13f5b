//! The dashboards say what the boards say, in Grafana's words.

use std::collections::BTreeSet;

use super::*;

fn options(source: DataSource) -> Options {
    Options { source, region: None, bounds: vec![crate::board::tests::oldest()] }
}

fn all() -> Vec<(Board, DataSource, Value)> {
    let of = |board: Board| {
        DataSource::ALL.map(|source| (board.clone(), source, dashboard(&board, &options(source))))
    };
    Board::all().into_iter().flat_map(of).collect()
}

/// One panel, by its title.
fn panel(board: &str, source: DataSource, title: &str) -> Value {
    let dashboard = dashboard(&Board::named(board).unwrap(), &options(source));
    let panels = dashboard["panels"].as_array().unwrap().clone();
    let found = panels.into_iter().find(|panel| panel["title"] == title && panel["type"] != "row");
    found.unwrap_or_else(|| panic!("{board} has no {title}"))
}

fn expressions(panel: &Value) -> Vec<&str> {
    let targets = panel["targets"].as_array().unwrap();
    targets.iter().map(|target| target["expr"].as_str().unwrap()).collect()
}

#[test]
fn panels_have_ids_and_places_of_their_own() {
    for (board, source, dashboard) in all() {
        let panels = dashboard["panels"].as_array().unwrap();
        let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len());
        let mut taken = BTreeSet::new();
        for panel in panels {
            let of = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(of("x") + of("w") <= u64::from(COLUMNS), "{}", panel["title"]);
            for x in of("x")..of("x") + of("w") {
                for y in of("y")..of("y") + of("h") {
                    assert!(taken.insert((x, y)), "{} {source:?} {}", board.name, panel["title"]);
                }
            }
        }
    }
}

#[test]
fn each_query_of_a_panel_has_a_letter_of_its_own() {
    for (board, source, dashboard) in all() {
        for panel in dashboard["panels"].as_array().unwrap() {
            let targets = panel["targets"].as_array().cloned().unwrap_or_default();
            let letters: BTreeSet<&str> =
                targets.iter().map(|target| target["refId"].as_str().unwrap()).collect();
            assert_eq!(
                letters.len(),
                targets.len(),
                "{} {source:?} {}",
                board.name,
                panel["title"]
            );
            let ids = targets.iter().filter_map(|target| target["id"].as_str());
            let ids: Vec<&str> = ids.filter(|id| !id.is_empty()).collect();
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        }
    }
}

#[test]
fn the_same_board_asks_prometheus_and_cloudwatch_for_the_same() {
    let title = "Jobs queued, started and completed";
    let prometheus = panel("pool", DataSource::Prometheus, title);
    assert_eq!(
        expressions(&prometheus)[0],
        "sum (increase(headroom_job_events_total{pool=\"$pool\",status=\"queued\"}[$__interval]))"
    );
    assert_eq!(prometheus["targets"][0]["legendFormat"], "queued");
    assert_eq!(prometheus["interval"], "2m");
    let cloudwatch = panel("pool", DataSource::CloudWatch, title);
    let query = &cloudwatch["targets"][0];
    assert_eq!(query["dimensions"], json!({ "Pool": "$pool", "Status": "queued" }));
    assert_eq!((&query["statistic"], &query["matchExact"]), (&json!("Sum"), &json!(true)));
    assert_eq!((&query["label"], &query["region"]), (&json!("queued"), &json!("default")));
}

#[test]
fn what_is_split_is_named_by_its_values() {
    let title = "Jobs waiting, by pool";
    let prometheus = panel("fleet", DataSource::Prometheus, title);
    assert_eq!(
        expressions(&prometheus),
        ["sum by (pool) (max_over_time(headroom_jobs_waiting[$__interval]))"]
    );
    assert_eq!(prometheus["targets"][0]["legendFormat"], "{{pool}}");
    let cloudwatch = panel("fleet", DataSource::CloudWatch, title);
    assert_eq!(cloudwatch["targets"][0]["dimensions"], json!({ "Pool": "*" }));
    assert_eq!(cloudwatch["targets"][0]["label"], "${PROP('Dim.Pool')}");
    for (panel, label, uid) in [
        (prometheus, "pool", "headroom-pool-prometheus"),
        (cloudwatch, "Pool", "headroom-pool-cloudwatch"),
    ] {
        let url = panel["fieldConfig"]["defaults"]["links"][0]["url"].as_str().unwrap();
        let start = format!("/d/{uid}?var-pool=${{__field.labels.{label}}}&");
        assert!(url.starts_with(&start), "{url}");
    }
}

#[test]
fn a_figure_is_of_now_or_of_the_whole_time_shown() {
    let level = panel("pool", DataSource::Prometheus, "Waiting now");
    assert_eq!(
        (&level["targets"][0]["range"], &level["options"]["graphMode"]),
        (&json!(true), &json!("area"))
    );
    let counted = panel("fleet", DataSource::Prometheus, "Jobs queued");
    assert_eq!(counted["targets"][0]["instant"], true);
    assert!(expressions(&counted)[0].ends_with("[$__range]))"));
    let summed = panel("fleet", DataSource::CloudWatch, "Jobs queued");
    assert_eq!(summed["options"]["reduceOptions"]["calcs"], json!(["sum"]));
    let percentile = panel("fleet", DataSource::CloudWatch, "Median wait");
    assert_eq!(percentile["targets"][0]["period"], "3600");
    assert!(
        percentile["description"].as_str().unwrap().ends_with("of the last hour that had any.")
    );
}

#[test]
fn hours_are_computed_of_what_is_told() {
    let idle = panel("cost", DataSource::Prometheus, "Idle hours");
    assert_eq!(
        expressions(&idle),
        ["sum (avg_over_time(headroom_runners_idle[$__range])) * $__range_s / 3600"]
    );
    let jobs = panel("cost", DataSource::Prometheus, "Hours of jobs");
    assert_eq!(
        expressions(&jobs),
        ["sum (increase(headroom_job_duration_seconds_sum[$__range])) / 3600"]
    );
    let jobs = panel("cost", DataSource::CloudWatch, "Hours of jobs");
    assert_eq!(jobs["targets"][0]["hide"], true);
    assert_eq!(jobs["targets"][1]["expression"], "m0/3600");
    let idle = panel("cost", DataSource::CloudWatch, "Idle hours");
    assert_eq!(
        idle["targets"][0]["expression"],
        "SUM(SEARCH('{Headroom,Pool} MetricName=\"RunnersIdle\"', 'Sum', $__period_auto))/60"
    );
}

#[test]
fn a_share_is_computed_of_hidden_queries() {
    let prometheus = panel("pool", DataSource::Prometheus, "What runner hours went into");
    let expression = expressions(&prometheus)[1];
    assert!(
        expression.starts_with("((100 * (sum (avg_over_time(headroom_runners_idle{pool=\"$pool\"}")
    );
    let cloudwatch = panel("pool", DataSource::CloudWatch, "What runner hours went into");
    let targets = cloudwatch["targets"].as_array().unwrap();
    let shown: Vec<&Value> = targets.iter().filter(|target| target["hide"] != true).collect();
    assert_eq!((targets.len(), shown.len()), (15, 3));
    assert_eq!((&targets[0]["statistic"], &targets[0]["id"]), (&json!("Sum"), &json!("m0_0")));
    assert!(shown[0]["expression"].as_str().unwrap().starts_with("((100 * FILL(m0_0, 0)) / "));
    assert_eq!(cloudwatch["fieldConfig"]["defaults"]["unit"], "percent");
    let figure = panel("cost", DataSource::CloudWatch, "Utilisation");
    let total = figure["targets"][0]["expression"].as_str().unwrap();
    assert!(total.starts_with("SUM(SEARCH("), "{total}");
}

#[test]
fn the_threshold_of_an_alarm_is_a_dashed_line_where_the_alarm_looks() {
    for (board, title) in [("pool", "Oldest wait over time"), ("fleet", "Oldest wait, by pool")] {
        let age = panel(board, DataSource::Prometheus, title);
        let steps = &age["fieldConfig"]["defaults"]["thresholds"]["steps"];
        assert_eq!(steps[1], json!({ "color": "#d6453d", "value": 1800.0 }), "{title}");
        assert!(age["description"].as_str().unwrap().ends_with("the alarm oldest above 1800 s."));
    }
    let other = panel("pool", DataSource::Prometheus, "How long boots take");
    assert!(other["fieldConfig"]["defaults"]["thresholds"].is_null());
}

#[test]
fn a_heat_map_is_of_buckets_in_prometheus_and_of_bands_in_cloudwatch() {
    let title = "How waits are spread";
    let buckets = panel("pool", DataSource::Prometheus, title);
    assert_eq!(
        (&buckets["type"], &buckets["targets"][0]["format"]),
        (&json!("heatmap"), &json!("heatmap"))
    );
    assert_eq!(
        expressions(&buckets),
        ["sum by (le) (increase(headroom_job_wait_seconds_bucket{pool=\"$pool\"}[$__interval]))"]
    );
    let bands = panel("pool", DataSource::CloudWatch, title);
    assert_eq!(bands["type"], "timeseries");
    let statistics: Vec<&Value> =
        bands["targets"].as_array().unwrap().iter().map(|target| &target["statistic"]).collect();
    assert_eq!((statistics[0], statistics[6]), (&json!("TC(:15)"), &json!("TC(7200:)")));
}

#[test]
fn a_table_has_the_values_as_rows_and_the_lines_as_columns() {
    let pools = panel("fleet", DataSource::Prometheus, "All pools");
    assert_eq!(
        expressions(&pools)[..2],
        [
            "sum by (pool) (max_over_time(headroom_jobs_waiting[2m]))",
            "max by (pool) (max_over_time(headroom_oldest_waiting_age_seconds[2m]))",
        ]
    );
    let organize = &pools["transformations"][1]["options"];
    assert_eq!(organize["renameByName"]["Value #B"], "oldest wait");
    assert_eq!(organize["indexByName"]["pool"], 0);
    let pools = panel("fleet", DataSource::CloudWatch, "All pools");
    assert_eq!(pools["targets"][1]["label"], "oldest wait");
    assert_eq!(pools["transformations"][1]["options"]["rowField"], "Pool");
}

#[test]
fn a_region_is_named_where_one_is_given() {
    let region = Some("eu-west-1".to_owned());
    let options = Options { region, ..options(DataSource::CloudWatch) };
    let text = dashboard(&Board::named("pool").unwrap(), &options).to_string();
    assert!(text.contains("\"region\":\"eu-west-1\"") && !text.contains("\"region\":\"default\""));
}
