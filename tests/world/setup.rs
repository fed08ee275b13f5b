//! How a server is to be started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

use super::{Ended, Server};

/// The secret unless a story says otherwise.
pub(crate) const SECRET: &str = "It's a Secret to Everybody";

/// Arguments, environment and folder of a server. Starting it again continues in the same folder.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(super) home: Arc<TempDir>,
    pub(crate) secret: String,
    vars: Vec<(String, String)>,
    arguments: Vec<String>,
    through: Vec<String>,
}

impl Setup {
    /// One secret, a store in a folder of its own, any free port.
    pub(crate) fn new() -> Self {
        let setup = Setup {
            home: Arc::new(tempfile::tempdir().unwrap()),
            secret: SECRET.into(),
            vars: Vec::new(),
            arguments: Vec::new(),
            through: Vec::new(),
        };
        setup.var("HEADROOM_WEBHOOK_SECRET", SECRET).argument("--listen=127.0.0.1:0")
    }

    /// An environment variable; the empty text unsets it.
    pub(crate) fn var(mut self, name: &str, value: &str) -> Self {
        if name == "HEADROOM_WEBHOOK_SECRET" {
            value.clone_into(&mut self.secret);
        }
        self.vars.retain(|(known, _)| known != name);
        self.vars.push((name.to_owned(), value.to_owned()));
        self
    }

    /// One more argument of `serve`; a later one of the same name replaces the earlier.
    pub(crate) fn argument(mut self, argument: &str) -> Self {
        let name = argument.split('=').next().unwrap();
        self.arguments.retain(|known| known.split('=').next() != Some(name));
        self.arguments.push(argument.to_owned());
        self
    }

    /// Runs the server through another program, which gets the command line as its last arguments.
    pub(crate) fn through(mut self, program: &[&str]) -> Self {
        self.through = program.iter().map(ToString::to_string).collect();
        self
    }

    /// A file that grows beyond its limit is an error and not the end.
    pub(crate) fn that_outlives_a_full_disk(mut self) -> Self {
        self.through = ["env", "--ignore-signal=XFSZ"].map(str::to_owned).to_vec();
        self
    }

    /// The configuration file, `headroom.toml` in the folder that the server runs in.
    pub(crate) fn config(self, text: &str) -> Self {
        self.write("headroom.toml", text);
        self
    }

    /// Writes a file into the server's folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// A file in the server's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The folder.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The store.
    pub(crate) fn store(&self) -> PathBuf {
        self.path("headroom.db")
    }

    /// Starts a server and waits until it listens.
    #[track_caller]
    pub(crate) fn start(&self) -> Server {
        Server::start(self)
    }

    /// Starts a server that must end by itself before it serves.
    #[track_caller]
    pub(crate) fn fails(&self) -> Ended {
        Server::spawn(self).ended()
    }

    /// `headroom serve` as this setup has it, not yet started.
    pub(super) fn command(&self) -> Command {
        let mut command = super::program::bare_through(&self.through);
        command.arg("serve").args(&self.arguments).current_dir(self.home.path());
        command.envs(self.vars.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n, v)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}
