//! What came of a requirement as results.

use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::message::message;
use super::place::Place;
use crate::document::requirement::RequirementReport;
use crate::document::violation::Violation;
use crate::known::excuse;
use crate::printable::visible;
use crate::smallest::{search, shortened};

/// A result a violation; one that is no failure where the run says nothing of the requirement; none where it held.
pub(super) fn of(requirement: &RequirementReport, rule: usize, place: &Place, fail_on: FailOn) -> Vec<Value> {
    let mut fingerprints = Fingerprints::default();
    let violations = requirement.violations.iter();
    let mut results: Vec<_> = violations
        .map(|own| {
            let fingerprint = fingerprints.next(requirement, own);
            violated(requirement, own, rule, place, fail_on, &fingerprint)
        })
        .collect();
    let why = || requirement.reason.as_deref().unwrap_or("no reason given");
    if requirement.verdict == Verdict::NotExercised {
        let grants = requirement.grants.iter().map(|grant| format!("set {grant}"));
        let lines = std::iter::once(format!("not exercised: {}", why())).chain(grants);
        results.push(open(requirement, rule, place, "notApplicable", lines));
    } else if requirement.is_undecided() {
        let why = requirement.undecided.as_deref().unwrap_or_else(why);
        results.push(open(requirement, rule, place, "open", [format!("inconclusive: {why}")]));
    }
    results
}

fn open(
    requirement: &RequirementReport,
    rule: usize,
    place: &Place,
    kind: &str,
    lines: impl IntoIterator<Item = String>,
) -> Value {
    json!({
        "ruleId": requirement.id,
        "ruleIndex": rule,
        "kind": kind,
        // What is no failure has no other level (3.27.10).
        "level": "none",
        "message": message(lines),
        "locations": [place.location(None)],
        "partialFingerprints": { "primaryLocationLineHash": format!("{}-{kind}:1", requirement.id) },
    })
}

fn violated(
    requirement: &RequirementReport,
    violation: &Violation,
    rule: usize,
    place: &Place,
    fail_on: FailOn,
    (hash, count): &(String, u64),
) -> Value {
    let level = match &violation.known {
        Some(_) => "note",
        None if fail_on.gates(requirement.level) => "error",
        None => "warning",
    };
    let numbers: Vec<_> = violation.exchanges.iter().map(|exchange| exchange.number).collect();
    let mut result = json!({
        "ruleId": requirement.id,
        "ruleIndex": rule,
        "kind": "fail",
        "level": level,
        "message": message(lines(violation)),
        "locations": [place.location(violation.tool.as_deref())],
        "partialFingerprints": {
            // The name that GitHub looks for; alike ones are counted there.
            "primaryLocationLineHash": format!("{hash}:{count}"),
            "hubproofViolation/v1": hash,
        },
        "occurrenceCount": violation.alike.saturating_add(1),
        "properties": { "case": visible(&violation.case), "exchanges": numbers },
    });
    if let Some(known) = &violation.known {
        let justification = visible(&excuse(known)).into_owned();
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": justification }]);
    }
    result
}

fn lines(violation: &Violation) -> Vec<String> {
    let mut lines = vec![
        violation.summary.clone(),
        format!("expected: {}", violation.expected),
        format!("observed: {}", violation.observed),
    ];
    if let Some(smallest) = &violation.smallest {
        let (input, is_cut) = smallest.input.line();
        let cut = if is_cut { " …" } else { "" };
        lines.push(format!("input: {input}{cut} ({})", search(smallest)));
    }
    if let Some(sequence) = &violation.sequence {
        lines.push(format!("sequence: {}", shortened(sequence)));
        lines.extend(sequence.operations.iter().cloned());
    }
    lines.push(format!("reproduce: {}", violation.reproduce.run));
    lines
}
