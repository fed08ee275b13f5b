//! Arguments of `report`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use model::capacity::Slo;

use super::aws::Account;

/// Its examples.
pub const HELP: &str = "\
Examples:
  headroom report --out report.html
  headroom report --store headroom.db --since 28d --price 0.20/h --out report.json
  headroom report --trace jobs.csv.gz --slo 60s@90% --out - --format md
  headroom report --emf export/*.gz --prices prices.toml --out report.csv
  headroom report --trace jobs.csv --out - >> $GITHUB_STEP_SUMMARY
  headroom report --log-group /aws/lambda/headroom-ingest --since 7d --out report.html

Prices may stand in a file:
  currency = \"USD\"
  per_hour = 0.20              # an on-demand instance
  spot = 0.3                   # a spot instance, as a part of that
  spot_hazard_per_hour = 0.05  # interruptions an hour of a running spot instance
  [pool.gpu]
  per_hour = 1.20

An empty recorded_wait_ms of a trace is an unknown wait: it is counted and in no figure about waits.
--log-group reads about 1 MB a call: of a large fleet, export the group to S3 and name the files by
--emf. It needs logs:FilterLogEvents, and a build with the feature aws. Time of instances without a job
and boots are asked of CloudWatch's metrics, with cloudwatch:GetMetricData; without that right they are
left out, and a warning says so. A store has them of its own; EMF files and traces tell nothing of them.
EMF lines and webhooks are folded into jobs in a folder of temporary files. CSV has a figure a row:
pool,table,key,figure,value,unit. A file appears whole or not at all. Hours are UTC.";

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Jobs from a store that `serve` or `import` wrote [default: that of the configuration]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["emf", "trace"])]
    pub store: Option<PathBuf>,
    /// Jobs from EMF lines or recorded webhooks, plain or compressed with gzip or zstd.
    #[arg(long, value_name = "FILE|-", num_args = 1.., conflicts_with = "trace")]
    pub emf: Vec<PathBuf>,
    /// Jobs as trace CSV, plain or compressed with gzip or zstd.
    #[arg(long, value_name = "FILE|-", num_args = 1..)]
    pub trace: Vec<PathBuf>,
    /// Jobs from the EMF lines of a log group in CloudWatch Logs, by its name or ARN.
    #[arg(
        long,
        value_name = "NAME",
        help_heading = "AWS",
        conflicts_with_all = ["store", "emf", "trace"]
    )]
    pub log_group: Option<String>,
    /// Where AWS is.
    #[command(flatten)]
    pub account: Account,
    /// The configuration file, for pools and their limits [default: headroom.toml where it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How far back from the newest event, such as 28d, 12h or 4w.
    #[arg(long, value_name = "TIME", default_value = "28d", value_parser = since)]
    pub since: Duration,
    /// Only this pool; the replay has all its room for it.
    #[arg(long, value_name = "NAME")]
    pub pool: Option<String>,
    /// The objective: a wait, and the share of the jobs that is to be within it.
    #[arg(long, value_name = "WAIT@SHARE", default_value = "30s@95%", value_parser = slo)]
    pub slo: Slo,
    /// What instances cost, as a file; see below.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// What an hour of an on-demand instance costs, such as 0.20/h or 0.18EUR/h.
    #[arg(long, value_name = "PRICE", value_parser = price, conflicts_with = "prices")]
    pub price: Option<Price>,
    /// What a spot instance costs, as a part of an on-demand one.
    #[arg(long, value_name = "PART", value_parser = spot)]
    pub spot: Option<f64>,
    /// Interruptions an hour of a running spot instance, an assumption [default: 0.05]
    #[arg(long, value_name = "RATE", value_parser = hazard)]
    pub spot_hazard: Option<f64>,
    /// From the order of an instance to its runner [default: that of the pool, or 120]
    #[arg(long, value_name = "SECONDS", value_parser = super::seconds)]
    pub boot: Option<f64>,
    /// The same where a stopped instance is started [default: that of the pool, or 25]
    #[arg(long, value_name = "SECONDS", value_parser = super::seconds)]
    pub warm_start: Option<f64>,
    /// What a stopped instance costs, as a part of a running one [default: that of the pool, or 0.025]
    #[arg(long, value_name = "PART", value_parser = super::part)]
    pub stopped_cost: Option<f64>,
    /// Only describe: no replay, and no recommendation.
    #[arg(long)]
    pub no_replay: bool,
    /// Where to; a file appears whole or not at all.
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub out: PathBuf,
    /// How it looks [default: by the extension of --out, and md for stdout]
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
}

/// How a report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// One file that needs nothing else, for reading and printing.
    Html,
    /// Markdown, for an issue or a job summary.
    #[value(name = "md", alias = "markdown")]
    Markdown,
    /// For machines: docs/report.schema.json.
    Json,
    /// For spreadsheets: a figure a row.
    Csv,
}

impl ReportFormat {
    /// By the extension of a file; `None` where it says nothing.
    pub fn of(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "html" | "htm" => Some(ReportFormat::Html),
            "md" | "markdown" => Some(ReportFormat::Markdown),
            "json" => Some(ReportFormat::Json),
            "csv" => Some(ReportFormat::Csv),
            _ => None,
        }
    }
}

/// A price an hour, and its currency where one was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// How much.
    pub per_hour: f64,
    /// Of what.
    pub currency: Option<String>,
}

/// Units of time and their seconds.
const UNITS: [(&str, f64); 6] =
    [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0), ("w", 604_800.0)];

/// A number and a unit of time.
fn length(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number =
        digits.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)?;
    let unit = UNITS.iter().find(|(unit, _)| *unit == &text[digits.len()..])?;
    Some(number * unit.1)
}

/// A hundred years: more is a slip of the pen.
const SINCE_SECS_MAX: f64 = 36_500.0 * 86_400.0;

/// How far back.
pub(super) fn since(text: &str) -> Result<Duration, String> {
    let secs = length(text).filter(|secs| (60.0..=SINCE_SECS_MAX).contains(secs));
    secs.map(Duration::from_secs_f64)
        .ok_or_else(|| "a length of time of a minute or more was expected, such as 28d".to_owned())
}

fn slo(text: &str) -> Result<Slo, String> {
    let found = text.split_once('@').and_then(|(wait, share)| {
        let percent = share.strip_suffix('%')?.trim().parse::<f64>().ok()?;
        let fits = percent > 0.0 && percent <= 100.0;
        let wait_secs = length(wait.trim()).filter(|secs| *secs <= SINCE_SECS_MAX)?;
        fits.then_some(Slo { wait_secs, share: percent / 100.0 })
    });
    found.ok_or_else(|| "a wait and a share were expected, such as 30s@95%".to_owned())
}

fn price(text: &str) -> Result<Price, String> {
    let amount = text.trim().strip_suffix("/h").unwrap_or(text.trim()).trim();
    let digits = amount.trim_end_matches(|c: char| !c.is_ascii_digit());
    let currency = amount[digits.len()..].trim();
    let per_hour = digits.parse::<f64>().ok().filter(|price| *price >= 0.0 && price.is_finite());
    let is_code = currency.chars().all(|c| c.is_ascii_alphabetic()) && currency.len() <= 3;
    match per_hour.filter(|_| is_code) {
        Some(per_hour) => Ok(Price {
            per_hour,
            currency: (!currency.is_empty()).then(|| currency.to_ascii_uppercase()),
        }),
        None => Err("a price an hour was expected, such as 0.20/h or 0.18EUR/h".to_owned()),
    }
}

fn spot(text: &str) -> Result<f64, String> {
    let part = super::between(text, 0.0, 1.0, "a part of the on-demand price")?;
    match part > 0.0 {
        true => Ok(part),
        false => Err("a part of the on-demand price over 0 was expected".to_owned()),
    }
}

/// An instance that is taken away more than once a minute runs no job.
fn hazard(text: &str) -> Result<f64, String> {
    super::between(text, 0.0, 60.0, "interruptions an hour")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_objectives_and_prices_are_read_as_people_write_them() {
        assert_eq!(since("28d"), Ok(Duration::from_hours(28 * 24)));
        assert_eq!(since("1.5h"), Ok(Duration::from_mins(90)));
        assert_eq!(slo("30s@95%"), Ok(Slo { wait_secs: 30.0, share: 0.95 }));
        assert_eq!(slo("2m @ 99.9 %").map(|slo| slo.wait_secs), Ok(120.0));
        assert_eq!(price("0.20/h"), Ok(Price { per_hour: 0.2, currency: None }));
        assert_eq!(price("0.18 eur/h").unwrap().currency.as_deref(), Some("EUR"));
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_an_example() {
        for bad in ["", "28", "d", "-1d", "0d", "1y", "nand", "1000000d"] {
            assert!(since(bad).unwrap_err().contains("28d"), "{bad}");
        }
        for bad in ["30s", "30s@", "30s@95", "@95%", "30s@0%", "30s@101%", "30@95%"] {
            assert!(slo(bad).unwrap_err().contains("30s@95%"), "{bad}");
        }
        for bad in ["", "free", "-1/h", "0.2/day", "0.2 dollars", "1/2/h"] {
            assert!(price(bad).unwrap_err().contains("0.20/h"), "{bad}");
        }
        assert!(spot("0").is_err() && spot("1.1").is_err() && hazard("-1").is_err());
    }
}
