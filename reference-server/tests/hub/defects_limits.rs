//! What hubs get wrong about rate limits.

use futures::future::join_all;
use reference_server::Hub;
use serde_json::json;

use crate::client::{Answer, TICKETS_CREATE, TestHub, ticket};
use crate::clock::BEGINNING;
use crate::defects::{Row, assert_complete, prove};

const LIMIT: &str = "x-ratelimit-limit";
const REMAINING: &str = "x-ratelimit-remaining";
const RESET: &str = "x-ratelimit-reset";

const HEADERS: &[Row] = &[
    ("executes-tell-no-quota", |hub| {
        Box::pin(async {
            let listing = hub.get("throttled", "/tools").await;
            listing.headers.contains_key(LIMIT) && !list(hub, "throttled").await.headers.contains_key(LIMIT)
        })
    }),
    ("quota-untold-when-throttled", |hub| {
        Box::pin(async { !exhausted(hub).await.headers.contains_key(LIMIT) })
    }),
    ("quota-untold-in-refusals", |hub| {
        Box::pin(async {
            let invalid = hub.execute("throttled", "itsm.tickets.list", json!({"input": 5})).await;
            invalid.code() == "INVALID_INPUT" && !invalid.headers.contains_key(LIMIT)
        })
    }),
    ("remaining-negative", |hub| {
        Box::pin(async {
            let first = text(&exhausted(hub).await, REMAINING);
            (first.as_str(), text(&list(hub, "throttled").await, REMAINING).as_str()) == ("-1", "-2")
        })
    }),
    ("remaining-above-limit", |hub| {
        Box::pin(async {
            let answer = list(hub, "throttled").await;
            answer.number(REMAINING) > answer.number(LIMIT)
        })
    }),
    ("limit-with-policy", |hub| {
        Box::pin(async { text(&list(hub, "throttled").await, LIMIT) == "20, 20;w=1" })
    }),
    ("remaining-never-falls", |hub| {
        Box::pin(async { falls_by(hub).await == 0 })
    }),
    ("remaining-falls-in-steps", |hub| {
        Box::pin(async {
            let falls = [falls_by(hub).await, falls_by(hub).await, falls_by(hub).await];
            falls.contains(&0) && falls.contains(&5)
        })
    }),
    ("calls-counted-twice", |hub| {
        Box::pin(async { falls_by(hub).await == 2 })
    }),
    ("throttled-with-one-left", |hub| {
        Box::pin(async { exhausted(hub).await.number(REMAINING) == 1 })
    }),
    ("throttled-with-all-left", |hub| {
        Box::pin(async { exhausted(hub).await.number(REMAINING) == 20 })
    }),
    ("reset-in-the-past", |hub| {
        Box::pin(async { list(hub, "primary").await.number(RESET) <= BEGINNING })
    }),
    ("reset-a-week-away", |hub| {
        Box::pin(async { list(hub, "primary").await.number(RESET) > BEGINNING + 24 * 60 * 60 })
    }),
    ("reset-jitters", |hub| {
        Box::pin(async {
            let answers = [list(hub, "primary").await, list(hub, "primary").await];
            answers[0].number(RESET) != answers[1].number(RESET)
        })
    }),
    ("listings-tell-no-quota", |hub| {
        Box::pin(async { !hub.get("throttled", "/tools").await.headers.contains_key(LIMIT) })
    }),
    ("definitions-tell-no-quota", |hub| {
        Box::pin(async {
            let definition = hub.get("throttled", "/tools/itsm.tickets.list").await;
            !definition.headers.contains_key(LIMIT)
        })
    }),
    ("limit-is-what-is-left", |hub| Box::pin(limit_changes(hub))),
    ("limit-doubles-when-half-used", |hub| Box::pin(limit_changes(hub))),
    ("retry-after-missing", |hub| {
        Box::pin(async { !exhausted(hub).await.headers.contains_key("retry-after") })
    }),
    ("retry-after-fixed", |hub| {
        Box::pin(async { exhausted(hub).await.number("retry-after") == 60 })
    }),
    ("retry-after-in-milliseconds", |hub| {
        Box::pin(async { exhausted(hub).await.number("retry-after") == 1000 })
    }),
];

const LIMITING: &[Row] = &[
    ("limits-not-enforced", |hub| {
        Box::pin(async { exhausted(hub).await.status == 200 })
    }),
    ("throttled-as-unavailable", |hub| {
        Box::pin(async { exhausted(hub).await.status == 503 })
    }),
    ("throttled-as-forbidden", |hub| {
        Box::pin(async { exhausted(hub).await.code() == "FORBIDDEN" })
    }),
    ("throttled-without-envelope", |hub| {
        Box::pin(async {
            let answer = exhausted(hub).await;
            answer.status == 429 && answer.body.get("success").is_none()
        })
    }),
    ("throttled-calls-act", |hub| Box::pin(acts_when_throttled(hub))),
    ("throttled-calls-are-queued", |hub| Box::pin(acts_when_throttled(hub))),
    ("exhausted-for-good", |hub| {
        Box::pin(async {
            exhausted(hub).await;
            hub.clock.pass(1000);
            let first = list(hub, "throttled").await;
            hub.clock.pass(60_000);
            (first.status, list(hub, "throttled").await.status) == (429, 429)
        })
    }),
    ("shut-beyond-reset", |hub| {
        Box::pin(async {
            exhausted(hub).await;
            hub.clock.pass(1000);
            let first = list(hub, "throttled").await;
            hub.clock.pass(4000);
            (first.status, list(hub, "throttled").await.status) == (429, 200)
        })
    }),
    ("exhausted-keys-block-their-workspace", |hub| {
        Box::pin(async {
            exhausted(hub).await;
            (list(hub, "primary").await.status, list(hub, "foreign").await.status) == (429, 200)
        })
    }),
    ("exhausted-keys-block-their-address", |hub| {
        Box::pin(async {
            exhausted(hub).await;
            (list(hub, "primary").await.status, list(hub, "foreign").await.status) == (429, 429)
        })
    }),
    ("exhausted-workspaces-block-others", |hub| {
        Box::pin(async {
            let exhausted = after(hub, 30, "shared_a").await;
            exhausted.status == 429 && list(hub, "foreign").await.status == 429
        })
    }),
    ("workspace-limit-for-each-key", |hub| {
        Box::pin(async {
            let exhausted = after(hub, 30, "shared_a").await;
            exhausted.status == 429 && list(hub, "shared_b").await.status == 200
        })
    }),
    ("workspace-limit-not-enforced", |hub| {
        Box::pin(async { after(hub, 30, "shared_a").await.status == 200 })
    }),
    ("bursts-race", |hub| {
        Box::pin(async { admitted(&join_all((0..30).map(|_| list(hub, "throttled"))).await) > 20 })
    }),
    ("one-beyond-the-limit", |hub| {
        Box::pin(async {
            let mut answers = Vec::new();
            for _ in 0..23 {
                answers.push(list(hub, "throttled").await);
            }
            admitted(&answers) == 21
        })
    }),
];

async fn list(hub: &TestHub, role: &str) -> Answer {
    hub.execute(role, "itsm.tickets.list", json!({"input": {}})).await
}

/// The answer to the call after so many.
async fn after(hub: &TestHub, calls: usize, role: &str) -> Answer {
    for _ in 0..calls {
        list(hub, role).await;
    }
    list(hub, role).await
}

/// The answer to the first call beyond the limit of the throttled key.
async fn exhausted(hub: &TestHub) -> Answer {
    after(hub, 20, "throttled").await
}

async fn acts_when_throttled(hub: &TestHub) -> bool {
    exhausted(hub).await;
    let refused = hub
        .execute("throttled", TICKETS_CREATE, ticket("a ticket", json!({})))
        .await;
    refused.code() == "RATE_LIMITED" && hub.tickets_titled("a ticket").await == 1
}

/// By how much Remaining falls from one call to the next.
async fn falls_by(hub: &TestHub) -> u64 {
    let first = list(hub, "throttled").await.number(REMAINING);
    first - list(hub, "throttled").await.number(REMAINING)
}

/// Whether Limit is another one late in the window.
async fn limit_changes(hub: &TestHub) -> bool {
    let first = list(hub, "throttled").await.number(LIMIT);
    after(hub, 15, "throttled").await.number(LIMIT) != first
}

fn text(answer: &Answer, header: &str) -> String {
    answer.headers[header].to_str().unwrap().to_owned()
}

fn admitted(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.status == 200).count()
}

#[tokio::test]
async fn each_defect_of_the_headers_shows() {
    assert_complete(&[HEADERS, LIMITING], &["RTL-"]);
    prove(HEADERS, Hub::builder).await;
}

#[tokio::test]
async fn each_defect_of_the_limits_shows() {
    prove(LIMITING, Hub::builder).await;
}
