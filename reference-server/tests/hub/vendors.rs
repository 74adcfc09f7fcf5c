//! Vendors that misbehave, and callers that hang up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reference_server::Hub;
use reference_server::catalogue::Catalogue;
use reference_server::connectors::memory::MemoryVendors;
use reference_server::connectors::{BoxFuture, Connector, Data, VendorCall, VendorError};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::client::{Answer, TICKETS_CREATE, TestHub, ticket};

/// Answers every call alike.
pub(crate) struct Fixed(pub(crate) Result<Value, VendorError>);

impl Connector for Fixed {
    fn execute<'a>(&'a self, _: VendorCall<'a>) -> BoxFuture<'a, Result<Data, VendorError>> {
        Box::pin(std::future::ready(self.0.clone().map(Data::from)))
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

/// Vendors in memory that execute each call at once, and hold the answer back until there is a permit for it.
struct Gate {
    vendors: MemoryVendors,
    begun: Semaphore,
    may_end: Semaphore,
}

impl Gate {
    fn new() -> Arc<Self> {
        let vendors = MemoryVendors::new(Catalogue::bundled().unwrap()).unwrap();
        Arc::new(Self {
            vendors,
            begun: Semaphore::new(0),
            may_end: Semaphore::new(0),
        })
    }
}

impl Connector for Gate {
    fn execute<'a>(&'a self, call: VendorCall<'a>) -> BoxFuture<'a, Result<Data, VendorError>> {
        Box::pin(async move {
            let answer = self.vendors.execute(call).await;
            self.begun.add_permits(1);
            self.may_end.acquire().await.expect("the gate stays").forget();
            answer
        })
    }
}

#[tokio::test]
async fn a_call_goes_on_when_its_caller_hangs_up() {
    let gate = Gate::new();
    let hub = TestHub::of(Hub::builder().connector(gate.clone())).await;
    let key = json!({"idempotency_key": "hung-up"});
    let path = format!("/tools/{TICKETS_CREATE}/execute");
    let call = hub.request("primary", Method::POST, &path);
    let call = tokio::spawn(call.json(&ticket("hung up", key.clone())).send());
    gate.begun.acquire().await.unwrap().forget();
    call.abort();
    let _ = call.await;
    gate.may_end.add_permits(Semaphore::MAX_PERMITS / 2);
    // The retry is a replay of what the vendor did: no second ticket.
    hub.create_ticket("hung up", key).await.data();
    assert_eq!(hub.tickets_titled("hung up").await, 1);
}

#[tokio::test]
async fn a_hub_answers_what_is_on_its_way_before_it_stops() {
    let gate = Gate::new();
    let hub = TestHub::of(Hub::builder().connector(gate.clone())).await;
    let url = hub.running.base_url().to_owned();
    let path = format!("/tools/{TICKETS_CREATE}/execute");
    let call = hub
        .request("primary", Method::POST, &path)
        .json(&ticket("last one", json!({})));
    let call = tokio::spawn(Answer::of(call));
    gate.begun.acquire().await.unwrap().forget();
    let released = Arc::new(AtomicBool::new(false));
    let stopped = tokio::spawn({
        let released = Arc::clone(&released);
        async move {
            hub.running.shutdown().await;
            released.load(Ordering::SeqCst)
        }
    });
    while tokio::net::TcpStream::connect(url.split('/').nth(2).unwrap())
        .await
        .is_ok()
    {
        tokio::task::yield_now().await;
    }
    // A shutdown that does not wait ends in one of these turns.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    released.store(true, Ordering::SeqCst);
    gate.may_end.add_permits(1);
    assert_eq!(call.await.unwrap().status, 200);
    assert!(stopped.await.unwrap(), "the hub stopped before it had answered");
}
