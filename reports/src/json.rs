//! `report.json`: the whole run for programs to read. `docs/report.schema.json` describes it.

use serde::Serialize;

use crate::document::Report;
use crate::printable::{brackets_spelled, is_hidden};

/// The report as a JSON text.
#[must_use]
pub fn render(report: &Report) -> String {
    pretty(report)
}

/// A value as a JSON text for people to look into, without hidden characters.
#[must_use]
pub fn pretty(value: &impl Serialize) -> String {
    // Maps have texts for keys, and writing to memory does not fail; an empty file would be refused by every reader.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    escaped(&format!("{text}\n"))
}

/// A JSON text without hidden characters, and without what a CI server takes for a command: they stand in strings alone, where all may be
/// written as escapes, so that the file can be shown as it is.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) && character != '\n' {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(character);
        }
    }
    brackets_spelled(&escaped, r"\u005b").into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::canned;

    fn written(report: &Report) -> Value {
        serde_json::from_str(&render(report)).unwrap()
    }

    fn schema() -> Value {
        serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap()
    }

    #[test]
    fn reports_keep_the_published_schema() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for report in canned::all_reports() {
            let report = written(&report);
            let faults: Vec<_> = validator
                .iter_errors(&report)
                .map(|fault| format!("{}: {fault}", fault.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{faults:#?}");
        }
    }

    #[test]
    fn the_schema_is_closed_and_described() {
        fn walk(at: &str, node: &Value) {
            if let Some(properties) = node.get("properties").and_then(Value::as_object) {
                assert_eq!(node["additionalProperties"], false, "{at}");
                for (name, property) in properties {
                    let described = property["description"].is_string() || property["$ref"].is_string();
                    assert!(described || property.get("const").is_some(), "{at}/{name}");
                }
            }
            for (name, child) in node.as_object().into_iter().flatten() {
                walk(&format!("{at}/{name}"), child);
            }
        }
        let schema = schema();
        jsonschema::meta::validate(&schema).unwrap();
        walk("", &schema);
    }

    #[test]
    fn the_text_hides_nothing_and_what_is_read_is_what_was_written() {
        for report in canned::all_reports() {
            let text = render(&report);
            assert!(!text.contains(|c| is_hidden(c) && c != '\n'), "{text:?}");
            let read = Report::read(&text).unwrap();
            assert_eq!(read, report);
            assert_eq!(render(&read), text);
        }
    }

    #[test]
    fn the_report_of_a_run() {
        insta::assert_snapshot!(render(&canned::report(&canned::complete())));
    }

    #[test]
    fn what_became_of_the_baseline() {
        let report = written(&canned::report(&canned::with_baseline()));
        insta::assert_snapshot!("baseline", escaped(&format!("{:#}", report["baseline"])));
        assert_eq!(
            (&report["summary"]["known"], &report["summary"]["stale"]),
            (&json!(2), &json!(5))
        );
        let known: Vec<_> = report["requirements"][1]["violations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|violation| violation["known"]["owner"].as_str())
            .collect();
        assert_eq!(
            known,
            [None, None, Some("team itsm"), Some("team itsm"), Some("team itsm")]
        );
        assert_eq!(report["requirements"][1]["known_count"], 12);
        assert_eq!(report["requirements"][2]["undecided"], "no answer within 10s");
    }
}
