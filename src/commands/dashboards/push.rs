//! `headroom dashboards push`: into Grafana; doing it again changes nothing.

use dashboards::differences;

use super::grafana::{self, Grafana};
use super::{boards, rendering};
use crate::cli::dashboards::{PushArgs, Target};
use crate::exit::{self, Failure};
use crate::render;

pub(super) fn run(args: &PushArgs) -> Result<u8, Failure> {
    if args.target == Target::Cloudwatch {
        return Err(Failure::Argument {
            key: "--target".into(),
            problem: "only grafana is pushed to; into CloudWatch `aws cloudwatch put-dashboard` \
                      puts what `dashboards print` prints"
                .into(),
        });
    }
    let grafana = Grafana::at(&args.url, args.token_file.as_deref())?;
    let rendering = rendering(args.target, &args.chosen)?;
    let mut folder = None;
    for board in &boards(&args.chosen) {
        let uid = rendering.name(board);
        let defined = rendering.value(board);
        let found = grafana.dashboard(&uid)?;
        let is_new = found.is_none();
        let is_same = found.is_some_and(|mut found| {
            grafana::strip(&mut found);
            differences(&found, &defined).is_empty()
        });
        let became = if is_same {
            "unchanged"
        } else {
            let folder = match &folder {
                Some(folder) => folder,
                None => folder.insert(grafana.folder(&args.folder)?),
            };
            grafana.put(defined, folder)?;
            if is_new { "created" } else { "updated" }
        };
        render::print(&format!("{uid} {became}\n")).map_err(crate::commands::stdout)?;
    }
    Ok(exit::OK)
}
