//! Sends signed webhooks to a running `serve` and says how it answers.
//!
//! ```sh
//! export HEADROOM_WEBHOOK_SECRET=secret
//! target/release/headroom serve --listen 127.0.0.1:9797 --store /tmp/load.db &
//! cargo run --release --example load -- --url http://127.0.0.1:9797/webhook --pid $!
//! ```
//!
//! Bodies are GitHub's own, 7 to 10 KB, each with a delivery id of its own and signed before the
//! first is sent. Each job is queued, started and completed, so no delivery repeats another.

mod drive;
mod outcome;
mod process;
mod traffic;

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser;

use drive::Load;
use traffic::Traffic;

/// Sends signed webhooks and says how they are answered.
#[derive(Debug, Parser)]
#[command(name = "load")]
struct Args {
    /// Where `serve` takes webhooks
    #[arg(long, default_value = "http://127.0.0.1:9797/webhook")]
    url: String,
    /// The environment variable that holds the webhook's secret
    #[arg(long, value_name = "NAME", default_value = "HEADROOM_WEBHOOK_SECRET")]
    secret_env: String,
    /// Webhooks a second; without it as many as are answered
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// Connections that are kept open, each with one request under way
    #[arg(long, value_name = "N", default_value_t = 64)]
    connections: usize,
    /// How long
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u32,
    /// The id of the server's process, to tell its CPU time and memory
    #[arg(long)]
    pid: Option<u32>,
    /// The id of the first job; those of an earlier run on the same store would be repeats
    #[arg(long, value_name = "ID")]
    first_job: Option<u64>,
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

fn run(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let secret = std::env::var(&args.secret_env)
        .map_err(|_| format!("{} is not set; it holds the webhook's secret", args.secret_env))?;
    let load = Load {
        address: address(&args.url)?,
        rate: args.rate,
        connections: args.connections.max(1),
        seconds: args.seconds.max(1),
        pid: args.pid,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    // A later run on the same store has other jobs without being told.
    let first_job = args.first_job.unwrap_or(10_000_000_000 + now % 1_000_000_000 * 10);
    let traffic = Traffic::new(&secret, &args.url, first_job, now, load.webhooks_max())?;
    eprintln!("{} webhooks of {} bytes are signed", traffic.len(), traffic.mean_bytes());
    print!("{}", drive::run(&load, traffic)?);
    Ok(())
}

/// The address in `http://HOST:PORT/webhook`.
fn address(url: &str) -> io::Result<SocketAddr> {
    let wrong = || {
        let what = format!("{url} is not like http://127.0.0.1:9797/webhook");
        io::Error::new(io::ErrorKind::InvalidInput, what)
    };
    let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
    rest.split('/').next().ok_or_else(wrong)?.to_socket_addrs()?.next().ok_or_else(wrong)
}
