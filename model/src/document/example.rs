//! Lines as they are written, for the reader's eye.

use std::time::Duration;

use crate::catalogue::{JOB_DURATION, JOB_WAIT};
use crate::emf::{Encoder, Form, Record};
use crate::{Dimension, Dimensions, Phase, Point, Quantity, price::sample};

/// The line of a job that got its runner.
pub(super) fn event_line() -> String {
    line(&sample::job_event(Phase::InProgress))
}

/// The line of a minute of a pool.
pub(super) fn minute_line() -> String {
    let pool = Dimensions::none().with(Dimension::Pool, sample::POOL);
    let waits = [12, 12, 14, 41, 190].map(Duration::from_secs);
    let durations = [88, 312].map(Duration::from_secs);
    let distribution = |spec, took: &[Duration]| Point {
        spec,
        quantity: Quantity::Distribution(took.iter().map(Duration::as_secs).collect()),
    };
    line(
        &Record::new(sample::AT.minute(), pool)
            .with(distribution(JOB_WAIT.0, &waits))
            .with(distribution(JOB_DURATION.0, &durations)),
    )
}

fn line(record: &Record) -> String {
    let mut out = Vec::new();
    Encoder::new(Vec::new(), Form::Histogram)
        .write(record, &mut out)
        .expect("the sample gives every dimension of its metrics");
    folded(std::str::from_utf8(&out).expect("JSON is UTF-8").trim_end())
}

/// `line` with a break after each member of the document, and within its first member (`_aws`)
/// after each directive; only white space is added, so it stays the same JSON.
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 256);
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, DIRECTIVES, false, false);
    for c in line.chars() {
        out.push(c);
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            '{' | '[' if !in_text => depth += 1,
            '}' | ']' if !in_text => depth -= 1,
            ',' if !in_text && depth <= deepest => {
                out.push('\n');
                out.push_str(&"  ".repeat(depth));
                if depth == MEMBERS {
                    deepest = MEMBERS;
                }
            }
            _ => {}
        }
    }
    out
}

/// How deep the members of a document are nested.
const MEMBERS: usize = 1;

/// How deep the directives are nested: document, `_aws`, `CloudWatchMetrics`.
const DIRECTIVES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn folding_adds_white_space_and_changes_nothing() {
        let raw =
            r#"{"_aws":{"a":"x,\"{,","d":[{"e":[1,2]},{"f":2}]},"b":[1,2],"c":{"g":3,"h":4}}"#;
        let folded = folded(raw);
        let same = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(same(&folded), same(raw));
        assert_eq!(folded.lines().count(), 5, "{folded}");
    }

    #[test]
    fn the_examples_are_one_document_each() {
        for example in [event_line(), minute_line()] {
            assert_eq!(crate::lint::check(&example.replace('\n', ""), sample::AT).findings, []);
            let document: Value = serde_json::from_str(&example).unwrap();
            assert!(document["_aws"]["CloudWatchMetrics"].is_array());
            assert!(document["JobWait"].is_number() || document["JobWait"]["Values"].is_array());
        }
    }
}
