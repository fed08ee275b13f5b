//! The Lambda function in a sandbox: the real binary, invoked through the Runtime API.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use serde_json::Value;

use super::lines::Lines;
use super::{Ended, Outcome, Request, RuntimeApi, SECRET, repository, until};

/// The function's variables.
#[derive(Clone)]
pub(crate) struct Function {
    vars: Vec<(String, String)>,
}

/// A sandbox. Dropping it ends it as Lambda does: without asking.
pub(crate) struct Sandbox {
    child: Child,
    api: RuntimeApi,
    stdout: Lines,
    stderr: Lines,
}

impl Function {
    /// With one secret.
    pub(crate) fn new() -> Self {
        Function { vars: Vec::new() }.var("HEADROOM_WEBHOOK_SECRET", SECRET)
    }

    /// A variable; the empty text unsets it.
    pub(crate) fn var(mut self, name: &str, value: &str) -> Self {
        self.vars.retain(|(known, _)| known != name);
        self.vars.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts a sandbox.
    #[track_caller]
    pub(crate) fn start(&self) -> Sandbox {
        let api = RuntimeApi::start().unwrap();
        let mut command = Command::new(binary());
        command.env_clear().envs(api.variables());
        command.envs(self.vars.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n, v)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = Lines::collect(child.stdout.take().unwrap());
        let stderr = Lines::collect(child.stderr.take().unwrap());
        Sandbox { child, api, stdout, stderr }
    }

    /// Starts the program without Lambda around it.
    #[track_caller]
    pub(crate) fn outside_of_lambda() -> Ended {
        let mut command = Command::new(binary());
        command.env_clear();
        super::read_with(command, b"")
    }
}

impl Sandbox {
    /// Invokes it; the invocation must have an answer.
    #[track_caller]
    pub(crate) fn invoke(&self, event: &Value) -> Value {
        match self.invoke_raw(event.to_string().as_bytes()) {
            Outcome::Response(text) => {
                let told = |error| panic!("{error}: {text}");
                serde_json::from_str(&text).unwrap_or_else(told)
            }
            Outcome::Error(text) => panic!("{text}"),
        }
    }

    /// Invokes it with any bytes.
    #[track_caller]
    pub(crate) fn invoke_raw(&self, event: &[u8]) -> Outcome {
        self.api.invoke(event.to_vec()).unwrap_or_else(|told| panic!("{told}: {:#?}", self.log()))
    }

    /// Sends a request through an HTTP API.
    #[track_caller]
    pub(crate) fn send(&self, request: &Request) -> Value {
        self.invoke(&super::Door::HttpApi.event(request, false))
    }

    /// What it says when it cannot start, and how it ends then.
    #[track_caller]
    pub(crate) fn fails(mut self) -> (String, Option<i32>) {
        let told = self.api.init_error().unwrap();
        let status = until("the function ends", || self.child.try_wait().unwrap());
        (told, status.code())
    }

    /// The Runtime API goes away; how it ends then.
    #[track_caller]
    pub(crate) fn left_alone(mut self) -> Option<i32> {
        self.api.close();
        until("the function ends", || self.child.try_wait().unwrap()).code()
    }

    /// The log so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.stderr.so_far()
    }

    /// Ends it, and gives what it wrote to stdout and stderr.
    pub(crate) fn end(mut self) -> (String, String) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let whole = |lines: &Lines| lines.all().iter().flat_map(|line| [line, "\n"]).collect();
        (whole(&self.stdout), whole(&self.stderr))
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        self.api.close();
        if thread::panicking() {
            eprintln!("the function's log:\n{}", self.stderr.so_far().join("\n"));
        }
    }
}

/// The binary, built as a user builds it but for the profile. It is a package apart, so cargo does
/// not build it for these tests by itself.
fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).expect("a test lies in PROFILE/deps").to_owned();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--locked", "--quiet"]);
        cargo.args(["--package", "headroom-lambda", "--bin", "ingest-lambda"]);
        cargo.args((!cfg!(debug_assertions)).then_some("--release"));
        cargo.env("CARGO_TARGET_DIR", profile.parent().unwrap()).current_dir(repository());
        assert!(cargo.status().unwrap().success(), "{cargo:?}");
        profile.join("ingest-lambda")
    };
    BUILT.get_or_init(build).clone()
}
