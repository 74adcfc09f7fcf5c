//! Violations are shrunk live: against hubs that forget one thing, that fail half-way, and that execute what they should not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hubproof_model::call::{Call, ExecuteBody, Intent};
use hubproof_model::case::Case;
use hubproof_model::event::Event;
use hubproof_model::judgment::Verdict;
use hubproof_model::profile::{Key, Profile};
use hubproof_model::record::{RequirementResult, RunEnd, ViolationRecord};
use hubproof_model::requirement::RequirementId;
use hubproof_model::role::Role;
use hubproof_model::safety::{Allow, Risk};
use hubproof_model::secret::Secret;
use hubproof_requirements::areas::REGISTRY;
use hubproof_requirements::check::Check;
use hubproof_runner::ground::Ground;
use hubproof_runner::interrupt::{Interrupt, StopReason};
use hubproof_runner::options::RunOptions;
use hubproof_runner::plan::{Plan, PlannedCase};
use hubproof_runner::run::{Proof, prove_plan};
use hubproof_runner::select::Selection;
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const TOOL: &str = "itsm.tickets.list";

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "title": {"type": "string", "maxLength": 5},
            "note": {"type": "string"},
            "priority": {"type": "integer"}
        },
        "required": ["title"]
    })
}

/// What a hub answers to an input, and to a dry run of it.
type Answer = dyn Fn(&Value, bool) -> ResponseTemplate + Send + Sync;

fn accepted() -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({"success": true, "data": {}, "connection_id": "c", "duration_ms": 0, "request_id": "r"}))
}

fn failed(status: u16, code: &str) -> ResponseTemplate {
    let error = json!({"code": code, "message": "no", "details": {}});
    ResponseTemplate::new(status).set_body_json(json!({"success": false, "error": error, "request_id": "r"}))
}

/// A hub of one tool, of which a case has been planned.
struct Hub {
    server: MockServer,
    risk: Risk,
    profile: Profile,
}

impl Hub {
    async fn start(risk: Risk, answer: Arc<Answer>) -> Self {
        let server = MockServer::start().await;
        let definition = json!({
            "key": TOOL, "domain": "itsm", "risk_level": risk.to_string(), "input_schema": schema(),
            "output_schema": {}, "connectors": ["vendor"]
        });
        let listing = ResponseTemplate::new(200).set_body_json(json!({"tools": [definition]}));
        let defined = ResponseTemplate::new(200).set_body_json(definition);
        let execute = move |request: &Request| {
            let body: Value = request.body_json().unwrap();
            answer(&body["input"], body["dry_run"] == true)
        };
        let mocks = [
            Mock::given(method("GET"))
                .and(path_regex("/tools$"))
                .respond_with(listing),
            Mock::given(method("GET"))
                .and(path_regex("/tools/[^/]+$"))
                .respond_with(defined),
            Mock::given(method("POST")).respond_with(execute),
        ];
        for mock in mocks {
            mock.mount(&server).await;
        }
        let mut profile = Profile::of_url(server.uri());
        let key = Key {
            secret: Secret::new("hub_sk_test"),
            variable: None,
        };
        profile.keys.by_role.insert(Role::Primary, key);
        Self { server, risk, profile }
    }

    /// A hub with a read tool that enforces everything but `maxLength`.
    async fn forgetful() -> Self {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let is_refused = move |input: &Value| {
            let mut faults = validator.iter_errors(input);
            faults.any(|fault| fault.kind().keyword() != "maxLength")
        };
        let answer = move |input: &Value, _| match is_refused(input) {
            true => failed(400, "INVALID_INPUT"),
            false => accepted(),
        };
        Self::start(Risk::Read, Arc::new(answer)).await
    }

    async fn executes(&self) -> usize {
        let received = self.server.received_requests().await.unwrap();
        received.iter().filter(|request| request.method == "POST").count()
    }

    async fn prove(&self, id: &str, cases: Vec<Case>) -> (Proof, Vec<String>) {
        self.prove_until(id, cases, None).await
    }

    /// Proves the requirement by these cases; gives what was looked for as well. Stops as soon as a smaller input is to be sent,
    /// where a reason is given.
    async fn prove_until(&self, id: &str, cases: Vec<Case>, stop: Option<StopReason>) -> (Proof, Vec<String>) {
        let id: RequirementId = id.parse().unwrap();
        let options = RunOptions {
            cases: 8,
            jobs: 4,
            ..RunOptions::new(Selection::all(), Allow::Admin)
        };
        let check: &'static dyn Check = *REGISTRY.iter().find(|check| check.requirement().id == id).unwrap();
        let ground = Ground::discover(self.profile.clone(), &options, &|_| {}).await.unwrap();
        let planned = cases.into_iter().map(|case| PlannedCase {
            case,
            requirements: vec![id],
        });
        let plan = Plan {
            cases: planned.collect(),
            unexercised: Vec::new(),
        };
        let interrupt = Interrupt::default();
        let searches = std::sync::Mutex::new(Vec::new());
        let events = |event: Event| {
            if let Event::Shrinking { id, tool } = event {
                searches
                    .lock()
                    .unwrap()
                    .push(format!("{id} {}", tool.unwrap_or_default()));
                if let Some(reason) = &stop {
                    interrupt.stop(reason.clone());
                }
            }
        };
        let proof = prove_plan(&ground, &[check], &plan, &options, &interrupt, &events).await;
        (proof, searches.into_inner().unwrap())
    }

    /// A case of a title that is too long, with calls that are dry runs or not.
    fn too_long(&self, number: usize, probe: &Value, is_dry: bool) -> Case {
        let mut control = probe.clone();
        control["title"] = json!("short");
        let call = |input: &Value, label: &str| {
            let body = match is_dry {
                true => ExecuteBody::new(input.clone()).dry().into_json(),
                false => ExecuteBody::new(input.clone()).into_json(),
            };
            Call::post_execute(TOOL, body, Intent::refused(&self.risk)).labelled(label)
        };
        let assertion = json!({
            "keyword": "maxLength", "instance_pointer": "/title", "schema_pointer": "/properties/title/maxLength"
        });
        let calls = vec![call(&control, "control"), call(probe, "probe-1")];
        Case::new(format!("broken-input/{TOOL}/{number}"), "", calls)
            .about(TOOL)
            .with_facts(json!([{"label": "probe-1", "assertion": assertion}]))
    }

    fn valid(&self, input: Value) -> Case {
        let call = Call::post_execute(TOOL, ExecuteBody::new(input).into_json(), Intent::refused(&self.risk));
        Case::new(format!("EXE-01/{TOOL}/1"), "", vec![call])
            .about(TOOL)
            .with_facts(json!({"note": "maximal"}))
    }
}

fn too_long_title() -> Value {
    json!({"title": "a title that is far too long", "note": "and more", "priority": 12})
}

fn only_violation(result: &RequirementResult) -> &ViolationRecord {
    assert_eq!((result.verdict, result.violations.len()), (Verdict::Violated, 1));
    &result.violations[0]
}

/// The inputs of the exchanges that show a violation.
fn inputs(violation: &ViolationRecord) -> Vec<Value> {
    let inputs = violation
        .exchanges
        .iter()
        .map(|exchange| exchange.call.json().unwrap()["input"].clone());
    inputs.collect()
}

#[tokio::test]
async fn the_smallest_input_and_its_control_become_the_evidence() {
    let hub = Hub::forgetful().await;
    let case = hub.too_long(1, &too_long_title(), false);
    let (proof, searches) = hub.prove("EXE-02", vec![case]).await;
    let violation = only_violation(&proof.results[0]);
    let smallest = violation.smallest.as_ref().unwrap();
    assert_eq!(smallest.input, json!({"title": "aaaaaa"}));
    assert!(smallest.settled && smallest.steps > 1, "{smallest:?}");
    assert_eq!(
        inputs(violation),
        [json!({"title": "short"}), json!({"title": "aaaaaa"})]
    );
    let assertion = violation.assertion.as_ref().unwrap();
    assert_eq!(assertion.instance_pointer, "/title");
    assert_eq!(assertion.schema_pointer, "/properties/title/maxLength");
    // Discovery reads the listing and a definition; then the planned case.
    assert_eq!(smallest.first_shown, [3, 4]);
    assert_eq!(hub.executes().await as u64, 2 + smallest.requests);
    assert_eq!(proof.requests, 4 + smallest.requests);
    assert_eq!(violation.case, format!("broken-input/{TOOL}/1"));
    assert_eq!(searches, [format!("EXE-02 {TOOL}")]);
}

#[tokio::test]
async fn a_refused_valid_input_is_shrunk_to_what_is_refused() {
    let is_refused = |input: &Value| input["note"].as_str().is_some_and(|note| note.len() > 2);
    let answer = move |input: &Value, _| match is_refused(input) {
        true => failed(400, "INVALID_INPUT"),
        false => accepted(),
    };
    let hub = Hub::start(Risk::Read, Arc::new(answer)).await;
    let case = hub.valid(json!({"title": "abc", "note": "a longer note", "priority": -7}));
    let (proof, _) = hub.prove("EXE-01", vec![case]).await;
    let violation = only_violation(&proof.results[0]);
    let smallest = violation.smallest.as_ref().unwrap();
    assert_eq!(smallest.input, json!({"title": "", "note": "aaa"}));
    assert_eq!(inputs(violation), [json!({"title": "", "note": "aaa"})]);
}

#[tokio::test]
async fn the_same_target_gives_the_same_smallest_input() {
    let mut found = Vec::new();
    for _ in 0..2 {
        let hub = Hub::forgetful().await;
        let probes = [too_long_title(), json!({"title": "another one", "note": "x"})];
        let cases = probes.iter().enumerate();
        let cases = cases.map(|(at, probe)| hub.too_long(at, probe, false)).collect();
        let (proof, searches) = hub.prove("EXE-02", cases).await;
        let violation = only_violation(&proof.results[0]);
        assert_eq!((violation.alike, searches.len()), (1, 1));
        assert_eq!(violation.case, format!("broken-input/{TOOL}/0"));
        found.push(violation.smallest.as_ref().unwrap().steps);
    }
    assert_eq!(found[0], found[1]);
}

#[tokio::test]
async fn what_goes_wrong_otherwise_is_no_step() {
    // Short titles crash it: a crash is a violation too, but not this one.
    let answer = |input: &Value, _| match input["title"].as_str().map(str::len) {
        Some(..=5) => accepted(),
        Some(6..=9) => failed(500, "INTERNAL"),
        _ => accepted(),
    };
    let hub = Hub::start(Risk::Read, Arc::new(answer)).await;
    let case = hub.too_long(1, &too_long_title(), false);
    let (proof, _) = hub.prove("EXE-02", vec![case]).await;
    let violation = only_violation(&proof.results[0]);
    assert_eq!(violation.observed, "HTTP 200, success");
    assert_eq!(
        violation.smallest.as_ref().unwrap().input,
        json!({"title": "aaaaaaaaaa"})
    );
}

#[tokio::test]
async fn a_violation_that_does_not_come_again_stands() {
    let asked = AtomicUsize::new(0);
    let answer = move |input: &Value, _| {
        let is_long = input["title"].as_str().is_some_and(|title| title.len() > 5);
        match is_long && asked.fetch_add(1, Ordering::Relaxed) > 0 {
            true => failed(400, "INVALID_INPUT"),
            false => accepted(),
        }
    };
    let hub = Hub::start(Risk::Read, Arc::new(answer)).await;
    let case = hub.too_long(1, &too_long_title(), false);
    let (proof, _) = hub.prove("EXE-02", vec![case]).await;
    let violation = only_violation(&proof.results[0]);
    let smallest = violation.smallest.as_ref().unwrap();
    assert_eq!((smallest.steps, &smallest.input), (0, &too_long_title()));
    assert_eq!(inputs(violation)[1], too_long_title());
    assert_eq!(smallest.first_shown, [3, 4]);
}

#[tokio::test]
async fn a_target_that_throttles_or_breaks_off_ends_the_search() {
    for (status, code) in [(429, "RATE_LIMITED"), (200, "")] {
        let asked = AtomicUsize::new(0);
        // Four answers: control and probe, and the first step. Then it throttles, or takes longer than the profile waits.
        let answer = move |_: &Value, _| match asked.fetch_add(1, Ordering::Relaxed) {
            ..4 => accepted(),
            _ if status == 429 => failed(status, code).insert_header("retry-after", "0"),
            _ => accepted().set_delay(Duration::from_secs(60)),
        };
        let mut hub = Hub::start(Risk::Read, Arc::new(answer)).await;
        hub.profile.target.timeout = Duration::from_millis(500);
        let case = hub.too_long(1, &too_long_title(), false);
        let (proof, _) = hub.prove("EXE-02", vec![case]).await;
        let smallest = only_violation(&proof.results[0]).smallest.clone().unwrap();
        assert!(!smallest.settled && smallest.steps == 1, "{smallest:?}");
        assert!(smallest.requests < 20, "{smallest:?}");
    }
}

#[tokio::test]
async fn a_search_keeps_to_its_budget() {
    let is_refused = |input: &Value| input["note"].as_str().is_some_and(|note| note.len() > 500);
    let answer = move |input: &Value, _| match is_refused(input) {
        true => failed(400, "INVALID_INPUT"),
        false => accepted(),
    };
    let hub = Hub::start(Risk::Read, Arc::new(answer)).await;
    let case = hub.valid(json!({"title": "", "note": "x".repeat(999)}));
    let (proof, _) = hub.prove("EXE-01", vec![case]).await;
    let smallest = only_violation(&proof.results[0]).smallest.clone().unwrap();
    assert!(!smallest.settled && smallest.steps > 10, "{smallest:?}");
    assert_eq!(smallest.requests, 150);
}

#[tokio::test]
async fn the_profiles_budget_is_kept_and_the_violation_stands() {
    let mut hub = Hub::forgetful().await;
    hub.profile.safety.max_requests = Some(7);
    let case = hub.too_long(1, &too_long_title(), false);
    let (proof, _) = hub.prove("EXE-02", vec![case]).await;
    let smallest = only_violation(&proof.results[0]).smallest.clone().unwrap();
    assert!(!smallest.settled, "{smallest:?}");
    assert_eq!((proof.requests, smallest.requests, hub.executes().await), (7, 3, 5));
    assert_eq!(proof.end, RunEnd::Complete);
}

#[tokio::test]
async fn nothing_is_sent_where_the_requirement_holds() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let answer = move |input: &Value, _| match validator.is_valid(input) {
        true => accepted(),
        false => failed(400, "INVALID_INPUT"),
    };
    let hub = Hub::start(Risk::Read, Arc::new(answer)).await;
    let case = hub.too_long(1, &too_long_title(), false);
    let (proof, searches) = hub.prove("EXE-02", vec![case]).await;
    assert_eq!(proof.results[0].verdict, Verdict::Held);
    assert_eq!((hub.executes().await, searches.len()), (2, 0));
}

#[tokio::test]
async fn state_changing_tools_are_shrunk_by_dry_runs_alone() {
    let real = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&real);
    let answer = move |_: &Value, is_dry: bool| {
        counted.fetch_add(usize::from(!is_dry), Ordering::Relaxed);
        accepted()
    };
    let hub = Hub::start(Risk::Write, Arc::new(answer)).await;
    let cases = vec![
        hub.too_long(1, &too_long_title(), false),
        hub.too_long(2, &too_long_title(), true),
    ];
    let (proof, _) = hub.prove("EXE-02", cases).await;
    let violations = &proof.results[0].violations;
    assert_eq!(violations.len(), 2);
    assert_eq!(violations[0].smallest, None);
    assert_eq!(inputs(&violations[0])[1], too_long_title());
    assert_eq!(
        violations[1].smallest.as_ref().unwrap().input,
        json!({"title": "aaaaaa"})
    );
    assert!(
        violations[1]
            .exchanges
            .iter()
            .all(|exchange| exchange.call.is_dry_run())
    );
    assert_eq!(real.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_run_that_is_stopped_sends_nothing_more() {
    let limit = StopReason::TimeLimit(Duration::from_secs(1));
    for reason in [limit, StopReason::Signal] {
        let hub = Hub::forgetful().await;
        let case = hub.too_long(1, &too_long_title(), false);
        let (proof, _) = hub.prove_until("EXE-02", vec![case], Some(reason.clone())).await;
        let violation = only_violation(&proof.results[0]);
        assert_eq!((hub.executes().await, &violation.smallest), (2, &None));
        assert_eq!(inputs(violation)[1], too_long_title());
        let is_complete = proof.end == RunEnd::Complete;
        assert_eq!(is_complete, reason != StopReason::Signal, "{:?}", proof.end);
    }
}
