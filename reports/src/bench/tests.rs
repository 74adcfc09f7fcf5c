//! What is written, and what is read back of it.

use serde_json::{Value, json};

use super::*;
use crate::canned::{self, HOSTILE};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/bench.schema.json")).unwrap()
}

fn written() -> Value {
    serde_json::from_str(&render(&canned::bench())).unwrap()
}

fn fault(change: impl FnOnce(&mut Value)) -> String {
    let mut json = written();
    change(&mut json);
    read("bench.json", &json.to_string()).unwrap_err().to_string()
}

#[test]
fn benches_keep_the_published_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for record in canned::all_benches() {
        let bench: Value = serde_json::from_str(&render(&record)).unwrap();
        let faults: Vec<_> = validator
            .iter_errors(&bench)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

#[test]
fn the_schema_is_closed() {
    fn walk(at: &str, node: &Value) {
        if let Some(properties) = node.get("properties").and_then(Value::as_object) {
            assert_eq!(node["additionalProperties"], false, "{at}");
            assert_eq!(
                node["required"].as_array().map(Vec::len),
                Some(properties.len()),
                "{at}"
            );
        }
        for (name, child) in node.as_object().into_iter().flatten() {
            walk(&format!("{at}/{name}"), child);
        }
    }
    jsonschema::meta::validate(&schema()).unwrap();
    let mut schema = schema();
    // An exchange is the report's, and has members that may be missing.
    schema["$defs"].as_object_mut().unwrap().remove("exchange");
    walk("", &schema);
}

#[test]
fn an_exchange_is_described_as_in_the_report() {
    let report: Value = serde_json::from_str(include_str!("../../../docs/report.schema.json")).unwrap();
    for shared in ["exchange", "headers", "body", "tally"] {
        assert_eq!(schema()["$defs"][shared], report["$defs"][shared], "{shared}");
    }
}

#[test]
fn what_is_written_is_read_back() {
    let record = canned::bench();
    let read = read("old/bench.json", &render(&record)).unwrap();
    let (before, after) = (record.measurement.unwrap(), read.measurement);
    assert_eq!(
        (read.path.as_str(), read.suite_version.as_str()),
        ("old/bench.json", "0.1.0")
    );
    assert_eq!(
        (read.target.url, read.started_at),
        (record.target.url, record.started_at)
    );
    assert_eq!((after.pacing, &after.mix), (before.pacing, &before.mix));
    assert_eq!(
        (after.connections, after.live, after.seed),
        (before.connections, before.live, before.seed)
    );
    assert_eq!(
        [after.warm_up, after.planned, after.measured],
        [before.warm_up, before.planned, before.measured]
    );
    assert_eq!((after.began_at, &after.blocks), (before.began_at, &before.blocks));
    assert_eq!((after.lateness, after.overhead), (before.lateness, before.overhead));
    assert_eq!((after.pauses, !before.pauses.is_empty()), (before.pauses, true));
    assert_eq!((after.unsent, after.wrong), (before.unsent, before.wrong));
    assert_eq!(after.in_time, before.in_time);
    assert_eq!((read.early_end, read.contract_revision.as_str()), (None, "1"));
    assert_eq!(read.left_out.into_iter().collect::<Vec<_>>(), ["itsm.tickets.find"]);
    assert!(after.response.all().eq(before.response.all()));
    assert!(after.service.all().eq(before.service.all()));
    assert!(
        after
            .response
            .all()
            .any(|(series, _)| series.place.to_string() == HOSTILE)
    );
}

#[test]
fn how_it_ended_is_read_back() {
    let read = read("", &render(&canned::bench_of_a_dying_target())).unwrap();
    assert!(read.early_end.unwrap().starts_with("nothing listens there any more"));
}

#[test]
fn what_cannot_be_compared_with_says_why() {
    assert!(read("", "{").unwrap_err().to_string().starts_with("it is not JSON: "));
    assert_eq!(read("", "[]").unwrap_err(), StoredFault::Format);
    assert_eq!(
        read("", &crate::json::render(&canned::report(&canned::complete()))).unwrap_err(),
        StoredFault::Format
    );
    assert_eq!(
        fault(|json| json["version"] = json!(1)),
        "it has version 1 of the format, and this hubproof reads version 3: measure it again"
    );
    assert_eq!(
        fault(|json| json["version"] = json!("1")),
        "it is damaged: `version` is no number"
    );
    assert_eq!(
        fault(|json| json["measurement"] = Value::Null),
        "nothing was measured in it"
    );
    assert_eq!(
        fault(|json| json["measurement"]["planned_ms"] = json!(-1)),
        "it is damaged: -1 is no time in milliseconds"
    );
    assert!(fault(|json| json["measurement"]["blocks"] = json!(3)).starts_with("it is damaged: invalid type"));
    assert!(
        fault(|json| json["measurement"]["response"][0]["hdr"] = json!("SElTVA=="))
            .starts_with("it is damaged: in response, the histogram cannot be read: ")
    );
    assert_eq!(
        fault(|json| json["measurement"]["service"][0]["outcome"] = json!("luck")),
        "it is damaged: `luck` is no outcome"
    );
}

#[test]
fn the_text_hides_nothing() {
    for record in canned::all_benches() {
        let text = render(&record);
        assert!(
            !text.contains(|c| crate::printable::is_hidden(c) && c != '\n'),
            "{text:?}"
        );
    }
}
