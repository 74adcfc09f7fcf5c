//! Rate limits, by a clock that the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use reference_server::Hub;
use reference_server::clock::Clock;
use serde_json::json;

use crate::client::{Answer, TestHub};

/// A clock that stands still until it is moved.
struct Still(AtomicU64);

impl Still {
    fn pass(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for Still {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

async fn start() -> (TestHub, Arc<Still>) {
    let clock = Arc::new(Still(AtomicU64::new(1_700_000_000_000)));
    (TestHub::of(Hub::builder().clock(clock.clone())).await, clock)
}

async fn list(hub: &TestHub, role: &str) -> Answer {
    hub.execute(role, "itsm.tickets.list", json!({"input": {}})).await
}

#[tokio::test]
async fn a_burst_gets_no_more_than_the_limit_and_the_next_window_opens() {
    let (hub, clock) = start().await;
    let burst = join_all((0..30).map(|_| list(&hub, "throttled"))).await;
    let (taken, refused): (Vec<_>, Vec<_>) = burst.iter().partition(|answer| answer.status == 200);
    assert_eq!((taken.len(), refused.len()), (20, 10));
    let mut left: Vec<_> = taken
        .iter()
        .map(|answer| answer.number("x-ratelimit-remaining"))
        .collect();
    left.sort_unstable();
    assert_eq!(left, (0..20).collect::<Vec<_>>());
    for answer in refused {
        assert_eq!((answer.status, answer.code()), (429, "RATE_LIMITED"));
        assert_eq!(answer.number("x-ratelimit-remaining"), 0);
        assert_eq!(answer.number("x-ratelimit-limit"), 20);
        assert_eq!(answer.number("x-ratelimit-reset"), 1_700_000_001);
        assert_eq!(answer.number("retry-after"), 1);
    }
    assert_eq!(
        list(&hub, "primary").await.status,
        200,
        "another key of the workspace is not concerned"
    );
    clock.pass(999);
    assert_eq!(list(&hub, "throttled").await.status, 429);
    clock.pass(1);
    assert_eq!(list(&hub, "throttled").await.number("x-ratelimit-remaining"), 19);
}

#[tokio::test]
async fn the_keys_of_a_workspace_share_its_limit() {
    let (hub, _) = start().await;
    for number in 0..30 {
        let role = if number % 2 == 0 { "shared_a" } else { "shared_b" };
        assert_eq!(list(&hub, role).await.number("x-ratelimit-remaining"), 29 - number);
    }
    assert_eq!(list(&hub, "shared_a").await.status, 429);
    assert_eq!(list(&hub, "shared_b").await.status, 429);
    assert_eq!(list(&hub, "foreign").await.status, 200);
}

#[tokio::test]
async fn listings_show_the_quota_without_taking_from_it() {
    let (hub, _) = start().await;
    for _ in 0..3 {
        assert_eq!(hub.get("throttled", "/tools").await.number("x-ratelimit-remaining"), 20);
    }
    let refused = hub.execute("throttled", "itsm.tickets.list", json!({"input": 1})).await;
    assert_eq!((refused.status, refused.number("x-ratelimit-remaining")), (400, 19));
}
