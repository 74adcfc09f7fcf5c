//! `report.sarif`: the run as SARIF 2.1.0 (OASIS), as code scanning takes it.
//!
//! A rule is a requirement, a result is a violation. GitHub takes no result without a place in a file, and tells results apart by their
//! rule, their file and a hash: so each has the profile for a file (`place`), and a hash that no run changes (`fingerprint`).

mod fingerprint;
mod message;
mod place;
mod result;
mod rule;

use hubproof_model::gate::FailOn;
use serde_json::{Map, Value, json};

use self::message::{message, text};
use self::place::{Place, of_baseline};
use crate::document::Report;
use crate::document::end::EndKind;
use crate::document::time::Moment;
use crate::json;
use crate::printable::visible;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The report as a SARIF log; the level is the one from which on a violation is an error.
#[must_use]
pub fn render(report: &Report, fail_on: FailOn) -> String {
    let place = Place::of(report);
    let rules: Vec<_> = report.requirements.iter().map(rule::of).collect();
    let results = report.requirements.iter().enumerate();
    let results: Vec<_> = results
        .flat_map(|(index, own)| result::of(own, index, &place, fail_on))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": visible(&report.tool.name),
                "semanticVersion": visible(&report.tool.version),
                "rules": rules,
            }},
            "automationDetails": {
                // Up to the last slash it is a category to GitHub: a run replaces what an earlier one told of the same hub.
                "id": format!("hubproof/{}/{}", place.target(), visible(&report.run)),
                "description": text(&report.target.url),
            },
            "invocations": [invocation(report)],
            "results": results,
            "properties": {
                "target": visible(&report.target.url),
                "contractRevision": visible(&report.contract.revision),
                "seed": report.seed,
                "allow": report.allow.name(),
                "requests": report.summary.requests,
                "failOn": fail_on.name(),
            },
        }],
    });
    json::pretty(&log)
}

/// The run as a process: how it ended, and what was wrong with itself or what it was given.
fn invocation(report: &Report) -> Value {
    let mut invocation = Map::new();
    let mut member = |name: &str, value: Value| invocation.insert(name.to_owned(), value);
    member("executionSuccessful", json!(report.end.kind == EndKind::Complete));
    member("exitCode", json!(report.exit.code));
    member("exitCodeDescription", json!(visible(&report.exit.meaning)));
    let ended = report.started_at.system_time() + report.duration.duration();
    member("startTimeUtc", json!(report.started_at));
    member("endTimeUtc", json!(Moment::from(ended)));
    if let Some(why) = &report.end.message {
        let told = message([format!("{}: {why}", report.end.kind.heading())]);
        member(
            "toolExecutionNotifications",
            json!([{ "level": "error", "message": told }]),
        );
    }
    if let Some(baseline) = report.baseline.as_ref().filter(|own| own.stale().next().is_some()) {
        let stale = baseline.stale().map(|entry| {
            json!({
                "level": "error",
                "message": message([format!("{}: {}", entry.name(), entry.message)]),
                "associatedRule": { "id": entry.requirement },
                "locations": [of_baseline(baseline)],
            })
        });
        member("toolConfigurationNotifications", stale.collect());
    }
    Value::Object(invocation)
}

#[cfg(test)]
mod tests;
