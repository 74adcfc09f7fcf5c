//! What hubs get wrong about idempotency keys.

use futures::future::join_all;
use reference_server::Hub;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, TICKETS_CREATE, TestHub, ticket, tickets_of};
use crate::defects::{Row, assert_complete, prove};

const ROWS: &[Row] = &[
    ("replays-act-again", |hub| {
        Box::pin(async {
            let first = keyed(hub, "k", "a ticket").await;
            let again = keyed(hub, "k", "a ticket").await;
            first.data() == again.data() && hub.tickets_titled("a ticket").await > 1
        })
    }),
    ("replays-are-marked", |hub| {
        Box::pin(async { keyed(hub, "k", "a ticket").await.data() != keyed(hub, "k", "a ticket").await.data() })
    }),
    ("replays-are-empty", |hub| {
        Box::pin(async {
            keyed(hub, "k", "a ticket").await;
            keyed(hub, "k", "a ticket").await.data() == &json!({})
        })
    }),
    ("keys-forgotten-once-replayed", |hub| {
        Box::pin(async {
            for _ in 0..3 {
                keyed(hub, "k", "a ticket").await;
            }
            hub.tickets_titled("a ticket").await > 1
        })
    }),
    ("duplicates-race", |hub| {
        Box::pin(async {
            join_all([keyed(hub, "k", "a ticket"), keyed(hub, "k", "a ticket")]).await;
            hub.tickets_titled("a ticket").await > 1
        })
    }),
    ("duplicates-in-flight-get-nothing", |hub| {
        Box::pin(async {
            let both = join_all([keyed(hub, "k", "a ticket"), keyed(hub, "k", "a ticket")]).await;
            both[0].data() != both[1].data()
        })
    }),
    ("duplicates-spoil-the-key", |hub| {
        Box::pin(async {
            join_all([keyed(hub, "k", "a ticket"), keyed(hub, "k", "a ticket")]).await;
            keyed(hub, "k", "a ticket").await.status == 409
        })
    }),
    ("other-inputs-are-replayed", |hub| {
        Box::pin(async {
            let first = keyed(hub, "k", "a ticket").await;
            keyed(hub, "k", "another").await.body["data"] == *first.data()
        })
    }),
    ("other-inputs-execute", |hub| {
        Box::pin(async {
            keyed(hub, "k", "a ticket").await;
            keyed(hub, "k", "another").await;
            hub.tickets_titled("another").await == 1
        })
    }),
    ("keyless-calls-deduplicated", |hub| {
        Box::pin(async {
            hub.create_ticket("a ticket", json!({})).await;
            hub.create_ticket("a ticket", json!({})).await;
            hub.tickets_titled("a ticket").await == 1
        })
    }),
    ("equal-inputs-deduplicated", |hub| Box::pin(are_one(hub, "k-1", "k-2"))),
    ("keys-shared-by-workspaces", |hub| {
        Box::pin(async {
            let (_, theirs) = in_two_workspaces(hub).await;
            let search = json!({"input": {"query": "a ticket"}});
            let found = hub.execute("foreign", "itsm.tickets.search", search).await;
            theirs.status == 200
                && !tickets_of(found.data())
                    .iter()
                    .any(|found| found["title"] == "a ticket")
        })
    }),
    ("foreign-keys-conflict", |hub| {
        Box::pin(async { in_two_workspaces(hub).await.1.status == 409 })
    }),
    ("other-tools-are-replayed", |hub| {
        Box::pin(async {
            let first = keyed(hub, "k", "a ticket").await;
            let body = json!({"idempotency_key": "k", "input": {"ticket_id": "INC0010005"}});
            let other = hub.execute("primary", "itsm.tickets.delete", body).await;
            other.body["data"] == *first.data()
        })
    }),
    ("keys-spent-by-invalid-input", |hub| {
        Box::pin(async {
            let invalid = json!({"idempotency_key": "k", "input": {"title": 5}});
            let refused = hub.execute("primary", TICKETS_CREATE, invalid).await;
            refused.status == 400 && keyed(hub, "k", "a ticket").await.status == 400
        })
    }),
    ("upstream-errors-spend-keys", |hub| {
        Box::pin(async {
            let no_such = json!({"idempotency_key": "k", "input": {"ticket_id": "INC9999999"}});
            let failed = hub.execute("primary", "itsm.tickets.delete", no_such).await;
            failed.code() == "UPSTREAM_ERROR" && keyed(hub, "k", "a ticket").await.code() == "UPSTREAM_ERROR"
        })
    }),
    ("failed-calls-count-as-done", |hub| {
        Box::pin(async {
            let no_such = json!({"idempotency_key": "k", "input": {"ticket_id": "INC9999999"}});
            let failed = hub.execute("primary", "itsm.tickets.delete", no_such.clone()).await;
            let retried = hub.execute("primary", "itsm.tickets.delete", no_such).await;
            (failed.status, retried.status) == (502, 200)
        })
    }),
    ("keys-spent-by-lost-connections", |hub| {
        Box::pin(async {
            let lost = json!({"idempotency_key": "k", "connection_id": "conn_nowhere"});
            let refused = hub.create_ticket("a ticket", lost).await;
            refused.status == 404 && keyed(hub, "k", "a ticket").await.status == 404
        })
    }),
    ("keys-spent-by-throttling", |hub| {
        Box::pin(async {
            let create = || {
                let body = ticket("a ticket", json!({"idempotency_key": "k"}));
                hub.execute("throttled", TICKETS_CREATE, body)
            };
            for _ in 0..20 {
                hub.execute("throttled", "itsm.tickets.list", json!({"input": {}}))
                    .await;
            }
            let refused = create().await;
            hub.clock.pass(1000);
            refused.status == 429 && create().await.status == 429
        })
    }),
    ("dry-runs-spend-keys", |hub| {
        Box::pin(async {
            hub.create_ticket("a ticket", json!({"idempotency_key": "k", "dry_run": true}))
                .await;
            keyed(hub, "k", "a ticket").await.status == 200 && hub.tickets_titled("a ticket").await == 0
        })
    }),
    ("dry-runs-claim-keys", |hub| {
        Box::pin(async {
            hub.create_ticket("a ticket", json!({"idempotency_key": "k", "dry_run": true}))
                .await;
            keyed(hub, "k", "a ticket").await.status == 409
        })
    }),
    ("keys-cut-at-32", |hub| Box::pin(alike_up_to(hub, 32))),
    ("keys-cut-at-128", |hub| Box::pin(alike_up_to(hub, 128))),
    ("keys-case-folded", |hub| Box::pin(are_one(hub, "key", "KEY"))),
    ("keys-trimmed", |hub| Box::pin(are_one(hub, "key", " key "))),
    ("control-characters-crash", |hub| {
        Box::pin(async { keyed(hub, "k\u{7}", "a ticket").await.status == 500 })
    }),
    ("endless-keys-crash", |hub| {
        Box::pin(async { keyed(hub, &"k".repeat(64 * 1024), "a ticket").await.status == 500 })
    }),
    ("keys-beyond-64-refused", |hub| {
        Box::pin(async { keyed(hub, &"k".repeat(65), "a ticket").await.status == 400 })
    }),
    ("keys-of-letters-only", |hub| {
        Box::pin(async { keyed(hub, "order:7 (é)", "a ticket").await.status == 400 })
    }),
    ("member-order-matters", |hub| {
        Box::pin(async {
            keyed(hub, "k", "a ticket").await;
            let reordered = json!({"idempotency_key": "k", "input": {"priority": "high", "title": "a ticket"}});
            hub.execute("primary", TICKETS_CREATE, reordered).await.status == 409
        })
    }),
    ("white-space-matters", |hub| {
        Box::pin(async {
            let body = ticket("a ticket", json!({"idempotency_key": "k"}));
            let spaced = serde_json::to_string_pretty(&body).unwrap();
            hub.execute("primary", TICKETS_CREATE, body).await;
            let path = format!("/tools/{TICKETS_CREATE}/execute");
            let again = hub.request("primary", Method::POST, &path).body(spaced);
            Answer::of(again).await.status == 409
        })
    }),
];

/// Creates a ticket under an idempotency key.
async fn keyed(hub: &TestHub, key: &str, title: &str) -> Answer {
    hub.create_ticket(title, json!({"idempotency_key": key})).await
}

/// Whether calls with these two keys, otherwise alike, have one effect.
async fn are_one(hub: &TestHub, one: &str, other: &str) -> bool {
    keyed(hub, one, "a ticket").await;
    keyed(hub, other, "a ticket").await;
    hub.tickets_titled("a ticket").await == 1
}

async fn alike_up_to(hub: &TestHub, length: usize) -> bool {
    let common = "k".repeat(length);
    are_one(hub, &format!("{common}-1"), &format!("{common}-2")).await
}

/// The same call under the same key by two workspaces.
async fn in_two_workspaces(hub: &TestHub) -> (Answer, Answer) {
    let body: Value = ticket("a ticket", json!({"idempotency_key": "k"}));
    let ours = hub.execute("primary", TICKETS_CREATE, body.clone()).await;
    (ours, hub.execute("foreign", TICKETS_CREATE, body).await)
}

#[tokio::test]
async fn each_defect_of_idempotency_shows() {
    assert_complete(&[ROWS], &["IDM-"]);
    prove(ROWS, Hub::builder).await;
}
