//! What a hub makes of requests that are wrong.

use reqwest::Method;
use serde_json::json;

use crate::client::{Answer, TestHub};

const LIST: &str = "/tools/itsm.tickets.list/execute";

async fn post(hub: &TestHub, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let request = hub.request("primary", Method::POST, LIST).body(body);
    Answer::of(match content_type {
        Some(declared) => request.header("content-type", declared),
        None => request,
    })
    .await
}

#[tokio::test]
async fn bodies_that_are_no_request_are_invalid_input() {
    let hub = TestHub::start().await;
    let deep = format!("{{\"input\":{{\"a\":{}{}}}}}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies = [
        "",
        "{",
        "[]",
        "[{}, null, null, null]",
        "null",
        "\"x\"",
        "{\"input\":{}} {}",
        "{\"input\":{},\"input\":{}}",
        "{\"input\":{\"limit\":1e400}}",
        "{\"input\":{\"query\":\"\\ud800\"}}",
        "{}",
        "{\"input\":null}",
        "{\"input\":[]}",
        "{\"input\":{},\"dry_run\":\"true\"}",
        "{\"input\":{},\"dry_run\":1}",
        "{\"input\":{},\"connection_id\":7}",
        "{\"input\":{},\"idempotency_key\":{}}",
        &deep,
    ];
    for body in bodies {
        let answer = post(&hub, Some("application/json"), body.to_owned()).await;
        assert_eq!((answer.status, answer.code()), (400, "INVALID_INPUT"), "{body}");
    }
    let not_text = post(
        &hub,
        Some("application/json"),
        b"{\"input\":{\"query\":\"\xff\"}}".to_vec(),
    )
    .await;
    assert_eq!(not_text.code(), "INVALID_INPUT");
    let nulls = "{\"input\":{},\"dry_run\":null,\"connection_id\":null,\"idempotency_key\":null}";
    assert_eq!(post(&hub, Some("application/json"), nulls).await.status, 200);
}

#[tokio::test]
async fn a_body_is_read_as_it_is_declared() {
    let hub = TestHub::start().await;
    let body = "{\"input\":{}}";
    for (declared, status) in [
        (None, 200),
        (Some("application/json; charset=UTF-8"), 200),
        (Some("Application/JSON"), 200),
        (Some("application/vnd.hub+json"), 200),
        (Some("text/plain"), 415),
        (Some("application/x-www-form-urlencoded"), 415),
        (Some("application/json; charset=utf-16"), 415),
    ] {
        assert_eq!(post(&hub, declared, body).await.status, status, "{declared:?}");
    }
}

#[tokio::test]
async fn a_large_body_is_refused_and_its_sender_hears_so() {
    let hub = TestHub::start().await;
    let of_size = |size: usize| format!("{{\"input\":{{}},\"x\":\"{}\"}}", "x".repeat(size));
    assert_eq!(
        post(&hub, Some("application/json"), of_size(64 * 1024)).await.status,
        200
    );
    let large = post(&hub, Some("application/json"), of_size(10 * 1024 * 1024)).await;
    assert_eq!((large.status, large.code()), (413, "INVALID_INPUT"));
}

#[tokio::test]
async fn unknown_routes_and_wrong_methods_have_the_envelope() {
    let hub = TestHub::start().await;
    for path in ["/", "/tool", "/tools/", "/tools/a/b/c"] {
        let answer = hub.get("primary", path).await;
        assert_eq!(
            (answer.status, answer.body["success"].as_bool()),
            (404, Some(false)),
            "{path}"
        );
    }
    let wrong = Answer::of(hub.request("primary", Method::DELETE, "/tools")).await;
    assert_eq!(
        (wrong.status, wrong.headers["allow"].to_str().unwrap()),
        (405, "GET, HEAD")
    );
    let get = hub.get("primary", LIST).await;
    assert_eq!((get.status, get.headers["allow"].to_str().unwrap()), (405, "POST"));
}

#[tokio::test]
async fn keys_that_name_no_tool_are_not_found() {
    let hub = TestHub::start().await;
    for key in ["%2e%2e%2f", "%00", "%ff", "%F0%9F%98%80", "a%2Fb", &"x".repeat(8192)] {
        let answer = hub.get("primary", &format!("/tools/{key}")).await;
        assert_eq!(answer.status, 404, "{key}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_refused_input_says_where_and_why_and_repeats_nothing() {
    let hub = TestHub::start().await;
    let input = json!({"title": "a ticket", "priority": "secret-priority"});
    let refused = hub
        .execute("primary", "itsm.tickets.create", json!({"input": input}))
        .await;
    assert_eq!(
        refused.body["error"]["details"]["errors"][0]["path"], "/input/priority",
        "{}",
        refused.body
    );
    assert!(
        !refused.body.to_string().contains("secret-priority"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn health_and_description_are_open() {
    let hub = TestHub::start().await;
    let health = Answer::of(hub.outside(Method::GET, "/healthz")).await;
    assert_eq!(health.body, json!({"status": "ok"}));
    let description = Answer::of(hub.outside(Method::GET, "/openapi.json")).await;
    assert_eq!(description.body["openapi"], "3.1.0");
    assert_eq!(description.body["servers"][0]["url"], "/api/v1");
}
