//! `headroom export`: history as EMF or as a trace.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use local::{PastJob, Reader};

use crate::cli::{ExportArgs, ExportFormat};
use crate::config::Config;
use crate::exit::{self, Failure};
use crate::export::{emf, trace};
use crate::out::Out;

/// Writes all jobs of the store.
///
/// # Errors
/// When the store cannot be read or the output not be written; a file is then left as it was.
pub fn run(args: &ExportArgs) -> Result<u8, Failure> {
    let config = Config::load(&args.place.flags(), &|name| std::env::var(name).ok())?;
    let reader = Reader::open(&config.store)?;
    let mut out = Out::open(&args.out).map_err(|source| failed(&args.out, source))?;
    let mut lines = Vec::new();
    let (mut jobs, mut others) = (0_u64, 0_u64);
    let emf = emf::Lines::new(&config.emf);
    if args.format == ExportFormat::Trace {
        csv_row(&trace::header(), &mut lines);
    }
    let written = each(&reader, &mut out, &mut lines, |past, lines| {
        let is_told = match args.format {
            ExportFormat::Emf => {
                emf.write(past, lines);
                true
            }
            ExportFormat::Trace => trace::row(&past.job).map(|row| csv_row(&row, lines)).is_some(),
        };
        *if is_told { &mut jobs } else { &mut others } += 1;
    })?;
    match written.and_then(|()| out.close()) {
        // A reader that went away (`| head`) is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(exit::OK),
        written => written.map_err(|source| failed(&args.out, source))?,
    }
    eprintln!("{jobs} jobs{}", left_out(others));
    Ok(exit::OK)
}

fn left_out(jobs: u64) -> String {
    match jobs {
        0 => String::new(),
        jobs => format!("; left out {jobs} that did not end, had no runner or lack a time stamp"),
    }
}

fn failed(out: &Path, source: io::Error) -> Failure {
    let what = if out == Path::new("-") { "stdout".into() } else { out.display().to_string() };
    Failure::File { what, source }
}

/// Lets `tell` append the lines of each job, and writes them out.
fn each(
    reader: &Reader,
    out: &mut Out,
    lines: &mut Vec<u8>,
    mut tell: impl FnMut(&PastJob, &mut Vec<u8>),
) -> Result<io::Result<()>, Failure> {
    let mut written = Ok(());
    reader.each_job(|past| {
        tell(&past, lines);
        written = out.write(lines);
        lines.clear();
        match written.is_ok() {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    })?;
    Ok(written.and_then(|()| out.write(lines)))
}

fn csv_row(fields: &[impl AsRef<[u8]>], out: &mut Vec<u8>) {
    let mut row = csv::Writer::from_writer(out);
    row.write_record(fields).expect("a row is written into memory");
    row.flush().expect("a row is written into memory");
}
