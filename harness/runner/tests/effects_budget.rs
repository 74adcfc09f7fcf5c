//! The budget of real executes (`max_effects`): what a case may still send once it is spent.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use hubproof_model::call::{Call, Credentials, Intent};
use hubproof_model::case::{Case, Step};
use hubproof_model::exchange::Fault;
use hubproof_model::profile::Profile;
use hubproof_model::safety::Allow;
use hubproof_runner::execute::execute;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::plan::{Plan, PlannedCase};
use hubproof_runner::vendors::PlayedVendors;
use hubproof_wire::{Session, SessionOptions};
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn call(label: &str, intent: Intent) -> Call {
    Call::post_execute("itsm.tickets.create", json!({"input": {}}), intent)
        .with_credentials(Credentials::Absent)
        .labelled(label)
}

/// A replay that would execute nothing beside its first call would execute in its place.
#[tokio::test]
async fn a_replay_of_what_was_not_sent_is_not_sent_either() {
    let server = MockServer::start().await;
    let answer = json!({"success": true, "data": {}, "connection_id": "c", "duration_ms": 1, "request_id": "r"});
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(&server)
        .await;
    let profile = Profile::of_url(server.uri());
    let options = SessionOptions {
        allow: Allow::Write,
        max_effects: Some(1),
        ..SessionOptions::default()
    };
    let session = Session::new(&profile, options).unwrap();
    let steps = [
        ("replay without a first call", Intent::Refused),
        ("first", Intent::Execute(Allow::Write)),
        ("replay", Intent::Refused),
        ("beyond the budget", Intent::Execute(Allow::Write)),
        ("replay beyond the budget", Intent::Refused),
        ("read", Intent::Read),
    ];
    let steps = steps.map(|(label, intent)| Step::call(call(label, intent)));
    let plan = Plan {
        cases: vec![PlannedCase {
            case: Case::of_steps("x", "", steps.into()),
            requirements: Vec::new(),
        }],
        unexercised: Vec::new(),
    };
    let mut unsent = Vec::new();
    execute(
        (&session, &profile),
        &PlayedVendors::default(),
        &plan,
        1,
        &Interrupt::default(),
        &|_| {},
        |case| {
            let spent = |fault: &Fault| matches!(fault, Fault::EffectsSpent(1));
            let exchanges = case.exchanges.iter();
            let withheld = exchanges.filter(|exchange| exchange.result.as_ref().is_err_and(spent));
            unsent.extend(withheld.map(|exchange| exchange.call.label.clone()));
        },
    )
    .await;
    assert_eq!(unsent, ["beyond the budget", "replay beyond the budget"]);
    assert_eq!(server.received_requests().await.unwrap().len(), 4);
}
