//! `headroom`: how long GitHub Actions jobs wait for a self-hosted runner, and why.
//!
//! This is the composition root: the only code that reads the clock, the environment and the
//! arguments. It parses, runs one command and turns the outcome into an exit code.

mod bounds;
mod cli;
mod clock;
mod cloud;
mod commands;
mod config;
mod demo;
mod exit;
mod export;
mod http;
mod import;
mod logging;
mod lookback;
mod notify;
mod out;
mod render;
mod report;
mod scaling;
mod search;
mod watch;

use std::process::ExitCode;

/// Deliveries are taken on one thread and let go on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    exit::report(cli::run())
}
