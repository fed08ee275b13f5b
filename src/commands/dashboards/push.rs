//! `headroom dashboards push`: into CloudWatch or Grafana; doing it again changes nothing.

use dashboards::board::Board;
use dashboards::{Rendering, differences};
use serde_json::Value;

use super::grafana::{self, Grafana};
use super::{boards, cloudwatch, no_url, rendering};
use crate::cli::dashboards::{PushArgs, Target};
use crate::exit::{self, Failure};
use crate::render;

pub(super) fn run(args: &PushArgs) -> Result<u8, Failure> {
    match (args.target, &args.url) {
        (Target::Cloudwatch, url) => {
            no_url(url.as_ref())?;
            into_cloudwatch(args)?;
        }
        (Target::Grafana, Some(url)) => {
            into_grafana(args, &Grafana::at(url, args.token_file.as_deref())?)?;
        }
        (Target::Grafana, None) => {
            let problem = "the address of a Grafana was expected".into();
            return Err(Failure::Argument { key: "--url".into(), problem });
        }
    }
    Ok(exit::OK)
}

fn into_cloudwatch(args: &PushArgs) -> Result<(), Failure> {
    let (cloud, rendering) = cloudwatch(&args.chosen, &args.access)?;
    for board in &boards(&args.chosen) {
        let found = cloud.dashboard(&rendering.name(board))?;
        one(&rendering, board, found, |name, _| {
            for remark in cloud.put_dashboard(name, &rendering.text(board))? {
                eprintln!("{name}: CloudWatch remarks: {remark}");
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn into_grafana(args: &PushArgs, grafana: &Grafana) -> Result<(), Failure> {
    let rendering = rendering(args.target, &args.chosen)?;
    let mut folder = None;
    for board in &boards(&args.chosen) {
        let mut found = grafana.dashboard(&rendering.name(board))?;
        found.iter_mut().for_each(grafana::strip);
        one(&rendering, board, found, |_, defined| {
            let folder = match &folder {
                Some(folder) => folder,
                None => folder.insert(grafana.folder(&args.folder)?),
            };
            grafana.put(defined, folder)
        })?;
    }
    Ok(())
}

/// Puts one board unless it is there already, and says what became of it.
fn one(
    rendering: &Rendering,
    board: &Board,
    found: Option<Value>,
    put: impl FnOnce(&str, Value) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let name = rendering.name(board);
    let defined = rendering.value(board);
    let became = match found {
        Some(found) if differences(&found, &defined).is_empty() => "unchanged",
        found => {
            put(&name, defined)?;
            if found.is_none() { "created" } else { "updated" }
        }
    };
    render::print(&format!("{name} {became}\n")).map_err(crate::commands::stdout)
}
