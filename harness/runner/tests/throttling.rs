//! Targets that throttle: which calls wait and are sent again, and what is said of it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Mutex;

use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::Case;
use hubproof_model::event::{Event, Throttling};
use hubproof_model::profile::{Key, Profile};
use hubproof_model::role::Role;
use hubproof_model::secret::Secret;
use hubproof_runner::execute::{ExecutedCase, execute};
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::plan::{Plan, PlannedCase};
use hubproof_runner::vendors::PlayedVendors;
use hubproof_wire::{Session, SessionOptions};
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// What comes of one listing with the key of a role, and which waits were told of.
async fn listing(answers: Vec<ResponseTemplate>, role: Role) -> (ExecutedCase, Vec<(Option<Role>, Throttling)>) {
    let server = MockServer::start().await;
    let last = answers.len() - 1;
    for (index, answer) in answers.into_iter().enumerate() {
        let mock = Mock::given(any()).respond_with(answer);
        let times = if index == last { u64::MAX } else { 1 };
        mock.up_to_n_times(times).mount(&server).await;
    }
    let mut profile = Profile::of_url(server.uri());
    let key = Key {
        secret: Secret::new("hub_sk_test"),
        variable: None,
    };
    profile.keys.by_role.insert(role, key);
    let session = Session::new(&profile, SessionOptions::default()).unwrap();
    let call = Call::listing(None).with_credentials(Credentials::Bearer(role));
    let planned = PlannedCase {
        case: Case::new("x", "", vec![call]),
        requirements: Vec::new(),
    };
    let plan = Plan {
        cases: vec![planned],
        unexercised: Vec::new(),
    };
    let told = Mutex::new(Vec::new());
    let events = |event: Event| {
        if let Event::Throttled { role, why, .. } = event {
            told.lock().unwrap().push((role, why));
        }
    };
    let mut executed = None;
    let interrupt = Interrupt::default();
    execute(
        (&session, &profile),
        &PlayedVendors::default(),
        &plan,
        1,
        &interrupt,
        &events,
        |case| {
            executed = Some(case);
        },
    )
    .await;
    (executed.unwrap(), told.into_inner().unwrap())
}

fn throttled() -> ResponseTemplate {
    let error = json!({"code": "RATE_LIMITED", "message": "slow down", "details": {}});
    ResponseTemplate::new(429)
        .insert_header("retry-after", "0")
        .set_body_json(json!({"success": false, "error": error, "request_id": "r"}))
}

fn served() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"tools": []}))
}

#[tokio::test]
async fn a_throttled_call_is_sent_again_until_it_is_served() {
    let (executed, told) = listing(vec![throttled(), throttled(), served()], Role::Primary).await;
    assert_eq!(executed.exchanges[0].response().unwrap().status, 200);
    assert_eq!(executed.beside.len(), 2);
    assert_eq!(told, [(Some(Role::Primary), Throttling::Refused); 2]);
}

#[tokio::test]
async fn a_key_that_is_there_to_be_exhausted_is_never_sent_again() {
    for role in [Role::Throttled, Role::SharedA, Role::SharedB] {
        let (executed, told) = listing(vec![throttled(), served()], role).await;
        assert_eq!(executed.exchanges[0].response().unwrap().status, 429);
        assert!(executed.beside.is_empty() && told.is_empty());
    }
}

#[tokio::test]
async fn a_budget_that_is_spent_is_told_of_by_role() {
    let spent = served()
        .insert_header("x-ratelimit-limit", "5")
        .insert_header("x-ratelimit-remaining", "0")
        .insert_header("x-ratelimit-reset", "30");
    let (executed, told) = listing(vec![spent.clone()], Role::Foreign).await;
    assert_eq!(executed.exchanges.len(), 1);
    assert_eq!(
        told,
        [(Some(Role::Foreign), Throttling::NearlySpent { remaining: 0.0 })]
    );
    let (_, told) = listing(vec![spent], Role::Throttled).await;
    assert!(told.is_empty());
}
