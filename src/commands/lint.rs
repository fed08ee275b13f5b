//! `headroom lint`: is this EMF what CloudWatch takes?

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use model::Timestamp;
use model::lint::{self, Finding, Severity};
use serde::Serialize;

use crate::cli::{LintArgs, TableOrJson};
use crate::clock::Clock;
use crate::exit::{self, Failure};
use crate::render;

/// A line longer than this is reported and not read further: far above what CloudWatch takes.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What was counted over all files.
#[derive(Debug, Default, Serialize)]
struct Summary {
    lines: u64,
    metrics: u64,
    errors: u64,
    warnings: u64,
}

#[derive(Serialize)]
struct Reported<'a> {
    file: &'a str,
    line: u64,
    rule: &'static str,
    severity: String,
    path: &'a str,
    found: &'a str,
    remedy: &'a str,
}

/// Checks all files and prints findings as they come; the summary goes to stderr.
///
/// # Errors
/// When a file cannot be read or stdout cannot be written.
pub fn run(args: &LintArgs) -> Result<u8, Failure> {
    let now = args.now.unwrap_or_else(|| Clock::System.now());
    let mut summary = Summary::default();
    for path in &args.files {
        let name = path.display().to_string();
        let failed = |source| Failure::File { what: name.clone(), source };
        let reader = open(path).map_err(failed)?;
        check(&name, reader, now, args.format, &mut summary).map_err(failed)?;
    }
    let Summary { lines, metrics, errors, warnings } = summary;
    eprintln!("{lines} lines, {metrics} metrics, {errors} errors, {warnings} warnings");
    let wrong = errors > 0 || (args.strict && warnings > 0);
    Ok(if wrong { exit::FINDINGS } else { exit::OK })
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    Ok(Box::new(BufReader::new(File::open(path)?)))
}

fn check(
    file: &str,
    mut reader: Box<dyn BufRead>,
    now: Timestamp,
    format: TableOrJson,
    summary: &mut Summary,
) -> io::Result<()> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.len() as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n') {
            reader.skip_until(b'\n')?;
        }
        let text = String::from_utf8_lossy(&line);
        if text.trim().is_empty() {
            continue;
        }
        let checked = lint::check(&text, now);
        summary.lines += 1;
        summary.metrics += checked.metrics as u64;
        summary.errors += checked.count(Severity::Error) as u64;
        summary.warnings += checked.count(Severity::Warning) as u64;
        for finding in &checked.findings {
            report(file, number, finding, format)?;
        }
    }
    Ok(())
}

fn report(file: &str, line: u64, finding: &Finding, format: TableOrJson) -> io::Result<()> {
    match format {
        TableOrJson::Table => render::print(&format!("{file}:{line}: {finding}\n")),
        TableOrJson::Json => {
            let reported = Reported {
                file,
                line,
                rule: finding.rule.code(),
                severity: finding.severity.to_string(),
                path: &finding.path,
                found: &finding.found,
                remedy: &finding.remedy,
            };
            let text = serde_json::to_string(&reported).map_err(io::Error::other)?;
            render::print(&format!("{text}\n"))
        }
    }
}
