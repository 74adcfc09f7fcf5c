//! `report.json`: the whole run for programs to read. `docs/report.schema.json` describes it.

use chrono::{DateTime, SecondsFormat, Utc};
use hubproof_model::baseline::{JudgedBaseline, JudgedEntry, KnownFailure, Standing, ToolGlob};
use hubproof_model::call::Body;
use hubproof_model::exchange::Exchange;
use hubproof_model::observations::Observations;
use hubproof_model::record::{RequirementResult, RunRecord, ShortestSequence, Smallest, ViolationRecord};
use hubproof_model::requirement::Level;
use hubproof_model::safety::Risk;
use hubproof_model::side_effects::{Fate, SideEffects};
use serde_json::{Map, Value, json};

use crate::body::{self, Shown};
use crate::figures::milliseconds;
use crate::printable::is_hidden;
use crate::tally::Tally;
use crate::{ending, known, latency, reproduce};

/// The version of the report's format.
pub const FORMAT_VERSION: u64 = 1;

/// The report as a JSON text.
pub fn render(record: &RunRecord) -> String {
    escaped(&format!("{:#}\n", report(record)))
}

/// A JSON text without hidden characters: they stand in strings alone, where all may be written as escapes, so that the file can be
/// shown as it is.
pub(crate) fn escaped(text: &str) -> String {
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
    escaped
}

fn report(record: &RunRecord) -> Value {
    json!({
        "version": FORMAT_VERSION,
        "tool": { "name": "hubproof", "version": record.suite_version },
        "contract": { "revision": record.contract_revision },
        "target": {
            "url": record.target.url,
            "bundled": record.target.bundled,
            "defects": record.target.defects,
            "profile": record.target.profile,
        },
        "dialect": record.dialect,
        "seed": record.seed,
        "allow": record.allow,
        "started_at": DateTime::<Utc>::from(record.started_at).to_rfc3339_opts(SecondsFormat::Millis, true),
        "duration_ms": milliseconds(record.duration),
        "end": { "kind": ending::kind(&record.end), "message": ending::message(&record.end) },
        "summary": summary(record),
        "run": record.run,
        "side_effects": side_effects(&record.side_effects),
        "tools": record.tools.iter().map(|tool| json!({
            "key": tool.key,
            "risk": risk(&tool.risk),
            "requests": tool.requests,
        })).collect::<Vec<_>>(),
        "requirements": record.results.iter().map(|result| requirement(record, result)).collect::<Vec<_>>(),
        "observations": observations(&record.observations),
        "baseline": record.baseline.as_ref().map(baseline),
        "latency": latency::of_run(&record.latency),
    })
}

fn summary(record: &RunRecord) -> Value {
    let of_level = |level: Level| Tally::of(record.results.iter().filter(|result| result.level == level));
    json!({
        "requirements": record.results.len(),
        "by_verdict": Tally::of(&record.results),
        "by_level": {
            "MUST": of_level(Level::Must),
            "SHOULD": of_level(Level::Should),
            "MAY": of_level(Level::May),
        },
        "known": record.results.iter().filter(|result| result.is_known()).count(),
        "stale": record.baseline.iter().flat_map(JudgedBaseline::stale).count(),
        "requests": record.requests,
        "tools": record.tools.len(),
    })
}

fn side_effects(effects: &SideEffects) -> Value {
    let fate = |fate: &Fate| match fate {
        Fate::Removed => ("removed", None),
        Fate::Left(why) => ("left", Some(why.clone())),
    };
    let created = effects.created.iter().map(|record| {
        let (fate, reason) = fate(&record.fate);
        json!({
            "tool": record.tool,
            "id": record.id,
            "connection": record.connection,
            "role": record.role,
            "case": record.case,
            "fate": fate,
            "reason": reason,
        })
    });
    let waiting = effects.waiting.iter().map(|entry| {
        let (fate, reason) = fate(&entry.fate);
        json!({ "id": entry.id, "fate": fate, "reason": reason })
    });
    let changed = effects
        .changed
        .iter()
        .map(|(tool, executes)| json!({ "tool": tool, "executes": executes }));
    let unknown = effects.unknown.iter().map(|unknown| {
        json!({
            "tool": unknown.tool,
            "connection": unknown.connection,
            "role": unknown.role,
            "calls": unknown.calls,
            "reason": unknown.why,
        })
    });
    json!({
        "created": created.collect::<Vec<_>>(),
        "waiting": waiting.collect::<Vec<_>>(),
        "changed": changed.collect::<Vec<_>>(),
        "unknown": unknown.collect::<Vec<_>>(),
    })
}

fn observations(observations: &Observations) -> Value {
    let precedence = observations.precedence.iter().map(|seen| {
        json!({
            "first": seen.first.name(),
            "second": seen.second.name(),
            "outcome": seen.outcome.to_string(),
        })
    });
    let undecided = observations.undecided.iter().map(|seen| {
        json!({
            "question": seen.question.name(),
            "outcome": seen.outcome.to_string(),
            "replayed": seen.replayed,
        })
    });
    json!({
        "precedence": precedence.collect::<Vec<_>>(),
        "undecided": undecided.collect::<Vec<_>>(),
    })
}

fn baseline(baseline: &JudgedBaseline) -> Value {
    let entry = |entry: &JudgedEntry| {
        json!({
            "requirement": entry.known.requirement,
            "known": known_failure(&entry.known),
            "matched": entry.matched,
            "standing": known::kind(&entry.standing),
            "stale": matches!(entry.standing, Standing::Stale(_)),
            "message": known::message(entry),
        })
    };
    json!({
        "path": baseline.path,
        "day": baseline.today.to_string(),
        "entries": baseline.entries.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn known_failure(known: &KnownFailure) -> Value {
    json!({
        "tool": known.tool.as_ref().map(ToolGlob::as_str),
        "reason": known.reason,
        "owner": known.owner,
        "expires": known.expires.to_string(),
    })
}

/// The hub's own word; `null` where it says nothing.
pub(crate) fn risk(risk: &Risk) -> Value {
    match risk {
        Risk::Unknown(text) if text.is_empty() => Value::Null,
        other => json!(other),
    }
}

fn requirement(record: &RunRecord, result: &RequirementResult) -> Value {
    let violations = result.violations.iter().map(|found| violation(record, result, found));
    let mut members = verdict(result);
    members.insert("known_count".to_owned(), result.known_count.into());
    members.insert("violations".to_owned(), violations.collect());
    members.into()
}

/// A requirement and what came of it, in all but its violations.
pub(crate) fn verdict(result: &RequirementResult) -> Map<String, Value> {
    let members = [
        ("id", json!(result.id)),
        ("level", json!(result.level)),
        ("basis", json!(result.basis)),
        ("source", json!(result.source)),
        ("title", json!(result.title)),
        ("statement", json!(result.statement)),
        ("verdict", json!(result.verdict)),
        ("reason", json!(result.reason)),
        ("undecided", json!(result.undecided)),
        ("grants", json!(result.grants)),
        ("cases", json!(result.cases)),
        ("violation_count", json!(result.violation_count)),
    ];
    members
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

fn violation(record: &RunRecord, result: &RequirementResult, violation: &ViolationRecord) -> Value {
    json!({
        "case": violation.case,
        "tool": violation.tool,
        "known": violation.known.as_ref().map(known_failure),
        "summary": violation.summary,
        "expected": violation.expected,
        "observed": violation.observed,
        "assertion": violation.assertion,
        "smallest": violation.smallest.as_ref().map(smallest),
        "sequence": violation.sequence.as_ref().map(sequence),
        "alike": violation.alike,
        "exchanges": violation.exchanges.iter().map(exchange).collect::<Vec<_>>(),
        "reproduce": reproduce::lines(record, result, violation),
    })
}

fn smallest(smallest: &Smallest) -> Value {
    json!({
        "input": body(body::of_request(&Body::Json(smallest.input.clone()))),
        "steps": smallest.steps,
        "requests": smallest.requests,
        "settled": smallest.settled,
        "first_shown": smallest.first_shown,
    })
}

fn sequence(sequence: &ShortestSequence) -> Value {
    json!({
        "operations": sequence.operations,
        "planned": sequence.planned,
        "tries": sequence.tries,
        "settled": sequence.settled,
        "first_shown": sequence.first_shown,
    })
}

pub(crate) fn exchange(exchange: &Exchange) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("number", json!(exchange.number));
    put("method", json!(exchange.request.method));
    put("url", json!(exchange.request.url));
    put("request_headers", headers(&exchange.request.headers));
    put("request_body", body(body::of_request(&exchange.call.body)));
    match &exchange.result {
        Ok(response) => {
            put("status", json!(response.status));
            put("response_headers", headers(&response.headers));
            put("response_body", body(body::of_response(response)));
        }
        Err(fault) => {
            put("fault", json!(fault.to_string()));
        }
    }
    put("elapsed_ms", json!(milliseconds(exchange.elapsed)));
    Value::Object(shown)
}

fn headers(headers: &[(String, String)]) -> Value {
    headers
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

fn body(body: Shown) -> Value {
    match body {
        Shown::Nothing => Value::Null,
        Shown::Json(value) => json!({ "json": value }),
        Shown::Text {
            text,
            size,
            truncated: false,
        } => json!({ "text": text, "size": size }),
        Shown::Text {
            text,
            size,
            truncated: true,
        } => json!({ "text": text, "size": size, "truncated": true }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;

    fn schema() -> Value {
        serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap()
    }

    #[test]
    fn reports_keep_the_published_schema() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for record in canned::all() {
            let report: Value = serde_json::from_str(&render(&record)).unwrap();
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
    fn the_text_hides_nothing_and_loses_nothing() {
        for record in canned::all() {
            let text = render(&record);
            assert!(!text.contains(|c| is_hidden(c) && c != '\n'), "{text:?}");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), report(&record));
        }
    }

    #[test]
    fn the_report_of_a_run() {
        insta::assert_snapshot!(render(&canned::complete()));
    }

    #[test]
    fn what_became_of_the_baseline() {
        let report = report(&canned::with_baseline());
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
