//! `headroom dashboards`: print the boards, compare them with what is there, put them there.

mod diff;
mod found;
mod grafana;
mod print;
mod push;

use alarms::{Alarm, Rules};
use dashboards::board::{Board, Bound};
use dashboards::cloudwatch::CHOOSE_A_POOL;
use dashboards::grafana::DataSource;
use dashboards::{Rendering, cloudwatch};

use crate::cli::aws::{Access, Account};
use crate::cli::dashboards::{Chosen, DashboardsCommand, Source, Target};
use crate::cloud::Cloud;
use crate::exit::Failure;

/// Where the token of a Grafana is looked for where no file is named.
const TOKEN_ENV: &str = "HEADROOM_GRAFANA_TOKEN";

/// Where AWS' own tools look for the region.
const REGION_ENVS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// The region where nobody names one: it is the one that AWS' own examples use.
const REGION: &str = "us-east-1";

/// Runs one of the commands.
///
/// # Errors
/// When it could not do its work.
pub fn run(command: &DashboardsCommand) -> Result<u8, Failure> {
    match command {
        DashboardsCommand::Print(args) => print::run(args),
        DashboardsCommand::Diff(args) => diff::run(args),
        DashboardsCommand::Push(args) => push::run(args),
    }
}

/// The boards that were chosen.
fn boards(chosen: &Chosen) -> Vec<Board> {
    chosen.name.clone().map_or_else(Board::all, |board| vec![board])
}

/// CloudWatch itself, and the boards with the region that it turns out to be in.
fn cloudwatch(chosen: &Chosen, access: &Access) -> Result<(Cloud, Rendering), Failure> {
    let account = Account { region: chosen.region.clone(), access: access.clone() };
    let cloud = Cloud::connect(&account)?;
    let chosen = Chosen { region: Some(cloud.region().to_owned()), ..chosen.clone() };
    let rendering = rendering(Target::Cloudwatch, &chosen)?;
    Ok((cloud, rendering))
}

/// Objects to an address of a Grafana where none is asked.
fn no_url(url: Option<&client::Address>) -> Result<(), Failure> {
    match url {
        None => Ok(()),
        Some(_) => Err(Failure::Argument {
            key: "--url".into(),
            problem:
                "it is a Grafana's; CloudWatch's address is told by --region and --endpoint-url"
                    .into(),
        }),
    }
}

fn rendering(target: Target, chosen: &Chosen) -> Result<Rendering, Failure> {
    match target {
        Target::Cloudwatch => {
            let region = chosen.region.clone().or_else(region_of_environment);
            let region = region.unwrap_or_else(|| REGION.to_owned());
            let alarms = chosen.account.as_deref().map(|account| alarms_of(&region, account));
            let alarms = alarms.unwrap_or_default();
            Ok(Rendering::CloudWatch(cloudwatch::Options { region, alarms, bounds: bounds() }))
        }
        Target::Grafana if chosen.account.is_some() => Err(Failure::Argument {
            key: "--account".into(),
            problem: "it is for --target cloudwatch; Grafana finds alarms by itself".into(),
        }),
        Target::Grafana => Ok(Rendering::Grafana(dashboards::grafana::Options {
            source: match chosen.datasource {
                Source::Cloudwatch => DataSource::CloudWatch,
                Source::Prometheus => DataSource::Prometheus,
            },
            region: chosen.region.clone(),
            bounds: bounds(),
        })),
    }
}

/// The thresholds of the alarms as they are unless somebody tuned them: one dashboard serves all
/// pools.
fn bounds() -> Vec<Bound> {
    let rules = Rules::default();
    crate::bounds::of(rules.of_fleet().chain(rules.of_each_pool()))
}

/// The alarms that an account has once they are put there.
fn alarms_of(region: &str, account: &str) -> cloudwatch::Alarms {
    let rules = Rules::default();
    let arn = |alarm: &Alarm, pool| {
        cloudwatch::alarm_arn(region, account, &alarms::cloudwatch::name(alarm.name, pool))
    };
    cloudwatch::Alarms {
        of_fleet: rules.of_fleet().map(|alarm| arn(alarm, None)).collect(),
        of_pool: rules.of_each_pool().map(|alarm| arn(alarm, Some(CHOOSE_A_POOL))).collect(),
    }
}

fn region_of_environment() -> Option<String> {
    let named = REGION_ENVS.iter().filter_map(|name| std::env::var(name).ok());
    named.into_iter().find(|region| !region.is_empty())
}
