//! From where a sandbox starts: nothing, a checkpoint, or a part of one.

use serde_json::{Value, json};

use crate::world::{Cloud, Function, Group, OWN, now, schedule, subscription};

/// A row of Insights.
fn row(job: u64, started: bool) -> Value {
    let ms = now().as_millis() - 3_600_000;
    let fields = [
        ("job_id", job.to_string()),
        ("run_attempt", "1".to_owned()),
        ("queued", "1".to_owned()),
        ("started", u8::from(started).to_string()),
        ("completed", "0".to_owned()),
        ("first_ms", ms.to_string()),
        ("last_ms", format!("{ms}.0")),
        ("in_pool", "linux".to_owned()),
    ];
    fields.map(|(field, value)| json!({ "field": field, "value": value })).into_iter().collect()
}

/// Values of a metric.
fn values<'a>(lines: &'a [Value], metric: &str) -> Vec<&'a Value> {
    lines.iter().map(|line| &line[metric]).filter(|value| !value.is_null()).collect()
}

#[test]
fn without_a_checkpoint_insights_tells_of_the_open_jobs_and_one_is_written() {
    let cloud = Cloud::start();
    let function = Function::tick(&cloud, &["linux"]);
    cloud.insights(&[row(1, false), row(2, false), row(3, true)]);
    // The third is over meanwhile, and a fourth came.
    cloud.webhook("linux", 3, "completed", 20);
    cloud.webhook("linux", 4, "queued", 5);
    cloud.hours(&[(now().as_secs() - 7200, 40.0), (now().as_secs() - 3600, 60.0)]);
    let sandbox = function.start();
    let answer = sandbox.invoke(&schedule());
    assert_eq!(cloud.calls("GetMetricData").len(), 1);
    assert!(answer["looks"].as_u64() > Some(1), "it looks again until its deadline: {answer}");
    assert_eq!((cloud.desired("linux-runners"), cloud.calls("StartQuery").len()), (3, 1));
    assert!(sandbox.rss_mib() < 128.0, "{}", sandbox.rss_mib());
    let (lines, log) = sandbox.end();
    assert_eq!(cloud.lines(OWN).len(), 1, "{log}");
    assert_eq!(values(&lines, "JobsWaiting").first().and_then(|it| it.as_u64()), Some(3), "{log}");
    for metric in ["RunnersDesired", "RunnersMax", "ScalerTicks", "ScalerDecisions"] {
        assert!(!values(&lines, metric).is_empty(), "{metric}: {log}");
    }
}

#[test]
fn a_new_sandbox_goes_on_from_the_checkpoint_and_the_lines_since() {
    let cloud = Cloud::start();
    let function = Function::tick(&cloud, &["linux"]);
    cloud.webhook("linux", 1, "queued", 100);
    cloud.webhook("linux", 2, "queued", 100);
    function.start().invoke(&schedule());
    assert_eq!(cloud.desired("linux-runners"), 2);
    // What the webhook wrote before is out of reach; a part of a later checkpoint is there.
    cloud.forget(crate::world::INGEST);
    let part: Value = serde_json::from_str(&cloud.lines(OWN)[0]).unwrap();
    let (later, mut part) = (now().as_millis() - 1, part);
    (part["Timestamp"], part["chunks"], part["id"]) = (later.into(), 2.into(), "ff".into());
    cloud.logged(OWN, "headroom-checkpoints", later, &part.to_string());
    cloud.webhook("linux", 3, "queued", 1);
    let sandbox = function.start();
    sandbox.invoke(&subscription(&[]));
    sandbox.invoke(&subscription(&[cloud.webhook("linux", 4, "queued", 0)]));
    assert_eq!((cloud.desired("linux-runners"), cloud.calls("StartQuery").len()), (4, 1));
}

/// All lines since then would have to be read; where nobody looked for so long, there may be many.
#[test]
fn after_a_long_pause_insights_is_asked_and_not_all_lines_since_the_checkpoint() {
    let cloud = Cloud::start();
    let function = Function::tick(&cloud, &["linux"]);
    cloud.insights(&[row(1, false)]);
    function.start().invoke(&schedule());
    let mut made: Value = serde_json::from_str(&cloud.lines(OWN)[0]).unwrap();
    cloud.forget(OWN);
    let before = now().as_millis() - 40 * 60_000;
    made["Timestamp"] = before.into();
    cloud.logged(OWN, "headroom-checkpoints", before, &made.to_string());
    cloud.insights(&[row(1, false), row(2, false)]);
    let sandbox = function.start();
    sandbox.invoke(&subscription(&[]));
    assert_eq!(cloud.calls("StartQuery").len(), 2);
    assert_eq!(cloud.calls("GetMetricData").len(), 1, "the model is that of the checkpoint");
    sandbox.invoke(&subscription(&[cloud.webhook("linux", 3, "queued", 0)]));
    assert_eq!(cloud.desired("linux-runners"), 3);
    let starts = cloud.calls("FilterLogEvents").into_iter();
    let of_jobs = starts.filter(|call| call.body["logGroupName"] == crate::world::INGEST);
    let earliest = of_jobs.filter_map(|call| call.body["startTime"].as_i64()).min().unwrap();
    assert!(earliest > now().as_millis() - 10 * 60_000, "{earliest}");
}

#[test]
fn lines_that_repeat_and_come_by_every_door_count_once() {
    let cloud = Cloud::start();
    let function = Function::tick(&cloud, &["linux"]);
    let line = cloud.webhook("linux", 1, "queued", 2);
    cloud.webhook("linux", 1, "queued", 1);
    let sandbox = function.start();
    for _ in 0..3 {
        sandbox.invoke(&subscription(&[line.clone(), line.clone()]));
    }
    assert_eq!(cloud.desired("linux-runners"), 1);
    // Lines of a pool that nobody scales here.
    let answer = sandbox.invoke(&subscription(&[cloud.webhook("other", 9, "queued", 0)]));
    assert_eq!(answer["looks"], 0);
}

#[test]
fn in_a_dry_run_nothing_is_set() {
    let cloud = Cloud::start();
    let function = Function::tick(&cloud, &["linux"]).var("HEADROOM_SCALER_MODE", "dry-run");
    cloud.group("linux-runners", Group { desired: 1, ..Group::default() });
    let line = cloud.webhook("linux", 1, "queued", 1);
    let more = cloud.webhook("linux", 2, "queued", 1);
    let sandbox = function.start();
    sandbox.invoke(&subscription(&[line, more]));
    assert_eq!(cloud.desired("linux-runners"), 1);
    let (lines, log) = sandbox.end();
    assert_eq!(values(&lines, "RunnersDesired")[0], 2, "{log}");
    assert!(log.contains("would"), "{log}");
}

#[test]
fn settings_that_make_no_sense_are_an_error_of_the_start() {
    let cloud = Cloud::start();
    let function = Function::tick(&cloud, &["linux"]);
    for (name, value, expected) in [
        ("HEADROOM_ROLE", "both", "tick or lifecycle"),
        ("HEADROOM_POOLS", "linux", "a JSON list"),
        ("HEADROOM_SCALER_LOG_GROUP", "", "log group"),
        ("AWS_REGION", "", "region"),
    ] {
        let told: Value =
            serde_json::from_str(&function.clone().var(name, value).start().init_error()).unwrap();
        let message = told["errorMessage"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
        assert_eq!(told["errorType"], "Headroom.Configuration");
    }
}
