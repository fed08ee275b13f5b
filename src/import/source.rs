//! Files and stdin as text streams, whatever they are compressed with.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use indicatif::ProgressBar;

use super::zstd::Zstd;

/// Enough of a stream to know its format by.
const START_BYTES: u64 = 64 * 1024;

/// Read at a time.
const BUFFER_BYTES: usize = 256 * 1024;

/// The first bytes of what gzip writes (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The first bytes of what zstd writes (RFC 8878).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A text stream whose beginning is known.
pub struct Input {
    /// Its first [`START_BYTES`], or all of it.
    pub start: Vec<u8>,
    /// What follows.
    rest: Box<dyn BufRead>,
}

impl Input {
    /// All of it.
    pub fn read(self) -> impl BufRead {
        Cursor::new(self.start).chain(self.rest)
    }
}

/// Opens a file, or stdin for `-`; `bar` is moved by the bytes as they lie on the disk.
///
/// # Errors
/// When it cannot be opened or read.
pub fn open(path: &Path, bar: &ProgressBar) -> io::Result<Input> {
    let raw: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(path)?),
    };
    decompressed(Box::new(bar.wrap_read(raw)))
}

fn decompressed(raw: Box<dyn Read>) -> io::Result<Input> {
    let raw = looked_at(Box::new(BufReader::with_capacity(BUFFER_BYTES, raw)))?;
    if raw.start.starts_with(&GZIP) {
        looked_at(Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(raw.read()))))
    } else if raw.start.starts_with(&ZSTD) {
        looked_at(Box::new(BufReader::with_capacity(BUFFER_BYTES, Zstd::new(raw.read()))))
    } else {
        Ok(raw)
    }
}

/// A pipe gives as little as it likes at a time, so the beginning is read until it is there.
fn looked_at(mut rest: Box<dyn BufRead>) -> io::Result<Input> {
    let mut start = Vec::new();
    rest.by_ref().take(START_BYTES).read_to_end(&mut start)?;
    Ok(Input { start, rest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(bytes: Vec<u8>) -> io::Result<String> {
        io::read_to_string(decompressed(Box::new(Cursor::new(bytes)))?.read())
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_stream_is_known_by_its_first_bytes() {
        let zstd = ruzstd::encoding::compress_to_vec(
            &b"text\n"[..],
            ruzstd::encoding::CompressionLevel::Fastest,
        );
        for bytes in [b"text\n".to_vec(), gzip("text\n"), zstd] {
            assert_eq!(read(bytes).unwrap(), "text\n");
        }
        for short in ["", "a", "\n"] {
            assert_eq!(read(short.into()).unwrap(), short);
        }
    }

    #[test]
    fn several_gzip_members_are_one_stream_and_a_cut_one_is_an_error() {
        let two = [gzip("one\n"), gzip("two\n")].concat();
        assert_eq!(read(two.clone()).unwrap(), "one\ntwo\n");
        assert!(read(two[..two.len() - 3].to_vec()).is_err());
    }
}
