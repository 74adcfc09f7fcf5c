//! Limits are exhausted on purpose: how many calls that takes, when it is not done, and which calls are sent but once.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};

use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::{Case, Done, Exhaustion, Manner, Once, Step};
use hubproof_model::exchange::Exchange;
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
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// A hub that tells this limit, and lets so many calls through.
async fn play(told: Option<&str>, lets_through: usize, steps: Vec<Step>) -> ExecutedCase {
    play_exhausted(0, told, lets_through, steps).await
}

/// The same, once it has refused so many calls.
async fn play_exhausted(refused: usize, told: Option<&str>, lets_through: usize, steps: Vec<Step>) -> ExecutedCase {
    let server = MockServer::start().await;
    let called = AtomicUsize::new(0);
    let told = told.map(str::to_owned);
    let respond = move |_: &Request| {
        let called = called.fetch_add(1, Ordering::Relaxed).checked_sub(refused);
        let left = called.and_then(|called| lets_through.checked_sub(called + 1));
        let answer = match left.is_some() {
            true => ResponseTemplate::new(200).set_body_json(json!({"tools": []})),
            false => {
                let error = json!({"code": "RATE_LIMITED", "message": "slow down", "details": {}});
                ResponseTemplate::new(429).set_body_json(json!({"success": false, "error": error, "request_id": "r"}))
            }
        };
        match &told {
            Some(limit) => answer
                .insert_header("x-ratelimit-limit", limit.as_str())
                .insert_header("x-ratelimit-remaining", left.unwrap_or_default().to_string())
                .insert_header("x-ratelimit-reset", "1"),
            None => answer,
        }
    };
    Mock::given(any()).respond_with(respond).mount(&server).await;
    let mut profile = Profile::of_url(server.uri());
    for role in [Role::Primary, Role::Throttled] {
        let secret = Secret::new(format!("hub_sk_{role}"));
        profile.keys.by_role.insert(role, Key { secret, variable: None });
    }
    let session = Session::new(&profile, SessionOptions::default()).unwrap();
    let planned = PlannedCase {
        case: Case::of_steps("x", "", steps),
        requirements: Vec::new(),
    };
    let plan = Plan {
        cases: vec![planned],
        unexercised: Vec::new(),
    };
    let mut executed = None;
    let interrupt = Interrupt::default();
    execute(
        (&session, &profile),
        &PlayedVendors::default(),
        &plan,
        1,
        &interrupt,
        &|_| {},
        |case| executed = Some(case),
    )
    .await;
    executed.unwrap()
}

fn throttled(label: &str) -> Call {
    let credentials = Credentials::Bearer(Role::Throttled);
    Call::listing(None).with_credentials(credentials).labelled(label)
}

fn exhausting(manner: Manner) -> Vec<Step> {
    let exhaustion = Exhaustion::new("burst", throttled("burst"), manner);
    vec![Step::call(throttled("before")), Step::Exhaust(Box::new(exhaustion))]
}

fn sent(executed: &ExecutedCase) -> Result<u64, String> {
    match executed.deeds[0].outcome.clone()? {
        Done::Exhausted { sent, .. } => Ok(sent),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn calls_one_by_one_end_with_two_refusals_and_one_that_comes_late() {
    let executed = play(Some("20"), 20, exhausting(Manner::OneByOne)).await;
    // The first call has taken one of the twenty.
    assert_eq!(sent(&executed), Ok(19 + 2 + 1));
    let [.., second, late] = executed.exchanges.as_slice() else {
        panic!("{executed:?}")
    };
    let pause = late.sent_after - (second.sent_after + second.elapsed);
    assert!(
        pause.as_millis() >= 200,
        "two of twenty in a second, and one more for rounding: {pause:?}"
    );
    let labels: Vec<_> = executed.exchanges.iter().map(|sent| sent.call.label.as_str()).collect();
    assert_eq!((labels[0], labels[1], labels[22]), ("before", "burst/1", "burst/22"));
}

#[tokio::test]
async fn a_window_of_which_nothing_was_left_is_followed_by_a_whole_one() {
    let executed = play_exhausted(3, Some("20"), 20, exhausting(Manner::OneByOne)).await;
    assert_eq!(sent(&executed), Ok(2 + 20 + 2 + 1));
    let [_, _, second, first_served, ..] = executed.exchanges.as_slice() else {
        panic!("{executed:?}")
    };
    let status = |exchange: &Exchange| exchange.response().unwrap().status;
    assert_eq!((status(second), status(first_served)), (429, 200));
    let pause = first_served.sent_after - (second.sent_after + second.elapsed);
    assert!(pause.as_millis() >= 1000, "the Reset that was told: {pause:?}");
}

#[tokio::test]
async fn a_key_that_stays_shut_is_not_waited_for_for_ever_and_one_of_a_single_call_not_at_all() {
    let shut = play_exhausted(usize::MAX, Some("20"), 20, exhausting(Manner::OneByOne)).await;
    assert_eq!(sent(&shut), Ok(2 + 2 + 2 + 1));
    let single = play(Some("1"), 1, exhausting(Manner::OneByOne)).await;
    assert_eq!(sent(&single), Ok(2));
}

#[tokio::test]
async fn calls_at_once_are_a_quarter_more_than_the_limit_and_again_while_none_is_refused() {
    let executed = play(Some("40"), 40, exhausting(Manner::AtOnce)).await;
    assert_eq!(sent(&executed), Ok(50));
    let lax = play(Some("8"), usize::MAX, exhausting(Manner::AtOnce)).await;
    assert_eq!(sent(&lax), Ok(3 * 13));
}

#[tokio::test]
async fn what_was_not_exhausted_is_not_waited_for() {
    let mut steps = exhausting(Manner::OneByOne);
    steps.push(Step::AwaitReset(Role::Throttled));
    steps.push(Step::AfterReset(Box::new(throttled("after"))));
    let executed = play(Some("1000000"), 1_000_000, steps).await;
    let waited = executed.deeds.iter().filter(|deed| deed.label.starts_with("reset"));
    let why: Vec<_> = waited.map(|deed| deed.outcome.clone().unwrap_err()).collect();
    assert!(
        why.len() == 2 && why.iter().all(|why| why.contains("none above")),
        "{why:?}"
    );
    assert!(executed.exchanges.iter().all(|exchange| exchange.call.label != "after"));
}

#[tokio::test]
async fn a_limit_that_is_not_told_or_too_large_is_not_exhausted_and_says_what_to_do() {
    let untold = play(None, usize::MAX, exhausting(Manner::OneByOne)).await;
    assert!(
        sent(&untold).unwrap_err().contains("[dialect] limit_header"),
        "{untold:?}"
    );
    let large = play(Some("2001"), usize::MAX, exhausting(Manner::AtOnce)).await;
    assert!(
        sent(&large).unwrap_err().contains("name a key with a smaller one"),
        "{large:?}"
    );
    assert_eq!((untold.exchanges.len(), large.exchanges.len()), (1, 1));
}

#[tokio::test]
async fn a_call_that_goes_out_once_is_not_sent_again_and_is_like_the_one_that_was_served() {
    let primary = Call::definition("a.b.c").labelled("other");
    let once = Once {
        call: primary,
        like: vec!["before".to_owned()],
    };
    let executed = play(
        Some("1"),
        1,
        vec![Step::call(throttled("before")), Step::Once(vec![once])],
    )
    .await;
    let [_, other] = executed.exchanges.as_slice() else {
        panic!("{executed:?}")
    };
    assert_eq!(other.response().unwrap().status, 429);
    assert!(executed.beside.is_empty());
    assert_eq!(
        (other.call.label.as_str(), other.call.path.0.as_str()),
        ("other", "/tools")
    );
    assert_eq!(other.call.credentials, Credentials::Bearer(Role::Primary));
}
