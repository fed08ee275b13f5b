//! Everything that the fuzzers ever found worth keeping still passes their checks.

use std::fs;
use std::path::{Path, PathBuf};

use crate::checks::check;
use crate::world::repository;

/// All inputs together stay small enough to be cloned by everybody.
const BYTES_MAX: u64 = 1_000_000;

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_input_that_was_kept_passes_the_check_of_its_target() {
    let corpus = repository().join("tests/fuzz/corpus");
    let mut bytes = 0;
    let targets = entries(&corpus);
    assert_eq!(targets.len(), 4);
    for target in targets {
        let name = target.file_name().unwrap().to_str().unwrap();
        let inputs = entries(&target);
        assert!(inputs.len() >= 10, "{name}: {} inputs", inputs.len());
        for input in inputs {
            // Shown when the check fails.
            println!("{}", input.display());
            let data = fs::read(&input).unwrap();
            bytes += data.len() as u64;
            check(name, &data);
        }
    }
    assert!(bytes < BYTES_MAX, "{bytes} bytes");
}
