//! Lines that are no document, or not only one.

use model::lint::Severity;
use serde_json::json;

use super::{Case, check, document, lint, written};

pub(crate) fn cases() -> Vec<Case> {
    let good = document().to_string();
    let nested = json!({"level": "INFO", "message": document()}).to_string();
    let quoted = json!({"message": good}).to_string();
    vec![
        ("a document", good.clone(), &[]),
        ("a newline", format!("{good}\n"), &[]),
        ("a newline of the other kind", format!("{good}\r\n"), &[]),
        ("blanks around", format!("  {good}\t"), &[]),
        ("nothing", String::new(), &[]),
        ("a blank line", " \r\n".into(), &[]),
        ("a log line", "START RequestId: 7 {x}".into(), &["plain-line"]),
        ("a log line that begins like an array", "[INFO] hello".into(), &["plain-line"]),
        ("a log line in JSON", r#"{"level":"INFO"}"#.into(), &["plain-line"]),
        ("log lines in JSON", r#"{"a":1} {"b":2}"#.into(), &["plain-line"]),
        ("an array of numbers", "[1,2]".into(), &["plain-line"]),
        ("a document cut off", good[..good.len() - 1].into(), &["not-json"]),
        ("JSON cut off before _aws", r#"{"Wait":4"#.into(), &["not-json"]),
        ("NaN", written("42", "NaN"), &["not-json"]),
        ("a broken escape in a name", written("{", r#"{"\ud800":1,"#), &["not-json"]),
        ("a broken escape in a property", written("{", r#"{"x":"\ud800","#), &[]),
        ("an array of documents", format!("[{good}]"), &["not-object"]),
        ("a document in an object", nested, &["not-at-root"]),
        ("a document as a text in an object", quoted, &["not-at-root"]),
        ("a document as a text", json!(good).to_string(), &["not-at-root"]),
        ("text before", format!("2026-01-31T12:00:00Z\tINFO\t{good}"), &["text-before"]),
        ("text before what is broken", format!("INFO {good}}}"), &["text-before", "text-after"]),
        ("two documents", format!("{good}{good}"), &["text-after"]),
        ("two documents and a blank", format!("{good} {good}"), &["text-after"]),
        ("text after", format!("{good};"), &["text-after"]),
        ("a byte order mark", format!("\u{feff}{good}"), &["byte-order-mark"]),
    ]
}

#[test]
fn a_document_is_told_from_a_log_line_and_from_a_broken_one() {
    check(cases());
}

#[test]
fn a_line_without_metrics_is_an_error_and_no_line_is_none() {
    for (line, errors) in [("hello", 1), (r#"{"a":1}"#, 1), ("[1,2]", 1), ("", 0), ("\n", 0)] {
        assert_eq!(lint(line).count(Severity::Error), errors, "{line:?}");
    }
}
