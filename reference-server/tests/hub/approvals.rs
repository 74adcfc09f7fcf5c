//! Gated calls: over REST and on the page.

use std::sync::Arc;

use futures::future::join_all;
use reference_server::Hub;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, TICKETS_CREATE, TestHub, ticket};
use crate::clock::Still;

/// A gated tool of the primary key's workspace.
pub(crate) const GATED: &str = "ecommerce.refunds.create";

pub(crate) async fn refund(hub: &TestHub, key: Option<&str>, cents: u64) -> Answer {
    let mut body = json!({"input": refund_input(cents)});
    if let Some(key) = key {
        body["idempotency_key"] = json!(key);
    }
    hub.execute("primary", GATED, body).await
}

pub(crate) fn refund_input(cents: u64) -> Value {
    json!({"order_id": "ORD-40001", "amount_minor": cents, "reason": "damaged"})
}

pub(crate) async fn refunds(hub: &TestHub) -> usize {
    let list = hub
        .execute("primary", "ecommerce.refunds.list", json!({"input": {}}))
        .await;
    crate::client::tickets_of(list.data()).len()
}

/// How many entries the approver sees.
pub(crate) async fn entries(hub: &TestHub) -> usize {
    let listed = hub.get("approver", "/approvals").await;
    listed.body["approvals"].as_array().unwrap().len()
}

pub(crate) async fn decide(hub: &TestHub, role: &str, id: &str, decision: &str) -> Answer {
    Answer::of(hub.request(role, Method::POST, &format!("/approvals/{id}/{decision}"))).await
}

pub(crate) fn entry_of(answer: &Answer) -> String {
    assert_eq!(answer.code(), "APPROVAL_REQUIRED", "{}", answer.body);
    answer.body["error"]["details"]["approval_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_approved_call_executes_once_however_often_it_is_replayed() {
    let hub = TestHub::start().await;
    let before = refunds(&hub).await;
    let entry = entry_of(&refund(&hub, Some("r-1"), 500).await);
    assert_eq!(
        entry_of(&refund(&hub, Some("r-1"), 500).await),
        entry,
        "a second asking is the same entry"
    );
    assert_eq!(refunds(&hub).await, before);
    assert_eq!(decide(&hub, "primary", &entry, "approve").await.code(), "FORBIDDEN");
    let approved = decide(&hub, "approver", &entry, "approve").await;
    assert_eq!(approved.body["approval"]["status"], "approved");
    let replays = join_all((0..20).map(|_| refund(&hub, Some("r-1"), 500))).await;
    assert!(replays.iter().all(|replay| replay.data() == replays[0].data()));
    assert_eq!(refunds(&hub).await, before + 1);
    let other = refund(&hub, Some("r-1"), 600).await;
    assert_eq!(other.status, 409, "the approval is of another input");
    assert_eq!(decide(&hub, "approver", &entry, "reject").await.status, 409);
}

#[tokio::test]
async fn a_rejected_call_never_executes() {
    let hub = TestHub::start().await;
    let before = refunds(&hub).await;
    let entry = entry_of(&refund(&hub, Some("r-2"), 500).await);
    decide(&hub, "approver", &entry, "reject").await;
    assert_eq!(refund(&hub, Some("r-2"), 500).await.code(), "FORBIDDEN");
    assert_eq!(refunds(&hub).await, before);
}

#[tokio::test]
async fn a_rejected_call_stays_rejected_and_keeps_its_key() {
    let hub = TestHub::start().await;
    let entry = entry_of(&refund(&hub, Some("r-5"), 500).await);
    decide(&hub, "approver", &entry, "reject").await;
    for _ in 0..2 {
        let replay = refund(&hub, Some("r-5"), 500).await;
        assert_eq!(
            (replay.code(), &replay.body["error"]["details"]["approval_id"]),
            ("FORBIDDEN", &json!(entry))
        );
    }
    assert_eq!(refund(&hub, Some("r-5"), 600).await.status, 409);
    let beside = hub.create_ticket("beside", json!({"idempotency_key": "r-5"})).await;
    assert_eq!(beside.status, 409);
    assert_eq!(entries(&hub).await, 1);
}

#[tokio::test]
async fn a_key_that_waits_for_a_decision_belongs_to_the_call_that_waits() {
    let hub = TestHub::start().await;
    let entry = entry_of(&refund(&hub, Some("r-6"), 500).await);
    let key = json!({"idempotency_key": "r-6"});
    assert_eq!(hub.create_ticket("beside", key.clone()).await.status, 409);
    let publish = json!({"input": {"article_id": "KB-102"}, "idempotency_key": "r-6"});
    let other_tool = hub.execute("primary", "knowledge.articles.publish", publish).await;
    assert_eq!(other_tool.status, 409);
    let named =
        json!({"input": refund_input(500), "idempotency_key": "r-6", "connection_id": "conn_ecommerce_shopify"});
    assert_eq!(hub.execute("primary", GATED, named).await.status, 409);
    // Another workspace's keys are its own.
    let theirs = ticket("theirs", key);
    assert_eq!(hub.execute("foreign", TICKETS_CREATE, theirs).await.status, 200);
    decide(&hub, "approver", &entry, "approve").await;
    refund(&hub, Some("r-6"), 500).await.data();
    assert_eq!(entries(&hub).await, 1);
}

#[tokio::test]
async fn nobody_is_asked_about_a_call_whose_key_is_used() {
    let hub = TestHub::start().await;
    hub.create_ticket("first", json!({"idempotency_key": "r-7"}))
        .await
        .data();
    assert_eq!(refund(&hub, Some("r-7"), 500).await.status, 409);
    assert_eq!(entries(&hub).await, 0);
}

#[tokio::test]
async fn an_approval_is_used_once_though_its_success_is_forgotten() {
    let clock = Arc::new(Still::default());
    let hub = TestHub::of(Hub::builder().clock(clock.clone())).await;
    let entry = entry_of(&refund(&hub, Some("r-8"), 500).await);
    decide(&hub, "approver", &entry, "approve").await;
    refund(&hub, Some("r-8"), 500).await.data();
    let before = refunds(&hub).await;
    clock.pass(25 * 60 * 60 * 1000);
    assert_eq!(refund(&hub, Some("r-8"), 500).await.code(), "APPROVAL_REQUIRED");
    assert_eq!(refunds(&hub).await, before);
}

#[tokio::test]
async fn an_approved_call_that_the_vendor_refused_can_be_replayed() {
    let hub = TestHub::start().await;
    let lost = json!({"input": {"user_id": "usr_none", "discard_files": true}, "idempotency_key": "r-9"});
    let remove = || hub.execute("primary", "identity.users.delete", lost.clone());
    decide(&hub, "approver", &entry_of(&remove().await), "approve").await;
    assert_eq!(remove().await.code(), "UPSTREAM_ERROR");
    assert_eq!(remove().await.code(), "UPSTREAM_ERROR", "the approval is not used up");
}

#[tokio::test]
async fn what_cannot_be_replayed_or_would_not_execute_makes_no_entry() {
    let hub = TestHub::start().await;
    assert_eq!(refund(&hub, None, 500).await.code(), "APPROVAL_REQUIRED");
    let invalid = hub
        .execute("primary", GATED, json!({"input": {}, "idempotency_key": "r-3"}))
        .await;
    assert_eq!(invalid.code(), "INVALID_INPUT");
    let dry = json!({"input": refund_input(500), "idempotency_key": "r-3", "dry_run": true});
    assert_eq!(hub.execute("primary", GATED, dry).await.status, 200);
    let listed = hub.get("approver", "/approvals").await;
    assert_eq!(listed.body["approvals"], json!([]));
    assert_eq!(hub.get("approver", "/approvals/apr_000001").await.status, 404);
    assert_eq!(hub.get("approver", "/approvals?status=lost").await.status, 400);
    assert_eq!(hub.get("primary", "/approvals").await.status, 403);
}

#[tokio::test]
async fn a_person_decides_on_the_page() {
    let hub = TestHub::start().await;
    let entry = entry_of(&refund(&hub, Some("<b>r-4</b>"), 500).await);
    let sign_in = |key: &str| {
        hub.outside(Method::POST, "/approvals/sign-in")
            .body(format!("key={key}"))
    };
    let keys = &hub.running.ready().keys;
    assert_eq!(sign_in(&keys["primary"]).send().await.unwrap().status(), 403);
    let signed_in = sign_in(&keys["approver"]).send().await.unwrap();
    assert_eq!(signed_in.status(), 303);
    let set = signed_in.headers()["set-cookie"].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();

    let page = hub
        .outside(Method::GET, "/approvals")
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        page.contains(&entry) && page.contains("&lt;b&gt;r-4&lt;/b&gt;") && !page.contains("<b>r-4"),
        "{page}"
    );
    assert!(!page.contains(keys["approver"].as_str()), "the page holds the key");
    let form_token = page
        .split("name=\"form_token\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();

    let approve = |body: String| {
        hub.outside(Method::POST, &format!("/approvals/{entry}/approve"))
            .header("cookie", &cookie)
            .body(body)
    };
    assert_eq!(
        approve(String::new()).send().await.unwrap().status(),
        403,
        "a form of another site"
    );
    let without_cookie = hub.outside(Method::POST, &format!("/approvals/{entry}/approve"));
    assert_eq!(
        without_cookie
            .body(format!("form_token={form_token}"))
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    assert_eq!(
        approve(format!("form_token={form_token}"))
            .send()
            .await
            .unwrap()
            .status(),
        303
    );
    refund(&hub, Some("<b>r-4</b>"), 500).await.data();
}
