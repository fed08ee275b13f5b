//! `headroom completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::{self, Failure};
use crate::render;

/// Prints completions.
///
/// # Errors
/// When stdout cannot be written.
pub fn run(shell: Shell) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "headroom", &mut script);
    render::print(&String::from_utf8_lossy(&script)).map_err(super::stdout)?;
    Ok(exit::OK)
}
