//! `headroom dashboards diff`: what differs from what is there.

use dashboards::{Rendering, differences};

use super::found::Place;
use super::grafana::{self, Grafana};
use super::{boards, rendering};
use crate::cli::dashboards::{DiffArgs, Target};
use crate::exit::{self, Failure};
use crate::render;

pub(super) fn run(args: &DiffArgs) -> Result<u8, Failure> {
    let place = place(args)?;
    let rendering = rendering(args.target, &args.chosen)?;
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

fn place(args: &DiffArgs) -> Result<Place, Failure> {
    match (&args.url, &args.folder) {
        (Some(_), _) if args.target == Target::Cloudwatch => Err(Failure::Argument {
            key: "--url".into(),
            problem: "only a Grafana can be compared with by address".into(),
        }),
        (Some(url), _) => Ok(Place::Grafana(Grafana::at(url, args.token_file.as_deref())?)),
        (None, folder) => Ok(Place::Folder(folder.clone().unwrap_or_default())),
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
