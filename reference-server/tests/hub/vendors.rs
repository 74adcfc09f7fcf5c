//! Vendors that misbehave, and callers that hang up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reference_server::Hub;
use reference_server::connectors::{BoxFuture, Connector, VendorCall, VendorError};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::client::{TICKETS_CREATE, TestHub, ticket};

/// Answers every call alike.
pub(crate) struct Fixed(pub(crate) Result<Value, VendorError>);

impl Connector for Fixed {
    fn execute<'a>(&'a self, _: VendorCall<'a>) -> BoxFuture<'a, Result<Value, VendorError>> {
        Box::pin(std::future::ready(self.0.clone()))
    }
}

#[tokio::test]
async fn a_vendors_failure_is_told_in_the_hubs_words() {
    for (fault, status, code) in [
        (VendorError::status(500, "boom"), 502, "UPSTREAM_ERROR"),
        (VendorError::status(401, "token expired"), 502, "UPSTREAM_ERROR"),
        (VendorError::status(429, "slow down"), 429, "RATE_LIMITED"),
        (VendorError::TimedOut, 504, "UPSTREAM_ERROR"),
        (VendorError::Unreachable, 502, "UPSTREAM_ERROR"),
    ] {
        let hub = TestHub::of(Hub::builder().connector(Arc::new(Fixed(Err(fault.clone()))))).await;
        let answer = hub.create_ticket("a ticket", json!({})).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{fault:?}");
        assert!(!answer.body["error"]["details"].as_object().unwrap().is_empty());
    }
}

#[tokio::test]
async fn data_that_the_tool_does_not_promise_is_no_success() {
    let hub = TestHub::of(Hub::builder().connector(Arc::new(Fixed(Ok(json!({"surprise": true})))))).await;
    assert_eq!(hub.create_ticket("a ticket", json!({})).await.code(), "UPSTREAM_ERROR");
}

/// Counts calls; each waits for a permit.
struct Gate {
    calls: AtomicUsize,
    begun: Semaphore,
    may_end: Semaphore,
}

impl Connector for Gate {
    fn execute<'a>(&'a self, _: VendorCall<'a>) -> BoxFuture<'a, Result<Value, VendorError>> {
        Box::pin(async move {
            self.calls.fetch_add(1, Ordering::SeqCst);
            self.begun.add_permits(1);
            self.may_end.acquire().await.expect("the gate stays").forget();
            Err(VendorError::status(500, "no"))
        })
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_no_key_claimed() {
    let gate = Arc::new(Gate {
        calls: AtomicUsize::new(0),
        begun: Semaphore::new(0),
        may_end: Semaphore::new(0),
    });
    let hub = TestHub::of(Hub::builder().connector(gate.clone())).await;
    let key = json!({"idempotency_key": "hung-up"});
    let path = format!("/tools/{TICKETS_CREATE}/execute");
    let call = tokio::spawn(
        hub.request("primary", Method::POST, &path)
            .json(&ticket("a ticket", key.clone()))
            .send(),
    );
    gate.begun.acquire().await.unwrap().forget();
    call.abort();
    let _ = call.await;
    gate.may_end.add_permits(2);
    // The first call ends by itself, and the retry gets its own try.
    assert_eq!(hub.create_ticket("a ticket", key).await.code(), "UPSTREAM_ERROR");
    assert_eq!(gate.calls.load(Ordering::SeqCst), 2);
}
