//! Invented pools and jobs, with names as people write them.

use dashboards::{Charts, JobRow, JobState, PoolRow, Waits};

use crate::fleet;

/// Name, waiting, oldest (s), running, p50 and p95 (s) per range, arrivals, share of the queue.
type Pool = (&'static str, u32, Option<i64>, u32, [(i64, i64); 3], u32, f64);

const POOLS: [Pool; 6] = [
    ("linux-x64-large", 17, Some(877), 32, [(95, 731), (41, 512), (34, 412)], 4_812, 0.8),
    ("gpu-a10g", 4, Some(512), 8, [(210, 512), (190, 940), (160, 1_420)], 212, 0.4),
    ("linux-arm64", 2, Some(38), 12, [(12, 44), (14, 61), (13, 58)], 1_904, 0.2),
    ("linux-x64-small", 0, None, 11, [(6, 19), (7, 22), (7, 24)], 9_377, 0.05),
    (
        "macos-14-xlarge, xcode-16.1, signing-release",
        0,
        None,
        1,
        [(9, 31), (11, 48), (10, 44)],
        98,
        0.0,
    ),
    ("windows-2022", 0, None, 0, [(0, 0), (26, 71), (28, 102)], 41, 0.0),
];

pub(crate) fn pools(charts: &Charts) -> Vec<PoolRow> {
    POOLS
        .map(|(name, waiting, oldest, running, waits, arrivals, share)| PoolRow {
            name: name.to_owned(),
            waiting,
            oldest_ms: oldest.map(|secs| secs * 1_000),
            running,
            waits: waits.map(wait),
            arrivals,
            waiting_trend: fleet::share(&charts.waiting, share),
        })
        .into()
}

fn wait((p50_secs, p95_secs): (i64, i64)) -> Waits {
    let known = |secs: i64| (secs > 0).then_some(secs * 1_000);
    Waits { p50_ms: known(p50_secs), p95_ms: known(p95_secs) }
}

pub(crate) fn longest_waiting(now_ms: i64) -> Vec<JobRow> {
    let long = "integration (postgres-16, redis-7, ubuntu-24.04) / ".repeat(10);
    let names = [
        ("build (release, x86_64-unknown-linux-gnu)", 877),
        ("test / shard 3 of 16", 845),
        (long.as_str(), 790),
        ("train 🚀 nightly", 512),
        ("<script>alert(1)</script>", 407),
        ("בדיקות אינטגרציה", 38),
    ];
    let row = |(name, age_secs): (&str, i64)| JobRow {
        waited_ms: Some(age_secs * 1_000),
        changed_at_ms: now_ms - age_secs * 1_000,
        ..job(name, JobState::Waiting)
    };
    names.map(row).into()
}

pub(crate) fn recent(now_ms: i64) -> Vec<JobRow> {
    let rows = [
        ("lint", JobState::Running),
        ("unit (stable)", JobState::Success),
        ("unit (1.91)", JobState::Success),
        ("e2e / chromium", JobState::Failure),
        ("docs", JobState::Cancelled),
        ("bench", JobState::Success),
        ("deploy / preview", JobState::Skipped),
        ("fuzz", JobState::TimedOut),
        ("deploy / production", JobState::Held),
        ("license check", JobState::Other("action_required".to_owned())),
    ];
    let row = |(at, (name, state)): (i64, (&str, JobState))| {
        let ran = !matches!(state, JobState::Skipped | JobState::Held);
        JobRow {
            runner: ran.then(|| format!("i-0a1b2c3d4e5f6{at:04}-linux-x64-large")),
            ran_ms: ran.then_some(41_000 + at * 93_000),
            waited_ms: ran.then_some(3_000 + at * at * 4_000),
            changed_at_ms: now_ms - 2_000 - at * at * 4_000,
            ..job(name, state)
        }
    };
    (0..).zip(rows).map(row).collect()
}

fn job(name: &str, state: JobState) -> JobRow {
    JobRow {
        key: name.to_owned(),
        name: name.to_owned(),
        workflow: Some("Continuous integration".to_owned()),
        repository: "acme/storefront".to_owned(),
        pool: "linux-x64-large".to_owned(),
        labels: ["self-hosted", "linux", "x64", "large"].map(str::to_owned).to_vec(),
        state,
        waited_ms: None,
        ran_ms: None,
        runner: None,
        url: Some("https://github.com/acme/storefront/actions/runs/1/job/2".to_owned()),
        changed_at_ms: 0,
    }
}
