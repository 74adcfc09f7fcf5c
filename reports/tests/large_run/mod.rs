//! A run of 2,000 tools against a hub that breaks its contract 5,000 times, made up.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use hubproof_model::call::{Call, Intent};
use hubproof_model::exchange::{Exchange, Response, SentRequest};
use hubproof_model::judgment::Verdict;
use hubproof_model::kind::{Kind, Kinds, pattern};
use hubproof_model::latency::RunLatency;
use hubproof_model::observations::Observations;
use hubproof_model::quota::RunQuota;
use hubproof_model::record::{RequirementResult, RunEnd, RunRecord, Target, ToolSummary, ViolationRecord};
use hubproof_model::repetition::Repetition;
use hubproof_model::requirement::{Area, Basis, Level, RequirementId};
use hubproof_model::safety::{Allow, Risk};
use hubproof_model::side_effects::SideEffects;
use hubproof_model::timeline::RunTimeline;
use hubproof_reports::document::Report;
use hubproof_reports::document::end::{Exit, Gate};
use serde_json::json;

pub(crate) const TOOLS: usize = 2_000;
pub(crate) const VIOLATIONS: usize = 5_000;

/// How the violations lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Over a hundred requirements, in a few kinds each.
    Spread,
    /// At one requirement, all of one kind.
    Alike,
    /// At one requirement, each of a kind of its own.
    Unlike,
    /// At one requirement, one violation that took 5,000 exchanges to show.
    Long,
}

/// All of them.
pub(crate) const SHAPES: [Shape; 4] = [Shape::Spread, Shape::Alike, Shape::Unlike, Shape::Long];

/// The report of the run.
pub(crate) fn report(shape: Shape) -> Report {
    let gate = Gate::default();
    let exit = Exit {
        code: Exit::VIOLATED,
        meaning: "a gating requirement is violated".to_owned(),
    };
    Report::of(&record(shape), gate, exit)
}

fn record(shape: Shape) -> RunRecord {
    let results = match shape {
        Shape::Spread => (0..100)
            .map(|at| result(at, &|number| violation(number, &kind(number % 5)), 50))
            .collect(),
        Shape::Alike => vec![result(0, &|number| violation(number, "an answer is lost"), VIOLATIONS)],
        Shape::Unlike => vec![result(0, &|number| violation(number, &kind(number)), VIOLATIONS)],
        Shape::Long => vec![result(0, &long, 1)],
    };
    RunRecord {
        suite_version: "0.1.0".to_owned(),
        contract_revision: "1".to_owned(),
        target: Target::of_url("https://hub.example/api/v1"),
        dialect: None,
        tools: (0..TOOLS).map(summary).collect(),
        catalogue: None,
        connector: None,
        left_out: Vec::new(),
        denied: Vec::new(),
        cases: 20,
        seed: 1,
        allow: Allow::Admin,
        started_at: UNIX_EPOCH,
        duration: Duration::from_secs(600),
        requests: 100_000,
        run: "k3f9a2b7c1".to_owned(),
        side_effects: SideEffects::default(),
        results,
        observations: Observations::default(),
        latency: RunLatency::default(),
        quota: RunQuota::default(),
        timeline: RunTimeline::default(),
        baseline: None,
        plan: Some("0123456789abcdef".to_owned()),
        shard: None,
        end: RunEnd::Complete,
    }
}

fn tool(number: usize) -> String {
    let domain = ["itsm", "crm", "hris", "identity", "ecommerce"][number % 5];
    format!("{domain}.resource_{:04}.update", number % TOOLS)
}

fn summary(number: usize) -> ToolSummary {
    ToolSummary {
        key: tool(number),
        domain: tool(number).split('.').next().unwrap_or_default().to_owned(),
        risk: Risk::Write,
        connectors: Vec::new(),
        requests: 50,
        answered_by: BTreeMap::new(),
    }
}

/// A kind in letters: digits do not tell kinds apart.
fn kind(number: usize) -> String {
    let letters = format!("{number:05}")
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect::<String>();
    format!("an input that breaks the keyword {letters} of the tool's input schema is executed")
}

fn result(at: usize, violation: &dyn Fn(usize) -> ViolationRecord, count: usize) -> RequirementResult {
    let violations: Vec<_> = (0..count).map(|number| violation(at * 50 + number)).collect();
    let mut violated_tools: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for violation in &violations {
        *violated_tools.entry(violation.tool.clone()).or_default() += 1;
    }
    RequirementResult {
        id: RequirementId::new(Area::ALL[at % 8], u8::try_from(at / 8 + 1).unwrap()),
        level: Level::Must,
        basis: Basis::Ref,
        source: "REST API, Tool execution".to_owned(),
        title: "Invalid inputs are refused".to_owned(),
        statement: "The hub MUST refuse what the tool's schema does not allow.".to_owned(),
        why: "Callers rely on it.".to_owned(),
        verdict: Verdict::Violated,
        reason: Some("an input is executed".to_owned()),
        undecided: None,
        grants: Vec::new(),
        cases: 40_000,
        violation_count: count as u64,
        known_count: 0,
        kinds: kinds(&violations),
        violations,
        violated_tools,
        tried_tools: (0..TOOLS).map(tool).collect(),
    }
}

/// The kinds of violations that stand for all that there were.
fn kinds(violations: &[ViolationRecord]) -> Vec<Kind> {
    let mut kinds = Kinds::default();
    for own in violations {
        let pattern = pattern(own.tool.as_deref(), &own.summary);
        kinds.add(pattern, &own.summary, own.alike + 1, own.tool.clone());
    }
    kinds.finish()
}

fn violation(number: usize, summary: &str) -> ViolationRecord {
    let tool = tool(number);
    let exchanges = vec![exchange(&tool, number * 2, 1), exchange(&tool, number * 2 + 1, 25)];
    ViolationRecord {
        case: format!("EXE-02/{tool}/{number}"),
        known: None,
        summary: summary.to_owned(),
        expected: "INVALID_INPUT with status 400".to_owned(),
        observed: "success with status 200".to_owned(),
        assertion: None,
        repetition: Repetition::in_order(&exchanges),
        exchanges,
        alike: 0,
        smallest: None,
        sequence: None,
        tool: Some(tool),
    }
}

/// As where a limit had to be exhausted.
fn long(number: usize) -> ViolationRecord {
    let tool = tool(number);
    let exchanges: Vec<_> = (0..VIOLATIONS).map(|number| exchange(&tool, number, 1)).collect();
    ViolationRecord {
        repetition: Repetition::in_order(&exchanges),
        exchanges,
        ..violation(number, "a limit is passed")
    }
}

/// An exchange with so many records in its answer.
fn exchange(tool: &str, number: usize, records: usize) -> Exchange {
    let input = json!({ "input": { "title": format!("input {number}"), "priority": "high", "labels": ["a", "b"] } });
    let record =
        |at: usize| json!({ "id": format!("INC-{number}-{at}"), "title": "The printer prints nothing", "open": true });
    let records: Vec<_> = (0..records).map(record).collect();
    let body = json!({ "success": true, "data": { "items": records }, "request_id": number, "duration_ms": 3 });
    let call = Call::post_execute(tool, input, Intent::Refused);
    Exchange {
        number: number as u64,
        case: "case".to_owned(),
        call,
        request: SentRequest {
            method: "POST".to_owned(),
            url: format!("https://hub.example/api/v1/tools/{tool}/execute"),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        },
        sent_after: Duration::from_millis(number as u64),
        elapsed: Duration::from_millis(4),
        result: Ok(Response::new(
            200,
            vec![("content-type".to_owned(), "application/json".to_owned())],
            body.to_string().into_bytes(),
        )),
    }
}
