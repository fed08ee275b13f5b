//! CSV, one figure a row: `pool,table,key,figure,value,unit`.
//!
//! * `pool` is empty for what concerns all pools.
//! * `table` is `report`, `headline`, `warnings`, `pool`, `repositories`, `workflows`,
//!   `runner_groups`, `hours_of_week`, `concurrency`, `bursts`, `slowest`, `lost`, `waste`, `boots`,
//!   `recommendation`, `frontier` or `sweep`.
//! * `key` is the row within the table: a repository, `mon 09` of an hour of the week in UTC, an
//!   instant, the least size of a burst, a job's id, a policy, a `runners_max`. Empty where a table
//!   has one row.
//! * `value` is empty where nobody knows.

use model::capacity::{Cost, HourOfWeek, PoolReport, Report, Table, Wait};

/// Names of the days of the week.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The whole report.
pub(super) fn text(report: &Report) -> String {
    let mut rows = Rows(::csv::Writer::from_writer(Vec::new()));
    rows.write(["pool", "table", "key", "figure", "value", "unit"]);
    head(report, &mut rows);
    for pool in &report.pools {
        let currency = report.prices.currency.as_str();
        figures(pool, currency, &mut rows);
        tables(pool, currency, &mut rows);
        replayed(pool, currency, &mut rows);
    }
    let bytes = rows.0.into_inner().expect("rows are written into memory");
    String::from_utf8(bytes).expect("rows are text")
}

struct Rows(::csv::Writer<Vec<u8>>);

/// Where a figure stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    pool: &'a str,
    table: &'a str,
    key: &'a str,
}

impl Rows {
    fn write(&mut self, fields: [&str; 6]) {
        self.0.write_record(fields).expect("a row is written into memory");
    }

    fn word(&mut self, at: Place<'_>, figure: &str, value: &str, unit: &str) {
        self.write([at.pool, at.table, at.key, figure, value, unit]);
    }

    fn number(&mut self, at: Place<'_>, figure: &str, value: impl Into<Option<f64>>, unit: &str) {
        let value = value.into().map_or(String::new(), |value| value.to_string());
        self.word(at, figure, &value, unit);
    }

    fn count(&mut self, at: Place<'_>, figure: &str, value: u64, unit: &str) {
        self.word(at, figure, &value.to_string(), unit);
    }

    fn wait(&mut self, at: Place<'_>, wait: &Wait, within_slo: Option<f64>) {
        for (figure, value) in [
            ("wait_mean", wait.mean),
            ("wait_p50", wait.p50),
            ("wait_p90", wait.p90),
            ("wait_p95", wait.p95),
            ("wait_p99", wait.p99),
        ] {
            self.number(at, figure, value, "seconds");
        }
        self.count(at, "waits_known", wait.known, "jobs");
        self.count(at, "waits_censored", wait.censored, "jobs");
        self.number(at, "within_slo", within_slo, "share");
    }

    fn cost(&mut self, at: Place<'_>, cost: &Cost, currency: &str) {
        self.number(at, "runner_hours", cost.runner_hours, "hours");
        self.number(at, "cost_on_demand", cost.on_demand, currency);
        if let Some(spot) = &cost.spot {
            self.number(at, "spot_hours", spot.spot_hours, "hours");
            self.number(at, "long_hours", spot.long_hours, "hours");
            self.count(at, "long_jobs", spot.long_jobs, "jobs");
            self.number(at, "cost_long_on_demand", spot.long_on_demand, currency);
            self.number(at, "cost_short_on_spot", spot.short_on_spot, currency);
            self.number(at, "cost_mixed", spot.mixed, currency);
        }
    }
}

fn head(report: &Report, rows: &mut Rows) {
    let at = Place { pool: "", table: "report", key: "" };
    for (figure, value) in [
        ("from", report.period.from.to_string()),
        ("to", report.period.to.to_string()),
        ("generated_at", report.generated_at.to_string()),
        ("summary", report.summary.clone()),
    ] {
        rows.word(at, figure, &value, "");
    }
    for figure in &report.headline {
        let at = Place { pool: "", table: "headline", key: "" };
        rows.number(at, &figure.name, figure.value, &figure.unit);
        if let Some(change) = figure.change {
            let name = format!("{}_previous", figure.name);
            rows.number(at, &name, change.previous, &figure.unit);
        }
    }
    for (n, warning) in (1..).zip(&report.warnings) {
        let key = n.to_string();
        let pool = warning.pool.as_deref().unwrap_or_default();
        let at = Place { pool, table: "warnings", key: &key };
        rows.word(at, "text", &warning.text, "");
        rows.word(at, "effect", &warning.effect, "");
    }
}

fn figures(pool: &PoolReport, currency: &str, rows: &mut Rows) {
    let at = Place { pool: &pool.name, table: "pool", key: "" };
    rows.count(at, "jobs", pool.jobs, "jobs");
    let counts = &pool.job_counts;
    for (figure, count) in [
        ("started", counts.started),
        ("wait_unknown", counts.wait_unknown),
        ("waiting", counts.waiting),
        ("ended_waiting", counts.ended_waiting),
        ("ghosts", counts.ghosts),
        ("never_asked", counts.never_asked),
    ] {
        rows.count(at, figure, count, "jobs");
    }
    rows.wait(at, &pool.wait_secs, pool.within_slo);
    rows.number(at, "concurrency_mean", pool.concurrency.mean, "runners");
    rows.count(at, "concurrency_p95", pool.concurrency.p95, "runners");
    rows.count(at, "concurrency_max", pool.concurrency.max, "runners");
    rows.cost(at, &pool.cost, currency);
    rows.number(at, "duration_mean", pool.duration_secs.mean, "seconds");
    rows.number(at, "duration_p50", pool.duration_secs.p50, "seconds");
    rows.number(at, "duration_p95", pool.duration_secs.p95, "seconds");
    let at = Place { table: "lost", ..at };
    for (figure, count) in [
        ("queued_unseen", pool.lost.queued_unseen),
        ("in_progress_unseen", pool.lost.in_progress_unseen),
        ("completed_unseen", pool.lost.completed_unseen),
        ("ghosts", pool.lost.ghosts),
    ] {
        rows.count(at, figure, count, "jobs");
    }
    instances(pool, currency, rows);
}

fn instances(pool: &PoolReport, currency: &str, rows: &mut Rows) {
    if let Some(boots) = &pool.boots {
        let at = Place { pool: &pool.name, table: "boots", key: "" };
        rows.count(at, "started", boots.started, "boots");
        rows.count(at, "failed", boots.failed, "boots");
        for (figure, secs) in [
            ("mean", boots.mean_secs),
            ("p95", boots.p95_secs),
            ("machine_mean", boots.machine_secs),
            ("config_mean", boots.config_secs),
            ("connect_mean", boots.connect_secs),
        ] {
            rows.number(at, figure, secs, "seconds");
        }
    }
    let Some(waste) = &pool.waste else { return };
    let at = Place { pool: &pool.name, table: "waste", key: "" };
    rows.number(at, "boot_hours", waste.boot_hours, "hours");
    rows.number(at, "idle_hours", waste.idle_hours, "hours");
    rows.number(at, "overdue_hours", waste.overdue_hours, "hours");
    rows.number(at, "stopped_hours", waste.stopped_hours, "hours");
    rows.number(at, "counted_hours", waste.counted_hours, "hours");
    rows.number(at, "cost", waste.cost, currency);
}

fn tables(pool: &PoolReport, currency: &str, rows: &mut Rows) {
    let place = |table| Place { pool: &pool.name, table, key: "" };
    table(&pool.repositories, place("repositories"), currency, rows);
    table(&pool.workflows, place("workflows"), currency, rows);
    table(&pool.runner_groups, place("runner_groups"), currency, rows);
    for hour in &pool.hours_of_week {
        hour_of_week(hour, place("hours_of_week"), rows);
    }
    for point in &pool.concurrency_over_time {
        let key = point.at.to_string();
        let at = Place { key: &key, ..place("concurrency") };
        rows.number(at, "mean", point.mean, "runners");
        rows.count(at, "max", point.max, "runners");
        rows.number(at, "runners", point.runners, "runners");
    }
    let at = place("bursts");
    rows.count(at, "count", pool.bursts.count, "bursts");
    rows.number(at, "jobs_mean", pool.bursts.jobs_mean, "jobs");
    rows.count(at, "jobs_p95", pool.bursts.jobs_p95, "jobs");
    rows.count(at, "jobs_max", pool.bursts.jobs_max, "jobs");
    for (least, count) in &pool.bursts.sizes {
        rows.count(Place { key: &least.to_string(), ..at }, "count", *count, "bursts");
    }
    for slow in &pool.slowest {
        let key = slow.job.to_string();
        let at = Place { key: &key, ..place("slowest") };
        rows.number(at, "wait", slow.wait_secs, "seconds");
        rows.word(at, "queued_at", &slow.queued_at.to_string(), "");
        rows.word(at, "name", &slow.name, "");
        rows.word(at, "repository", slow.repository.as_deref().unwrap_or_default(), "");
        rows.word(at, "url", slow.url.as_deref().unwrap_or_default(), "");
        rows.word(at, "is_waiting", &slow.is_waiting.to_string(), "");
        rows.count(at, "running_then", slow.running_then, "runners");
    }
}

fn table(table: &Table, at: Place<'_>, currency: &str, rows: &mut Rows) {
    for row in table.rows.iter().chain(&table.other) {
        let at = Place { key: &row.name, ..at };
        rows.count(at, "jobs", row.jobs, "jobs");
        rows.wait(at, &row.wait_secs, row.within_slo);
        rows.cost(at, &row.cost, currency);
    }
}

fn hour_of_week(hour: &HourOfWeek, at: Place<'_>, rows: &mut Rows) {
    let day = DAYS.get(usize::from(hour.day)).copied().unwrap_or_default();
    let key = format!("{day} {:02}", hour.hour);
    let at = Place { key: &key, ..at };
    rows.count(at, "jobs", hour.jobs, "jobs");
    rows.number(at, "jobs_per_hour", hour.jobs_per_hour, "jobs");
    rows.number(at, "wait_p50", hour.wait_secs.p50, "seconds");
    rows.number(at, "wait_p95", hour.wait_secs.p95, "seconds");
    rows.number(at, "within_slo", hour.within_slo, "share");
    rows.number(at, "running_mean", hour.running_mean, "runners");
}

fn replayed(pool: &PoolReport, currency: &str, rows: &mut Rows) {
    let place = |table| Place { pool: &pool.name, table, key: "" };
    if let Some(it) = &pool.recommendation {
        let at = place("recommendation");
        rows.count(at, "runners_min", it.runners_min.into(), "runners");
        rows.number(at, "runners_max", it.runners_max.map(f64::from), "runners");
        rows.count(at, "warm_pool", it.warm_pool.into(), "instances");
        rows.word(at, "config", &it.config, "");
    }
    for point in &pool.frontier {
        let at = Place { key: &point.policy, ..place("frontier") };
        rows.number(at, "wait_mean", point.wait_mean_secs, "seconds");
        rows.number(at, "wait_p50", point.wait_p50_secs, "seconds");
        rows.number(at, "wait_p95", point.wait_p95_secs, "seconds");
        rows.number(at, "within_slo", point.within_slo, "share");
        rows.number(at, "bill_over_oracle", point.bill_over_oracle, "ratio");
        rows.number(at, "instance_hours_per_week", point.instance_hours_per_week, "hours");
        rows.number(at, "cost_per_week", point.cost_per_week, currency);
    }
    for step in pool.advice.iter().flat_map(|advice| &advice.sweep) {
        let key = step.runners_max.to_string();
        let at = Place { key: &key, ..place("sweep") };
        rows.number(at, "wait_p50", step.wait_p50_secs, "seconds");
        rows.number(at, "wait_p95", step.wait_p95_secs, "seconds");
        rows.number(at, "within_slo", step.within_slo, "share");
        rows.number(at, "bill_over_oracle", step.bill_over_oracle, "ratio");
    }
}
