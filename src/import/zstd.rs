//! Zstandard: the frames of a file one after the other, as `zstd` and `cat` make them.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Decompresses a stream.
pub struct Zstd<R> {
    source: R,
    decoder: FrameDecoder,
    /// Whether a frame is under way.
    is_inside: bool,
}

impl<R: BufRead> Zstd<R> {
    /// Of a stream that begins with a frame.
    pub fn new(source: R) -> Self {
        Zstd { source, decoder: FrameDecoder::new(), is_inside: false }
    }

    /// Whether there is another frame.
    fn enter(&mut self) -> io::Result<bool> {
        use FrameDecoderError::ReadFrameHeaderError as Header;
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => {
                    self.is_inside = true;
                    return Ok(true);
                }
                Err(Header(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let mut skipped = self.source.by_ref().take(length.into());
                    io::copy(&mut skipped, &mut io::sink())?;
                }
                Err(error) => return Err(damaged(error)),
            }
        }
        Ok(false)
    }

    /// A frame may end in a checksum of what it holds.
    fn leave(&mut self) -> io::Result<()> {
        self.is_inside = false;
        let stated = self.decoder.get_checksum_from_data();
        match stated.is_none() || stated == self.decoder.get_calculated_checksum() {
            true => Ok(()),
            false => Err(damaged("its checksum differs")),
        }
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.is_inside && !self.enter()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let some = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, some).map_err(damaged)?;
            }
            let n = self.decoder.read(out)?;
            if n > 0 || out.is_empty() {
                return Ok(n);
            }
            self.leave()?;
        }
    }
}

fn damaged(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    fn frame(text: &str) -> Vec<u8> {
        compress_to_vec(text.as_bytes(), CompressionLevel::Fastest)
    }

    fn read(bytes: &[u8]) -> io::Result<String> {
        io::read_to_string(Zstd::new(bytes))
    }

    #[test]
    fn frames_follow_each_other_and_skippable_ones_are_skipped() {
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
        let all = [&frame("one\n")[..], &skippable, &frame(""), &frame("two\n")].concat();
        assert_eq!(read(&all).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn what_is_cut_off_or_changed_is_an_error() {
        let whole = frame(&"a line of text\n".repeat(100));
        assert!(read(&whole[..whole.len() - 5]).is_err());
        let mut changed = whole.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(read(&changed).is_err());
        assert!(read(b"\x28\xb5\x2f\xfd").is_err());
    }
}
