//! What hubs get wrong about dry runs.

use futures::future::join_all;
use reference_server::Hub;
use serde_json::{Value, json};

use crate::approvals::{GATED, entries, refund_input};
use crate::client::{Answer, TICKETS_CREATE, TestHub, ticket};
use crate::defects::{Row, assert_complete, prove};

const ROWS: &[Row] = &[
    ("dry-runs-execute", |hub| {
        Box::pin(async {
            dry_ticket(hub).await;
            hub.tickets_titled("a ticket").await == 1
        })
    }),
    ("dry-runs-reach-the-vendor", |hub| {
        Box::pin(async {
            dry_ticket(hub).await;
            hub.tickets_titled("a ticket").await == 1
        })
    }),
    ("dry-runs-left-to-the-vendor", |hub| {
        Box::pin(async {
            dry_ticket(hub).await;
            hub.tickets_titled("a ticket").await == 1
        })
    }),
    ("dry-runs-of-deletes-execute", |hub| {
        Box::pin(async {
            let id = json!({"ticket_id": "INC0010005"});
            dry(hub, "primary", "itsm.tickets.delete", id.clone()).await;
            let got = hub.execute("primary", "itsm.tickets.get", json!({ "input": id })).await;
            got.code() == "UPSTREAM_ERROR"
        })
    }),
    ("dry-runs-execute-under-load", |hub| {
        Box::pin(async {
            join_all([dry_ticket(hub), dry_ticket(hub)]).await;
            hub.tickets_titled("a ticket").await > 0
        })
    }),
    ("dry-runs-skip-validation", |hub| {
        Box::pin(async { dry(hub, "primary", TICKETS_CREATE, json!({})).await.status == 200 })
    }),
    ("dry-runs-check-names-only", |hub| {
        Box::pin(async {
            let mistyped = dry(hub, "primary", TICKETS_CREATE, json!({"title": 5})).await;
            let missing = dry(hub, "primary", TICKETS_CREATE, json!({})).await;
            (mistyped.status, missing.status) == (200, 400)
        })
    }),
    ("dry-run-false-is-true", |hub| {
        Box::pin(async {
            let answer = hub.create_ticket("a ticket", json!({"dry_run": false})).await;
            answer.status == 200 && hub.tickets_titled("a ticket").await == 0
        })
    }),
    ("dry-run-false-refused", |hub| {
        Box::pin(async { hub.create_ticket("a ticket", json!({"dry_run": false})).await.status == 400 })
    }),
    ("dry-runs-skip-permission", |hub| {
        Box::pin(async {
            let id = json!({"ticket_id": "INC0010005"});
            dry(hub, "restricted", "itsm.tickets.delete", id).await.status == 200
        })
    }),
    ("dry-runs-skip-connection", |hub| {
        Box::pin(async {
            let lost = json!({"dry_run": true, "connection_id": "conn_nowhere"});
            hub.create_ticket("a ticket", lost).await.status == 200
        })
    }),
    ("dry-runs-skip-tool", |hub| {
        Box::pin(async { dry(hub, "primary", "itsm.tickets.vanish", json!({})).await.status == 200 })
    }),
    ("dry-runs-skip-key", |hub| {
        Box::pin(async {
            let body = ticket("a ticket", json!({"dry_run": true}));
            hub.execute("revoked", TICKETS_CREATE, body).await.status == 200
        })
    }),
    ("dry-runs-ask-approval", |hub| {
        Box::pin(async {
            let answer = dry(hub, "primary", GATED, refund_input(500)).await;
            answer.code() == "APPROVAL_REQUIRED" && entries(hub).await == 1
        })
    }),
    ("dry-runs-leave-entries", |hub| {
        Box::pin(async {
            let answer = dry(hub, "primary", GATED, refund_input(500)).await;
            answer.status == 200 && entries(hub).await == 1
        })
    }),
];

async fn dry_ticket(hub: &TestHub) -> Answer {
    hub.create_ticket("a ticket", json!({"dry_run": true})).await
}

async fn dry(hub: &TestHub, role: &str, tool: &str, input: Value) -> Answer {
    hub.execute(role, tool, json!({"input": input, "dry_run": true})).await
}

#[tokio::test]
async fn each_defect_of_dry_runs_shows() {
    assert_complete(&[ROWS], &["DRY-"]);
    prove(ROWS, Hub::builder).await;
}
