//! What should show is given some moments even where the profile says nothing of them; what should not show is not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};

use hubproof_model::call::{Call, Intent};
use hubproof_model::case::{Case, Observation, Step, Until};
use hubproof_model::profile::{Key, Profile};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::secret::Secret;
use hubproof_runner::execute::execute;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::plan::{Plan, PlannedCase};
use hubproof_runner::vendors::PlayedVendors;
use hubproof_wire::{Session, SessionOptions};
use serde_json::{Value, json};
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// How often a hub is read whose listing shows a record at the third look, and what the last look showed; where the write succeeds, or not.
async fn looks(writes: bool, until: Until) -> (usize, Value) {
    let server = MockServer::start().await;
    let looked = std::sync::Arc::new(AtomicUsize::new(0));
    let write = match writes {
        true => ResponseTemplate::new(200).set_body_json(json!({"success": true, "data": {"id": 1}})),
        false => ResponseTemplate::new(403).set_body_json(json!({"success": false, "error": {"code": "FORBIDDEN"}})),
    };
    let counted = looked.clone();
    let list = move |_: &wiremock::Request| {
        let shown = match counted.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => json!([]),
            _ => json!([{"id": 1, "title": "m"}]),
        };
        ResponseTemplate::new(200).set_body_json(json!({"success": true, "data": {"items": shown}}))
    };
    let mocks = [
        Mock::given(path_regex("make/execute$")).respond_with(write),
        Mock::given(path_regex("list/execute$")).respond_with(list),
    ];
    for mock in mocks {
        server.register(mock).await;
    }
    let mut profile = Profile::of_url(server.uri());
    let secret = Secret::new("hub_sk_primary".to_owned());
    let key = Key { secret, variable: None };
    profile.keys.by_role.insert(Role::Primary, key);
    let options = SessionOptions {
        allow: Allow::Admin,
        ..SessionOptions::default()
    };
    let session = Session::new(&profile, options).unwrap();
    let made = Call::post_execute("a.b.make", json!({"input": {}}), Intent::Execute(Allow::Write));
    let observation = Observation {
        read: Call::post_execute("a.b.list", json!({"input": {}}), Intent::Read).labelled("look"),
        pages: None,
        // A record in a listing is told by its marker.
        holding: matches!(until, Until::Present).then(|| "m".to_owned()),
        until,
    };
    let steps = vec![Step::call(made), Step::Observe(Box::new(observation))];
    let plan = Plan {
        cases: vec![PlannedCase {
            case: Case::of_steps("x", "", steps),
            requirements: Vec::new(),
        }],
        unexercised: Vec::new(),
    };
    let mut last = Value::Null;
    execute(
        (&session, &profile),
        &PlayedVendors::default(),
        &plan,
        1,
        &Interrupt::default(),
        &|_| {},
        |case| {
            let look = case.exchanges.iter().find(|exchange| exchange.call.label == "look");
            last = look.unwrap().json().unwrap()["data"]["items"].clone();
        },
    )
    .await;
    (looked.load(Ordering::Relaxed), last)
}

fn marker(count: u64) -> (String, u64) {
    ("m".to_owned(), count)
}

#[tokio::test]
async fn an_effect_that_shows_late_is_waited_for() {
    let (marker, count) = marker(1);
    let (looked, last) = looks(true, Until::Reaches { marker, count }).await;
    assert_eq!((looked, last.as_array().unwrap().len()), (3, 1));
}

#[tokio::test]
async fn a_record_that_is_to_be_changed_is_waited_for_in_its_listing() {
    let (looked, last) = looks(true, Until::Present).await;
    assert_eq!((looked, last.as_array().unwrap().len()), (3, 1));
}

#[tokio::test]
async fn what_was_refused_has_no_effect_to_wait_for() {
    let (marker, count) = marker(1);
    let (looked, last) = looks(false, Until::Reaches { marker, count }).await;
    assert_eq!((looked, last.as_array().unwrap().len()), (1, 0));
}

#[tokio::test]
async fn what_should_not_show_is_given_the_profiles_time_alone() {
    let (marker, count) = marker(0);
    let (looked, _) = looks(true, Until::Exceeds { marker, count }).await;
    assert_eq!(looked, 1);
}
