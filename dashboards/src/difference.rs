//! What differs between a dashboard as it is defined and as it is found somewhere.
//!
//! Widgets, panels and queries are told apart by their titles and letters, not by where they stand
//! in a list, so that one more panel is one difference and not all that follow it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// Characters of a value that are shown.
const SHOWN_MAX: usize = 120;

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where: `panels > Waiting now > targets > A > expr`.
    pub at: String,
    /// What is there; `None` if nothing.
    pub found: Option<Value>,
    /// What is defined; `None` if nothing.
    pub defined: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at)?;
        let told = |value: &Value| {
            let text = value.to_string();
            let cut = text.char_indices().nth(SHOWN_MAX).map(|(at, _)| at);
            cut.map_or(text.clone(), |at| format!("{} ..", &text[..at]))
        };
        if let Some(found) = &self.found {
            write!(f, "\n  - {}", told(found))?;
        }
        if let Some(defined) = &self.defined {
            write!(f, "\n  + {}", told(defined))?;
        }
        Ok(())
    }
}

/// Everything that differs, in the order of the definition; what is only found comes last.
pub fn differences(found: &Value, defined: &Value) -> Vec<Difference> {
    let mut into = Vec::new();
    compare("", found, defined, &mut into);
    into
}

fn compare(at: &str, found: &Value, defined: &Value, into: &mut Vec<Difference>) {
    match (members(found), members(defined)) {
        (Some(there), Some(here)) => {
            for (name, value) in &here {
                let at = below(at, name);
                match there.iter().find(|(known, _)| known == name) {
                    Some((_, known)) => compare(&at, known, value, into),
                    None => into.push(difference(at, None, Some(value))),
                }
            }
            let is_gone = |name: &String| !here.iter().any(|(known, _)| known == name);
            let gone = there.iter().filter(|(name, _)| is_gone(name));
            into.extend(gone.map(|(name, value)| difference(below(at, name), Some(value), None)));
        }
        _ if found == defined => {}
        _ => into.push(difference(at.to_owned(), Some(found), Some(defined))),
    }
}

fn difference(at: String, found: Option<&Value>, defined: Option<&Value>) -> Difference {
    Difference { at, found: found.cloned(), defined: defined.cloned() }
}

fn below(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at} > {name}") }
}

/// The parts of a value by name; `None` of a value that has no parts.
fn members(value: &Value) -> Option<Vec<(String, &Value)>> {
    match value {
        Value::Object(object) => {
            Some(object.iter().map(|(name, value)| (name.clone(), value)).collect())
        }
        Value::Array(list) => Some(named(list)),
        _ => None,
    }
}

/// The elements of a list by what people call them, or else by number.
fn named(list: &[Value]) -> Vec<(String, &Value)> {
    let calls: [fn(&Value) -> Option<String>; 4] = [
        |value| text(&value["refId"]),
        |value| text(&value["title"]).map(|title| kind(value) + &title),
        |value| text(&value["properties"]["title"]).or(text(&value["properties"]["markdown"])),
        |value| text(&value["name"]),
    ];
    let all = |call: fn(&Value) -> Option<String>| list.iter().map(call).collect();
    let names: Option<Vec<String>> = calls.into_iter().find_map(all);
    let numbers = || (1..=list.len()).map(|number| number.to_string()).collect();
    told_apart(names.unwrap_or_else(numbers)).into_iter().zip(list).collect()
}

/// The second of a name gets a number, and so on.
fn told_apart(names: Vec<String>) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let number = |name: String| {
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name} ({times})") }
    };
    names.into_iter().map(number).collect()
}

/// A row and a panel may have the same title.
fn kind(value: &Value) -> String {
    if value["type"] == "row" { "row ".to_owned() } else { String::new() }
}

/// The first line of a text.
fn text(value: &Value) -> Option<String> {
    Some(value.as_str()?.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(found: &Value, defined: &Value, expected: &str) {
        let told: Vec<String> =
            differences(found, defined).iter().map(Difference::to_string).collect();
        assert_eq!(told.join("\n"), expected);
    }

    #[test]
    fn what_is_the_same_has_no_differences() {
        let value = json!({ "panels": [{ "title": "A", "x": [1, 2] }, { "title": "B" }] });
        check(&value, &value, "");
    }

    #[test]
    fn one_more_panel_is_one_difference() {
        let of = |titles: &[&str]| {
            let panels: Vec<Value> = titles.iter().map(|t| json!({ "title": t, "y": 1 })).collect();
            json!({ "panels": panels })
        };
        check(&of(&["A", "C"]), &of(&["A", "B", "C"]), "panels > B\n  + {\"title\":\"B\",\"y\":1}");
        check(&of(&["A", "B"]), &of(&["A"]), "panels > B\n  - {\"title\":\"B\",\"y\":1}");
    }

    #[test]
    fn a_change_is_told_where_it_is() {
        let of = |expr: &str| {
            json!({ "panels": [
                { "title": "Now", "type": "row" },
                { "title": "Now", "type": "stat", "targets": [{ "refId": "A", "expr": expr }] },
            ]})
        };
        check(
            &of("up"),
            &of("down"),
            "panels > Now > targets > A > expr\n  - \"up\"\n  + \"down\"",
        );
    }

    #[test]
    fn of_two_that_are_called_the_same_the_second_gets_a_number() {
        let of = |second: u32| json!([{ "title": "Age" }, { "title": "Age", "x": second }]);
        check(&of(1), &of(2), "Age (2) > x\n  - 1\n  + 2");
    }

    #[test]
    fn a_long_value_is_cut() {
        let told = differences(&json!({}), &json!({ "a": "é".repeat(500) }))[0].to_string();
        assert!(told.ends_with("é ..") && told.chars().count() < 140, "{told}");
    }

    #[test]
    fn elements_without_names_go_by_their_numbers() {
        check(
            &json!({ "x": [1, 2] }),
            &json!({ "x": [1, 3, 4] }),
            "x > 2\n  - 2\n  + 3\nx > 3\n  + 4",
        );
    }
}
