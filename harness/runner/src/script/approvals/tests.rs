//! The drivers, each on a hub that gates one tool: what they do, and what they say where they cannot.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod command;
mod http;
mod manual;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hubproof_model::approval::{ApprovalRequest, Driver, HttpDriver};
use hubproof_model::call::{Call, Intent};
use hubproof_model::case::{ApprovalVerdict, Case, Decide, Done, EntryCount, EntryLook, Step};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::Outcome;
use hubproof_model::profile::{Key, Profile};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::secret::Secret;
use hubproof_wire::{Session, SessionOptions};
use serde_json::{Value, json};
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::script::{Played, Stage};

const APPROVER: &str = "the-approvers-own-key";
const KEY: &str = "hubproof-test-key";

/// An entry of the hub's Approvals.
#[derive(Clone)]
struct Entry {
    key: String,
    status: &'static str,
}

/// What the hub remembers.
#[derive(Default)]
struct Memory {
    entries: Vec<Entry>,
    /// How often a call has executed.
    executed: usize,
    /// How often a rejection was asked for.
    rejections: usize,
    /// For how many listings a decision is not taken in yet.
    lag: usize,
    /// The decisions that wait for that.
    late: Vec<(usize, &'static str)>,
}

/// A hub that gates one tool.
struct Hub {
    server: MockServer,
    memory: Arc<Mutex<Memory>>,
    profile: Profile,
}

impl Hub {
    async fn start() -> Self {
        let server = MockServer::start().await;
        let mut profile = Profile::of_url(server.uri());
        for (role, secret) in [(Role::Primary, "primary-secret-key"), (Role::Approver, APPROVER)] {
            let key = Key {
                secret: Secret::new(secret.to_owned()),
                variable: None,
            };
            profile.keys.by_role.insert(role, key);
        }
        profile.approvals.wait = Duration::from_millis(400);
        let hub = Self {
            server,
            memory: Arc::default(),
            profile,
        };
        hub.answer_executes().await;
        hub.answer_approvers().await;
        hub
    }

    fn driven_by(mut self, driver: Driver) -> Self {
        self.profile.approvals.driver = Some(driver);
        self
    }

    async fn answer_executes(&self) {
        let memory = Arc::clone(&self.memory);
        let execute = move |request: &Request| {
            let body: Value = request.body_json().unwrap();
            let key = body["idempotency_key"].as_str().unwrap_or_default().to_owned();
            let mut memory = memory.lock().unwrap();
            let at = memory
                .entries
                .iter()
                .position(|entry| entry.key == key)
                .unwrap_or_else(|| {
                    memory.entries.push(Entry { key, status: "pending" });
                    memory.entries.len() - 1
                });
            let refusal = |status: u16, code: &str, standing: &str| {
                let details = json!({"approval_id": format!("apr_{at}"), "status": standing});
                envelope(
                    status,
                    json!({"success": false, "error": {"code": code, "message": "no", "details": details}}),
                )
            };
            match memory.entries[at].status {
                "approved" => {
                    memory.executed = 1;
                    envelope(200, json!({"success": true, "data": {"done": true}}))
                }
                "rejected" => refusal(403, "FORBIDDEN", "rejected"),
                waiting => refusal(403, "APPROVAL_REQUIRED", waiting),
            }
        };
        let mock = Mock::given(method("POST"))
            .and(path_regex("/execute$"))
            .respond_with(execute);
        self.server.register(mock).await;
    }

    async fn answer_approvers(&self) {
        let of_approver = |request: &Request| request.headers["authorization"] == format!("Bearer {APPROVER}").as_str();
        let memory = Arc::clone(&self.memory);
        let list = move |request: &Request| {
            if !of_approver(request) {
                return ResponseTemplate::new(403);
            }
            let mut memory = memory.lock().unwrap();
            if !memory.late.is_empty() {
                memory.lag -= 1;
            }
            if memory.lag == 0 {
                for (at, status) in std::mem::take(&mut memory.late) {
                    memory.entries[at].status = status;
                }
            }
            let shown = memory
                .entries
                .iter()
                .enumerate()
                .filter(|(_, entry)| entry.status == "pending");
            let shown: Vec<_> = shown
                .map(|(at, entry)| json!({"id": format!("apr_{at}"), "key": entry.key}))
                .collect();
            envelope(200, json!({"approvals": shown}))
        };
        let memory = Arc::clone(&self.memory);
        let decide = move |request: &Request| {
            if !of_approver(request) {
                return ResponseTemplate::new(403);
            }
            let mut parts = request.url.path().rsplit('/');
            let status = match parts.next().unwrap() {
                "approve" => "approved",
                _ => "rejected",
            };
            let at: usize = parts.next().unwrap().trim_start_matches("apr_").parse().unwrap();
            decided(&mut memory.lock().unwrap(), at, status)
        };
        let mocks = [
            Mock::given(method("GET")).and(path("/approvals")).respond_with(list),
            Mock::given(method("POST"))
                .and(path_regex("^/approvals/"))
                .respond_with(decide),
        ];
        for mock in mocks {
            self.server.register(mock).await;
        }
    }

    /// A session with the hub.
    fn session(&self) -> Session {
        let options = SessionOptions {
            allow: Allow::Admin,
            ..SessionOptions::default()
        };
        Session::new(&self.profile, options).unwrap()
    }

    /// Plays steps on the hub.
    async fn play(&self, steps: Vec<Step>) -> Played {
        self.play_telling(steps, &|_| {}).await
    }

    async fn play_telling(&self, steps: Vec<Step>, events: &(dyn Fn(Event) + Sync)) -> Played {
        let session = self.session();
        let stage = Stage::new(&session, &self.profile, events);
        stage.play(&Case::of_steps("a-case", "", steps)).await
    }

    fn entries(&self) -> Vec<&'static str> {
        self.memory
            .lock()
            .unwrap()
            .entries
            .iter()
            .map(|entry| entry.status)
            .collect()
    }
}

fn decided(memory: &mut Memory, at: usize, status: &'static str) -> ResponseTemplate {
    memory.rejections += usize::from(status == "rejected");
    match memory.entries[at].status {
        "pending" if memory.lag > 0 => {
            memory.late.push((at, status));
            envelope(202, json!({}))
        }
        "pending" => {
            memory.entries[at].status = status;
            envelope(200, json!({}))
        }
        _ => envelope(409, json!({"success": false})),
    }
}

fn envelope(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// The http driver with the paths that it has by default.
fn http_driver() -> HttpDriver {
    let request = |method: &str, path: &str| ApprovalRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        body: None,
    };
    HttpDriver {
        list: request("GET", "/approvals?status=pending"),
        entries: "/approvals".to_owned(),
        id: "/id".to_owned(),
        approve: request("POST", "/approvals/<id>/approve"),
        reject: request("POST", "/approvals/<id>/reject"),
    }
}

/// A call of the gated tool.
fn gated(label: &str) -> Step {
    let body = json!({"input": {"order": 7}, "idempotency_key": KEY});
    Step::call(Call::post_execute("shop.refunds.create", body, Intent::Refused).labelled(label))
}

fn decide(label: &str, verdict: ApprovalVerdict) -> Step {
    Step::Decide(Decide {
        label: label.to_owned(),
        verdict,
        of: "asked".to_owned(),
    })
}

fn count(expected: u64) -> Step {
    Step::CountEntries(EntryCount {
        label: "entries".to_owned(),
        of: "asked".to_owned(),
        expected,
        least: expected,
    })
}

fn show() -> Step {
    Step::ShowEntry(EntryLook {
        label: "entry".to_owned(),
        of: "asked".to_owned(),
    })
}

/// What came of the step of this label.
fn deed<'p>(played: &'p Played, label: &str) -> &'p Result<Done, String> {
    &played.deeds.iter().find(|deed| deed.label == label).unwrap().outcome
}

/// Why the step of this label was not done.
fn why<'p>(played: &'p Played, label: &str) -> &'p str {
    deed(played, label).as_ref().unwrap_err()
}

fn outcome(played: &Played, label: &str) -> Outcome {
    let exchange: Option<&Exchange> = played.exchanges.iter().find(|exchange| exchange.call.label == label);
    Outcome::of(exchange.unwrap())
}

#[tokio::test]
async fn without_a_driver_nobody_decides_and_the_rest_goes_on() {
    let hub = Hub::start().await;
    let steps = vec![
        gated("asked"),
        count(1),
        decide("approval", ApprovalVerdict::Approve),
        gated("replay"),
    ];
    let played = hub.play(steps).await;
    for label in ["entries", "approval"] {
        assert_eq!(
            why(&played, label),
            "nobody decides approvals here: name a driver in [approvals]"
        );
    }
    assert_eq!(outcome(&played, "replay").to_string(), "APPROVAL_REQUIRED");
}
