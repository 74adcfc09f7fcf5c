//! The hub does what its own description says, and says what it does.

mod document;

use std::sync::Arc;

use reference_server::Hub;
use reference_server::connectors::VendorError;
use reqwest::Method;
use serde_json::{Value, json};

use self::document::Description;
use crate::client::{Answer, TICKETS_CREATE, TestHub, ticket};
use crate::vendors::Fixed;

const TOOLS: &str = "/tools";
const TOOL: &str = "/tools/{tool_key}";
const EXECUTE: &str = "/tools/{tool_key}/execute";
const APPROVALS: &str = "/approvals";
const APPROVAL: &str = "/approvals/{approval_id}";
const APPROVE: &str = "/approvals/{approval_id}/approve";
const REJECT: &str = "/approvals/{approval_id}/reject";
const GATED: &str = "/tools/ecommerce.refunds.create/execute";
const CREATE: &str = "/tools/itsm.tickets.create/execute";
const LIST: &str = "/tools/itsm.tickets.list/execute";

#[tokio::test]
async fn the_envelope_files_are_the_descriptions_schemas() {
    let hub = TestHub::start().await;
    let description = Description::of(&hub).await;
    for (component, file) in [
        (
            "ExecuteRequest",
            include_str!("../../../fixtures/envelope/execute-request.schema.json"),
        ),
        (
            "Success",
            include_str!("../../../fixtures/envelope/success.schema.json"),
        ),
        ("Failure", include_str!("../../../fixtures/envelope/error.schema.json")),
    ] {
        let mut file: Value = serde_json::from_str(file).unwrap();
        file.as_object_mut().unwrap().remove("$schema");
        let mut schema = description.document["components"]["schemas"][component].clone();
        // A title says what a file is; a component has its name.
        file.as_object_mut().unwrap().remove("title");
        schema.as_object_mut().unwrap().remove("title");
        assert_eq!(file, schema, "{component}");
    }
}

#[tokio::test]
async fn every_described_operation_exists_and_no_other_method() {
    let hub = TestHub::start().await;
    let mut description = Description::of(&hub).await;
    let operations = description.operations();
    assert!(!operations.is_empty());
    for (path, method) in &operations {
        let example = description.example_of(path, method);
        let answer = Answer::of(
            hub.request("approver", method.clone(), &example)
                .json(&json!({"input": {}})),
        )
        .await;
        assert!(
            !["ROUTE_NOT_FOUND", "METHOD_NOT_ALLOWED"].contains(&answer.code()),
            "{method} {path}"
        );
        description.check(path, method, &answer);
        for other in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if !operations.contains(&(path.clone(), other.clone())) {
                let refused = Answer::of(hub.request("approver", other.clone(), &example)).await;
                assert_eq!(refused.code(), "METHOD_NOT_ALLOWED", "{other} {path}");
                description.check(path, method, &refused);
            }
        }
    }
}

#[tokio::test]
async fn the_examples_of_a_body_succeed() {
    let hub = TestHub::start().await;
    let mut description = Description::of(&hub).await;
    let operation = description.operation(EXECUTE, &Method::POST);
    let examples = operation["requestBody"]["content"]["application/json"]["examples"].clone();
    let path = description.example_of(EXECUTE, &Method::POST);
    for (name, example) in examples.as_object().unwrap() {
        description.assert_valid(
            &json!({"$ref": "#/components/schemas/ExecuteRequest"}),
            &example["value"],
            name,
        );
        let answer = description
            .post(&hub, "primary", EXECUTE, &path, &example["value"])
            .await;
        assert_eq!(answer.status, 200, "{name}");
    }
}

#[tokio::test]
async fn every_described_answer_can_be_had_and_is_as_described() {
    let hub = TestHub::start().await;
    let mut description = Description::of(&hub).await;
    for (path, method) in description.operations() {
        let example = description.example_of(&path, &method);
        let unknown_caller = hub.outside(method.clone(), &format!("/api/v1{example}"));
        assert_eq!(
            description.send(&path, &method, unknown_caller).await.code(),
            "UNAUTHORIZED"
        );
        let wrong = hub.request("primary", Method::PATCH, &example);
        assert_eq!(description.send(&path, &method, wrong).await.status, 405);
    }
    tools(&hub, &mut description).await;
    executes(&hub, &mut description).await;
    approvals(&hub, &mut description).await;
    let missing: Vec<_> = description.described().difference(&description.seen).cloned().collect();
    assert!(missing.is_empty(), "described, but never answered: {missing:?}");
}

async fn tools(hub: &TestHub, description: &mut Description) {
    let listing = description.get(hub, "primary", TOOLS, "/tools").await;
    description.get(hub, "primary", TOOLS, "/tools?domain=itsm").await;
    description.get(hub, "primary", TOOLS, "/tools?domain=astrology").await;
    for tool in listing.body["tools"].as_array().unwrap() {
        let path = format!("/tools/{}", tool["key"].as_str().unwrap());
        assert_eq!(description.get(hub, "primary", TOOL, &path).await.status, 200);
    }
    let unknown = description
        .get(hub, "primary", TOOL, "/tools/itsm.tickets.juggle")
        .await;
    assert_eq!(unknown.code(), "TOOL_NOT_FOUND");
}

async fn executes(hub: &TestHub, description: &mut Description) {
    let keyed = |title: &str| ticket(title, json!({"idempotency_key": "described"}));
    let elsewhere = ticket("a ticket", json!({"connection_id": "conn_nowhere"}));
    for (role, path, body, code) in [
        ("primary", CREATE, keyed("a ticket"), ""),
        ("primary", CREATE, keyed("a ticket"), ""),
        ("primary", CREATE, keyed("another ticket"), "INVALID_INPUT"),
        ("primary", CREATE, ticket("a ticket", json!({"dry_run": true})), ""),
        ("primary", CREATE, json!({"input": {}}), "INVALID_INPUT"),
        ("primary", CREATE, json!([]), "INVALID_INPUT"),
        ("primary", CREATE, elsewhere, "CONNECTION_NOT_FOUND"),
        (
            "primary",
            "/tools/itsm.tickets.juggle/execute",
            ticket("a ticket", json!({})),
            "TOOL_NOT_FOUND",
        ),
        (
            "restricted",
            "/tools/itsm.tickets.delete/execute",
            json!({"input": {}}),
            "FORBIDDEN",
        ),
        ("primary", GATED, refund(None), "APPROVAL_REQUIRED"),
    ] {
        let answer = description.post(hub, role, EXECUTE, path, &body).await;
        assert_eq!(answer.code(), code, "{role} {path} {body}");
    }
    let plain = hub
        .request("primary", Method::POST, LIST)
        .header("content-type", "text/plain")
        .body("{\"input\":{}}");
    assert_eq!(description.send(EXECUTE, &Method::POST, plain).await.status, 415);
    let long = json!({"input": {"query": "q".repeat(1024 * 1024)}});
    assert_eq!(description.post(hub, "primary", EXECUTE, LIST, &long).await.status, 413);
    for _ in 0..=20 {
        description
            .post(hub, "throttled", EXECUTE, LIST, &json!({"input": {}}))
            .await;
    }
    for (fault, status) in [
        (VendorError::status(429, "slow down"), 429),
        (VendorError::status(500, "boom"), 502),
        (VendorError::TimedOut, 504),
    ] {
        let failing = TestHub::of(Hub::builder().connector(Arc::new(Fixed(Err(fault))))).await;
        let path = format!("/tools/{TICKETS_CREATE}/execute");
        let answer = description
            .post(&failing, "primary", EXECUTE, &path, &ticket("a ticket", json!({})))
            .await;
        assert_eq!(answer.status, status);
    }
}

fn refund(idempotency_key: Option<&str>) -> Value {
    let input = json!({"order_id": "ORD-40001", "amount_minor": 500, "reason": "damaged"});
    json!({"input": input, "idempotency_key": idempotency_key})
}

async fn approvals(hub: &TestHub, description: &mut Description) {
    for (key, decide, decision) in [("kept", APPROVE, "approve"), ("dropped", REJECT, "reject")] {
        let asked = description
            .post(hub, "primary", EXECUTE, GATED, &refund(Some(key)))
            .await;
        let id = asked.body["error"]["details"]["approval_id"]
            .as_str()
            .unwrap()
            .to_owned();
        let entry = format!("/approvals/{id}");
        let decided = format!("{entry}/{decision}");
        description.get(hub, "approver", APPROVAL, &entry).await;
        let mut statuses = Vec::new();
        for (role, path) in [
            ("primary", decided.as_str()),
            ("approver", &decided),
            ("approver", &decided),
            ("approver", &format!("/approvals/apr_none/{decision}")),
        ] {
            let request = hub.request(role, Method::POST, path);
            statuses.push(description.send(decide, &Method::POST, request).await.status);
        }
        assert_eq!(statuses, [403, 200, 409, 404]);
        // As decided, with a time and a name.
        description.get(hub, "approver", APPROVAL, &entry).await;
        description
            .post(hub, "primary", EXECUTE, GATED, &refund(Some(key)))
            .await;
    }
    for (role, described, path, status) in [
        ("approver", APPROVALS, "/approvals", 200),
        ("approver", APPROVALS, "/approvals?status=approved", 200),
        ("approver", APPROVALS, "/approvals?status=lost", 400),
        ("primary", APPROVALS, "/approvals", 403),
        ("primary", APPROVAL, "/approvals/apr_000001", 403),
        ("approver", APPROVAL, "/approvals/apr_none", 404),
    ] {
        assert_eq!(
            description.get(hub, role, described, path).await.status,
            status,
            "{role} {path}"
        );
    }
}
