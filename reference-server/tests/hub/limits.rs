//! Rate limits, by a clock that the test moves.

use std::path::Path;
use std::sync::Arc;

use futures::future::join_all;
use reference_server::Hub;
use reference_server::catalogue::Catalogue;
use serde_json::json;

use crate::client::{Answer, TestHub};
use crate::clock::{BEGINNING, Still};

async fn start() -> (TestHub, Arc<Still>) {
    let clock = Arc::new(Still::default());
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
        assert_eq!(answer.number("x-ratelimit-reset"), BEGINNING + 1);
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

#[tokio::test]
async fn of_two_exhausted_limits_the_longer_one_says_when_to_come_back() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/catalogue");
    let mut catalogue = Catalogue::load(Path::new(directory)).unwrap();
    let workspaces = &mut Arc::get_mut(&mut catalogue).unwrap().tenancy.workspaces;
    let own = workspaces.iter_mut().find(|workspace| workspace.id == "ws_larkfield");
    own.unwrap().limits.per_window = 20;
    let clock = Arc::new(Still::default());
    let hub = TestHub::of(Hub::builder().catalogue(catalogue).clock(clock.clone())).await;
    for _ in 0..20 {
        list(&hub, "throttled").await;
    }
    let refused = list(&hub, "throttled").await;
    assert_eq!(refused.number("x-ratelimit-reset"), BEGINNING + 60);
    assert_eq!(refused.number("retry-after"), 60);
    clock.pass(59_999);
    assert_eq!(list(&hub, "throttled").await.status, 429);
    clock.pass(1);
    assert_eq!(list(&hub, "throttled").await.status, 200);
}
