//! Arguments of `headroom dashboards`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use client::Address;
use dashboards::board::Board;

/// What `dashboards` says at the end of its help.
pub(super) const HELP: &str = "\
Examples:
  headroom dashboards print --target cloudwatch --name fleet
  headroom dashboards print --target grafana --datasource prometheus --out dashboards/
  headroom dashboards diff --target grafana --url https://grafana.example.com
  headroom dashboards push --target grafana --url https://grafana.example.com

Boards: fleet (all pools at a glance), pool (one pool), pipeline (Headroom itself), cost.

Into CloudWatch the AWS command line puts them, with whatever credentials it has:
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

DIR holds files as `print --out` writes them. What is found is marked -, what is defined +. The exit
code is 1 if anything differs.

Environment:
  HEADROOM_GRAFANA_TOKEN  token of a Grafana service account that may read dashboards";

const PUSH_HELP: &str = "\
Examples:
  headroom dashboards push --target grafana --url https://grafana.example.com
  headroom dashboards push --target grafana --url http://localhost:3000 --token-file token

Dashboards that are there already are replaced, and left alone where nothing differs. The folder is
made where it is missing. A token goes over HTTPS, or to this machine.

CloudWatch: print --target cloudwatch, and `aws cloudwatch put-dashboard`; see `headroom dashboards
--help`.

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
    /// Put dashboards into Grafana.
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
    /// The folder of files to compare with.
    #[arg(value_name = "DIR", required_unless_present = "url", conflicts_with = "url")]
    pub folder: Option<PathBuf>,
    /// The Grafana to compare with.
    #[arg(long, value_name = "URL", value_parser = Address::parse)]
    pub url: Option<Address>,
    /// A file that holds the token.
    #[arg(long, value_name = "FILE", requires = "url")]
    pub token_file: Option<PathBuf>,
}

/// Arguments of `dashboards push`.
#[derive(Debug, Args)]
pub struct PushArgs {
    /// Where they go: grafana.
    #[arg(long, value_enum)]
    pub target: Target,
    /// Which, and how.
    #[command(flatten)]
    pub chosen: Chosen,
    /// The Grafana.
    #[arg(long, value_name = "URL", value_parser = Address::parse)]
    pub url: Address,
    /// A file that holds the token.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The folder in Grafana.
    #[arg(long, value_name = "TITLE", default_value = "Headroom")]
    pub folder: String,
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

/// A region stands in addresses and searches: nothing else may slip in.
fn region(text: &str) -> Result<String, String> {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    match text.split('-').count() >= 3 && text.split('-').all(is_word) {
        true => Ok(text.to_owned()),
        false => Err("a region was expected, such as eu-west-1".to_owned()),
    }
}
