//! Those who are told of alarms: can they be reached, and is anything stuck on its way to them?

use std::env;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use client::Address;
use local::news::Mailbox;

use super::{ANSWER_TIME_MAX, Finding, Verdict};
use crate::config::{Config, Target, Way};

/// The name of these checks.
const CHECK: &str = "notifications";

/// A finding for each target; one where there is none.
pub(super) fn targets(config: &Config) -> Vec<Finding> {
    if config.targets.is_empty() {
        return vec![Finding::ok(CHECK, "nobody is told of alarms: there is no [[notify]]")];
    }
    let mut findings: Vec<Finding> = config.targets.iter().map(target).collect();
    if config.page_url.is_none() {
        let found = format!("links lead to {}", config.links(config.listen).dashboard(None));
        let remedy = "set page_url to the address at which people reach the page";
        findings.push(Finding::bad(CHECK, Verdict::Warning, found, remedy));
    }
    findings
}

/// What could not be delivered yet.
pub(super) fn mailbox(mailbox: &Mailbox) -> Option<Finding> {
    let trouble = mailbox.trouble.as_ref().filter(|_| mailbox.pending > 0)?;
    let since = mailbox.oldest_at.map_or_else(String::new, |at| format!(" since {at}"));
    let found = format!("{}: {} on their way{since}: {trouble}", mailbox.target, mailbox.pending);
    let remedy = "put right what is named; `headroom alarms test --notify` tries it out";
    Some(Finding::bad(CHECK, Verdict::Warning, found, remedy))
}

fn target(target: &Target) -> Finding {
    let place = format!("{}: {} to {}", target.name, target.way.kind(), target.way.place());
    match &target.way {
        Way::Webhook { address, secrets } => {
            let signed = if secrets.is_empty() { "not signed" } else { "signed" };
            reachable(&format!("{place}, {signed}"), address)
        }
        Way::Slack { address } => reachable(&place, address),
        Way::Command { words } => match words.first().and_then(|word| program(word)) {
            Some(path) => Finding::ok(CHECK, format!("{place} ({})", path.display())),
            None => {
                let remedy = "install the program, or name it with its whole path";
                let found = format!("{place}: there is no such program to run");
                Finding::bad(CHECK, Verdict::Error, found, remedy)
            }
        },
    }
}

fn reachable(place: &str, address: &Address) -> Finding {
    if !address.is_encrypted() && !address.is_local() {
        let remedy = "use https: what is sent, and a secret in the address, can be read on the way";
        return Finding::bad(CHECK, Verdict::Warning, format!("{place}: not encrypted"), remedy);
    }
    // What goes through a proxy need not be reachable from here.
    let is_direct = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"]
        .iter()
        .all(|name| env::var_os(name).is_none());
    if is_direct && !answers(address) {
        let remedy = "look whether it runs, and whether a firewall stands between";
        return Finding::bad(CHECK, Verdict::Warning, format!("{place}: nobody answers"), remedy);
    }
    Finding::ok(CHECK, place)
}

/// Whether somebody takes connections there. Nothing is sent.
fn answers(address: &Address) -> bool {
    let Ok(found) = address.endpoint().to_socket_addrs() else { return false };
    found.take(2).any(|address| TcpStream::connect_timeout(&address, ANSWER_TIME_MAX).is_ok())
}

/// Where a program lies that is named by its path or found in `PATH`.
fn program(word: &str) -> Option<PathBuf> {
    let is_program = |path: &Path| {
        let file = path.metadata().ok().filter(std::fs::Metadata::is_file);
        file.is_some_and(|file| file.permissions().mode() & 0o111 != 0)
    };
    if word.contains('/') {
        return Some(PathBuf::from(word)).filter(|path| is_program(path));
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(word)).find(|path| is_program(path))
}
