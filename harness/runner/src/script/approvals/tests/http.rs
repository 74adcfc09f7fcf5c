//! The http driver.

use std::time::{Duration, Instant};

use hubproof_model::call::Endpoint;
use hubproof_model::side_effects::{Fate, WaitingEntry};

use super::*;

async fn hub() -> Hub {
    Hub::start().await.driven_by(Driver::Http(http_driver()))
}

#[tokio::test]
async fn an_approved_call_executes_and_its_entry_is_counted_and_shown() {
    let hub = hub().await;
    let approve = decide("approval", ApprovalVerdict::Approve);
    let played = hub
        .play(vec![gated("asked"), count(1), show(), approve, gated("replay")])
        .await;
    assert_eq!(deed(&played, "entries"), &Ok(Done::Entries(1)));
    let entry = Done::Entry {
        id: "apr_0".to_owned(),
        shown: json!({"id": "apr_0", "key": KEY}),
    };
    assert_eq!(deed(&played, "entry"), &Ok(entry));
    assert_eq!(deed(&played, "approval"), &Ok(Done::Decided));
    assert_eq!(outcome(&played, "replay"), Outcome::Success);
    // Nothing judges an approver's requests, and they are in the log all the same.
    assert_eq!(played.exchanges.len(), 2);
    assert!(
        played
            .beside
            .iter()
            .all(|exchange| exchange.call.endpoint == Endpoint::Approvals)
    );
    // Counted, shown, found, approved, and seen to be approved.
    assert_eq!(played.beside.len(), 5);
}

#[tokio::test]
async fn a_decision_that_is_taken_in_later_is_waited_for() {
    let hub = hub().await;
    hub.memory.lock().unwrap().lag = 3;
    let approve = decide("approval", ApprovalVerdict::Approve);
    let played = hub.play(vec![gated("asked"), approve, gated("replay")]).await;
    assert_eq!(deed(&played, "approval"), &Ok(Done::Decided));
    assert_eq!(outcome(&played, "replay"), Outcome::Success);
}

#[tokio::test]
async fn what_waits_still_is_withdrawn_and_what_is_not_the_runs_is_left() {
    let hub = hub().await;
    let (session, events) = (hub.session(), |_: Event| {});
    let stage = Stage::new(&session, &hub.profile, &events);
    let played = stage.play(&Case::of_steps("a-case", "", vec![gated("asked")])).await;
    let gated: Vec<_> = played.exchanges.iter().collect();
    let (none, _) = stage.withdraw(&gated, &|_| false).await;
    assert!(none.is_empty() && hub.entries() == ["pending"]);
    let (waiting, sent) = stage.withdraw(&gated, &|entry| entry.to_string().contains(KEY)).await;
    let withdrawn = WaitingEntry {
        id: "apr_0".to_owned(),
        fate: Fate::Removed,
    };
    assert_eq!((waiting, sent.len()), (vec![withdrawn], 2));
    assert_eq!(hub.entries(), ["rejected"]);
}

#[tokio::test]
async fn a_rejected_call_does_not() {
    let hub = hub().await;
    let reject = decide("rejection", ApprovalVerdict::Reject);
    let played = hub.play(vec![gated("asked"), reject, gated("replay")]).await;
    assert_eq!(deed(&played, "rejection"), &Ok(Done::Decided));
    assert_eq!(outcome(&played, "replay").to_string(), "FORBIDDEN");
}

#[tokio::test]
async fn a_second_decision_goes_to_the_same_entry_and_may_be_refused() {
    let hub = hub().await;
    let steps = vec![
        gated("asked"),
        decide("approval", ApprovalVerdict::Approve),
        decide("second thoughts", ApprovalVerdict::Reject),
    ];
    let played = hub.play(steps).await;
    assert_eq!(deed(&played, "second thoughts"), &Ok(Done::Decided));
    assert_eq!(hub.memory.lock().unwrap().rejections, 1);
    assert_eq!(hub.entries(), ["approved"]);
}

#[tokio::test]
async fn a_refused_approver_key_is_named() {
    let mut hub = hub().await;
    let key = hub.profile.keys.by_role.get_mut(&Role::Approver).unwrap();
    key.secret = Secret::new("of somebody else".to_owned());
    let approve = decide("approval", ApprovalVerdict::Approve);
    let played = hub.play(vec![gated("asked"), count(1), approve, gated("replay")]).await;
    let refused =
        "the approver's GET /approvals?status=pending failed (HTTP 403 without an envelope): see [keys] approver";
    assert_eq!(why(&played, "entries"), refused);
    assert_eq!(why(&played, "approval"), refused);
    assert_eq!(outcome(&played, "replay").to_string(), "APPROVAL_REQUIRED");
}

#[tokio::test]
async fn a_decision_that_is_refused_was_not_taken_and_can_be_tried_again() {
    let hub = Hub::start().await;
    let wrong = HttpDriver {
        approve: ApprovalRequest {
            method: "POST".to_owned(),
            path: "/nowhere/<id>".to_owned(),
            body: None,
        },
        ..http_driver()
    };
    let hub = hub.driven_by(Driver::Http(wrong));
    let steps = vec![
        gated("asked"),
        decide("approval", ApprovalVerdict::Approve),
        decide("second approval", ApprovalVerdict::Approve),
    ];
    let played = hub.play(steps).await;
    for label in ["approval", "second approval"] {
        let expected = "the approver's POST /nowhere/<id> failed (HTTP 404 without an envelope): see [approvals]";
        assert_eq!(why(&played, label), expected);
    }
}

#[tokio::test]
async fn templates_put_the_id_in_path_and_body() {
    let hub = Hub::start().await;
    let body = json!({"decision": "approve", "entry": "<id>"});
    let driver = HttpDriver {
        approve: ApprovalRequest {
            method: "PATCH".to_owned(),
            path: "/decisions?of=<id>".to_owned(),
            body: Some(body),
        },
        id: "/key".to_owned(),
        ..http_driver()
    };
    let taken = Mock::given(method("PATCH"))
        .and(path("/decisions"))
        .and(wiremock::matchers::query_param("of", KEY))
        .and(wiremock::matchers::body_json(
            json!({"decision": "approve", "entry": KEY}),
        ))
        .respond_with(ResponseTemplate::new(204));
    hub.server.register(taken.expect(1)).await;
    let hub = hub.driven_by(Driver::Http(driver));
    let played = hub
        .play(vec![gated("asked"), decide("approval", ApprovalVerdict::Approve)])
        .await;
    assert_eq!(deed(&played, "approval"), &Ok(Done::Decided));
}

#[tokio::test]
async fn a_list_without_entries_or_ids_says_what_to_mend() {
    let hub = Hub::start().await;
    let elsewhere = HttpDriver {
        entries: "/data".to_owned(),
        ..http_driver()
    };
    let hub = hub.driven_by(Driver::Http(elsewhere));
    let played = hub.play(vec![gated("asked"), count(1)]).await;
    let expected = "GET /approvals?status=pending has no array of entries at `/data`: see [approvals] list.entries";
    assert_eq!(why(&played, "entries"), expected);

    let without_id = HttpDriver {
        id: "/uid".to_owned(),
        ..http_driver()
    };
    let hub = hub.driven_by(Driver::Http(without_id));
    let played = hub.play(vec![gated("asked"), show()]).await;
    assert_eq!(
        why(&played, "entry"),
        "the entry for the call has no id at `/uid`: see [approvals]"
    );
}

#[tokio::test]
async fn an_entry_that_never_comes_is_looked_for_no_longer_than_the_wait() {
    let hub = hub().await;
    let session = hub.session();
    let stage = Stage::new(&session, &hub.profile, &|_| {});
    let began = Instant::now();
    // Decided meanwhile by someone else: it is no pending entry any more.
    let asked = stage.play(&Case::of_steps("first", "", vec![gated("asked")])).await;
    assert_eq!(outcome(&asked, "asked").to_string(), "APPROVAL_REQUIRED");
    hub.memory.lock().unwrap().entries[0].status = "withheld";
    let approve = decide("approval", ApprovalVerdict::Approve);
    let played = stage
        .play(&Case::of_steps("second", "", vec![gated("asked"), approve]))
        .await;
    assert_eq!(
        why(&played, "approval"),
        "Approvals lists no entry that holds the call's idempotency key or input"
    );
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn where_no_call_waits_there_is_nothing_to_decide() {
    let hub = hub().await;
    hub.memory.lock().unwrap().entries.push(Entry {
        key: KEY.to_owned(),
        status: "approved",
    });
    let played = hub
        .play(vec![gated("asked"), decide("approval", ApprovalVerdict::Approve)])
        .await;
    assert_eq!(
        why(&played, "approval"),
        "there is nothing to decide: the asked call was answered HTTP 200, success"
    );
}

#[tokio::test]
async fn a_throttled_approver_waits_as_told() {
    let hub = hub().await;
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "0");
    let once = Mock::given(path("/approvals"))
        .respond_with(throttled)
        .up_to_n_times(1)
        .with_priority(1);
    hub.server.register(once).await;
    let played = hub.play(vec![gated("asked"), count(1)]).await;
    assert_eq!(deed(&played, "entries"), &Ok(Done::Entries(1)));
    assert_eq!(played.beside.len(), 2);
}

#[tokio::test]
async fn a_late_entry_too_many_is_waited_for_until_the_hub_has_settled() {
    let mut hub = hub().await;
    hub.profile.target.settle = Duration::from_secs(20);
    let session = hub.session();
    let stage = Stage::new(&session, &hub.profile, &|_| {});
    let memory = Arc::clone(&hub.memory);
    let is_there = || hub.entries().len() == 1;
    let case = Case::of_steps("a-case", "", vec![gated("asked"), count(1)]);
    let second = async {
        while !is_there() {
            tokio::task::yield_now().await;
        }
        let twin = memory.lock().unwrap().entries[0].clone();
        memory.lock().unwrap().entries.push(twin);
    };
    let (played, ()) = futures::future::join(stage.play(&case), second).await;
    assert_eq!(deed(&played, "entries"), &Ok(Done::Entries(2)));
}
