//! `headroom doctor`: is everything in order, and what to do if not.

mod aws;
mod github;
mod groups;
mod targets;

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use local::{PoolView, Reader};
use model::Timestamp;
use model::document::Table;
use serde::Serialize;

use crate::cli::{DoctorArgs, TableOrJson};
use crate::clock::Clock;
use crate::config::{Config, Mode, SECRET_ENV, TOKEN_ENV};
use crate::exit::{self, Failure, chain};
use crate::render;

/// No news for this long is worth a look.
const SILENCE_MAX: Duration = Duration::from_hours(24);

/// A clock before this was never set: the beginning of 2025.
const CLOCK_MIN: Timestamp = Timestamp::from_secs(1_735_689_600);

/// Whether a server answers is known by then: it is on this machine or near it.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(1);

/// What `/readyz` says is shorter; whatever else answers may say anything.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warning,
    Error,
}

/// One finding.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    found: String,
    /// What to do; empty when all is well.
    remedy: String,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Finding { check, verdict: Verdict::Ok, found: found.into(), remedy: String::new() }
    }

    fn bad(
        check: &'static str,
        verdict: Verdict,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Finding { check, verdict, found: found.into(), remedy: remedy.into() }
    }
}

/// Checks everything; exits 1 when there is an error among the findings.
///
/// # Errors
/// When stdout cannot be written.
pub fn run(args: &DoctorArgs) -> Result<u8, Failure> {
    let now = Clock::System.now();
    let findings = match Config::load(&args.place.flags(), &|name| std::env::var(name).ok()) {
        Ok(config) => examine(&config, now, args),
        Err(error) => vec![Finding::bad(
            "configuration",
            Verdict::Error,
            chain(&error),
            "correct the file or variable that is named",
        )],
    };
    match args.format {
        TableOrJson::Json => render::print_json(&findings),
        TableOrJson::Table => render::print(&as_table(&findings)),
    }
    .map_err(super::stdout)?;
    let failed = findings.iter().any(|finding| finding.verdict == Verdict::Error);
    Ok(if failed { exit::FINDINGS } else { exit::OK })
}

fn examine(config: &Config, now: Timestamp, args: &DoctorArgs) -> Vec<Finding> {
    let mut findings =
        vec![configuration(config), secret(config), access(config), clock(now), scaler(config)];
    findings.extend(store(&config.store, now));
    findings.extend(targets::targets(config));
    findings.extend(github::findings(config, now));
    findings.push(server(config.listen));
    if args.aws {
        findings.extend(aws::findings(config, args, now));
    }
    findings
}

fn configuration(config: &Config) -> Finding {
    let file = config
        .file
        .as_ref()
        .map_or("defaults, no file".to_owned(), |path| path.display().to_string());
    let pools = match config.pools.len() {
        0 => "each label set is a pool".to_owned(),
        n => format!("{n} pools"),
    };
    Finding::ok("configuration", format!("{file}; {pools}"))
}

fn secret(config: &Config) -> Finding {
    if config.secrets.is_empty() {
        let remedy = format!(
            "set {SECRET_ENV} or webhook.secret_files to a random text (openssl rand -hex 32), and \
             enter the same at GitHub under Settings, Webhooks"
        );
        return Finding::bad("secret", Verdict::Error, "none: /webhook answers 503", remedy);
    }
    Finding::ok("secret", format!("{:?}", config.secrets))
}

fn access(config: &Config) -> Finding {
    let reach = if config.is_loopback() { "this machine only" } else { "beyond this machine" };
    let found = format!("{} ({reach})", config.listen);
    if config.is_loopback() || config.token.is_some() {
        return Finding::ok("access", found);
    }
    let remedy = format!(
        "set {TOKEN_ENV} or access.token_file; until then page, API and /metrics answer 401"
    );
    Finding::bad("access", Verdict::Warning, format!("{found}, no token"), remedy)
}

fn scaler(config: &Config) -> Finding {
    let mode = config.scaler.mode;
    let meaning = match mode {
        Mode::Off => "no decisions are made".to_owned(),
        Mode::DryRun => "it says what it would do and changes nothing".to_owned(),
        Mode::Simulated => "it scales simulated instances, no real ones".to_owned(),
        Mode::Act => {
            let (groups, pools) = (config.scaler.groups(), config.pools.len());
            format!("it scales the Auto Scaling groups of {groups} of {pools} pools")
        }
    };
    let tick = config.scaler.tick.as_secs();
    Finding::ok("scaler", format!("{}: {meaning}; a look every {tick} s", mode.as_str()))
}

fn clock(now: Timestamp) -> Finding {
    if now < CLOCK_MIN {
        let remedy = "set the clock, for instance with chrony; ages and minutes depend on it";
        return Finding::bad("clock", Verdict::Error, now.to_string(), remedy);
    }
    Finding::ok("clock", now.to_string())
}

fn store(path: &Path, now: Timestamp) -> Vec<Finding> {
    let name = path.display();
    let bad = |found: String, remedy| vec![Finding::bad("store", Verdict::Error, found, remedy)];
    if !folder_of(path).is_dir() {
        let remedy = "make the folder, or choose another file with --store";
        return bad(format!("the folder of {name} does not exist"), remedy);
    }
    // Nothing is left behind: the file has no name.
    if let Err(error) = tempfile::tempfile_in(folder_of(path)) {
        let remedy = "let this user write to the folder, or choose another file with --store";
        return bad(format!("the folder of {name} takes no files: {error}"), remedy);
    }
    match path.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return vec![Finding::ok("store", format!("{name} will be made by `headroom serve`"))];
        }
        Ok(file) if file.is_file() && file.len() == 0 => {
            let found = format!("{name} is empty; `headroom serve` will make it a store");
            return vec![Finding::ok("store", found)];
        }
        _ => {}
    }
    match Reader::open(path).and_then(|reader| reader.pools(now, &[])) {
        Ok(_) if let Err(error) = OpenOptions::new().write(true).open(path) => {
            let remedy = "let this user write to the file, or choose another with --store";
            bad(format!("{name} cannot be written: {error}"), remedy)
        }
        Ok(pools) => {
            let mut findings = vec![
                Finding::ok("store", format!("{name}: can be read and written")),
                news(&pools, now),
            ];
            let mailboxes = Reader::open(path).and_then(|reader| reader.mailboxes());
            findings.extend(mailboxes.unwrap_or_default().iter().filter_map(targets::mailbox));
            findings
        }
        Err(error) => bad(chain(&error), error.remedy()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn news(pools: &[PoolView], now: Timestamp) -> Finding {
    let jobs: u64 = pools.iter().map(|pool| pool.queued_total.max(pool.completed_total)).sum();
    let Some(newest) = pools.iter().filter_map(|pool| pool.newest_at).max() else {
        let remedy = "at GitHub, add a webhook for the event \"Workflow jobs\", content type JSON, \
                      and look at its recent deliveries";
        return Finding::bad("news", Verdict::Warning, "no job was ever seen", remedy);
    };
    let found = format!("{jobs} jobs in {} pools; newest event {newest}", pools.len());
    if now.saturating_since(newest) > SILENCE_MAX {
        let remedy = "look at the webhook's recent deliveries at GitHub, and at /readyz";
        return Finding::bad("news", Verdict::Warning, found, remedy);
    }
    if newest > now.plus(Duration::from_mins(5)) {
        let remedy = "this machine's clock is behind GitHub's: set it, for instance with chrony";
        return Finding::bad("news", Verdict::Warning, found, remedy);
    }
    Finding::ok("news", found)
}

fn server(address: SocketAddr) -> Finding {
    let Ok(stream) = TcpStream::connect_timeout(&address, ANSWER_TIME_MAX) else {
        return Finding::ok("server", format!("nothing runs at {address}; it is free to use"));
    };
    let readiness = readiness(stream).ok();
    let told = readiness.as_deref().and_then(|answer| answer.split_once("\r\n\r\n"));
    let told = told.and_then(|(_, body)| serde_json::from_str::<serde_json::Value>(body).ok());
    match told.as_ref().and_then(|told| told["ready"].as_bool().zip(told.as_object())) {
        Some((true, _)) => Finding::ok("server", format!("headroom runs at {address}, ready")),
        Some((false, told)) => {
            let wrong = |(key, word): (&String, &serde_json::Value)| {
                let word = word.as_str().filter(|word| *word != "ok")?;
                Some(format!("{key}: {word}"))
            };
            let wrong: Vec<String> = told.iter().filter_map(wrong).collect();
            let found =
                format!("headroom runs at {address} and is not ready: {}", wrong.join("; "));
            Finding::bad(
                "server",
                Verdict::Error,
                found,
                "put right what is named; its log says more",
            )
        }
        None => {
            let found = format!("something else answers at {address}");
            let remedy = "choose another address with --listen, or end what runs there";
            Finding::bad("server", Verdict::Warning, found, remedy)
        }
    }
}

/// What `/readyz` answers, with its head.
fn readiness(mut stream: TcpStream) -> io::Result<String> {
    stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
    stream.set_write_timeout(Some(ANSWER_TIME_MAX))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
    Ok(answer)
}

fn as_table(findings: &[Finding]) -> String {
    let rows = findings.iter().map(|finding| {
        let verdict = match finding.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Error => "error",
        };
        [verdict.to_owned(), finding.check.to_owned(), finding.found.clone()]
    });
    let mut text = render::table(&Table::new(["", "check", "found"]).with(rows));
    for finding in findings.iter().filter(|finding| !finding.remedy.is_empty()) {
        text.push_str(&format!("\n{}: {}\n", finding.check, finding.remedy));
    }
    text
}
