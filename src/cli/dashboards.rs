//! Arguments of `headroom dashboards`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use client::Address;
use dashboards::board::Board;

use super::aws::{Access, region};

/// What `dashboards` says at the end of its help.
pub(super) const HELP: &str = "\
Examples:
  headroom dashboards print --target cloudwatch --name fleet
  headroom dashboards print --target grafana --datasource prometheus --out dashboards/
  headroom dashboards diff --target grafana --url https://grafana.example.com
  headroom dashboards push --target grafana --url https://grafana.example.com
  headroom dashboards push --target cloudwatch --region eu-west-1

Boards: fleet (all pools at a glance), pool (one pool), pipeline (Headroom itself), cost.

A build without the feature aws does not speak to CloudWatch; there the AWS command line puts
dashboards into it, with whatever credentials it has:
  headroom dashboards print --target cloudwatch --region eu-west-1 --name pool > pool.json
  aws cloudwatch put-dashboard --dashboard-name headroom-pool --dashboard-body file://pool.json";

const PRINT_HELP: &str = "\
Examples:
  headroom dashboards print --target cloudwatch --account 123456789012 --name pool
  headroom dashboards print --target grafana | jq 'keys'
  headroom dashboards print --target grafana --out /etc/grafana/dashboards

Without --name all boards are printed as one JSON object, each under the name (CloudWatch) or uid
(Grafana) that it has there. With --out each becomes a file, NAME.json, which Grafana imports and
provisions as it is: the data source is a variable of the dashboard.";

const DIFF_HELP: &str = "\
Examples:
  headroom dashboards diff --target cloudwatch --region eu-west-1 dashboards/
  headroom dashboards diff --target grafana --url https://grafana.example.com --token-file token
  headroom dashboards diff --target cloudwatch --region eu-west-1 --profile production

DIR holds files as `print --out` writes them; without it --target cloudwatch compares with what is
in CloudWatch, which takes cloudwatch:GetDashboard and a build with the feature aws. What is found
is marked -, what is defined +. The exit code is 1 if anything differs.

Environment:
  HEADROOM_GRAFANA_TOKEN  token of a Grafana service account that may read dashboards";

const PUSH_HELP: &str = "\
Examples:
  headroom dashboards push --target grafana --url https://grafana.example.com
  headroom dashboards push --target grafana --url http://localhost:3000 --token-file token
  headroom dashboards push --target cloudwatch --region eu-west-1 --account 123456789012

Dashboards that are there already are replaced, and left alone where nothing differs. The folder is
made where it is missing. A token goes over HTTPS, or to this machine.

Into CloudWatch: needs a build with the feature aws, credentials as any AWS tool finds them, and
cloudwatch:GetDashboard and cloudwatch:PutDashboard. What CloudWatch remarks on a dashboard is told
on stderr. CloudWatch's dashboards are of all regions; --region is the one that has the metrics.

Environment:
  HEADROOM_GRAFANA_TOKEN  token of a Grafana service account that may write dashboards and folders";

/// What is done with dashboards.
#[derive(Debug, Subcommand)]
pub enum DashboardsCommand {
    /// Print dashboards as CloudWatch or Grafana takes them.
    #[command(after_help = PRINT_HELP)]
    Print(PrintArgs),
    /// Show what differs from what is there.
    #[command(after_help = DIFF_HELP)]
    Diff(DiffArgs),
    /// Put dashboards into CloudWatch or Grafana.
    #[command(after_help = PUSH_HELP)]
    Push(PushArgs),
}

/// For whom dashboards are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// Bodies of CloudWatch dashboards.
    Cloudwatch,
    /// Grafana dashboards.
    Grafana,
}

/// Where Grafana asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// CloudWatch.
    Cloudwatch,
    /// Prometheus.
    #[default]
    Prometheus,
}

/// Which dashboards, and how.
#[derive(Clone, Debug, Args)]
pub struct Chosen {
    /// Only this board: fleet, pool, pipeline or cost.
    #[arg(long, value_name = "NAME", value_parser = board)]
    pub name: Option<Board>,
    /// Where Grafana asks.
    #[arg(long, value_enum, default_value_t)]
    pub datasource: Source,
    /// The AWS region that has the metrics
    /// [default: that of AWS' environment or us-east-1; in Grafana that of the data source]
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub region: Option<String>,
    /// The AWS account that has the alarms: CloudWatch's dashboards then show their states
    /// [default: a link to them]
    #[arg(long, value_name = "ID", value_parser = account)]
    pub account: Option<String>,
}

/// Arguments of `dashboards print`.
#[derive(Debug, Args)]
pub struct PrintArgs {
    /// For whom they are written.
    #[arg(long, value_enum)]
    pub target: Target,
    /// Which, and how.
    #[command(flatten)]
    pub chosen: Chosen,
    /// Write each into a file of this folder instead.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Arguments of `dashboards diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// For whom they are written.
    #[arg(long, value_enum)]
    pub target: Target,
    /// Which, and how.
    #[command(flatten)]
    pub chosen: Chosen,
    /// The folder of files to compare with [default for cloudwatch: what is in CloudWatch]
    #[arg(value_name = "DIR", conflicts_with = "url")]
    pub folder: Option<PathBuf>,
    /// The Grafana to compare with.
    #[arg(long, value_name = "URL", value_parser = Address::parse)]
    pub url: Option<Address>,
    /// A file that holds the token.
    #[arg(long, value_name = "FILE", requires = "url")]
    pub token_file: Option<PathBuf>,
    /// As whom CloudWatch is asked.
    #[command(flatten)]
    pub access: Access,
}

/// Arguments of `dashboards push`.
#[derive(Debug, Args)]
pub struct PushArgs {
    /// Where they go.
    #[arg(long, value_enum)]
    pub target: Target,
    /// Which, and how.
    #[command(flatten)]
    pub chosen: Chosen,
    /// The Grafana.
    #[arg(
        long,
        value_name = "URL",
        value_parser = Address::parse,
        required_if_eq("target", "grafana")
    )]
    pub url: Option<Address>,
    /// A file that holds the token.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The folder in Grafana.
    #[arg(long, value_name = "TITLE", default_value = "Headroom")]
    pub folder: String,
    /// As whom CloudWatch is asked.
    #[command(flatten)]
    pub access: Access,
}

fn board(name: &str) -> Result<Board, String> {
    Board::named(name).ok_or_else(|| {
        let names: Vec<&str> = Board::all().iter().map(|board| board.name).collect();
        format!("one of these was expected: {}", names.join(", "))
    })
}

/// An account has twelve digits, zeros in front included.
fn account(text: &str) -> Result<String, String> {
    match text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("twelve digits were expected, such as 123456789012".to_owned()),
    }
}
