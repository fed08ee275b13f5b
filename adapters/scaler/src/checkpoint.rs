//! What a sandbox knows, written down for the next one.
//!
//! A checkpoint is JSON, packed by gzip, as base64, cut into lines that each fit an event of
//! CloudWatch Logs. Each line says which checkpoint it is of and how many there are, so that one of
//! which a part is missing, as when its writer was ended, is passed over for the one before.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use model::Timestamp;
use scaler::Memory;
use serde::{Deserialize, Serialize};

use crate::ledger::Kept;

/// The layout. Another one is passed over, as if it were not there.
pub const VERSION: u32 = 1;

/// What finds the lines of this layout in their log group.
pub const PATTERN: &str = "{ $.headroom_checkpoint = 1 }";

/// The log stream in which they lie.
pub const STREAM: &str = "headroom-checkpoints";

/// Bytes of a line's data. An event of CloudWatch Logs holds 256 KB.
const CHUNK_BYTES_MAX: usize = 200_000;

/// Bytes of a checkpoint, unpacked; more is none of ours.
const BYTES_MAX: u64 = 256 << 20;

/// So many are held of all that are read: of the newest a part may be missing.
const HELD_MAX: usize = 4;

/// What is known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The jobs, and up to when the log group was read.
    pub jobs: Kept,
    /// What each pool's scaler knows.
    pub pools: BTreeMap<String, Memory>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    headroom_checkpoint: u32,
    #[serde(rename = "Timestamp")]
    made_at: i64,
    id: String,
    chunk: usize,
    chunks: usize,
    data: String,
}

impl Checkpoint {
    /// Its lines, made at `now`.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn lines(&self, now: Timestamp) -> Result<Vec<String>, serde_json::Error> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        serde_json::to_writer(&mut gzip, self)?;
        let packed = gzip.flush().and_then(|()| gzip.finish()).map_err(serde_json::Error::io)?;
        let text = BASE64_STANDARD.encode(packed);
        let id = format!("{:016x}", hash(text.as_bytes()));
        let chunks: Vec<&str> = (0..text.len())
            .step_by(CHUNK_BYTES_MAX)
            .map(|start| &text[start..text.len().min(start + CHUNK_BYTES_MAX)])
            .collect();
        let line = |(chunk, data): (usize, &&str)| {
            serde_json::to_string(&Line {
                headroom_checkpoint: VERSION,
                made_at: now.as_millis(),
                id: id.clone(),
                chunk,
                chunks: chunks.len(),
                data: (*data).to_owned(),
            })
        };
        chunks.iter().enumerate().map(line).collect()
    }
}

/// Lines of the newest checkpoints, in any order.
#[derive(Debug, Default)]
pub struct Shelf {
    found: BTreeMap<(i64, String), BTreeMap<usize, (usize, String)>>,
}

impl Shelf {
    /// Takes a line; what is none of a checkpoint is passed over.
    pub fn take(&mut self, line: &str) {
        let Ok(line) = serde_json::from_str::<Line>(line) else { return };
        if line.headroom_checkpoint == VERSION {
            let chunks = self.found.entry((line.made_at, line.id)).or_default();
            chunks.insert(line.chunk, (line.chunks, line.data));
        }
        if self.found.len() > HELD_MAX {
            self.found.pop_first();
        }
    }

    /// The newest that is whole, and when it was made.
    pub fn newest(&self) -> Option<(Checkpoint, Timestamp)> {
        self.found.iter().rev().find_map(|((made_at, id), chunks)| {
            Some((opened(id, chunks)?, Timestamp::from_millis(*made_at)))
        })
    }
}

fn opened(id: &str, chunks: &BTreeMap<usize, (usize, String)>) -> Option<Checkpoint> {
    let (expected, _) = chunks.values().next()?;
    let is_whole = chunks.len() == *expected && chunks.keys().copied().eq(0..*expected);
    let text: String = chunks.values().map(|(_, data)| data.as_str()).collect();
    if !is_whole || format!("{:016x}", hash(text.as_bytes())) != id {
        return None;
    }
    let packed = BASE64_STANDARD.decode(text).ok()?;
    let unpacked = GzDecoder::new(packed.as_slice()).take(BYTES_MAX);
    let read = serde_json::from_reader(std::io::BufReader::new(unpacked));
    read.inspect_err(|error| tracing::warn!(id, %error, "a checkpoint cannot be read")).ok()
}

/// 64-bit FNV-1a: enough to know that nothing is missing.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    /// One that packing does not make small.
    fn of(pools: u64, seed: u64) -> Checkpoint {
        let part = |n, i| format!("{:x}", hash(format!("{n} {seed} {i}").as_bytes()));
        let name = |n| (0..20).map(|i| part(n, i)).collect();
        let pools = (0..pools).map(|n| (name(n), Memory::default()));
        Checkpoint { jobs: Kept::default(), pools: pools.collect() }
    }

    fn shelf<'a>(lines: impl IntoIterator<Item = &'a String>) -> Shelf {
        let mut shelf = Shelf::default();
        lines.into_iter().for_each(|line| shelf.take(line));
        shelf
    }

    #[test]
    fn one_is_read_back_from_its_lines_in_any_order_and_from_repeats() {
        let lines = of(250, 1).lines(at(10)).unwrap();
        let large: Vec<String> = of(2000, 1).lines(at(10)).unwrap();
        assert!(lines.len() == 1 && large.len() > 1 && large.iter().all(|l| l.len() < 256_000));
        let (found, made_at) = shelf(large.iter().rev().chain(&large)).newest().unwrap();
        assert_eq!((found.pools.len(), made_at), (2000, at(10)));
    }

    #[test]
    fn of_which_a_part_is_missing_the_one_before_counts() {
        let (old, new) = (of(1500, 1).lines(at(10)).unwrap(), of(2000, 2).lines(at(20)).unwrap());
        for missing in 0..new.len() {
            let left = new.iter().enumerate().filter(|(i, _)| *i != missing).map(|(_, line)| line);
            let (found, made_at) = shelf(old.iter().chain(left)).newest().unwrap();
            assert_eq!((found.pools.len(), made_at), (1500, at(10)));
        }
        assert_eq!(shelf(old.iter().chain(&new)).newest().unwrap().1, at(20));
    }

    #[test]
    fn however_many_are_read_only_the_newest_are_held() {
        let mut shelf = Shelf::default();
        for secs in 0..100 {
            of(1, 1).lines(at(secs)).unwrap().iter().for_each(|line| shelf.take(line));
            assert!(shelf.found.len() <= HELD_MAX);
        }
        assert_eq!(shelf.newest().unwrap().1, at(99));
    }

    #[test]
    fn what_is_of_another_layout_or_damaged_is_passed_over() {
        let line = of(1, 1).lines(at(10)).unwrap().remove(0);
        let other = line.replace("\"headroom_checkpoint\":1", "\"headroom_checkpoint\":2");
        let damaged = line.replace("\"data\":\"H", "\"data\":\"I");
        let texts = [other, damaged, "{}".to_owned(), String::new(), "START".to_owned()];
        assert!(shelf(&texts).newest().is_none());
        assert!(shelf(texts.iter().chain([&line])).newest().is_some());
    }
}
