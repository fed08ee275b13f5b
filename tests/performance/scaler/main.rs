//! Measures the scaler's tick function against its budget and writes the section of
//! `docs/PERFORMANCE.md` about it.
//!
//! ```sh
//! cargo run --release --package headroom-scaler-lambda --example scaler-performance
//! ```
//!
//! Fifty pools, each with a group of twenty instances and twenty open jobs, before an AWS on loopback
//! that answers at once: what is measured is the function, not AWS.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

#[expect(dead_code, reason = "the stories ask for more of it than a measurement")]
#[path = "../../../adapters/scaler/tests/world/mod.rs"]
mod world;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use world::{Cloud, Function, Group, OWN, now, schedule, subscription};

/// The section's heading, by which it is found again.
const HEADING: &str = "## The scaler on AWS Lambda";

const POOLS: u64 = 50;

/// Instances of a group, and open jobs of a pool.
const EACH: u64 = 20;

/// Sandboxes that are started.
const COLD: usize = 20;

/// Looks of one sandbox.
const WARM: usize = 50;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = std::env::args_os().nth(1).map(PathBuf::from);
    let out = out.unwrap_or_else(|| root.join("docs/PERFORMANCE.md"));
    let mut build = Command::new("cargo");
    build.current_dir(&root).args(["build", "--release", "--bin", "scaler-lambda"]);
    let status = build.args(["--package", "headroom-scaler-lambda"]).status().unwrap();
    assert!(status.success());
    let section = measured();
    let document = std::fs::read_to_string(&out).unwrap();
    std::fs::write(&out, put(&document, &section)).unwrap();
    println!("{section}");
}

fn measured() -> String {
    let cloud = Cloud::start();
    let names: Vec<String> = (0..POOLS).map(|n| format!("pool{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let function = Function::tick(&cloud, &names).var("HEADROOM_TICK_SECS", "60");
    for (pool, name) in (0..).zip(&names) {
        let id = |n| pool * EACH + n;
        let members = (0..EACH).map(|n| format!("i-{:08x}", id(n))).collect();
        cloud.group(
            &format!("{name}-runners"),
            Group { desired: 20, warm: Some(2), members, ..Group::default() },
        );
        for n in 0..EACH {
            cloud.webhook(name, id(n), "queued", 90);
            cloud.webhook(name, id(n), "in_progress", 80);
        }
    }
    // A job that is queued in each pool: what is known already has nothing looked at.
    let mut round = 0;
    let mut queued = || {
        round += 1;
        let line =
            |(pool, name): (u64, &&str)| cloud.webhook(name, round * 100_000 + pool, "queued", 0);
        subscription(&(0..).zip(&names).map(line).collect::<Vec<_>>())
    };
    let hour = now().as_secs() / 3600 * 3600;
    cloud.hours(&(1..600).map(|n| (hour - n * 3600, 40.0)).collect::<Vec<_>>());

    let cold = |event| took(|| assert_eq!(function.start().invoke(&event)["looks"], POOLS));
    let without = (0..COLD).map(|_| cold(queued())).collect();
    let sandbox = function.start();
    sandbox.invoke(&schedule());
    let checkpoint: usize = cloud.lines(OWN).iter().map(String::len).sum();
    let with = (0..COLD).map(|_| cold(queued())).collect();
    let warm = (0..WARM).map(|_| {
        let event = queued();
        took(|| assert_eq!(sandbox.invoke(&event)["looks"], POOLS))
    });
    let warm = warm.collect();
    let rss = sandbox.rss_mib();
    drop(sandbox.end());
    section([without, with, warm], rss, checkpoint)
}

/// Median and slowest.
fn told(mut times: Vec<Duration>) -> String {
    times.sort();
    let ms = |took: Duration| format!("{:.0} ms", took.as_secs_f64() * 1e3);
    format!("**{}** | {}", ms(times[times.len() / 2]), ms(times[times.len() - 1]))
}

fn section([without, with, warm]: [Vec<Duration>; 3], rss: f64, checkpoint: usize) -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    let date = now().to_string();
    let mut out = String::new();
    writeln!(
        out,
        "{HEADING}\n\n\
         Written by `cargo run --release --package headroom-scaler-lambda --example \
         scaler-performance` on {} at a load average of {load}: `scaler-lambda` behind a Runtime \
         API and before an AWS that answers at once, both on loopback; {POOLS} pools, each with \
         {EACH} instances, {EACH} open jobs and a warm pool. Each look reads the log group, \
         describes {POOLS} groups and sets the capacity of those whose jobs wait. A checkpoint of \
         them has {} KB.\n",
        &date[..10],
        checkpoint / 1000,
    )
    .unwrap();
    writeln!(out, "| | median | slowest | at most |\n|---|--:|--:|--:|").unwrap();
    for (name, times, limit) in [
        ("start to first answer, by Insights", without, "1.5 s"),
        ("start to first answer, by a checkpoint", with, "1.5 s"),
        ("a look of a warm sandbox", warm, "300 ms"),
    ] {
        writeln!(out, "| {name} | {} | {limit} |", told(times)).unwrap();
    }
    writeln!(out, "| memory at most | **{rss:.0} MiB** | | 128 MB |").unwrap();
    out
}

/// The document with this section in place of the one it had, or at its end.
fn put(document: &str, section: &str) -> String {
    let begin = document.find(HEADING).unwrap_or(document.len());
    let after = document[begin..].get(HEADING.len()..).and_then(|rest| rest.find("\n## "));
    let rest = after.map_or("", |at| &document[begin + HEADING.len() + at + 1..]);
    let parts = [document[..begin].trim_end(), section.trim_end(), rest.trim_end()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}\n", parts.join("\n\n"))
}

fn took(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}
