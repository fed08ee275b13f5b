//! `headroom dashboards diff`: what differs from what is there.

use dashboards::{Rendering, differences};

use super::found::Place;
use super::grafana::{self, Grafana};
use super::{boards, cloudwatch, no_url, rendering};
use crate::cli::dashboards::{DiffArgs, Target};
use crate::exit::{self, Failure};
use crate::render;

pub(super) fn run(args: &DiffArgs) -> Result<u8, Failure> {
    let (place, rendering) = place(args)?;
    let mut differing = 0;
    let boards = boards(&args.chosen);
    for board in &boards {
        let name = rendering.name(board);
        let told = match place.dashboard(&name)? {
            None => format!("{name} is not there\n"),
            Some(found) => told(&name, &rendering, found, &rendering.value(board)),
        };
        differing += usize::from(!told.is_empty());
        render::print(&told).map_err(crate::commands::stdout)?;
    }
    eprintln!("{differing} of {} dashboards differ", boards.len());
    Ok(if differing > 0 { exit::FINDINGS } else { exit::OK })
}

/// What is compared with, and how boards look there.
fn place(args: &DiffArgs) -> Result<(Place, Rendering), Failure> {
    let rendering = || rendering(args.target, &args.chosen);
    match (args.target, &args.folder, &args.url) {
        (_, Some(folder), _) => Ok((Place::Folder(folder.clone()), rendering()?)),
        (Target::Grafana, None, Some(url)) => {
            let grafana = Grafana::at(url, args.token_file.as_deref())?;
            Ok((Place::Grafana(grafana), rendering()?))
        }
        (Target::Grafana, None, None) => Err(Failure::Argument {
            key: "--target grafana".into(),
            problem: "a folder of files or --url was expected".into(),
        }),
        (Target::Cloudwatch, None, url) => {
            no_url(url.as_ref())?;
            let (cloud, rendering) = cloudwatch(&args.chosen, &args.access)?;
            Ok((Place::CloudWatch(Box::new(cloud)), rendering))
        }
    }
}

/// The differences of one dashboard, each under its name; nothing if there is none.
fn told(
    name: &str,
    rendering: &Rendering,
    mut found: serde_json::Value,
    defined: &serde_json::Value,
) -> String {
    if let Rendering::Grafana(_) = rendering {
        grafana::strip(&mut found);
    }
    let mut told = String::new();
    for one in differences(&found, defined) {
        told.push_str(&format!("{name} > {one}\n"));
    }
    told
}
