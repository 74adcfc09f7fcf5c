//! What hubs do that they should not: refused calls that act, effects on another account, reads that change what they read.

use reference_server::Hub;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, TICKETS_CREATE, TestHub, ticket, tickets_of};
use crate::defects::{Row, Tried, assert_complete, prove};

const ROWS: &[Row] = &[
    ("forbidden-calls-act", |hub| {
        Box::pin(async {
            let input = json!({"last_name": "Forbidden", "email": "for@bidden.example"});
            let refused = hub
                .execute("restricted", "crm.contacts.create", json!({ "input": input }))
                .await;
            let search = json!({"input": {"query": "Forbidden"}});
            let found = hub.execute("primary", "crm.contacts.search", search).await;
            refused.code() == "FORBIDDEN" && !tickets_of(found.data()).is_empty()
        })
    }),
    ("revoked-keys-act", |hub| {
        Box::pin(async {
            let refused = hub
                .execute("revoked", TICKETS_CREATE, ticket("a ticket", json!({})))
                .await;
            acted(hub, &refused, "UNAUTHORIZED").await
        })
    }),
    ("unauthorized-calls-act", |hub| {
        Box::pin(async {
            let path = format!("/api/v1/tools/{TICKETS_CREATE}/execute");
            let call = hub.outside(Method::POST, &path).json(&ticket("a ticket", json!({})));
            acted(hub, &Answer::of(call).await, "UNAUTHORIZED").await
        })
    }),
    ("invalid-calls-act", |hub| {
        Box::pin(async {
            let mut unknown = ticket("a ticket", json!({}));
            unknown["input"]["colour"] = json!("red");
            let refused = hub.execute("primary", TICKETS_CREATE, unknown).await;
            acted(hub, &refused, "INVALID_INPUT").await
        })
    }),
    ("lost-connections-act", |hub| {
        Box::pin(async {
            let refused = hub
                .create_ticket("a ticket", json!({"connection_id": "conn_nowhere"}))
                .await;
            acted(hub, &refused, "CONNECTION_NOT_FOUND").await
        })
    }),
    ("default-account-acts", |hub| {
        Box::pin(async {
            let created = create_in_jira(hub).await;
            names_jira(&created) && hub.tickets_titled("a ticket").await == 1
        })
    }),
    ("first-account-sticks", |hub| {
        Box::pin(async {
            // The default's session is the first.
            hub.tickets_titled("a ticket").await;
            let created = create_in_jira(hub).await;
            names_jira(&created) && hub.tickets_titled("a ticket").await == 1
        })
    }),
    ("writes-reach-every-account", |hub| {
        Box::pin(async {
            let created = create_in_jira(hub).await;
            let search = json!({"input": {"query": "a ticket"}, "connection_id": "conn_itsm_jira"});
            let in_jira = hub.execute("primary", "itsm.tickets.search", search).await;
            let is_there = tickets_of(in_jira.data())
                .iter()
                .any(|found| found["id"] == created.data()["id"]);
            is_there && hub.tickets_titled("a ticket").await == 1
        })
    }),
    ("gets-touch-records", |hub| {
        Box::pin(changes_by(hub, "itsm.tickets.get", json!({"ticket_id": "INC0010001"})))
    }),
    ("searches-touch-records", |hub| {
        Box::pin(changes_by(hub, "itsm.tickets.search", json!({"query": "a"})))
    }),
];

/// Whether a ticket was made by a call that was refused with this code.
async fn acted(hub: &TestHub, refused: &Answer, code: &str) -> bool {
    refused.code() == code && hub.tickets_titled("a ticket").await == 1
}

async fn create_in_jira(hub: &TestHub) -> Answer {
    hub.create_ticket("a ticket", json!({"connection_id": "conn_itsm_jira"}))
        .await
}

fn names_jira(answer: &Answer) -> bool {
    answer.body["connection_id"] == "conn_itsm_jira"
}

/// Whether two reads with time between them find something else.
async fn changes_by(hub: &Tried, tool: &str, input: Value) -> bool {
    let read = || hub.execute("primary", tool, json!({"input": input}));
    let first = read().await;
    hub.clock.pass(1);
    first.data() != read().await.data()
}

#[tokio::test]
async fn each_defect_of_effects_shows() {
    assert_complete(&[ROWS], &["AUTH-07", "EXE-11", "EXE-12", "EXE-16"]);
    prove(ROWS, Hub::builder).await;
}
