//! Latency profiles as callers meet them, on a clock that stands still until something waits for it.

use std::sync::Arc;
use std::time::Duration;

use reference_server::latency::{Draws, Latency, LatencyRule};
use reference_server::{Hub, InProcessHub, StartError};
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use tokio::time::Instant;

pub(crate) const GET: &str = "itsm.tickets.get";
pub(crate) const LIST: &str = "itsm.tickets.list";

/// Executes a tool of a hub without a socket with the primary key, and gives the answer and how long it took.
pub(crate) async fn timed(hub: &InProcessHub, tool: &str) -> (Duration, Value) {
    let input = match tool {
        GET => json!({"ticket_id": "INC0010001"}),
        _ => json!({}),
    };
    let request = http::Request::post(format!("/api/v1/tools/{tool}/execute"))
        .header(AUTHORIZATION, format!("Bearer {}", hub.ready().keys["primary"]))
        .header("content-type", "application/json")
        .body(json!({ "input": input }).to_string())
        .unwrap();
    let began = Instant::now();
    let response = hub.answer(request).await;
    let took = began.elapsed();
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["success"], true, "{body}");
    (took, body)
}

fn hub(rules: &[&str]) -> InProcessHub {
    let rules = rules.iter().map(|rule| rule.parse::<LatencyRule>().unwrap());
    rules.fold(Hub::builder(), Hub::latency).in_process().unwrap()
}

/// The clock of these tests moves by whole milliseconds.
fn to_the_timer(delay: Duration) -> Duration {
    Duration::from_millis(u64::try_from(delay.as_nanos().div_ceil(1_000_000)).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_hub_without_latencies_takes_no_time() {
    assert_eq!(timed(&hub(&[]), GET).await.0, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_latency_is_the_vendors_and_is_told_as_duration() {
    let (took, body) = timed(&hub(&["fixed:5ms"]), GET).await;
    assert_eq!(took, Duration::from_millis(5));
    assert_eq!(body["duration_ms"], 5);
}

#[tokio::test(start_paused = true)]
async fn latencies_add_up_and_may_be_for_some_tools_alone() {
    let hub = hub(&["fixed:5ms", "itsm.tickets.list=fixed:20ms", "crm.*=fixed:1s"]);
    assert_eq!(timed(&hub, GET).await.0, Duration::from_millis(5));
    assert_eq!(timed(&hub, LIST).await.0, Duration::from_millis(25));
}

#[tokio::test(start_paused = true)]
async fn all_calls_that_arrive_in_a_stall_wait_for_its_end() {
    let hub = hub(&["stall:200ms/2s"]);
    let began = Instant::now();
    assert_eq!(timed(&hub, GET).await.0, Duration::ZERO);
    let at = |milliseconds| tokio::time::sleep_until(began + Duration::from_millis(milliseconds));
    for (arrives, waits) in [(1999, 0), (2000, 200), (4150, 50), (4200, 0)] {
        at(arrives).await;
        assert_eq!(
            timed(&hub, GET).await.0,
            Duration::from_millis(waits),
            "at {arrives} ms"
        );
    }
    // The timer counts whole milliseconds: a wait for nothing would last until the next.
    tokio::time::advance(Duration::from_micros(300)).await;
    assert_eq!(timed(&hub, GET).await.0, Duration::ZERO);
    at(6030).await;
    let at_once = futures::future::join_all([timed(&hub, GET), timed(&hub, LIST), timed(&hub, GET)]).await;
    assert!(at_once.iter().all(|(took, _)| *took == Duration::from_millis(170)));
}

#[tokio::test(start_paused = true)]
async fn random_latencies_are_those_that_their_seed_foretells() {
    let rule: LatencyRule = "log-normal:50ms,0.5".parse().unwrap();
    let slowed = |seed| {
        let hub = Hub::builder().latency(rule.clone()).latency_seed(seed);
        hub.in_process().unwrap()
    };
    let (hub, mut draws) = (slowed(7), Draws::of_tool(7, GET));
    for call in 0..20 {
        // Another tool's calls in between take nothing from this one's numbers.
        timed(&hub, LIST).await;
        let truth = to_the_timer(rule.latency.delay(Duration::ZERO, &mut draws));
        assert_eq!(timed(&hub, GET).await.0, truth, "call {call}");
    }
    assert_ne!(timed(&slowed(8), GET).await.0, timed(&slowed(7), GET).await.0);
}

#[tokio::test(start_paused = true)]
async fn any_connector_is_slowed() {
    let record = json!({"id": "INC0010001", "title": "A ticket", "status": "new", "priority": "low",
        "created_at": "2026-01-05T09:15:00Z", "updated_at": "2026-01-05T09:15:00Z"});
    let hub = Hub::builder()
        .connector(Arc::new(crate::vendors::Fixed(Ok(record))))
        .latency(Latency::Fixed(Duration::from_millis(30)));
    let (took, _) = timed(&hub.in_process().unwrap(), GET).await;
    assert_eq!(took, Duration::from_millis(30));
}

#[test]
fn a_latency_of_no_tool_is_a_mistake_that_names_the_nearest() {
    let started = |rule: &str| {
        Hub::builder()
            .latency(rule.parse::<LatencyRule>().unwrap())
            .in_process()
    };
    let told = |rule| match started(rule) {
        Err(StartError::Latency(unknown)) => unknown.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it starts with {rule}"),
    };
    assert_eq!(
        told("itsm.tickets.lst=fixed:1ms"),
        "a latency is for `itsm.tickets.lst`, and no tool is called so; did you mean `itsm.tickets.list`?"
    );
    assert_eq!(
        told("zzz*=fixed:1ms"),
        "a latency is for `zzz*`, and no tool is called so"
    );
}
