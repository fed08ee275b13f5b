//! A file takes lines as every place does.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use local::Printer;
use tempfile::NamedTempFile;

#[path = "../../../../model/contract/sink.rs"]
mod contract;

use contract::Takes;

/// A file on a disk with so many bytes left.
struct Disk {
    file: File,
    left: Arc<AtomicUsize>,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let fit = bytes.len().min(self.left.load(Ordering::Relaxed));
        if fit == 0 {
            return Err(ErrorKind::StorageFull.into());
        }
        let taken = self.file.write(&bytes[..fit])?;
        self.left.fetch_sub(taken, Ordering::Relaxed);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

struct Stand {
    file: NamedTempFile,
    left: Arc<AtomicUsize>,
    out: Printer<Disk>,
}

impl Stand {
    fn new() -> Self {
        let file = NamedTempFile::new().unwrap();
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        let out = Printer::new(Disk { file: file.reopen().unwrap(), left: Arc::clone(&left) });
        Stand { file, left, out }
    }
}

impl contract::Stand for Stand {
    fn out(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    fn takes(&mut self, takes: Takes) {
        let left = match takes {
            Takes::Everything => usize::MAX,
            Takes::Nothing => 0,
            Takes::Half => 1_000_001,
        };
        self.left.store(left, Ordering::Relaxed);
    }

    fn found(&self) -> Vec<String> {
        let text = fs::read(self.file.path()).unwrap();
        String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
    }
}

#[test]
fn it_takes_lines_as_every_place_does() {
    for (claim, check) in contract::CLAIMS {
        eprintln!("{claim}");
        check(&mut Stand::new());
    }
}

#[test]
fn a_line_that_a_killed_writer_left_torn_is_ended() {
    let file = NamedTempFile::new().unwrap();
    for (before, after) in [("", "{}\n"), ("{}\n", "{}\n{}\n"), ("{}\n{\"_a", "{}\n{\"_a\n{}\n")] {
        fs::write(file.path(), before).unwrap();
        let mut out = Printer::append(file.path()).unwrap();
        out.write_all(b"{}\n").unwrap();
        out.flush().unwrap();
        assert_eq!(fs::read_to_string(file.path()).unwrap(), after);
    }
}
