//! Runs programs: the binary under test, and other people's to compare with.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// How a process ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The binary under test, with nothing of ours in its environment; through another program, if one is
/// named, which gets the command line as its last arguments.
pub(super) fn bare_through(program: &[String]) -> Command {
    let mut words = program.iter().map(PathBuf::from).chain([binary()]);
    let mut command = Command::new(words.next().expect("the binary is one of them"));
    command.args(words);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HEADROOM_") {
            command.env_remove(name);
        }
    }
    command
}

/// A program through which nobody, the superuser neither, writes where permissions forbid it.
pub(crate) fn bound_by_permissions(home: &Path) -> Vec<&'static str> {
    use std::os::unix::fs::MetadataExt;
    let is_superuser = home.metadata().unwrap().uid() == 0;
    let without = "--bounding-set=-dac_override,-dac_read_search";
    if is_superuser { vec!["setpriv", without] } else { vec!["env"] }
}

/// Where the binary lies. Cargo tells tests; an example lies in a folder beside it.
fn binary() -> PathBuf {
    let beside = || {
        let example = std::env::current_exe().unwrap();
        example.parent().unwrap().with_file_name("headroom")
    };
    option_env!("CARGO_BIN_EXE_headroom").map_or_else(beside, PathBuf::from)
}

/// Runs it in a folder of its own.
#[track_caller]
pub(crate) fn headroom(arguments: &[&str], stdin: &[u8]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    headroom_in(folder.path(), &[], arguments, stdin)
}

/// Runs it in `folder` with these variables.
#[track_caller]
pub(crate) fn headroom_in(
    folder: &Path,
    vars: &[(&str, &str)],
    arguments: &[&str],
    stdin: &[u8],
) -> Ended {
    headroom_through(&[], folder, vars, arguments, stdin)
}

/// The same through another program.
#[track_caller]
pub(crate) fn headroom_through(
    program: &[&str],
    folder: &Path,
    vars: &[(&str, &str)],
    arguments: &[&str],
    stdin: &[u8],
) -> Ended {
    let program: Vec<String> = program.iter().map(ToString::to_string).collect();
    let mut command = bare_through(&program);
    command.args(arguments).current_dir(folder).envs(vars.iter().copied());
    read_with(command, stdin)
}

/// Lints EMF with the binary under test.
#[track_caller]
pub(crate) fn lint(emf: &str) -> Ended {
    headroom(&["lint", "-"], emf.as_bytes())
}

/// Runs a program to its end, feeding it `stdin`.
#[track_caller]
pub(crate) fn read_with(mut command: Command, stdin: &[u8]) -> Ended {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut pipe = child.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        scope.spawn(move || {
            // A program that ends without reading everything is no failure of its feeder.
            let _ = pipe.write_all(stdin);
        });
        child.wait_with_output().unwrap()
    });
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// Something that `tests/setup` installs.
#[track_caller]
pub(crate) fn tool(path: &str) -> PathBuf {
    let full = repository().join("tests/.tools").join(path);
    assert!(full.exists(), "{} is missing: run tests/setup", full.display());
    full
}

/// Runs a Python program of ours on what it is given.
#[track_caller]
pub(crate) fn python(script: &str, arguments: &[&Path]) -> Ended {
    let mut command = Command::new(tool("py/bin/python"));
    command.arg(repository().join("tests/tools").join(script)).args(arguments);
    read_with(command, b"")
}
