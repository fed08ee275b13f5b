//! The estimates of [`crate::price`] as a table, with the assumptions behind them in words.

use serde::Serialize;

use crate::price::{
    Choice, Estimate, Fleet, HOURS_PER_MONTH, Usd, Writing, estimate, estimates, list,
};

use super::{Table, grouped};

/// One estimate, flat. Sums are US dollars for a month of 30 days.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CostRow {
    /// `line per event` or `line per minute`.
    pub writing: &'static str,
    /// The roll-ups.
    pub roll_ups: &'static str,
    /// Series that can occur.
    pub series: u64,
    /// Metrics, with every series active in every hour.
    pub metrics_at_most_usd: Usd,
    /// Metrics, with every series active in hours with a job of it.
    pub metrics_expected_usd: Usd,
    /// Bytes of log.
    pub log_bytes: u64,
    /// Taking the log in and keeping it.
    pub logs_usd: Usd,
    /// Metrics at most, and logs.
    pub total_at_most_usd: Usd,
    /// Metrics as expected, and logs.
    pub total_expected_usd: Usd,
}

impl From<Estimate> for CostRow {
    fn from(estimate: Estimate) -> Self {
        CostRow {
            writing: estimate.writing.as_str(),
            roll_ups: estimate.choice.as_str(),
            series: estimate.series,
            metrics_at_most_usd: estimate.metrics_at_most,
            metrics_expected_usd: estimate.metrics_expected,
            log_bytes: estimate.log_bytes,
            logs_usd: estimate.logs,
            total_at_most_usd: estimate.total_at_most(),
            total_expected_usd: estimate.total_expected(),
        }
    }
}

/// Every way of writing with every choice of roll-ups.
pub fn cost_rows(fleet: &Fleet) -> Vec<CostRow> {
    estimates(fleet).into_iter().map(CostRow::from).collect()
}

/// The same as rows of texts.
pub fn cost_table(fleet: &Fleet) -> Table {
    let columns = [
        "EMF",
        "Roll-ups",
        ">Series",
        ">Metrics, at most",
        ">Metrics, expected",
        ">Log",
        ">Logs",
        ">Month, at most",
        ">Month, expected",
    ];
    Table::new(columns).with(cost_rows(fleet).into_iter().map(|row| {
        [
            row.writing.to_owned(),
            row.roll_ups.to_owned(),
            grouped(row.series),
            row.metrics_at_most_usd.to_string(),
            row.metrics_expected_usd.to_string(),
            gigabytes(row.log_bytes),
            row.logs_usd.to_string(),
            row.total_at_most_usd.to_string(),
            row.total_expected_usd.to_string(),
        ]
    }))
}

/// `1.26 GB`
fn gigabytes(bytes: u64) -> String {
    let hundredths = bytes / (list::GB / 100);
    format!("{}.{:02} GB", grouped(hundredths / 100), hundredths % 100)
}

/// What the figures rest on, a sentence or two each.
pub fn cost_notes(fleet: &Fleet) -> Vec<String> {
    let series = |writing| estimate(fleet, Choice::Pool, writing).series;
    let beside = series(Writing::PerMinute) - series(Writing::PerEvent);
    vec![
        assumed(fleet),
        format!(
            "At most: every series has data in each of {HOURS_PER_MONTH} hours. Expected: \
             CloudWatch bills a series for hours with data; with events spread evenly over pools, \
             repositories and {} hours, a series of n events a month has data in \
             h * (1 - exp(-n / h)) of those h hours. Uneven load makes that fewer.",
            grouped(fleet.active_hours_per_month),
        ),
        format!(
            "Line per event is for a door without a store, such as a Lambda function: no levels, \
             no expired jobs. Whoever publishes those beside it, as `serve` does, adds up to {} \
             series, {} a month.",
            grouped(beside),
            list::full_series(beside),
        ),
        format!(
            "Line per minute is `serve`: a line for each minute and combination of dimension \
             values, levels included. Log bytes are those of encoded sample lines; months of log \
             kept: {}, counted uncompressed.",
            grouped(fleet.months_kept),
        ),
        format!(
            "List prices of us-east-1 on {}: <{}>. No free tier, no discount; not included: \
             a function's own log lines, API calls, dashboards, alarms, queries.",
            list::AS_OF,
            list::PRICE_LIST,
        ),
    ]
}

fn assumed(fleet: &Fleet) -> String {
    format!(
        "Assumed: {} repositories, {} jobs a day, {} pools, {} job names in a repository, {} \
             jobs in a run; {} % of jobs wait for an approval first, {} % never get a runner.",
        grouped(fleet.repositories),
        grouped(fleet.jobs_per_day),
        grouped(fleet.pools),
        grouped(fleet.job_names_per_repository),
        grouped(fleet.jobs_per_run),
        fleet.approvals_percent,
        fleet.never_started_percent,
    )
}

/// The table, then the notes.
pub fn cost_markdown(fleet: &Fleet) -> String {
    let notes = cost_notes(fleet).into_iter().map(|note| format!("- {note}\n"));
    format!("{}\n{}", cost_table(fleet).markdown(), notes.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_is_priced_with_every_choice_once() {
        let rows = cost_rows(&Fleet::new(100, 5_000));
        assert_eq!(rows.len(), Writing::ALL.len() * Choice::ALL.len());
        for row in &rows {
            assert!(row.metrics_expected_usd <= row.metrics_at_most_usd, "{row:?}");
            assert!(row.total_expected_usd <= row.total_at_most_usd, "{row:?}");
            assert!(row.series > 0 && row.log_bytes > 0, "{row:?}");
        }
    }

    #[test]
    fn sums_are_numbers_of_whole_cents_in_json() {
        let row = cost_rows(&Fleet::new(7, 77))[0];
        let json = serde_json::to_value(row).unwrap();
        let cents = json["total_at_most_usd"].as_f64().unwrap() * 100.0;
        assert!((cents - cents.round()).abs() < 1e-6, "{json}");
    }

    #[test]
    fn the_notes_say_what_was_assumed_and_where_the_prices_are_from() {
        let notes = cost_notes(&Fleet { pools: 37, ..Fleet::new(1_234, 56_789) }).join("\n");
        for figure in ["1,234", "56,789", "37 pools", list::PRICE_LIST, list::AS_OF] {
            assert!(notes.contains(figure), "{figure} is missing");
        }
    }
}
