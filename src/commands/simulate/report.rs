//! The outcomes as a table, JSON or CSV.

use model::document::Table;
use scaler::PATIENCE;
use scaler::sim::{Contender, Outcome, Setting};
use serde::Serialize;

use crate::cli::SimulateFormat;
use crate::render;

/// One policy's figures. Its fields are a contract.
#[derive(Debug, Serialize)]
struct Row {
    policy: String,
    jobs: u64,
    slo_secs: f64,
    wait_mean_secs: f64,
    wait_p50_secs: f64,
    wait_p90_secs: f64,
    wait_p95_secs: f64,
    wait_p99_secs: f64,
    within_slo: f64,
    bill_over_oracle: f64,
    launches_per_job: f64,
    unused_launches: u64,
    peak: u64,
    preparations: u64,
    unserved: u64,
    cost_per_job_secs: f64,
}

/// The best first: by what a job cost on top of the least bill, waiting counted.
pub fn text(
    mut outcomes: Vec<(Contender, Outcome)>,
    setting: &Setting,
    format: SimulateFormat,
) -> String {
    outcomes.sort_by(|(_, a), (_, b)| {
        let unserved = a.given_up.cmp(&b.given_up);
        unserved.then(a.cost_per_job(PATIENCE).total_cmp(&b.cost_per_job(PATIENCE)))
    });
    let rows: Vec<Row> =
        outcomes.iter().map(|(contender, outcome)| row(contender, outcome, setting)).collect();
    match format {
        SimulateFormat::Json => {
            serde_json::to_string_pretty(&rows).expect("figures are JSON") + "\n"
        }
        SimulateFormat::Csv => csv(&rows),
        SimulateFormat::Table => table(&rows) + &caption(&outcomes, setting),
    }
}

fn row(contender: &Contender, outcome: &Outcome, setting: &Setting) -> Row {
    let wait = |percent| outcome.waits.percentile_secs(percent);
    Row {
        policy: contender.to_string(),
        jobs: outcome.jobs,
        slo_secs: setting.wait_slo.as_secs_f64(),
        wait_mean_secs: rounded(outcome.waits.mean_secs()),
        wait_p50_secs: wait(50),
        wait_p90_secs: wait(90),
        wait_p95_secs: wait(95),
        wait_p99_secs: wait(99),
        within_slo: rounded(outcome.share_within_slo()),
        bill_over_oracle: rounded(outcome.bill_over_oracle()),
        launches_per_job: rounded(outcome.launches_per_job()),
        unused_launches: outcome.unused_launches,
        peak: outcome.peak,
        preparations: outcome.preparations,
        unserved: outcome.given_up,
        cost_per_job_secs: rounded(outcome.cost_per_job(PATIENCE)),
    }
}

/// Four digits: more would only look exact.
fn rounded(x: f64) -> f64 {
    (x * 10_000.0).round() / 10_000.0
}

fn csv(rows: &[Row]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).expect("a row is written into memory");
    }
    let bytes = writer.into_inner().expect("rows are written into memory");
    String::from_utf8(bytes).expect("rows are text")
}

fn table(rows: &[Row]) -> String {
    let header = [
        "policy",
        ">mean s",
        ">p50",
        ">p90",
        ">p95",
        ">p99",
        ">within SLO",
        ">bill",
        ">launches/job",
        ">unused",
        ">prepared",
        ">peak",
        ">cost/job s",
    ];
    let table = Table::new(header).with(rows.iter().map(|row| {
        [
            row.policy.clone(),
            format!("{:.1}", row.wait_mean_secs),
            format!("{:.0}", row.wait_p50_secs),
            format!("{:.0}", row.wait_p90_secs),
            format!("{:.0}", row.wait_p95_secs),
            format!("{:.0}", row.wait_p99_secs),
            format!("{:.1} %", row.within_slo * 100.0),
            format!("{:.3}", row.bill_over_oracle),
            format!("{:.3}", row.launches_per_job),
            row.unused_launches.to_string(),
            row.preparations.to_string(),
            row.peak.to_string(),
            format!("{:.0}", row.cost_per_job_secs),
        ]
    }));
    render::table(&table)
}

fn caption(outcomes: &[(Contender, Outcome)], setting: &Setting) -> String {
    let jobs = outcomes.iter().map(|(_, outcome)| outcome.jobs).max().unwrap_or(0);
    let mut text = format!(
        "\n{jobs} jobs, after {} days that teach. SLO: a wait of {} s. Boot {} s, start of a \
         stopped instance {} s, which costs {} of a running one.\nbill: as a multiple of each \
         job's duration and one boot. launches: starts and cold launches; preparations are told \
         apart.\ncost/job: seconds of an instance on top of that least bill, a second of waiting \
         counted as {PATIENCE}; the table is sorted by it.\n",
        setting.learn.as_secs_f64() / 86_400.0,
        setting.wait_slo.as_secs_f64(),
        setting.cold_start.as_secs_f64(),
        setting.warm_start.as_secs_f64(),
        setting.stopped_cost,
    );
    for (contender, outcome) in outcomes {
        if let Some(sentence) = contender.caption() {
            text += &format!("{sentence}\n");
        }
        if outcome.given_up > 0 {
            text += &format!("{contender}: {} jobs never got a runner.\n", outcome.given_up);
        }
    }
    text
}
