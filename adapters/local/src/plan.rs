//! How SQLite would answer a question.

use crate::schema;

/// Claims that `sql` searches by `index`, walks over no table and sorts nothing.
pub(crate) fn check(sql: &str, index: &str) {
    let dir = tempfile::tempdir().unwrap();
    let connection = schema::open_to_write(&dir.path().join("headroom.db")).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut steps: Vec<String> = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get("detail").unwrap());
    }
    let is_by_index = |step: &String| step.starts_with("SEARCH jobs") && step.contains(index);
    assert!(steps.iter().any(is_by_index), "{sql}\n{steps:#?}");
    let is_slow = |step: &String| {
        step.starts_with("SCAN") && !step.starts_with("SCAN pools") || step.contains("TEMP B-TREE")
    };
    assert!(!steps.iter().any(is_slow), "{sql}\n{steps:#?}");
}
