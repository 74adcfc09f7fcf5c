//! One effect for a call, however often it is sent.

use futures::future::join_all;
use serde_json::json;

use crate::client::{TICKETS_CREATE, TestHub, ticket};

#[tokio::test]
async fn a_replay_has_the_same_data_and_no_second_effect() {
    let hub = TestHub::start().await;
    let key = json!({"idempotency_key": "k-1"});
    let first = hub.create_ticket("replayed", key.clone()).await;
    let again = hub.create_ticket("replayed", key).await;
    assert_eq!(first.data(), again.data());
    assert_ne!(first.body["request_id"], again.body["request_id"]);
    assert_eq!(hub.tickets_titled("replayed").await, 1);
    let reordered = json!({"idempotency_key": "k-1", "input": {"priority": "high", "title": "replayed"}});
    assert_eq!(
        hub.execute("primary", TICKETS_CREATE, reordered).await.data(),
        first.data()
    );
}

#[tokio::test]
async fn concurrent_duplicates_have_one_effect_and_one_answer() {
    let hub = TestHub::start().await;
    let answers = join_all((0..40).map(|_| hub.create_ticket("at once", json!({"idempotency_key": "k-2"})))).await;
    let first = answers[0].data();
    assert!(answers.iter().all(|answer| answer.data() == first));
    assert_eq!(hub.tickets_titled("at once").await, 1);
}

#[tokio::test]
async fn another_call_under_the_key_is_refused() {
    let hub = TestHub::start().await;
    let key = json!({"idempotency_key": "k-3"});
    hub.create_ticket("first", key.clone()).await.data();
    let other = hub.create_ticket("second", key.clone()).await;
    assert_eq!((other.status, other.code()), (409, "INVALID_INPUT"));
    let other_tool = json!({"idempotency_key": "k-3", "input": {"ticket_id": "INC0010001"}});
    assert_eq!(
        hub.execute("primary", "itsm.tickets.delete", other_tool).await.status,
        409
    );
    let elsewhere = json!({"idempotency_key": "k-3", "connection_id": "conn_itsm_jira"});
    assert_eq!(hub.create_ticket("first", elsewhere).await.status, 409);
    assert_eq!(hub.tickets_titled("second").await, 0);
    // Another workspace has keys of its own, and another case is another key.
    hub.execute("foreign", TICKETS_CREATE, ticket("theirs", key))
        .await
        .data();
    hub.create_ticket("second", json!({"idempotency_key": "K-3"}))
        .await
        .data();
}

#[tokio::test]
async fn what_was_not_executed_leaves_the_key_unused() {
    let hub = TestHub::start().await;
    let key = json!({"idempotency_key": "k-4"});
    let invalid = json!({"idempotency_key": "k-4", "input": {"title": 5}});
    assert_eq!(
        hub.execute("primary", TICKETS_CREATE, invalid).await.code(),
        "INVALID_INPUT"
    );
    let lost = json!({"idempotency_key": "k-4", "connection_id": "conn_nowhere"});
    assert_eq!(hub.create_ticket("at last", lost).await.code(), "CONNECTION_NOT_FOUND");
    let dry = json!({"idempotency_key": "k-4", "dry_run": true});
    hub.create_ticket("at last", dry).await.data();
    let upstream = json!({"idempotency_key": "k-4", "input": {"ticket_id": "INC9999999"}});
    assert_eq!(
        hub.execute("primary", "itsm.tickets.delete", upstream).await.code(),
        "UPSTREAM_ERROR"
    );
    hub.create_ticket("at last", key).await.data();
    assert_eq!(hub.tickets_titled("at last").await, 1);
}

#[tokio::test]
async fn keys_are_1_to_255_printable_characters() {
    let hub = TestHub::start().await;
    for (key, status) in [
        ("é".repeat(255), 200),
        ("x".repeat(256), 400),
        (String::new(), 400),
        ("a\u{7}".to_owned(), 400),
    ] {
        let answer = hub.create_ticket("keyed", json!({"idempotency_key": key})).await;
        assert_eq!(answer.status, status, "{key:?}");
    }
}
