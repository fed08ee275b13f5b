//! The repository's rules, as tests over its files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::world::repository;

/// Crates that take time, randomness and bytes as values, and give data.
const PURE: [&str; 5] = ["model/src", "ingest/src", "scaler/src", "dashboards/src", "alarms/src"];

/// A file longer than this holds more than one idea.
const LINES_MAX: usize = 700;

/// What is built, fetched or not ours.
const SKIPPED: [&str; 4] = ["target", ".git", ".tools", "node_modules"];

/// A source file: its path from the root of the repository, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Its lines with their numbers, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = (1..).zip(self.text.lines());
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Its code without the unit tests at its end.
    fn shipped(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_test = self.path.ends_with("/tests.rs");
        self.code().take_while(move |(_, line)| !is_test && *line != "#[cfg(test)]")
    }

    fn is_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(&format!("{folder}/")))
    }
}

/// Every Rust file of the repository.
fn sources() -> Vec<Source> {
    let root = repository();
    let mut sources = Vec::new();
    gather(&root, &root, &mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > 100, "{} files", sources.len());
    sources
}

fn gather(root: &Path, folder: &Path, into: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                gather(root, &path, into);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            into.push(Source { path, text });
        }
    }
}

/// Objects to every line in which one of `words` stands.
#[track_caller]
fn nowhere<'a>(
    lines: impl Iterator<Item = (&'a Source, usize, &'a str)>,
    words: &[&str],
    why: &str,
) {
    let found: Vec<String> = lines
        .filter(|(_, _, line)| words.iter().any(|word| line.contains(word)))
        .map(|(source, number, line)| format!("{}:{number}: {}", source.path, line.trim()))
        .collect();
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

fn shipped<'a>(
    sources: &'a [Source],
    folders: &'a [&'a str],
) -> impl Iterator<Item = (&'a Source, usize, &'a str)> {
    let chosen = sources.iter().filter(move |source| source.is_in(folders));
    chosen.flat_map(|source| source.shipped().map(move |(number, line)| (source, number, line)))
}

fn everywhere(sources: &[Source]) -> impl Iterator<Item = (&Source, usize, &str)> {
    let ours = sources.iter().filter(|source| source.path != "tests/tidy.rs");
    ours.flat_map(|source| source.code().map(move |(number, line)| (source, number, line)))
}

#[test]
fn the_pure_crates_never_reach_for_the_world() {
    let words = [
        "std::net",
        "std::env",
        "std::fs",
        "std::process",
        "SystemTime",
        "Instant::now",
        "thread::spawn",
        "thread::sleep",
        "tokio",
        "println!",
        "eprintln!",
        "print!(",
        "tracing::",
    ];
    let why = "the pure crates take values and give values";
    nowhere(shipped(&sources(), &PURE), &words, why);
}

#[test]
fn only_the_composition_root_reads_clock_and_environment() {
    let words = ["SystemTime", "Instant::now", "env::var", "env::args", "/dev/urandom"];
    let all_but_src =
        ["model/src", "ingest/src", "scaler/src", "dashboards/src", "alarms/src", "adapters"];
    let why = "only src/ reads time, environment and randomness";
    let sources = sources();
    let shipped = shipped(&sources, &all_but_src).filter(|(source, _, _)| {
        !source.path.contains("/tests/") && !source.path.contains("/benches/")
    });
    nowhere(shipped, &words, why);
}

#[test]
fn a_metric_name_stands_in_the_catalogue_and_nowhere_else() {
    let quoted: Vec<String> =
        model::catalogue::ALL.iter().map(|spec| format!("\"{}\"", spec.name)).collect();
    let quoted: Vec<&str> = quoted.iter().map(String::as_str).collect();
    let sources = sources();
    let folders = [
        "src",
        "model/src",
        "ingest/src",
        "scaler/src",
        "dashboards/src",
        "alarms/src",
        "adapters",
    ];
    let elsewhere = shipped(&sources, &folders).filter(|(source, _, _)| {
        source.path != "model/src/catalogue.rs" && !source.path.contains("/tests/")
    });
    nowhere(elsewhere, &quoted, "write the handle, not the name");
}

#[test]
fn nothing_is_silenced_skipped_or_left_for_later() {
    let words = ["#[allow(", "#![allow(", "#[ignore", "todo!(", "unimplemented!(", "dbg!("];
    nowhere(
        everywhere(&sources()),
        &words,
        "expect a lint with a reason, and finish what is begun",
    );
}

#[test]
fn no_test_sleeps_except_between_two_looks_at_a_condition() {
    const LOOKS: [&str; 2] = ["tests/world/wait.rs", "tests/browser/driver.rs"];
    let sources = sources();
    let tests = everywhere(&sources).filter(|(source, _, _)| {
        source.path.contains("tests/") && !LOOKS.contains(&source.path.as_str())
    });
    nowhere(tests, &["sleep(", "park_timeout("], "wait for a condition");
}

#[test]
fn a_file_holds_one_idea() {
    for source in sources() {
        let lines = source.text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines", source.path);
    }
}

#[test]
fn every_file_opens_with_what_it_is_about() {
    for source in sources() {
        assert!(source.text.starts_with("//!"), "{} does not say what it is", source.path);
    }
}

#[test]
fn every_story_that_the_document_on_trouble_names_exists() {
    let document = fs::read_to_string(repository().join("docs/ROBUSTNESS.md")).unwrap();
    let sources = sources();
    // Within backticks; three words or more are the beginning of a story's name, or all of it.
    let named = document.split('`').skip(1).step_by(2);
    let stories: Vec<&str> = named.filter(|name| name.matches('_').count() > 2).collect();
    assert!(stories.len() > 30, "{stories:?}");
    for story in stories {
        let start = format!("fn {story}");
        assert!(sources.iter().any(|source| source.text.contains(&start)), "no story {story}");
    }
}

#[test]
fn every_expectation_of_a_lint_has_its_reason() {
    for source in sources().iter().filter(|source| source.path != "tests/tidy.rs") {
        for expectation in source.text.split("[expect(").skip(1) {
            let inner = expectation.split(")]").next().unwrap();
            assert!(inner.contains("reason = "), "{}: {inner}", source.path);
        }
    }
}
