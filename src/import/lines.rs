//! Lines with their numbers. Memory does not grow with what a file calls a line.

use std::io::{self, BufRead, Read};

/// Longer lines are not read: GitHub's payloads end at 25 MB, and as a text inside of JSON each
/// byte may take two.
const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Its text, without its end.
    Text(&'a str),
    /// It cannot be read, and why.
    Unreadable(&'static str),
}

/// The lines of a stream, blank ones left out.
pub struct Lines<R> {
    source: R,
    number: u64,
    line: Vec<u8>,
    bytes_max: usize,
}

impl<R: BufRead> Lines<R> {
    /// Of a stream.
    pub fn new(source: R) -> Self {
        Lines { source, number: 0, line: Vec::new(), bytes_max: LINE_BYTES_MAX }
    }

    /// The number of the last line, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next line that is not blank.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.line.clear();
            let limit = self.bytes_max as u64 + 1;
            if self.source.by_ref().take(limit).read_until(b'\n', &mut self.line)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.line.len() > self.bytes_max && self.line.last() != Some(&b'\n') {
                self.source.skip_until(b'\n')?;
                return Ok(Some(Line::Unreadable("longer than 64 MiB; expected one event a line")));
            }
            if !self.line.iter().all(u8::is_ascii_whitespace) {
                break;
            }
        }
        let text = std::str::from_utf8(&self.line).map(str::trim_ascii);
        Ok(Some(text.map_or(Line::Unreadable("not UTF-8; expected text"), Line::Text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8], bytes_max: usize) -> Vec<(u64, Option<String>)> {
        let mut lines = Lines { bytes_max, ..Lines::new(text) };
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let text = match line {
                Line::Text(text) => Some(text.to_owned()),
                Line::Unreadable(_) => None,
            };
            found.push((lines.number(), text));
        }
        found
    }

    #[test]
    fn blank_lines_count_and_tell_nothing() {
        let found = all(b"\none\r\n  \ntwo", 100);
        assert_eq!(found, [(2, Some("one".into())), (4, Some("two".into()))]);
    }

    #[test]
    fn an_unreadable_line_costs_itself_alone() {
        let found = all(b"123456789\n\xff\n12345678\nok", 8);
        assert_eq!(
            found,
            [(1, None), (2, None), (3, Some("12345678".into())), (4, Some("ok".into()))]
        );
    }
}
