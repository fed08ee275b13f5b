//! What is there already: a folder of files, a Grafana, or CloudWatch.

use std::fs;
use std::io;
use std::path::PathBuf;

use serde_json::Value;

use super::grafana::Grafana;
use crate::cloud::Cloud;
use crate::exit::Failure;

/// Where dashboards are found.
pub(super) enum Place {
    /// Files as `print --out` writes them.
    Folder(PathBuf),
    /// A Grafana.
    Grafana(Grafana),
    /// CloudWatch.
    CloudWatch(Box<Cloud>),
}

impl Place {
    /// The dashboard of that name; `None` if there is none.
    pub(super) fn dashboard(&self, name: &str) -> Result<Option<Value>, Failure> {
        match self {
            Place::Grafana(grafana) => grafana.dashboard(name),
            Place::CloudWatch(cloud) => cloud.dashboard(name),
            Place::Folder(folder) => {
                let path = folder.join(format!("{name}.json"));
                let what = path.display().to_string();
                match fs::read_to_string(&path) {
                    Ok(text) => parsed(what, &text).map(Some),
                    // A folder that is not there is a slip of the pen, not a folder without files.
                    Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => {
                        Ok(None)
                    }
                    Err(source) => Err(Failure::File { what, source }),
                }
            }
        }
    }
}

fn parsed(what: String, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::File { what, source: error.into() })
}
