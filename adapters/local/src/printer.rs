//! EMF lines into a file or a pipe, a whole at a time.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::path::Path;

/// Keeps what is written until it is flushed. Of a whole that failed half way (a full disk, say) only
/// the rest is written when it comes again: a line that is there twice counts twice for whoever
/// makes metrics of it. Another whole begins on a line of its own.
///
/// What it writes to must keep nothing back: of a buffer nobody knows how much got through.
pub struct Printer<W> {
    out: W,
    lines: Vec<u8>,
    /// The whole that failed half way, and how many of its bytes were taken.
    half_done: Option<(Vec<u8>, usize)>,
}

impl<W: Write> Printer<W> {
    /// At the start of a line.
    pub fn new(out: W) -> Self {
        Printer { out, lines: Vec::new(), half_done: None }
    }

    /// Where to go on in the next whole, after what was given up is ended.
    fn begun(&mut self, lines: &[u8]) -> io::Result<usize> {
        match &self.half_done {
            None => Ok(0),
            Some((whole, done)) if whole == lines => Ok(*done),
            Some((whole, done)) => {
                if !whole[..*done].ends_with(b"\n") {
                    self.out.write_all(b"\n")?;
                }
                self.half_done = None;
                Ok(0)
            }
        }
    }
}

impl<W: Write> Write for Printer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// What failed is forgotten here: it is to be written again.
    fn flush(&mut self) -> io::Result<()> {
        let lines = std::mem::take(&mut self.lines);
        if lines.is_empty() {
            return Ok(());
        }
        let mut done = self.begun(&lines)?;
        while done < lines.len() {
            match self.out.write(&lines[done..]) {
                Ok(taken) if taken > 0 => done += taken,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                refused => {
                    self.half_done = (done > 0).then_some((lines, done));
                    return refused.and(Err(ErrorKind::WriteZero.into()));
                }
            }
        }
        self.half_done = None;
        self.out.flush()
    }
}

impl Printer<File> {
    /// To this program's stdout, past the buffer that the standard library keeps for it.
    ///
    /// # Errors
    /// When the system refuses another handle of it.
    pub fn stdout() -> io::Result<Self> {
        let stdout = io::stdout().as_fd().try_clone_to_owned()?;
        Ok(Printer::new(stdout.into()))
    }

    /// To the end of a file or a pipe; a file is made where it is missing. A line that whoever wrote
    /// before did not end is ended.
    ///
    /// # Errors
    /// When it cannot be opened or written.
    pub fn append(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        let about = file.metadata()?;
        if about.is_file() && about.len() > 0 && last_byte(path)? != b'\n' {
            file.write_all(b"\n")?;
        }
        Ok(Printer::new(file))
    }
}

fn last_byte(path: &Path) -> io::Result<u8> {
    let mut last = [0];
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last[0])
}

impl<W> fmt::Debug for Printer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printer").field("bytes", &self.lines.len()).finish_non_exhaustive()
    }
}
