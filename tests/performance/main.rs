//! Measures Headroom against its speed budget and writes `docs/PERFORMANCE.md`.
//!
//! ```sh
//! cargo run --release --example performance            # about six minutes, after tests/setup
//! cargo run --release --example performance -- --long  # and half an hour of what takes long
//! ```
//!
//! Everything in that file comes from here: the figures are measured, the words around them are in
//! `report.rs`. Nothing else should use the machine meanwhile.

mod bench;
mod budget;
mod capacity;
mod commit;
mod history;
mod machine;
mod page;
mod report;
mod server;

#[path = "../load/drive.rs"]
mod drive;
#[expect(
    clippy::unwrap_used,
    dead_code,
    reason = "the stories of the page ask for more of it, and fail where it does"
)]
#[path = "../browser/driver.rs"]
mod driver;
#[path = "../load/outcome.rs"]
mod outcome;
#[path = "../load/process.rs"]
mod process;
#[path = "../load/traffic.rs"]
mod traffic;
#[path = "../world/wait.rs"]
mod wait;
/// As the browser's driver knows it.
mod world {
    pub(crate) use super::wait::PATIENCE;
}

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser;

use drive::Load;
use outcome::Outcome;
use report::Figures;
use server::Server;
use traffic::Traffic;

/// What the webhooks of a run are signed with.
const SECRET: &str = "It's a Secret to Everybody";

/// Webhooks a second over ten minutes.
const STEADY_PER_SEC: u32 = 5_000;

/// Measures Headroom and writes docs/PERFORMANCE.md.
#[derive(Debug, Parser)]
#[command(name = "performance")]
struct Args {
    /// Also ten minutes at 5,000 webhooks a second, and the capacity report of ten million jobs (12 GB
    /// of temporary files)
    #[arg(long)]
    long: bool,
    /// How long the steady rate is kept up with --long
    #[arg(long, value_name = "N", default_value_t = 600)]
    long_seconds: u32,
    /// How long webhooks are sent at full speed
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u32,
    /// Jobs in the store before
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    jobs: u64,
    /// Connections that are kept open
    #[arg(long, value_name = "N", default_value_t = 64)]
    connections: usize,
    /// Where the report goes
    #[arg(long, value_name = "FILE", default_value = "docs/PERFORMANCE.md")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let machine = machine::describe()?;
    eprintln!("building, and measuring one delivery in process");
    cargo(&["build", "--release", "--bin", "headroom"])?;
    let bench = bench::run()?;
    let dir = tempfile::tempdir()?;
    let commit = commit::measure(dir.path())?;
    let store = dir.path().join("headroom.db");
    eprintln!("importing {} jobs", args.jobs);
    let history = history::import(&headroom()?, dir.path(), &store, args.jobs, history::POOLS)?;
    let server = Server::start(&headroom()?, &store)?;
    let started = server.started_in;
    let decided = server.decided_in(history::POOLS)?;
    let answers = server.answers()?;
    eprintln!("{} s at full speed", args.seconds);
    let full = load(args, &server, None, args.seconds)?;
    let steady = match args.long {
        true => {
            // A process of its own, so that its memory is that of this load.
            drop(server);
            let server = Server::start(&headroom()?, &store)?;
            eprintln!("{} s at {STEADY_PER_SEC} a second", args.long_seconds);
            Some(load(args, &server, Some(STEADY_PER_SEC), args.long_seconds)?)
        }
        false => None,
    };
    eprintln!("looking at the page of {} pools", page::POOLS);
    let page = page::measure(&headroom()?, dir.path(), args.jobs)?;
    let reports = match args.long {
        true => {
            eprintln!("reporting of {} jobs", capacity::JOBS);
            cargo(&["build", "--release", "--example", "jobs"])?;
            capacity::measure(&headroom()?, dir.path())?
        }
        false => Vec::new(),
    };
    let figures = Figures {
        machine,
        bench,
        commit,
        history,
        started,
        decided,
        answers,
        full,
        steady,
        page,
        reports,
    };
    fs::write(&args.out, figures.to_string())?;
    let out = args.out.display().to_string();
    let lambda = ["--package", "headroom-lambda", "--example", "lambda-performance"];
    cargo(&[&["run", "--release"], &lambda[..], &["--", &out]].concat())?;
    println!("{}", args.out.display());
    Ok(())
}

fn load(
    args: &Args,
    server: &Server,
    rate: Option<u32>,
    seconds: u32,
) -> Result<Outcome, Box<dyn Error>> {
    let url = format!("http://{}/webhook", server.address);
    let load = Load {
        address: server.address,
        rate,
        connections: args.connections,
        seconds,
        pid: Some(server.pid()),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let first_job = 10_000_000_000 + now % 1_000_000_000 * 10;
    let traffic = Traffic::new(SECRET, &url, first_job, now, load.webhooks_max())?;
    eprintln!("{} webhooks of {} bytes are signed", traffic.len(), traffic.mean_bytes());
    Ok(drive::run(&load, traffic)?)
}

/// The target directory that this program lies in.
fn target() -> Result<PathBuf, Box<dyn Error>> {
    let this = std::env::current_exe()?;
    let target =
        this.ancestors().nth(3).ok_or("this program does not lie in a target directory")?;
    Ok(target.to_owned())
}

fn headroom() -> Result<PathBuf, Box<dyn Error>> {
    Ok(target()?.join("release").join("headroom"))
}

fn cargo(args: &[&str]) -> Result<(), Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(cargo)
        .args(args)
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target()?)
        .stdout(std::io::stderr())
        .status()?;
    status.success().then_some(()).ok_or_else(|| format!("cargo {} failed", args.join(" ")).into())
}
