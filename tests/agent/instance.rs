//! An instance: the agent's files, and what stands for the rest of the machine.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::metadata::Metadata;
use crate::world::repository;

/// Its id.
pub(super) const ID: &str = "i-0123456789abcdef0";

/// A configuration, as nobody else may see it.
pub(super) const CONFIG: &str = "eyJzZWNyZXQiOiJvbmx5IGZvciB0aGUgcnVubmVyIn0=";

/// What the agent finds on its search path, and nothing more: a machine may have the tools that a
/// story says are missing.
const TOOLS: [&str; 16] = [
    "base64", "bash", "cat", "curl", "date", "env", "getent", "grep", "gzip", "head", "id",
    "install", "sed", "sleep", "tail", "timeout",
];

/// Parameters are files; what is asked is written down.
const AWS: &str = r#"#!/usr/bin/env bash
here=$(cd "${0%/*}/.." && pwd)
echo "$AWS_REGION: $*" >>"$here/asked"
parameter=$here/parameters/${4//\//_}
[[ -e $parameter ]] || {
  echo "An error occurred (ParameterNotFound) when calling the operation" >&2
  exit 254
}
case $2 in
  get-parameter) echo "$(<"$parameter")" ;;
  delete-parameter) /bin/rm "$parameter" ;;
esac
"#;

/// Writes down its arguments and what it is fed.
const RULES: &str = r#"#!/usr/bin/env bash
{ echo "${0##*/} $*"; [[ ${0##*/} != nft ]] || cat; } >>"${0%/*}/../rules"
"#;

const SWITCH: &str = "#!/usr/bin/env bash\necho off >>\"${0%/*}/../switched\"\n";

/// What every runner does first: it tells what it was given.
const RUNNER: &str = r#"#!/usr/bin/env bash
here=$PWD
echo "started with $# arguments" >>"$here/starts"
env >"$here/environment"
says() { echo "$(date -u '+%Y-%m-%d %H:%M:%SZ'): $*"; }
begins() {
  says "Running job: build"
  GITHUB_REPOSITORY=acme/app GITHUB_WORKFLOW=ci GITHUB_RUN_ID=4200000000 GITHUB_RUN_ATTEMPT=2 \
    GITHUB_JOB=build bash -e "$ACTIONS_RUNNER_HOOK_JOB_STARTED"
}
completes() { bash -e "$ACTIONS_RUNNER_HOOK_JOB_COMPLETED"; }
# Until it is told to stop; or, where it does not hear, until its folder is gone.
works() { while [[ -e $here/run.sh ]]; do sleep 0.02; done; }
trap 'echo INT >>"$here/signals"; exit 0' INT
"#;

/// The machine; started as often as a story boots it.
pub(super) struct Instance {
    folder: TempDir,
    pub(super) metadata: Metadata,
    vars: Vec<(String, String)>,
}

impl Instance {
    /// One that its group wants in this state, with nft, and with a configuration that waits for it.
    pub(super) fn wanted(state: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let metadata = Metadata::start(state);
        let instance = Instance { folder, metadata, vars: Vec::new() };
        for name in ["tools", "home", "parameters", "prepare", "run", "logs"] {
            fs::create_dir(instance.path(name)).unwrap();
        }
        let places = ["/usr/bin", "/bin"].map(Path::new);
        for tool in TOOLS {
            let found = places.map(|place| place.join(tool)).into_iter().find(|path| path.exists());
            let found = found.unwrap_or_else(|| panic!("no {tool} here"));
            symlink(found, instance.path("tools").join(tool)).unwrap();
        }
        instance.program("tools/aws", AWS);
        instance.program("tools/switch", SWITCH);
        instance.parameter("config", CONFIG);
        instance.has("nft").runner("")
    }

    /// One in service.
    pub(super) fn in_service() -> Self {
        Instance::wanted("InService")
    }

    /// Its runner does this.
    pub(super) fn runner(self, does: &str) -> Self {
        self.program("home/run.sh", &format!("{RUNNER}{does}\n"));
        self
    }

    /// It has this tool, which sets rules.
    pub(super) fn has(self, tool: &str) -> Self {
        self.program(&format!("tools/{tool}"), RULES);
        self
    }

    /// It has it not.
    pub(super) fn lacks(self, tool: &str) -> Self {
        fs::remove_file(self.path("tools").join(tool)).unwrap();
        self
    }

    /// A setting.
    pub(super) fn var(mut self, name: &str, value: &str) -> Self {
        self.vars.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts a parameter where its instance looks for it; the empty one is none.
    pub(super) fn parameter(&self, name: &str, value: &str) {
        let path = self.parameter_path(name);
        match value.is_empty() {
            true => fs::remove_file(path).unwrap(),
            false => fs::write(path, value).unwrap(),
        }
    }

    pub(super) fn has_parameter(&self, name: &str) -> bool {
        self.parameter_path(name).exists()
    }

    fn parameter_path(&self, name: &str) -> PathBuf {
        self.path("parameters").join(format!("_headroom_runners_{ID}_{name}"))
    }

    /// A program within its folder.
    pub(super) fn program(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The text of a file, empty where there is none.
    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(super) fn is_off(&self) -> bool {
        self.read("switched") == "off\n"
    }

    /// The lines for CloudWatch Logs, of this step.
    #[track_caller]
    pub(super) fn told(&self, step: &str) -> Vec<Value> {
        let log = self.read("logs/agent.log");
        let line = |line: &str| -> Value {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        log.lines().map(line).filter(|line| line["step"] == step).collect()
    }

    /// Boots it.
    pub(super) fn boot(&self) -> Running {
        Running(self.agent().spawn().unwrap())
    }

    /// The agent as systemd runs it.
    fn agent(&self) -> Command {
        let agent = repository().join("adapters/aws/agent");
        let tester = Command::new("id").arg("-un").output().unwrap().stdout;
        let path = |name: &str| self.path(name).into_os_string();
        // As systemd starts it: whoever runs the tests in the background of a shell ignores SIGINT.
        let mut command = Command::new("env");
        command.arg("--default-signal=INT").arg(agent.join("headroom-runner"));
        command.env_clear().current_dir(self.folder.path());
        command.env("PATH", path("tools")).env("RUNTIME_DIRECTORY", path("run"));
        command.env("LOGS_DIRECTORY", path("logs")).env("RUNNER_HOME", path("home"));
        command.env("RUNNER_USER", String::from_utf8(tester).unwrap().trim());
        command.env("RUNNER_POOL", "linux").env("TEST_AS_USER", "").env("TEST_LOOK_SECS", "0.02");
        command.env("TEST_HOOKS", &agent).env("TEST_PREPARATIONS", path("prepare"));
        command.env("TEST_METADATA", format!("http://{}", self.metadata.address));
        command.env("TEST_POWER_OFF", path("tools/switch"));
        command.envs(self.vars.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Boots it, and waits until the agent has ended.
    pub(super) fn life(&self) -> Ended {
        self.boot().ended()
    }
}

/// The agent while it runs.
pub(super) struct Running(Child);

impl Running {
    /// As systemd stops a service.
    #[track_caller]
    pub(super) fn stop(self, instance: &Instance) -> Ended {
        let mut stop = instance.agent();
        stop.arg("stop").env("MAINPID", self.0.id().to_string());
        let stop = Running(stop.spawn().unwrap());
        // Not before it is waited for is a process gone.
        let ended = self.ended();
        assert_eq!(stop.ended().code, Some(0));
        ended
    }

    pub(super) fn ended(self) -> Ended {
        let output = self.0.wait_with_output().unwrap();
        assert_eq!(output.stdout, b"", "an agent says what it does on stderr");
        let stderr = String::from_utf8(output.stderr).unwrap();
        Ended { code: output.status.code(), stderr }
    }
}

/// How the agent ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stderr: String,
}

impl Ended {
    #[track_caller]
    pub(super) fn says(&self, words: &str) -> &Self {
        assert!(self.stderr.contains(words), "{words:?} is not in:\n{}", self.stderr);
        self
    }
}
