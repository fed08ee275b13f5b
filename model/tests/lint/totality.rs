//! Lint answers to any text, quickly and in one line for each finding.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::{document, full, lint, set, slot};

/// Members of the document that get replaced.
const MEMBERS: [&str; 10] = [
    "/_aws",
    "/_aws/Timestamp",
    "/_aws/CloudWatchMetrics",
    "d/Namespace",
    "d/Dimensions",
    "d/Metrics",
    "m/Name",
    "m/Unit",
    "/Wait",
    "/Pool",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(vec!["Pool", "Wait", "Seconds", "", ":"]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let names = select(vec!["Values", "Counts", "Min", "Max", "Sum", "Count", "Name", "x"]);
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            vec((names.clone(), inner), 0..8).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

fn check(line: &str) -> Result<(), TestCaseError> {
    for finding in lint(line).findings {
        let shown = finding.to_string();
        prop_assert!(!shown.chars().any(char::is_control) && shown.len() < 1000, "{}", shown);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>(), json in value()) {
        check(&text)?;
        check(&json.to_string())?;
    }

    #[test]
    fn any_member_may_hold_anything(member in select(MEMBERS.to_vec()), value in value()) {
        let mut document = document();
        let (parent, name) = slot(&mut document, &full(member));
        parent[name] = value;
        check(&document.to_string())?;
    }

    #[test]
    fn any_piece_may_be_lost_or_repeated(from in any::<Index>(), to in any::<Index>()) {
        let text = document().to_string();
        let (from, to) = (from.index(text.len()), to.index(text.len()));
        check(&format!("{}{}", &text[..from], &text[to..]))?;
    }
}

#[test]
fn many_sets_and_many_metrics_stay_cheap() {
    let names: Vec<String> = (0..20_000).map(|i| i.to_string()).collect();
    let sets: Vec<Vec<&String>> = names.iter().map(|name| vec![name]).collect();
    let metrics: Vec<Value> = (0..100).map(|_| json!({"Name": "Wait"})).collect();
    let line = set([("d/Dimensions", json!(sets)), ("d/Metrics", json!(metrics))]);
    assert_eq!(lint(&line).series, 0);
    let empty = vec![json!([]); 80_000];
    let line = set([("d/Dimensions", json!(empty)), ("d/Metrics", json!(metrics))]);
    assert_eq!(lint(&line).series, 100, "equal sets are one");
}
