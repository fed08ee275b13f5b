//! Arguments of `headroom alarms`.

use std::path::PathBuf;

use ::alarms::Severity;
use clap::{Args, Subcommand, ValueEnum};
use model::Timestamp;

use super::aws::Account;
use super::{TableOrJson, TestArgs};

/// What `headroom alarms --help` ends in.
pub const HELP: &str = "\
Examples:
  headroom alarms print --format prometheus
  headroom alarms eval --store headroom.db
  headroom alarms test --notify
  headroom alarms push --pool linux --action page=arn:aws:sns:...:on-call --region eu-west-1";

const PRINT_HELP: &str = "\
Examples:
  headroom alarms print
  headroom alarms print --format json --name pool-down
  headroom alarms print --format prometheus > headroom-rules.yaml
  headroom alarms print --format cloudwatch --pool linux --action page=arn:aws:sns:...:on-call

cloudwatch   {\"MetricAlarms\": [..], \"CompositeAlarms\": [..]}: inputs of PutMetricAlarm and
             PutCompositeAlarm, the latter to be put last; without pools in the configuration or
             --pool those of a pool named linux, as an example
prometheus   alerting rules for every pool, over what /metrics tells
json         every alarm with what decides when it fires, what it means and what to do

Thresholds, periods and severities are those of [alarms] and [[pool]] in headroom.toml.";

const DIFF_HELP: &str = "\
Examples:
  headroom alarms diff alarms/generated
  headroom alarms diff --format prometheus /etc/prometheus/rules/headroom.yaml
  headroom alarms diff --pool linux --action page=arn:aws:sns:...:on-call --region eu-west-1

Without FILE or FOLDER the alarms are compared with those in CloudWatch, which takes
cloudwatch:DescribeAlarms and a build with the feature aws. Alarms there that are named like ours
and are of no pool that is named are told as well.

A folder is compared file by file: cloudwatch.json, prometheus.yaml and alarms.json, as far as they
are there. JSON is compared by meaning, YAML by its lines. Exits 1 when something differs.";

const EVAL_HELP: &str = "\
Examples:
  headroom alarms eval --store headroom.db --since 2026-01-01T00:00:00Z
  headroom alarms eval --emf metrics-from-cloudwatch.ndjson.gz --name pool-exhausted
  headroom alarms eval --series series.csv --config tuned.toml --format json

Runs the alarms over every minute of history, by the same rules as `serve` and CloudWatch, and says
which would have fired when, and when they would have cleared.

--series is CSV with the columns metric,dimensions,minute,value:
  JobsWaiting,Pool=linux,2026-01-31T12:00:00Z,5
  JobEvents,Pool=linux;Status=queued,2026-01-31T12:00:00Z,12
A minute is an RFC 3339 time or the number of minutes since 1970. A value of a timing is one
duration in the unit of the metric; several rows of a minute are several.

Of a series that is told for each pool only, the fleet's is worked out. An alarm for which silence is
alarming is left out where the history tells nothing that it lives on. A line that cannot be read is
reported as FILE:LINE and skipped; the exit code is then 1.";

const PUSH_HELP: &str = "\
Examples:
  headroom alarms push --pool linux --action page=arn:aws:sns:...:on-call --region eu-west-1
  headroom alarms push --config headroom.toml --profile production --endpoint-url http://localhost:4566

Needs a build with the feature aws, credentials as any AWS tool finds them, and
cloudwatch:DescribeAlarms, cloudwatch:PutMetricAlarm, cloudwatch:PutCompositeAlarm and
cloudwatch:TagResource. Alarms that are there already are replaced, and left alone where nothing
differs; nothing is deleted. Composite alarms are put last, since they name others.

Pools are those of the configuration or of --pool. Without --action the alarms change their states
and tell nobody.";

/// What is done with alarms.
#[derive(Debug, Subcommand)]
pub enum AlarmsCommand {
    /// Print the alarms, for people or as others take them.
    #[command(after_help = PRINT_HELP)]
    Print(PrintArgs),
    /// Say in what files, or CloudWatch, differ from the alarms as they are now.
    #[command(after_help = DIFF_HELP)]
    Diff(DiffArgs),
    /// Put the alarms into CloudWatch.
    #[command(after_help = PUSH_HELP)]
    Push(PushArgs),
    /// Run the alarms over history: which would have fired when.
    #[command(after_help = EVAL_HELP)]
    Eval(EvalArgs),
    /// Show who is told of which alarms; with --notify, send them a sample.
    #[command(after_help = "Examples:\n  headroom alarms test\n  \
                      headroom alarms test --notify --target pager\n\n\
                      The exit code is 1 when a target did not take the sample.")]
    Test(TestArgs),
}

/// Whose alarms, and in which words.
#[derive(Clone, Debug, Args)]
pub struct Chosen {
    /// The configuration file, for thresholds and pools [default: headroom.toml where it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The pools that get alarms in CloudWatch [default: those of the configuration]
    #[arg(long, value_name = "NAME")]
    pub pool: Vec<String>,
    /// In CloudWatch: what acts when alarms of a severity begin and cease to fire.
    #[arg(long, value_name = "SEVERITY=ARN", value_parser = action)]
    pub action: Vec<(Severity, String)>,
    /// Where people reach the page, for links to runbooks at URL/runbooks/NAME.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
}

/// Arguments of `alarms print`.
#[derive(Debug, Args)]
pub struct PrintArgs {
    /// Whose alarms.
    #[command(flatten)]
    pub chosen: Chosen,
    /// How they look.
    #[arg(long, value_enum, default_value_t)]
    pub format: AlarmsFormat,
    /// Only this alarm.
    #[arg(long, value_name = "ALARM")]
    pub name: Option<String>,
}

/// How alarms look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AlarmsFormat {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// Inputs of `PutMetricAlarm` and `PutCompositeAlarm`.
    Cloudwatch,
    /// Alerting rules.
    Prometheus,
}

/// Arguments of `alarms diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Whose alarms.
    #[command(flatten)]
    pub chosen: Chosen,
    /// What a file holds [default: told from its name]
    #[arg(long, value_enum)]
    pub format: Option<AlarmsFormat>,
    /// The file, or a folder of them [default: what is in CloudWatch]
    #[arg(value_name = "FILE|FOLDER")]
    pub path: Option<PathBuf>,
    /// Where CloudWatch is.
    #[command(flatten)]
    pub account: Account,
}

/// Arguments of `alarms push`.
#[derive(Debug, Args)]
pub struct PushArgs {
    /// Whose alarms.
    #[command(flatten)]
    pub chosen: Chosen,
    /// As what they are put: cloudwatch; Prometheus reads rules from files.
    #[arg(long, value_enum, default_value = "cloudwatch")]
    pub format: AlarmsFormat,
    /// Only this alarm.
    #[arg(long, value_name = "ALARM")]
    pub name: Option<String>,
    /// Where CloudWatch is.
    #[command(flatten)]
    pub account: Account,
}

/// Arguments of `alarms eval`.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// A store that `serve` or `import` wrote [default: headroom.db]
    #[arg(long, value_name = "FILE", group = "history")]
    pub store: Option<PathBuf>,
    /// EMF lines, plain or compressed with gzip or zstd; `-` is stdin.
    #[arg(long, value_name = "FILE|-", num_args = 1.., group = "history")]
    pub emf: Vec<PathBuf>,
    /// Series as CSV, plain or compressed; `-` is stdin.
    #[arg(long, value_name = "FILE|-", num_args = 1.., group = "history")]
    pub series: Vec<PathBuf>,
    /// The configuration file, for thresholds [default: headroom.toml where it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Only this alarm.
    #[arg(long, value_name = "ALARM")]
    pub name: Option<String>,
    /// Only this pool, and the fleet.
    #[arg(long, value_name = "NAME")]
    pub pool: Option<String>,
    /// Only from then on; alarms look back further [default: from the first minute known]
    #[arg(long, value_name = "TIME")]
    pub since: Option<Timestamp>,
    /// How it looks.
    #[arg(long, value_enum, default_value_t)]
    pub format: TableOrJson,
}

fn action(text: &str) -> Result<(Severity, String), String> {
    let all = [Severity::Page, Severity::Ticket, Severity::Info];
    let known = text.split_once('=').and_then(|(word, arn)| {
        let severity = all.into_iter().find(|severity| severity.as_str() == word)?;
        Some((severity, arn.to_owned()))
    });
    known
        .filter(|(_, arn)| arn.starts_with("arn:"))
        .ok_or_else(|| "page, ticket or info, = and an ARN were expected".to_owned())
}
