//! A report of a log group tells of instances what CloudWatch knows of them.

use std::time::{SystemTime, UNIX_EPOCH};

use model::catalogue as c;
use model::{Level, Spec};
use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::guard;
use crate::headroom_at;
use crate::log_groups::{GROUP, lines};

/// The minutes of the last three hours.
fn minutes() -> impl Iterator<Item = u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    now / 60 - 180..now / 60
}

fn datum(spec: &Spec, at: u64, told: Value) -> Value {
    let mut datum = told;
    datum["MetricName"] = spec.name.into();
    datum["Dimensions"] = json!([{ "Name": "Pool", "Value": "linux" }]);
    datum["Timestamp"] = at.into();
    datum
}

/// Jobs of two hours ago, and a scaler that looked each minute: three idle runners, and a boot in
/// every second minute, of which nothing is told in the others.
fn scaled() -> Emulator {
    let aws = Emulator::start();
    aws.make_log_group(GROUP, &lines(12));
    let is = |level: Level, minute: u64, value: u32| {
        datum(level.0, minute * 60, json!({ "Value": value }))
    };
    let mut data = Vec::new();
    for minute in minutes() {
        data.push(is(c::RUNNERS_DESIRED, minute, 4));
        data.push(is(c::RUNNERS_MEMBERS, minute, 4));
        data.push(is(c::RUNNERS_IDLE, minute, 3));
        if minute.is_multiple_of(2) {
            data.push(is(c::RUNNERS_BOOTING, minute, 1));
        }
    }
    let queued_at = lines(1)[0].0 / 1000;
    for (spec, values, counts) in [
        (c::BOOT_TIME.0, json!([80, 120]), json!([3, 1])),
        (c::BOOT_MACHINE_TIME.0, json!([40]), json!([4])),
        (c::BOOT_CONFIG_TIME.0, json!([8, 12]), json!([2, 2])),
        (c::BOOT_CONNECT_TIME.0, json!([12]), json!([3])),
        (c::BOOTS_FAILED.0, json!([2]), json!([1])),
    ] {
        data.push(datum(spec, queued_at, json!({ "Values": values, "Counts": counts })));
    }
    aws.put_metrics(&data);
    aws
}

fn report(url: &str, format: &str) -> String {
    let arguments =
        ["report", "--since", "1d", "--no-replay", "--log-group", GROUP, "--format", format];
    let ended = headroom_at(url, &arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

fn json_of(url: &str) -> Value {
    serde_json::from_str(&report(url, "json")).unwrap()
}

fn instant(report: &Value, end: &str) -> f64 {
    let at: model::Timestamp = report["period"][end].as_str().unwrap().parse().unwrap();
    std::time::Duration::from_millis(at.as_millis().unsigned_abs()).as_secs_f64()
}

#[track_caller]
fn close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
}

#[test]
fn instance_time_and_boots_are_those_that_cloudwatch_knows() {
    let aws = scaled();
    let report_of = json_of(aws.url());
    let pool = &report_of["pools"][0];
    let hours = (instant(&report_of, "to") - instant(&report_of, "from")) / 3600.0;
    let waste = &pool["waste"];
    for (figure, runners) in
        [("counted_hours", 1.0), ("idle_hours", 3.0), ("boot_hours", 0.5), ("stopped_hours", 0.0)]
    {
        close(&waste[figure], runners * hours);
    }
    close(&pool["concurrency_over_time"][0]["runners"], 3.5);
    let boots = &pool["boots"];
    for (figure, value) in [
        ("started", 4.0),
        ("mean_secs", 90.0),
        ("machine_secs", 40.0),
        ("config_secs", 10.0),
        ("connect_secs", 12.0),
        ("failed", 2.0),
    ] {
        close(&boots[figure], value);
    }
    assert!(boots["p95_secs"].is_null(), "the emulator tells no shares: {boots}");
    let markdown = report(aws.url(), "md");
    let told = "Boots: 4, 90 s on average (machine 40 s, registration 10 s, connection 12 s, the \
                rest in the group); 2 failed.";
    assert!(markdown.contains(told), "{markdown}");
}

#[test]
fn whoever_may_not_read_metrics_gets_the_report_and_is_told_why_instances_are_not_in_it() {
    let aws = scaled();
    let url = guard::refusing("cloudwatch:GetMetricData", &aws);
    let [all, refused] = [aws.url(), &url].map(json_of);
    let pool = &refused["pools"][0];
    assert!(pool["waste"].is_null() && pool["boots"].is_null(), "{pool}");
    assert_eq!(pool["wait_secs"], all["pools"][0]["wait_secs"]);
    let of_instances =
        |it: &&Value| it["subject"] == "instances" && it["effect"].to_string().contains("unknown");
    let warnings = refused["warnings"].as_array().unwrap();
    let text = warnings.iter().find(of_instances).unwrap()["text"].to_string();
    assert!(text.contains("allow whoever asks the action cloudwatch:GetMetricData"), "{text}");
    assert!(!all["warnings"].as_array().unwrap().iter().any(|it| of_instances(&it)), "{all}");
}

#[test]
fn a_rehearsal_counts_no_instances() {
    let aws = Emulator::start();
    aws.make_log_group(GROUP, &lines(12));
    let looks = minutes().flat_map(|minute| {
        [c::RUNNERS_DESIRED, c::RUNNERS_BUSY]
            .map(|level| datum(level.0, minute * 60, json!({ "Value": 1 })))
    });
    aws.put_metrics(&looks.collect::<Vec<_>>());
    let pool = json_of(aws.url())["pools"][0].take();
    assert!(pool["waste"].is_null() && pool["boots"].is_null(), "{pool}");
    assert!(pool["concurrency_over_time"][0]["runners"].is_null(), "{pool}");
}
