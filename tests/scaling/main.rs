//! Writes docs/SCALING.md: what the scaler does with traces, beside the rules of others, and how
//! long it takes.
//!
//! `cargo run --release --example scaling -- TRACE:LEARN_DAYS... [--out docs/SCALING.md]`
//!
//! Each figure comes from a run of `headroom simulate` whose command line stands beside it.

#![expect(clippy::unwrap_used, reason = "a document that cannot be measured is not written")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

/// The rows of the first tables.
const POLICIES: &str = "headroom,stopped-pool:20,per-webhook,per-webhook-delayed,idle-pool:10,\
                        naive-minute,queued-plus-running,target-tracking:0.5,oracle,warm-oracle";

/// Other worlds that the same default configuration meets.
const WORLDS: [(&str, &[&str]); 8] = [
    ("boot 60 s", &["--boot", "60"]),
    ("boot 90 s", &["--boot", "90"]),
    ("boot 180 s", &["--boot", "180"]),
    ("stopped instances at 0.01", &["--stopped-cost", "0.01"]),
    ("stopped instances at 0.05", &["--stopped-cost", "0.05"]),
    ("boots vary by a factor (sigma 0.25)", &["--faults", "boot-jitter=0.25"]),
    (
        "2 % of boots fail, 1 % of webhooks are lost",
        &["--faults", "boot-fails=0.02,lost=0.01,duplicated=0.01,reordered=0.02"],
    ),
    (
        "2 % of jobs are cancelled, 5 % of writes refused",
        &["--faults", "cancelled=0.02,throttled=0.05,capacity=0.01"],
    ),
];

fn main() {
    let mut out = PathBuf::from("docs/SCALING.md");
    let mut traces = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--out" => out = arguments.next().expect("--out FILE").into(),
            trace => {
                let (path, days) = trace.rsplit_once(':').expect("TRACE:LEARN_DAYS");
                traces.push((PathBuf::from(path), days.to_owned()));
            }
        }
    }
    assert!(!traces.is_empty(), "usage: scaling TRACE:LEARN_DAYS... [--out FILE]");
    build();
    let mut text = HEAD.to_owned();
    let mut bills = Vec::new();
    for (path, days) in &traces {
        bills.push(trace(path, days, &mut text));
    }
    let mean = bills.iter().map(|bill: &f64| bill.ln()).sum::<f64>()
        / f64::from(u32::try_from(bills.len()).unwrap());
    writeln!(text, "Geometric mean of headroom's bills: {:.3}.", mean.exp()).unwrap();
    std::fs::write(&out, text).unwrap();
    eprintln!("wrote {}", out.display());
}

const HEAD: &str = "# Scaling, measured

Written by `cargo run --release --example scaling -- TRACE:LEARN_DAYS...`. One default
configuration everywhere. A bill is a multiple of each job's duration and one boot; waits are in
seconds. What `headroom` decides by is in [decision 0007](decisions/0007-calibrated-stock.md).
";

fn build() {
    let built = Command::new("cargo").args(["build", "--release", "--bin", "headroom"]).status();
    assert!(built.unwrap().success());
}

/// Appends what one trace showed; headroom's bill.
fn trace(path: &Path, days: &str, text: &mut String) -> f64 {
    let name = path.file_name().unwrap().to_string_lossy();
    let began = Instant::now();
    let rows = simulate(path, &["--learn", days, "--policy", POLICIES]);
    let took = began.elapsed().as_secs_f64();
    writeln!(
        text,
        "\n## {name}\n\n`headroom simulate --trace {name} --learn {days} --policy {POLICIES}` \
         ({took:.2} s for all of them):\n\n{TABLE}"
    )
    .unwrap();
    for row in &rows {
        writeln!(text, "{}", line(row["policy"].as_str().unwrap(), row)).unwrap();
    }
    let began = Instant::now();
    let alone = simulate(path, &["--learn", days, "--policy", "headroom"]);
    let took = began.elapsed().as_secs_f64();
    writeln!(text, "\n`headroom` alone, reading included, took {took:.2} s. The same in other worlds:\n\n{TABLE}").unwrap();
    for (world, arguments) in WORLDS {
        let all = [&["--learn", days, "--policy", "headroom"], arguments].concat();
        let rows = simulate(path, &all);
        writeln!(text, "{}", line(world, &rows[0])).unwrap();
    }
    let best = best_constant(path, days);
    writeln!(text, "\n{best}\n").unwrap();
    alone[0]["bill_over_oracle"].as_f64().unwrap()
}

const TABLE: &str = "| | p50 | p95 | p99 | mean | within SLO | bill | launches a job | peak |
| --- | --: | --: | --: | --: | --: | --: | --: | --: |";

fn line(name: &str, row: &Value) -> String {
    let figure = |key: &str| row[key].as_f64().unwrap();
    format!(
        "| {name} | {:.0} | {:.0} | {:.0} | {:.1} | {:.1} % | {:.3} | {:.3} | {} |",
        figure("wait_p50_secs"),
        figure("wait_p95_secs"),
        figure("wait_p99_secs"),
        figure("wait_mean_secs"),
        figure("within_slo") * 100.0,
        figure("bill_over_oracle"),
        figure("launches_per_job"),
        row["peak"],
    )
}

/// The least constant stopped pool that serves 95 % of the jobs and waits no longer in the mean,
/// chosen knowing the trace.
fn best_constant(path: &Path, days: &str) -> String {
    let names: Vec<String> = (4..=120).step_by(2).map(|m| format!("stopped-pool:{m}")).collect();
    let mut rows = simulate(path, &["--learn", days, "--policy", &names.join(",")]);
    rows.retain(|row| {
        row["within_slo"].as_f64() >= Some(0.95) && row["wait_mean_secs"].as_f64() <= Some(32.0)
    });
    rows.sort_by(|a, b| {
        a["bill_over_oracle"].as_f64().partial_cmp(&b["bill_over_oracle"].as_f64()).unwrap()
    });
    match rows.first() {
        Some(row) => format!(
            "The cheapest constant stopped pool that keeps 95 % within the SLO and the mean at \
             32 s, chosen in hindsight: {}, bill {:.3}.",
            row["policy"].as_str().unwrap(),
            row["bill_over_oracle"].as_f64().unwrap(),
        ),
        None => {
            "No constant stopped pool up to 120 keeps 95 % within the SLO and the mean at 32 s."
                .to_owned()
        }
    }
}

fn simulate(path: &Path, arguments: &[&str]) -> Vec<Value> {
    let beside = std::env::current_exe().unwrap();
    let headroom = beside.parent().unwrap().with_file_name("headroom");
    let mut command = Command::new(headroom);
    command.args(["simulate", "--format", "json", "--trace"]).arg(path).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
