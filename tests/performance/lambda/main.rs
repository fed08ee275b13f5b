//! Measures the Lambda function against its budget and writes the section of `docs/PERFORMANCE.md`
//! about it.
//!
//! ```sh
//! cargo run --release --package headroom-lambda --example lambda-performance
//! ```
//!
//! The function and, beside it, the same runtime with nothing in it and a loop without a runtime are
//! invoked through a Runtime API on loopback, with GitHub's own payloads, signed, in the envelope of
//! an HTTP API. Processor
//! time is what Linux counts for the function's threads. Nothing else should use the machine
//! meanwhile; the processor time suffers least where something does.

mod events;
mod measure;
#[expect(dead_code, reason = "the stories ask for more of it than a measurement")]
#[path = "../../world/runtime_api.rs"]
mod runtime_api;
mod section;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use measure::Figures;

/// What the events are signed with.
const SECRET: &str = "It's a Secret to Everybody";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = std::env::args_os().nth(1).map(PathBuf::from);
    let out = out.unwrap_or_else(|| root.join("docs/PERFORMANCE.md"));
    eprintln!("building");
    // One after the other: together they would share the features of both.
    build(&root, &["--bin", "ingest-lambda"])?;
    build(&root, &["--example", "echo-lambda"])?;
    build(&root, &["--example", "sockets-lambda"])?;
    let events = events::all(&root)?;
    let release = target()?.join("release");
    let figures = Figures {
        function: measure::program(&release.join("ingest-lambda"), &events)?,
        echo: measure::program(&release.join("examples/echo-lambda"), &events)?,
        sockets: measure::program(&release.join("examples/sockets-lambda"), &events)?,
        event_bytes: events.iter().map(Vec::len).sum::<usize>() / events.len(),
    };
    let document = fs::read_to_string(&out)?;
    fs::write(&out, section::put(&document, &figures.to_string()))?;
    println!("{}", out.display());
    Ok(())
}

fn build(root: &Path, what: &[&str]) -> Result<(), Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--locked", "--quiet", "--package", "headroom-lambda"])
        .args(what)
        .env("CARGO_TARGET_DIR", target()?)
        .current_dir(root)
        .status()?;
    status.success().then_some(()).ok_or_else(|| format!("cargo cannot build {what:?}").into())
}

/// The target directory that this program lies in.
fn target() -> Result<PathBuf, Box<dyn Error>> {
    let this = std::env::current_exe()?;
    let target =
        this.ancestors().nth(3).ok_or("this program does not lie in a target directory")?;
    Ok(target.to_owned())
}
