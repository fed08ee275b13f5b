//! Arguments. Each subcommand's help ends in an example.

pub mod alarms;
pub mod aws;
pub mod dashboards;
mod report;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use self::alarms::AlarmsCommand;
use crate::commands;
use crate::config::{EmfTarget, Flags};
use crate::exit::{self, Failure};
use crate::import::Format;
use crate::logging::{self, LogFormat};

pub use report::{ReportArgs, ReportFormat};

const IMPORT_HELP: &str = "\
Examples:
  headroom import webhooks.ndjson.gz
  headroom import --store history.db --format trace jobs.csv.zst
  aws s3 cp s3://logs/export/000000.gz - | headroom import -

Formats:
  webhook  {\"headers\":{\"X-GitHub-Event\":...},\"body\":{...},\"received_at\":\"...\"} a line;
           body may also be the raw text; received_at may be missing; signatures are not checked
  emf      Headroom's own lines, as CloudWatch Logs exports them; others are skipped
  trace    CSV: job_id,pool,queued_at_unix_ms,duration_ms,recorded_wait_ms,run_id,
           run_created_at_unix_ms[,repo]; an empty recorded_wait_ms is an unknown wait

A line that cannot be read is reported as FILE:LINE, counted and skipped; the exit code is then 1.
An import that was ended half-way is repeated by running it again.";

const SIMULATE_HELP: &str = "\
Examples:
  headroom simulate --trace jobs.csv.gz
  headroom simulate --store headroom.db --policy headroom,stopped-pool:20 --format json
  headroom simulate --trace jobs.csv --faults boot-jitter=0.25,lost=0.01 --seed 7
  headroom simulate --trace jobs.csv --explain 2026-01-31T12:00:00Z
  headroom simulate --log-group /aws/lambda/headroom-ingest --since 14d --region eu-west-1

Policies: headroom, per-webhook, per-webhook-delayed, idle-pool:K, stopped-pool:M,
queued-plus-running, assigned-plus-min:K, percentage-busy, load-proportional, target-tracking:X,
static:N, office-hours:K, naive-minute, oracle, warm-oracle; or all.

Faults: boot-jitter (sigma), boot-fails, lost, duplicated, reordered, cancelled, throttled, capacity
(probabilities) and spot (interruptions an hour).

The same trace, arguments and seed give the same figures. Pools are simulated one by one and summed.";

/// How long GitHub Actions jobs wait for a self-hosted runner, and why.
#[derive(Debug, Parser)]
#[command(name = "headroom", version, after_help = exit::HELP, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How log lines on stderr look.
    #[arg(long, global = true, value_enum, default_value_t, hide_possible_values = true)]
    log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show Headroom on a recorded week of real jobs, played as signed webhooks.
    #[command(after_help = "Examples:\n  headroom demo --speed 5000\n  \
                      headroom demo --runners recorded")]
    Demo(DemoArgs),
    /// Receive webhooks, keep history, show the page.
    #[command(after_help = "Examples:\n  HEADROOM_WEBHOOK_SECRET=... headroom serve\n  \
                      headroom serve --config headroom.toml --listen 0.0.0.0:9797 --emf stdout\n\n\
                      Environment:\n  \
                      HEADROOM_WEBHOOK_SECRET       the webhook's secret\n  \
                      HEADROOM_WEBHOOK_SECRET_NEXT  a second one, valid as well during a rotation\n  \
                      HEADROOM_TOKEN                opens the page beyond this machine\n  \
                      HEADROOM_LOG                  what is logged, such as debug or warn")]
    Serve(ServeArgs),
    /// Take in what was recorded earlier: webhooks, EMF or traces. Repeating it changes nothing.
    #[command(after_help = IMPORT_HELP)]
    Import(ImportArgs),
    /// Write the history of jobs as EMF or as a trace.
    #[command(after_help = "Examples:\n  headroom export --format emf > jobs.ndjson\n  \
                      headroom export --format trace --out jobs.csv\n\n\
                      emf has a line for each job event, trace a row for each job that ended and \
                      had a runner.\nBoth can be imported again.")]
    Export(ExportArgs),
    /// Replay recorded jobs with Headroom's scaler and with the rules of others.
    #[command(after_help = SIMULATE_HELP)]
    Simulate(SimulateArgs),
    /// Report who waits and for how long, what it costs, and what to set, from the team's own jobs.
    #[command(after_help = report::HELP)]
    Report(ReportArgs),
    /// Check EMF lines against the specification and the limits of CloudWatch.
    #[command(
        after_help = "Examples:\n  headroom lint metrics.ndjson\n  my-lambda | headroom lint -"
    )]
    Lint(LintArgs),
    /// Print alarms as others take them, compare them, run them over history, tell a sample.
    #[command(after_help = alarms::HELP, subcommand)]
    Alarms(AlarmsCommand),
    /// Print the metric catalogue, or what it would cost in CloudWatch.
    #[command(after_help = "Examples:\n  headroom metrics\n  \
                      headroom metrics --cost --repositories 100 --jobs-per-day 5000\n  \
                      headroom metrics --bill")]
    Metrics(MetricsArgs),
    /// Print CloudFormation for AWS: webhook, scaler, alarms, dashboards, groups of instances.
    #[command(after_help = "Examples:\n  headroom template > headroom.yaml\n  \
                      headroom template --only ingest > webhook.yaml\n  \
                      headroom template --only image > image.yaml\n  \
                      headroom template --on-demand linux=m7i.large --spot big=c7i.8xlarge,c6i.8xlarge")]
    Template(TemplateArgs),
    /// Dashboards for CloudWatch and Grafana: print them, compare them, put them there.
    #[command(after_help = dashboards::HELP, subcommand)]
    Dashboards(dashboards::DashboardsCommand),
    /// Check configuration, secret, store, clock and news, with a remedy for each finding.
    #[command(after_help = "Examples:\n  headroom doctor --config headroom.toml\n  \
                      headroom doctor --aws --log-group /aws/lambda/headroom-ingest --region \
                      eu-west-1\n\n\
                      --aws needs a build with the feature aws. It changes nothing, and names each \
                      IAM action that is missing.")]
    Doctor(DoctorArgs),
    /// Print completions for a shell.
    #[command(
        after_help = "Example:\n  headroom completions bash > /etc/bash_completion.d/headroom"
    )]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// What `serve` and `doctor` work on.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// The configuration file [default: headroom.toml where it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:9797]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub listen: Option<SocketAddr>,
    /// The store [default: headroom.db]
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where it works.
    #[command(flatten)]
    pub place: Place,
    /// Where EMF lines go: stdout, off, a file, or a log group of CloudWatch Logs [default: off]
    #[arg(long, value_name = "stdout|FILE|cloudwatch:GROUP|off")]
    pub emf: Option<EmfTarget>,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Where it goes.
    #[command(flatten)]
    pub place: History,
    /// What the files hold [default: told from their first lines]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The files, plain or compressed with gzip or zstd; `-` is stdin.
    #[arg(value_name = "FILE|-", required = true)]
    pub paths: Vec<PathBuf>,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Where it comes from.
    #[command(flatten)]
    pub place: History,
    /// What is written.
    #[arg(long, value_enum)]
    pub format: ExportFormat,
    /// Where to; a file appears whole or not at all.
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub out: PathBuf,
}

/// What `export` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// CloudWatch Embedded Metric Format, one line for each job event.
    Emf,
    /// CSV, one row for each job that ended and had a runner.
    Trace,
}

/// What `import` and `export` work on.
#[derive(Clone, Debug, Args)]
pub struct History {
    /// The configuration file, for pools and roll-ups [default: headroom.toml where it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The store [default: headroom.db]
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
}

impl History {
    /// As flags of the configuration.
    pub fn flags(&self) -> Flags {
        Flags { config: self.config.clone(), store: self.store.clone(), ..Flags::default() }
    }
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// How much faster than life, or `max`.
    #[arg(long, value_name = "N|max", default_value = "2016")]
    pub speed: crate::demo::Speed,
    /// End after the recorded week with a summary.
    #[arg(long)]
    pub once: bool,
    /// Whether jobs wait as recorded, or on simulated runners that the scaler starts
    /// [default: simulated; recorded with --once]
    #[arg(long, value_enum)]
    pub runners: Option<Runners>,
    /// How the summary of --once looks.
    #[arg(long, value_enum, default_value_t)]
    pub format: TableOrJson,
    /// Where to listen [default: 127.0.0.1:9797, or any free port when that is taken]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub listen: Option<SocketAddr>,
}

/// Whose runners the jobs of the demo run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Runners {
    /// Those of the recording: each job waits as long as it did.
    Recorded,
    /// Simulated ones, which the scaler starts.
    Simulated,
}

/// Arguments of `lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// The files to check; `-` is stdin.
    #[arg(value_name = "FILE|-", required = true)]
    pub files: Vec<PathBuf>,
    /// How findings look.
    #[arg(long, value_enum, default_value_t)]
    pub format: TableOrJson,
    /// Check ages as of this time instead of now, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub now: Option<model::Timestamp>,
    /// Warnings count as errors.
    #[arg(long)]
    pub strict: bool,
}

/// Arguments of `simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// Jobs as trace CSV, plain or compressed with gzip or zstd; `-` is stdin.
    #[arg(
        long,
        value_name = "FILE|-",
        conflicts_with = "store",
        required_unless_present_any = ["store", "log_group"]
    )]
    pub trace: Option<PathBuf>,
    /// Jobs from a store that `serve` or `import` wrote.
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
    /// Jobs from the EMF lines of a log group in CloudWatch Logs, by its name or ARN.
    #[arg(
        long,
        value_name = "NAME",
        help_heading = "AWS",
        conflicts_with_all = ["store", "trace"]
    )]
    pub log_group: Option<String>,
    /// How far back a log group is read, such as 28d.
    #[arg(
        long,
        value_name = "TIME",
        help_heading = "AWS",
        default_value = "28d",
        value_parser = report::since
    )]
    pub since: std::time::Duration,
    /// The configuration file, for pools and where AWS is [default: headroom.toml where it exists]
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "AWS",
        conflicts_with_all = ["store", "trace"]
    )]
    pub config: Option<PathBuf>,
    /// Where AWS is.
    #[command(flatten)]
    pub account: aws::Account,
    /// Only this pool.
    #[arg(long, value_name = "NAME")]
    pub pool: Option<String>,
    /// Who decides; see below.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "all")]
    pub policy: Vec<String>,
    /// From the order of an instance to its runner.
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub boot: f64,
    /// The same where a stopped instance is started.
    #[arg(long, value_name = "SECONDS", default_value = "25", value_parser = seconds)]
    pub warm_start: f64,
    /// What a stopped instance costs, as a part of a running one.
    #[arg(long, value_name = "PART", default_value = "0.025", value_parser = part)]
    pub stopped_cost: f64,
    /// The first days of a pool's jobs teach and are not measured.
    #[arg(long, value_name = "DAYS", default_value = "7", value_parser = days)]
    pub learn: f64,
    /// What goes wrong, such as boot-jitter=0.25,lost=0.01; see below.
    #[arg(long, value_name = "SPEC")]
    pub faults: Option<String>,
    /// Makes what goes wrong repeatable.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Tell the last decision of `headroom` up to this instant, with its inputs and reasons.
    #[arg(long, value_name = "TIME")]
    pub explain: Option<model::Timestamp>,
    /// How it looks.
    #[arg(long, value_enum, default_value_t)]
    pub format: SimulateFormat,
}

/// How the outcomes of `simulate` look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SimulateFormat {
    /// For people.
    #[default]
    Table,
    /// For machines.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Arguments of `metrics`.
#[derive(Debug, Args)]
pub struct MetricsArgs {
    /// How it looks.
    #[arg(long, value_enum, default_value_t)]
    pub format: TableJsonOrMarkdown,
    /// Price the roll-ups in CloudWatch instead.
    #[arg(long, group = "priced", requires = "repositories", requires = "jobs_per_day")]
    pub cost: bool,
    /// Price all of a deployment on AWS instead, beside the usual one; without a fleet for
    /// 1,000, 100,000 and 1,000,000 jobs a day
    #[arg(long, group = "priced")]
    pub bill: bool,
    /// Repositories whose jobs are seen.
    #[arg(long, value_name = "N", requires = "priced", requires = "jobs_per_day")]
    pub repositories: Option<u64>,
    /// Jobs a day, of all repositories together.
    #[arg(long, value_name = "M", requires = "priced", requires = "repositories")]
    pub jobs_per_day: Option<u64>,
    /// Pools.
    #[arg(long, value_name = "K", requires = "priced", requires = "repositories")]
    pub pools: Option<u64>,
}

/// Arguments of `template`.
#[derive(Debug, Args)]
pub struct TemplateArgs {
    /// The configuration file, for pools, roll-ups and alarms [default: headroom.toml where it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Only this part of it: `ingest` is the webhook, its log and its alarms; `image` is a stack of its
    /// own, for the image that runners start from and what their instances may do.
    #[arg(long, value_enum, value_name = "PART")]
    pub only: Option<TemplatePart>,
    /// Only this pool; may be repeated. Without a configuration its labels are self-hosted and NAME.
    #[arg(long, value_name = "NAME")]
    pub pool: Vec<String>,
    /// Make an Auto Scaling group of On-Demand instances of this type, with a warm pool.
    #[arg(long, value_name = "POOL=TYPE", conflicts_with = "only")]
    pub on_demand: Vec<String>,
    /// Make one of Spot instances of these types, with commas between; it has no warm pool. Beside one
    /// of On-Demand instances (--on-demand, --group) it takes a share of them, `spot_share`.
    #[arg(long, value_name = "POOL=TYPES", conflicts_with = "only")]
    pub spot: Vec<String>,
    /// The Auto Scaling group that a pool has already [default: its `group` in the configuration, or
    /// headroom-NAME-runners].
    #[arg(long, value_name = "POOL=GROUP", conflicts_with = "only")]
    pub group: Vec<String>,
    /// The group of Spot instances that it has beside that.
    #[arg(long, value_name = "POOL=GROUP", conflicts_with = "only")]
    pub spot_group: Vec<String>,
    /// Leave out the alarms of fleet and pools, a dozen for each pool: `headroom alarms push` puts
    /// them, and the scaler hears of them all the same.
    #[arg(long, conflicts_with = "only")]
    pub without_alarms: bool,
}

/// A part of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TemplatePart {
    /// The webhook.
    Ingest,
    /// The image of the runners.
    Image,
}

/// Arguments of `alarms test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The configuration file, which names the targets [default: headroom.toml where it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Send a sample.
    #[arg(long)]
    pub notify: bool,
    /// Only to this target.
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// How the outcome looks.
    #[arg(long, value_enum, default_value_t)]
    pub format: TableOrJson,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// What is checked.
    #[command(flatten)]
    pub place: Place,
    /// Check CloudWatch as well: permissions, log group, dashboards, alarms, series, clock.
    #[arg(long, help_heading = "AWS")]
    pub aws: bool,
    /// The log group that EMF goes to, by its name or ARN [default: that of the configuration]
    #[arg(long, value_name = "NAME", help_heading = "AWS", requires = "aws")]
    pub log_group: Option<String>,
    /// Check Auto Scaling groups and what lies ready for their instances; without names those that
    /// `headroom template` made.
    #[arg(long, value_name = "NAME", num_args = 0.., help_heading = "AWS", requires = "aws")]
    pub group: Option<Vec<String>>,
    /// Where AWS is.
    #[command(flatten)]
    pub account: aws::Account,
    /// How findings look.
    #[arg(long, value_enum, default_value_t)]
    pub format: TableOrJson,
}

/// For people or for machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TableOrJson {
    /// For people.
    #[default]
    Table,
    /// For machines.
    Json,
}

/// For people, machines or documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TableJsonOrMarkdown {
    /// For people.
    #[default]
    Table,
    /// For machines.
    Json,
    /// For documents.
    Markdown,
}

impl Place {
    /// As flags of the configuration.
    pub fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            listen: self.listen,
            store: self.store.clone(),
            emf: None,
        }
    }
}

/// An address to listen at; `localhost` is this machine's own.
fn address(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:");
    let address = port.map_or(text.to_owned(), |port| format!("127.0.0.1:{port}"));
    address
        .parse()
        .map_err(|_| "an IP address and a port were expected, such as 127.0.0.1:9797".to_owned())
}

fn between(text: &str, least: f64, most: f64, what: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("{what} from {least} to {most} were expected"))
}

/// A time that an instance takes; a day is no longer one.
fn seconds(text: &str) -> Result<f64, String> {
    between(text, 0.0, 86_400.0, "seconds")
}

/// A part of the price of a running instance.
fn part(text: &str) -> Result<f64, String> {
    between(text, 0.0, 1.0, "a part")
}

/// Days that teach.
fn days(text: &str) -> Result<f64, String> {
    between(text, 0.0, 36_500.0, "days")
}

/// Parses the arguments and runs the command.
///
/// # Errors
/// When the command could not do its work.
pub fn run() -> Result<u8, Failure> {
    let cli = Cli::parse();
    // A demo talks to people; what it would log is on the page.
    let quiet = matches!(cli.command, Command::Demo(_));
    logging::start(cli.log_format, if quiet { "warn" } else { "info" });
    match cli.command {
        Command::Demo(args) => commands::demo::run(&args),
        Command::Serve(args) => commands::serve::run(&args),
        Command::Import(args) => commands::import::run(&args),
        Command::Export(args) => commands::export::run(&args),
        Command::Simulate(args) => commands::simulate::run(&args),
        Command::Report(args) => commands::report::run(&args),
        Command::Lint(args) => commands::lint::run(&args),
        Command::Alarms(AlarmsCommand::Print(args)) => commands::alarms::print::run(&args),
        Command::Alarms(AlarmsCommand::Diff(args)) => commands::alarms::diff::run(&args),
        Command::Alarms(AlarmsCommand::Push(args)) => commands::alarms::push::run(&args),
        Command::Alarms(AlarmsCommand::Eval(args)) => commands::alarms::eval::run(&args),
        Command::Metrics(args) => commands::metrics::run(&args),
        Command::Template(args) => commands::template::run(&args),
        Command::Dashboards(command) => commands::dashboards::run(&command),
        Command::Alarms(AlarmsCommand::Test(args)) => commands::alarms::test::run(&args),
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::Completions { shell } => commands::completions::run(shell),
    }
}
