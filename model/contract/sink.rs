//! What holds wherever EMF lines go. Whoever writes them flushes at the end of a whole, which is
//! taken or refused; what was refused is written again. The tests of each adapter take this file in,
//! and hand each claim a place of their own.

use std::io::Write;

/// A place that holds nothing at first.
pub(crate) trait Stand {
    /// What is written to.
    fn out(&mut self) -> &mut dyn Write;

    /// From now on.
    fn takes(&mut self, takes: Takes);

    /// The lines that whoever reads there finds, in any order.
    fn found(&self) -> Vec<String>;
}

/// How much the place takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Everything,
    Nothing,
    /// About a megabyte, and nothing after that.
    Half,
}

type Claim = fn(&mut dyn Stand);

/// Every claim, in words and as a check.
pub(crate) const CLAIMS: [(&str, Claim); 7] = [
    ("what is flushed is there, as it was written", what_is_flushed_is_there),
    ("lines may come in pieces", lines_may_come_in_pieces),
    ("a flush of nothing changes nothing", a_flush_of_nothing_changes_nothing),
    ("what is refused is tried again", what_is_refused_is_tried_again),
    ("of a whole that failed half way the rest follows", the_rest_follows),
    ("a whole may fail more than once", a_whole_may_fail_more_than_once),
    ("what was given up half way spoils nothing after it", what_was_given_up_spoils_nothing),
];

/// A line of about so many bytes, of which there is only one.
fn line(number: usize, len: usize) -> String {
    let at = 1_700_000_000_000 + number;
    let fill = "x".repeat(len);
    format!(
        r#"{{"_aws":{{"Timestamp":{at},"CloudWatchMetrics":[]}},"Pool":"größe ビルド","x":"{fill}"}}"#
    )
}

/// Twice of what a place takes half of.
fn long(from: usize) -> Vec<String> {
    (from..from + 40).map(|number| line(number, 50_000)).collect()
}

fn short(from: usize) -> Vec<String> {
    (from..from + 3).map(|number| line(number, 20)).collect()
}

/// Whether the whole is taken.
fn write(on: &mut dyn Stand, lines: &[String]) -> bool {
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    let out = on.out();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}

#[track_caller]
fn assert_found(on: &dyn Stand, wholes: &[&[String]]) {
    let mut expected = wholes.concat();
    let mut found = on.found();
    expected.sort();
    found.sort();
    assert!(found == expected, "found {}, expected {}", told(&found), told(&expected));
}

/// Lines are too long to be shown.
fn told(lines: &[String]) -> String {
    let heads: Vec<&str> = lines.iter().map(|line| line.get(8..34).unwrap_or(line)).collect();
    format!("{} lines: {heads:?}", lines.len())
}

fn what_is_flushed_is_there(on: &mut dyn Stand) {
    assert!(write(on, &short(0)) && write(on, &long(10)) && write(on, &short(60)));
    assert_found(on, &[&short(0), &long(10), &short(60)]);
}

fn lines_may_come_in_pieces(on: &mut dyn Stand) {
    for line in short(0) {
        for piece in line.as_bytes().chunks(7).chain([&b"\n"[..]]) {
            on.out().write_all(piece).unwrap();
        }
    }
    on.out().flush().unwrap();
    assert_found(on, &[&short(0)]);
}

fn a_flush_of_nothing_changes_nothing(on: &mut dyn Stand) {
    on.out().flush().unwrap();
    assert!(write(on, &short(0)));
    on.out().flush().unwrap();
    assert_found(on, &[&short(0)]);
}

fn what_is_refused_is_tried_again(on: &mut dyn Stand) {
    on.takes(Takes::Nothing);
    assert!(!write(on, &short(0)) && !write(on, &short(0)));
    assert_found(on, &[]);
    on.takes(Takes::Everything);
    assert!(write(on, &short(0)) && write(on, &short(5)));
    assert_found(on, &[&short(0), &short(5)]);
}

fn the_rest_follows(on: &mut dyn Stand) {
    on.takes(Takes::Half);
    assert!(!write(on, &long(0)));
    on.takes(Takes::Everything);
    assert!(write(on, &long(0)) && write(on, &short(60)));
    assert_found(on, &[&long(0), &short(60)]);
    assert!(write(on, &long(100)), "another whole is written from its beginning");
    assert_found(on, &[&long(0), &short(60), &long(100)]);
}

fn a_whole_may_fail_more_than_once(on: &mut dyn Stand) {
    on.takes(Takes::Half);
    assert!(!write(on, &long(0)));
    for _ in 0..2 {
        on.takes(Takes::Nothing);
        assert!(!write(on, &long(0)));
    }
    on.takes(Takes::Everything);
    assert!(write(on, &long(0)));
    assert_found(on, &[&long(0)]);
}

/// A line may be torn at the end of what was given up.
fn what_was_given_up_spoils_nothing(on: &mut dyn Stand) {
    on.takes(Takes::Half);
    assert!(!write(on, &long(0)));
    on.takes(Takes::Everything);
    assert!(write(on, &short(100)));
    let found = on.found();
    for line in short(100) {
        assert_eq!(found.iter().filter(|it| **it == line).count(), 1, "{}", told(&found));
    }
    let given_up = long(0);
    let is_whole = |line: &&String| given_up.contains(line) || short(100).contains(line);
    let torn = found.iter().filter(|line| !is_whole(line)).count();
    assert!(torn <= 1, "{torn} of {}", told(&found));
}
