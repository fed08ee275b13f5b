//! `headroom dashboards print`: to stdout, or each into a file.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::{boards, rendering};
use crate::cli::dashboards::PrintArgs;
use crate::exit::{self, Failure};
use crate::render;

pub(super) fn run(args: &PrintArgs) -> Result<u8, Failure> {
    let rendering = rendering(args.target, &args.chosen)?;
    let boards = boards(&args.chosen);
    if let Some(folder) = &args.out {
        write(folder, boards.iter().map(|board| (rendering.name(board), rendering.text(board))))?;
        return Ok(exit::OK);
    }
    let printed = match (&args.chosen.name, boards.as_slice()) {
        (Some(_), [only]) => render::print(&rendering.text(only)),
        _ => {
            let named = boards.iter().map(|board| (rendering.name(board), rendering.value(board)));
            render::print_json(&Value::Object(named.collect::<Map<_, _>>()))
        }
    };
    printed.map_err(crate::commands::stdout)?;
    Ok(exit::OK)
}

fn write(folder: &Path, files: impl Iterator<Item = (String, String)>) -> Result<(), Failure> {
    let failed = |path: &Path| {
        let what = path.display().to_string();
        move |source| Failure::File { what, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    for (name, text) in files {
        let path = folder.join(format!("{name}.json"));
        fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(())
}
