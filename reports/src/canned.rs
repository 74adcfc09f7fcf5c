//! Records of runs, made up: every verdict, every end, and a target that means ill.

use std::time::{Duration, UNIX_EPOCH};

use chrono::NaiveDate;
use hubproof_latency::{Histogram, Kind, Place, Recorder, Series};
use hubproof_model::baseline::{JudgedBaseline, JudgedEntry, KnownFailure, Silence, Stale, Standing, ToolGlob};
use hubproof_model::call::{Body, Call, Credentials, Endpoint, Intent, Template};
use hubproof_model::catalogue::CatalogueSeen;
use hubproof_model::exchange::{Exchange, Fault, Response, SentRequest};
use hubproof_model::judgment::{Assertion, Verdict};
use hubproof_model::kind::{self, Kinds, pattern};
use hubproof_model::latency::RunLatency;
use hubproof_model::observations::{ComparedTool, Comparison, Flaw, Observations, Precedence, Question, Undecided};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::quota::{QuotaSample, RunQuota};
use hubproof_model::record::{
    RequirementResult, RunEnd, RunRecord, ShortestSequence, Smallest, Target, ToolSummary, ViolationRecord,
};
use hubproof_model::repetition::{Repetition, RunAlone};
use hubproof_model::requirement::{Basis, Level};
use hubproof_model::role::Role;
use hubproof_model::safety::{Allow, Risk};
use hubproof_model::side_effects::{CreatedRecord, Fate, SideEffects, UnknownEffects, WaitingEntry};
use hubproof_model::surface::Dialect;
use hubproof_model::timeline::{RunTimeline, Slice};
use serde_json::json;

use crate::document::Report;
use crate::document::end::{Exit, Gate};

mod bench;

pub(crate) use bench::{all_benches, bench, bench_of_a_dying_target, bench_of_nothing};

/// What a terminal, an XML reader or a person could take for something else.
pub(crate) const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}]]>&<b>\0\u{202e}gpj\u{9b}31m\nVIOLATED\r\u{ffff}";

/// Every record.
pub(crate) fn all() -> Vec<RunRecord> {
    vec![
        complete(),
        interrupted(),
        unusable(),
        harness_fault(),
        time_limit(),
        bundled(),
        with_baseline(),
    ]
}

/// The report of a record, gated by MUST, with the exit code that it comes to.
pub(crate) fn report(record: &RunRecord) -> Report {
    let gate = Gate::default();
    let is_broken = |result: &RequirementResult| result.is_broken() && gate.fail_on.gates(result.level);
    let code = match &record.end {
        RunEnd::HarnessFault(_) => 4,
        RunEnd::Interrupted(_) => 130,
        _ if record.results.iter().any(is_broken) => Exit::VIOLATED,
        _ => 3,
    };
    let meaning = "what the command says of it".to_owned();
    Report::of(record, gate, Exit { code, meaning })
}

/// Every record as a report.
pub(crate) fn all_reports() -> Vec<Report> {
    all().iter().map(report).collect()
}

/// Two records removed, one left, and a change for good.
fn side_effects() -> SideEffects {
    let record = |tool: &str, id: Option<&str>, fate| CreatedRecord {
        tool: tool.to_owned(),
        id: id.map(str::to_owned),
        connection: Some("conn_1".to_owned()),
        role: Role::Primary,
        case: Some(format!("IDM-01/{tool}")),
        fate,
    };
    SideEffects {
        created: vec![
            record("itsm.tickets.create", Some("INC1"), Fate::Removed),
            record("itsm.tickets.create", Some("INC2"), Fate::Removed),
            record(HOSTILE, None, Fate::Left("no answer told its id".to_owned())),
        ],
        waiting: vec![
            WaitingEntry {
                id: "apr_1".to_owned(),
                fate: Fate::Removed,
            },
            WaitingEntry {
                id: "apr_2".to_owned(),
                fate: Fate::Left(
                    "the approver's POST /approvals/<id>/reject failed (HTTP 500): see [approvals]".to_owned(),
                ),
            },
        ],
        changed: vec![("itsm.tickets.update".to_owned(), 3)],
        unknown: vec![UnknownEffects {
            tool: "itsm.tickets.create".to_owned(),
            connection: None,
            role: Role::Primary,
            calls: 2,
            why: "itsm.tickets.list could not be asked (no complete answer within 10s)".to_owned(),
        }],
    }
}

/// A run to the end against a hub with faults.
pub(crate) fn complete() -> RunRecord {
    RunRecord {
        suite_version: "0.1.0".to_owned(),
        contract_revision: "1".to_owned(),
        target: Target {
            profile: Some("it's hub.toml".to_owned()),
            profile_sha256: Some("0c".repeat(32)),
            key_variables: [(Role::Primary, "ACME_KEY".to_owned())].into(),
            ..Target::of_url("https://hub.example/api/v1")
        },
        dialect: Some(Dialect {
            tools_at: Some("/data".to_owned()),
            ..Dialect::default()
        }),
        catalogue: Some(CatalogueSeen {
            sha256: "5f".repeat(32),
            tools: 6,
        }),
        connector: None,
        tools: vec![
            tool("itsm.tickets.create", Risk::Write, 1200),
            tool("itsm.tickets.get", Risk::Read, 900),
            tool(HOSTILE, Risk::Unknown(HOSTILE.to_owned()), 12),
            tool("itsm.tickets.silent", Risk::Unknown(String::new()), 0),
        ],
        left_out: vec!["crm.deals.get".to_owned()],
        denied: vec!["crm.deals.purge".to_owned()],
        seed: 7,
        cases: 20,
        allow: Allow::Probe,
        started_at: UNIX_EPOCH + Duration::from_millis(1_767_323_045_006),
        duration: Duration::from_micros(3_149_500),
        requests: 2345,
        run: "k3f9a2b7c1".to_owned(),
        side_effects: side_effects(),
        results: vec![
            held(),
            many_violations(),
            not_exercised(
                "AUTH-03",
                &[
                    "[keys] restricted = \"${HUB_KEY_RESTRICTED}\"",
                    "[keys] restricted_tool = \"domain.resource.action\"",
                ],
            ),
            not_exercised("AUTH-04", &["[keys] restricted = \"${HUB_KEY_RESTRICTED}\""]),
            RequirementResult {
                reason: Some("the hub lists no connectors".to_owned()),
                verdict: Verdict::NotExercised,
                ..result("CAT-13", Level::Should, "Connectors are listed")
            },
            hostile_violation(),
            warning(),
            RequirementResult {
                verdict: Verdict::Inconclusive,
                reason: Some(format!("the control failed: {HOSTILE} (and 2 more)")),
                ..result("IDM-01", Level::Must, "A repeated key replays")
            },
            RequirementResult {
                verdict: Verdict::Inconclusive,
                reason: Some("3 of its cases were not sent".to_owned()),
                ..result("RTL-02", Level::May, "Limits are announced")
            },
        ],
        observations: observations(),
        latency: latency(),
        quota: quota(),
        timeline: timeline(),
        baseline: None,
        plan: Some("0123456789abcdef".to_owned()),
        shard: None,
        end: RunEnd::Complete,
    }
}

/// Latencies of a few series.
fn latency() -> RunLatency {
    let mut latency = RunLatency::default();
    let mut add = |place: Place, kind, micros: u64, calls: u64| {
        let series = Series { place, kind };
        for call in 0..calls {
            latency
                .service
                .record(&series, Duration::from_micros(micros + call * call));
        }
    };
    let get = || Place::Execute("itsm.tickets.get".to_owned());
    add(Place::Listing, Kind::Success, 9_000, 2);
    add(get(), Kind::Success, 2_000, 900);
    add(get(), Kind::ClientError, 300, 40);
    add(Place::Execute(HOSTILE.to_owned()), Kind::Throttled, 1_234_567, 1);
    let overhead = latency.overhead.entry("itsm.tickets.get".to_owned()).or_default();
    (0..900).for_each(|call| overhead.record(Duration::from_micros(400 + call)));
    latency
}

/// A key whose limit is told, reached, and told no more.
fn quota() -> RunQuota {
    let sample = |millis, remaining: Option<f64>| QuotaSample {
        after: Duration::from_millis(millis),
        limit: remaining.map(|_| 600.0),
        remaining,
        throttled: remaining.is_none_or(|remaining| remaining <= 0.0),
    };
    let samples = vec![sample(12, Some(599.0)), sample(900, Some(0.0)), sample(901, None)];
    RunQuota {
        roles: [(Role::Primary, samples)].into(),
    }
}

/// Two slices, and nothing between them.
fn timeline() -> RunTimeline {
    let slice = |number, requests, errors| Slice {
        from: Duration::from_millis(157) * number,
        requests,
        errors,
        p50: Duration::from_millis(2),
        p99: Duration::from_micros(9_876),
        max: Duration::from_micros(12_345),
    };
    RunTimeline {
        length: Duration::from_millis(157),
        slices: vec![slice(0, 1200, 0), slice(7, 1145, 3)],
    }
}

/// Some pairs of flaws, one answered in a way of the hub's own, two questions, and two tools that were compared.
fn observations() -> Observations {
    let seen = |first, second, outcome| Precedence { first, second, outcome };
    let own = Outcome::Error(ErrorCode::Other(HOSTILE.to_owned()));
    Observations {
        precedence: vec![
            seen(Flaw::NoKey, Flaw::UnknownTool, Outcome::Error(ErrorCode::Unauthorized)),
            seen(Flaw::NoKey, Flaw::MalformedBody, Outcome::Bare(400)),
            seen(Flaw::UnknownTool, Flaw::InvalidInput, own),
            seen(Flaw::InvalidInput, Flaw::GatedTool, Outcome::Success),
        ],
        undecided: vec![
            Undecided {
                question: Question::UnknownMember,
                outcome: Outcome::Success,
                replayed: None,
            },
            Undecided {
                question: Question::UsedKeyFromSecondApiKey,
                outcome: Outcome::Success,
                replayed: Some(true),
            },
        ],
        equal_results: vec![
            compared(
                "itsm.tickets.create",
                Comparison::Different(vec![format!("`/title` is \"{HOSTILE}\" and \"a\"")]),
            ),
            compared("itsm.tickets.get", Comparison::Equal),
        ],
        uncompared: [
            ("itsm.tickets.delete", "a person must approve it"),
            (HOSTILE, "no other connector has it"),
            ("itsm.tickets.silent", "no other connector has it"),
        ]
        .map(|(tool, why)| (tool.to_owned(), why.to_owned()))
        .into(),
    }
}

fn compared(tool: &str, comparison: Comparison) -> ComparedTool {
    ComparedTool {
        tool: tool.to_owned(),
        connectors: ["servicenow", "jira"].map(str::to_owned),
        comparison,
    }
}

/// A run that a person stopped.
pub(crate) fn interrupted() -> RunRecord {
    ended(RunEnd::Interrupted("Ctrl-C".to_owned()), vec![held()])
}

/// A run against what is no hub.
pub(crate) fn unusable() -> RunRecord {
    let end = RunEnd::TargetUnusable(format!("could not read the listing: {HOSTILE}"));
    RunRecord {
        dialect: None,
        tools: Vec::new(),
        latency: RunLatency::default(),
        quota: RunQuota::default(),
        timeline: RunTimeline::default(),
        requests: 1,
        ..ended(end, Vec::new())
    }
}

/// A run that broke down itself.
pub(crate) fn harness_fault() -> RunRecord {
    ended(
        RunEnd::HarnessFault("a judge panicked".to_owned()),
        vec![held(), many_violations()],
    )
}

/// A run that took too long.
pub(crate) fn time_limit() -> RunRecord {
    ended(RunEnd::TimeLimit(Duration::from_secs(90)), vec![held()])
}

/// A run against the bundled hub with a defect.
pub(crate) fn bundled() -> RunRecord {
    let target = Target {
        bundled: true,
        defects: vec!["accepts-any-key".to_owned()],
        ..Target::of_url("http://127.0.0.1:4000")
    };
    let mut record = RunRecord {
        target,
        allow: Allow::Admin,
        ..complete()
    };
    for violation in record.results.iter_mut().flat_map(|result| &mut result.violations) {
        let rounds = match &mut violation.repetition {
            Repetition::Rounds(rounds) => rounds.as_mut_slice(),
            Repetition::Run(_) => &mut [],
        };
        for exchange in violation.exchanges.iter_mut().chain(rounds.iter_mut().flatten()) {
            let url = &mut exchange.request.url;
            *url = url.replace("https://hub.example/api/v1", &record.target.url);
        }
    }
    record
}

/// A run against a hub with known failures: some that it still has, some that it has no more, and some of which it shows nothing.
pub(crate) fn with_baseline() -> RunRecord {
    let entry = |id: &str, tool: Option<&str>, standing, matched| JudgedEntry {
        known: KnownFailure {
            requirement: id.parse().unwrap(),
            tool: tool.map(|tool| ToolGlob::new(tool).unwrap()),
            reason: "the vendor mends it with its next release".to_owned(),
            owner: "team itsm".to_owned(),
            expires: NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(),
        },
        matched,
        standing,
    };
    let on_tickets = entry("EXE-02", Some("itsm.tickets.*"), Standing::Matched, 12);
    let hostile = JudgedEntry {
        known: KnownFailure {
            reason: HOSTILE.to_owned(),
            owner: HOSTILE.to_owned(),
            ..entry("CAT-11", None, Standing::Matched, 1).known
        },
        ..entry("CAT-11", None, Standing::Matched, 1)
    };
    let mut partly = many_violations();
    partly.known_count = 12;
    for violation in &mut partly.violations[2..] {
        violation.known = Some(on_tickets.known.clone());
    }
    let wholly = |mut result: RequirementResult, known: &KnownFailure| {
        result.known_count = result.violation_count;
        for violation in &mut result.violations {
            violation.known = Some(known.clone());
        }
        result
    };
    let listing = entry("CAT-10", None, Standing::Matched, 1);
    let undecided = RequirementResult {
        undecided: Some("no answer within 10s".to_owned()),
        ..wholly(hostile_violation(), &hostile.known)
    };
    let expired = Standing::Stale(Stale::Expired);
    let not_exercised = Silence::NotExercised(Some("needs a restricted key".to_owned()));
    let entries = vec![
        on_tickets,
        listing.clone(),
        hostile,
        entry("AUTH-01", None, Standing::Stale(Stale::Holds), 0),
        entry("EXE-02", Some("crm.*"), Standing::Stale(Stale::NoViolation), 0),
        entry("EXE-02", Some("hris.*"), Standing::Stale(Stale::NoTool), 0),
        entry("EXE-02", Some("itsm.*"), expired.clone(), 4),
        entry("AUTH-04", None, expired, 0),
        entry("AUTH-03", None, Standing::Silent(not_exercised), 0),
        entry("EXE-03", None, Standing::Silent(Silence::NotSelected), 0),
    ];
    RunRecord {
        results: vec![held(), partly, undecided, wholly(warning(), &listing.known)],
        baseline: Some(JudgedBaseline {
            path: "known failures.toml".to_owned(),
            today: NaiveDate::from_ymd_opt(2026, 1, 2).unwrap(),
            entries,
        }),
        ..complete()
    }
}

fn ended(end: RunEnd, results: Vec<RequirementResult>) -> RunRecord {
    RunRecord {
        end,
        results,
        ..complete()
    }
}

fn tool(key: &str, risk: Risk, requests: u64) -> ToolSummary {
    ToolSummary {
        key: key.to_owned(),
        domain: key.split('.').next().unwrap_or_default().to_owned(),
        risk,
        connectors: vec!["servicenow".to_owned()],
        requests,
        answered_by: [("conn_1".to_owned(), requests / 2)]
            .into_iter()
            .filter(|(_, calls)| *calls > 0)
            .collect(),
    }
}

fn result(id: &str, level: Level, title: &str) -> RequirementResult {
    RequirementResult {
        id: id.parse().unwrap(),
        level,
        basis: Basis::Ref,
        source: "REST API, Authentication".to_owned(),
        title: title.to_owned(),
        statement: format!(
            "The hub {level} do what the reference says, in a sentence that is long enough to be wrapped: {title}."
        ),
        why: format!("Callers rely on it: {title}."),
        verdict: Verdict::Held,
        reason: None,
        undecided: None,
        grants: Vec::new(),
        cases: 0,
        violation_count: 0,
        known_count: 0,
        kinds: Vec::new(),
        violations: Vec::new(),
        violated_tools: [].into(),
        tried_tools: [].into(),
    }
}

fn held() -> RequirementResult {
    RequirementResult {
        cases: 1234,
        ..result("AUTH-01", Level::Must, "Missing Authorization is refused")
    }
}

fn not_exercised(id: &str, grants: &[&str]) -> RequirementResult {
    RequirementResult {
        verdict: Verdict::NotExercised,
        reason: Some(format!("needs a restricted key: {}", grants.join(" and "))),
        grants: grants.iter().map(|grant| (*grant).to_owned()).collect(),
        ..result(id, Level::Must, "A restricted key is refused")
    }
}

/// Five kinds of violations, the first seen twelve times.
fn many_violations() -> RequirementResult {
    let violation = |number: u64| ViolationRecord {
        case: format!("EXE-02/itsm.tickets.create/{number}"),
        tool: Some("itsm.tickets.create".to_owned()),
        known: None,
        summary: format!("an input that breaks `maxLength` is executed ({number})"),
        expected: "INVALID_INPUT with status 400".to_owned(),
        observed: "success with status 200".to_owned(),
        assertion: Some(Assertion {
            keyword: "maxLength".to_owned(),
            instance_pointer: "/title".to_owned(),
            schema_pointer: "/properties/title/maxLength".to_owned(),
        }),
        exchanges: vec![executed(number)],
        repetition: match number {
            3 => Repetition::Run(RunAlone::Sequence),
            4 => Repetition::Rounds(vec![vec![executed(number), executed(number)], vec![executed(number)]]),
            _ => Repetition::in_order(&[executed(number)]),
        },
        alike: if number == 1 { 11 } else { 0 },
        smallest: (number < 3).then(|| Smallest {
            input: json!({ "title": "it's too long" }),
            steps: 4,
            requests: 19,
            settled: number == 1,
            first_shown: vec![3, 4],
        }),
        sequence: (number == 3).then(|| ShortestSequence {
            operations: vec![
                "1. primary executes itsm.tickets.create with key A, input 1 → success".to_owned(),
                "2. primary executes itsm.tickets.create with key A, input 1 → success".to_owned(),
            ],
            planned: 14,
            tries: 9,
            settled: true,
            first_shown: vec![5, 6, 7],
        }),
    };
    let violations: Vec<_> = (1..=5).map(violation).collect();
    RequirementResult {
        verdict: Verdict::Violated,
        reason: Some("an input that breaks `maxLength` is executed (1)".to_owned()),
        cases: 64,
        violation_count: 16,
        violated_tools: [(Some("itsm.tickets.create".to_owned()), 16)].into(),
        tried_tools: ["itsm.tickets.create".to_owned(), "itsm.tickets.get".to_owned()].into(),
        kinds: kinds(&violations),
        violations,
        ..result("EXE-02", Level::Must, "Invalid inputs are refused")
    }
}

/// The kinds of violations that stand for all that there were.
fn kinds(violations: &[ViolationRecord]) -> Vec<kind::Kind> {
    let mut kinds = Kinds::default();
    for own in violations {
        let pattern = pattern(own.tool.as_deref(), &own.summary);
        kinds.add(pattern, &own.summary, own.alike + 1, own.tool.clone());
    }
    kinds.finish()
}

fn executed(number: u64) -> Exchange {
    let input = json!({ "input": { "title": "it's too long" }, "connection_id": "c-1" });
    let call = Call::post_execute("itsm.tickets.create", input, Intent::Refused);
    exchange(
        number,
        call,
        Ok(answer(
            200,
            br#"{"success":true,"data":{"id":"T-1"},"connection_id":"c-1"}"#,
        )),
    )
}

fn hostile_violation() -> RequirementResult {
    let mut verbatim = Call::get(Endpoint::Outside, "/tools/../%2e%2e/[1]/<key:primary>");
    verbatim.verbatim_path = true;
    verbatim.credentials = Credentials::Values(vec![
        Template("Basic <key:foreign>".to_owned()),
        Template(String::new()),
    ]);
    let repeat = Body::Repeat {
        head: "{\"a\":\"".to_owned(),
        unit: "x".to_owned(),
        times: 2_000_000,
        tail: "\"}".to_owned(),
    };
    let post = |body| Call::post_execute(HOSTILE, json!({}), Intent::Read).with_body(body);
    let html = [
        b"<html>\xff".as_slice(),
        HOSTILE.as_bytes(),
        "é".repeat(5000).as_bytes(),
    ]
    .concat();
    let mut leaky = Response::new(502, vec![("x-evil".to_owned(), HOSTILE.to_owned())], html);
    leaky.truncated = true;
    let timed_out = Fault::TimedOut(Duration::from_secs(10));
    let exchanges = vec![
        exchange(21, verbatim, Ok(leaky)),
        exchange(
            22,
            post(Body::Bytes(b"\0\xff'%\\{".to_vec())),
            Err(Fault::Broken(HOSTILE.to_owned())),
        ),
        exchange(23, post(repeat), Err(timed_out)),
        exchange(
            24,
            post(Body::Text(Template(HOSTILE.to_owned()))),
            Ok(answer(413, br#"{"a":1,"a":2}"#)),
        ),
    ];
    let violation = ViolationRecord {
        case: "CAT-11/4".to_owned(),
        tool: Some(HOSTILE.to_owned()),
        known: None,
        summary: format!("the hub answers {HOSTILE}"),
        expected: "a 4xx status".to_owned(),
        observed: format!("status 502 with {HOSTILE}"),
        assertion: None,
        repetition: Repetition::in_order(&exchanges),
        exchanges,
        alike: 0,
        smallest: None,
        sequence: None,
    };
    RequirementResult {
        verdict: Verdict::Violated,
        reason: Some(violation.summary.clone()),
        basis: Basis::Safe,
        cases: 9,
        violation_count: 1,
        violated_tools: [(Some(HOSTILE.to_owned()), 1)].into(),
        tried_tools: [HOSTILE.to_owned()].into(),
        kinds: kinds(std::slice::from_ref(&violation)),
        violations: vec![violation],
        ..result("CAT-11", Level::Must, "Hostile keys are refused")
    }
}

fn warning() -> RequirementResult {
    let exchanges = vec![exchange(31, Call::listing(None), Ok(answer(200, b"[]")))];
    let violation = ViolationRecord {
        case: "CAT-10/1".to_owned(),
        tool: None,
        known: None,
        summary: "two listings differ in their order".to_owned(),
        expected: "the same order".to_owned(),
        observed: "itsm.tickets.get stands first, then second".to_owned(),
        assertion: None,
        repetition: Repetition::in_order(&exchanges),
        exchanges,
        alike: 0,
        smallest: None,
        sequence: None,
    };
    RequirementResult {
        verdict: Verdict::Violated,
        reason: Some(violation.summary.clone()),
        cases: 1,
        violation_count: 1,
        violated_tools: [(None, 1)].into(),
        kinds: kinds(std::slice::from_ref(&violation)),
        violations: vec![violation],
        ..result("CAT-10", Level::Should, "The listing is stable")
    }
}

fn answer(status: u16, body: &[u8]) -> Response {
    Response::new(
        status,
        vec![("content-type".to_owned(), "application/json".to_owned())],
        body.to_vec(),
    )
}

/// An exchange as a session records it.
pub(crate) fn exchange(number: u64, call: Call, result: Result<Response, Fault>) -> Exchange {
    let mut headers = Vec::new();
    let mut push = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
    match &call.credentials {
        Credentials::Absent => {}
        Credentials::Bearer(role) => push("authorization", &format!("Bearer {}", Template::placeholder(*role))),
        Credentials::Values(values) => values.iter().for_each(|value| push("authorization", &value.0)),
    }
    if let Some(kind) = &call.content_type {
        push("content-type", kind);
    }
    push("accept", "application/json");
    push("user-agent", "hubproof/0.1.0");
    push("x-gateway", "<header:x-gateway>");
    let url = format!("https://hub.example/api/v1{}", call.path);
    Exchange {
        number,
        case: "case".to_owned(),
        request: SentRequest {
            method: call.method.clone(),
            url,
            headers,
        },
        call,
        result,
        sent_after: Duration::from_millis(number),
        elapsed: Duration::from_micros(12_345),
    }
}
