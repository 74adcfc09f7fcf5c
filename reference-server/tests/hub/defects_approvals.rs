//! What hubs get wrong about approvals.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use futures::future::join_all;
use reference_server::Hub;
use reference_server::catalogue::{Catalogue, Policy, PolicyRequirement};
use serde_json::json;

use crate::approvals::{GATED, decide, entries, entry_of, refund, refund_input, refunds};
use crate::client::{Answer, TICKETS_CREATE, TestHub, ticket};
use crate::defects::{Row, assert_complete, prove};

const ROWS: &[Row] = &[
    ("gated-calls-execute", |hub| {
        Box::pin(async { refund(hub, Some("k"), 500).await.status == 200 })
    }),
    ("gated-calls-act", |hub| {
        Box::pin(async {
            let before = refunds(hub).await;
            refund(hub, Some("k"), 500).await.code() == "APPROVAL_REQUIRED" && refunds(hub).await > before
        })
    }),
    ("asking-makes-no-entry", |hub| Box::pin(asks_without_entry(hub))),
    ("entries-made-on-replay", |hub| {
        Box::pin(async {
            let is_late = asks_without_entry(hub).await;
            refund(hub, Some("k"), 500).await;
            is_late && entries(hub).await == 1
        })
    }),
    ("approved-calls-act-each-time", |hub| {
        Box::pin(async {
            let before = decided(hub, "approve").await;
            refund(hub, Some("k"), 500).await;
            refund(hub, Some("k"), 500).await;
            refunds(hub).await == before + 2
        })
    }),
    ("approved-replays-race", |hub| {
        Box::pin(async {
            let before = decided(hub, "approve").await;
            join_all([refund(hub, Some("k"), 500), refund(hub, Some("k"), 500)]).await;
            refunds(hub).await == before + 2
        })
    }),
    ("approved-calls-keep-waiting", |hub| {
        Box::pin(async {
            decided(hub, "approve").await;
            refund(hub, Some("k"), 500).await.code() == "APPROVAL_REQUIRED"
        })
    }),
    ("decisions-execute", |hub| {
        Box::pin(async {
            let before = decided(hub, "approve").await;
            refund(hub, Some("k"), 500).await;
            refunds(hub).await == before + 2
        })
    }),
    ("waiting-replays-make-entries", |hub| {
        Box::pin(async {
            refund(hub, Some("k"), 500).await;
            let first = entries(hub).await;
            let replay = refund(hub, Some("k"), 500).await;
            replay.code() == "APPROVAL_REQUIRED" && (first, entries(hub).await) == (1, 2)
        })
    }),
    ("waiting-replays-conflict", |hub| {
        Box::pin(async {
            refund(hub, Some("k"), 500).await;
            refund(hub, Some("k"), 500).await.status == 409
        })
    }),
    ("waiting-duplicates-race", |hub| {
        Box::pin(async {
            join_all([refund(hub, Some("k"), 500), refund(hub, Some("k"), 500)]).await;
            entries(hub).await > 1
        })
    }),
    ("rejected-calls-execute", |hub| {
        Box::pin(async {
            decided(hub, "reject").await;
            refund(hub, Some("k"), 500).await.status == 200
        })
    }),
    ("rejections-wear-off", |hub| {
        Box::pin(async {
            decided(hub, "reject").await;
            let first = refund(hub, Some("k"), 500).await;
            first.code() == "FORBIDDEN" && refund(hub, Some("k"), 500).await.status == 200
        })
    }),
    ("rejected-replays-act", |hub| {
        Box::pin(async {
            let before = decided(hub, "reject").await;
            refund(hub, Some("k"), 500).await.code() == "FORBIDDEN" && refunds(hub).await > before
        })
    }),
    ("rejections-approve", |hub| {
        Box::pin(async {
            let before = decided(hub, "reject").await;
            refunds(hub).await > before
        })
    }),
    ("approvals-for-any-input", |hub| {
        Box::pin(async {
            decided(hub, "approve").await;
            refund(hub, Some("k"), 600).await.status == 200
        })
    }),
    ("approvals-for-any-tool", |hub| {
        Box::pin(async {
            decided(hub, "approve").await;
            let publish = json!({"input": {"article_id": "KB-102"}, "idempotency_key": "k"});
            let other = hub.execute("primary", "knowledge.articles.publish", publish).await;
            other.status == 200 && refund(hub, Some("k"), 600).await.status == 409
        })
    }),
    ("keyless-calls-need-no-approval", |hub| {
        Box::pin(async { refund(hub, None, 500).await.status == 200 })
    }),
    ("approved-tools-stay-open", |hub| {
        Box::pin(async {
            decided(hub, "approve").await;
            refund(hub, Some("another"), 600).await.status == 200
        })
    }),
    ("equal-inputs-share-approvals", |hub| {
        Box::pin(async {
            decided(hub, "approve").await;
            refund(hub, Some("another"), 500).await.status == 200
        })
    }),
    ("named-connections-need-no-approval", |hub| {
        Box::pin(async {
            let named = json!({"input": refund_input(500), "connection_id": "conn_ecommerce_shopify"});
            hub.execute("primary", GATED, named).await.status == 200
        })
    }),
    ("invalid-calls-ask-approval", |hub| {
        Box::pin(async { refund(hub, Some("k"), 0).await.code() == "APPROVAL_REQUIRED" && entries(hub).await == 1 })
    }),
    ("invalid-calls-leave-entries", |hub| {
        Box::pin(async { refund(hub, Some("k"), 0).await.code() == "INVALID_INPUT" && entries(hub).await == 1 })
    }),
    ("entries-not-named", |hub| {
        Box::pin(async { refund(hub, Some("k"), 500).await.body["error"]["details"] == json!({}) })
    }),
    ("entries-named-by-request", |hub| {
        Box::pin(async {
            let entry = entry_of(&refund(hub, Some("k"), 500).await);
            hub.get("approver", &format!("/approvals/{entry}")).await.status == 404
        })
    }),
    ("reads-beside-gated-tools-gated", |hub| {
        Box::pin(async {
            let read = json!({"input": {}});
            let list = hub.execute("primary", "ecommerce.refunds.list", read).await;
            list.code() == "APPROVAL_REQUIRED"
        })
    }),
    ("searches-gated", |hub| {
        Box::pin(async {
            let search = json!({"input": {"query": "printer"}});
            let found = hub.execute("primary", "itsm.tickets.search", search).await;
            found.code() == "APPROVAL_REQUIRED"
        })
    }),
];

/// On a hub where two workspaces, each with several connections of a domain, have gated the same tool.
const GATED_TICKETS: &[Row] = &[
    ("approvals-for-any-connection", |hub| {
        Box::pin(async {
            approve_ticket(hub).await;
            let elsewhere = json!({"idempotency_key": "k", "connection_id": "conn_itsm_jira"});
            hub.create_ticket("a ticket", elsewhere).await.status == 200
        })
    }),
    ("approvals-for-any-workspace", |hub| {
        Box::pin(async {
            let body = approve_ticket(hub).await;
            hub.execute("foreign", TICKETS_CREATE, body).await.status == 200
        })
    }),
];

/// Asks for a refund of 500 under the key `k` and decides; gives how many refunds there were before.
async fn decided(hub: &TestHub, decision: &str) -> usize {
    let before = refunds(hub).await;
    let entry = entry_of(&refund(hub, Some("k"), 500).await);
    assert_eq!(decide(hub, "approver", &entry, decision).await.status, 200);
    before
}

async fn asks_without_entry(hub: &TestHub) -> bool {
    entry_of(&refund(hub, Some("k"), 500).await);
    entries(hub).await == 0
}

/// Has a ticket under the key `k` approved; gives the body of the call.
async fn approve_ticket(hub: &TestHub) -> serde_json::Value {
    let body = ticket("a ticket", json!({"idempotency_key": "k"}));
    let asked: Answer = hub.execute("primary", TICKETS_CREATE, body.clone()).await;
    decide(hub, "approver", &entry_of(&asked), "approve").await;
    body
}

/// The bundled catalogue, with tickets gated in two workspaces.
static WITH_GATED_TICKETS: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/catalogue");
    let mut catalogue = Catalogue::load(Path::new(directory)).unwrap();
    let policies = &mut Arc::get_mut(&mut catalogue).unwrap().tenancy.policies;
    for workspace in ["ws_larkfield", "ws_harbour"] {
        policies.push(Policy {
            workspace: workspace.to_owned(),
            tool: TICKETS_CREATE.to_owned().try_into().unwrap(),
            requires: PolicyRequirement::Approval,
        });
    }
    catalogue
});

#[tokio::test]
async fn each_defect_of_approvals_shows() {
    assert_complete(&[ROWS, GATED_TICKETS], &["APR-"]);
    prove(ROWS, Hub::builder).await;
    prove(GATED_TICKETS, || Hub::builder().catalogue(WITH_GATED_TICKETS.clone())).await;
}
