//! State behind the tools, routing, dry runs.

use serde_json::json;

use crate::client::{TestHub, tickets_of};

#[tokio::test]
async fn a_created_ticket_can_be_fetched_updated_and_deleted() {
    let hub = TestHub::start().await;
    let created = hub.create_ticket("printer on fire", json!({})).await;
    let id = created.data()["id"].as_str().unwrap().to_owned();
    assert_eq!(created.body["connection_id"], "conn_itsm_servicenow");
    let got = hub
        .execute("primary", "itsm.tickets.get", json!({"input": {"ticket_id": id}}))
        .await;
    assert_eq!(got.data()["title"], "printer on fire");
    let update = json!({"input": {"ticket_id": id, "changes": {"title": "printer is out"}}});
    hub.execute("primary", "itsm.tickets.update", update).await.data();
    assert_eq!(hub.tickets_titled("printer is out").await, 1);
    hub.execute("primary", "itsm.tickets.delete", json!({"input": {"ticket_id": id}}))
        .await
        .data();
    let gone = hub
        .execute("primary", "itsm.tickets.get", json!({"input": {"ticket_id": id}}))
        .await;
    assert_eq!((gone.status, gone.code()), (502, "UPSTREAM_ERROR"));
    assert_eq!(gone.body["error"]["details"]["vendor_status"], 404);
}

#[tokio::test]
async fn each_connection_is_an_account_of_its_own() {
    let hub = TestHub::start().await;
    let jira = json!({"connection_id": "conn_itsm_jira"});
    let created = hub.create_ticket("only in jira", jira.clone()).await;
    assert_eq!(created.body["connection_id"], "conn_itsm_jira");
    assert_eq!(hub.tickets_titled("only in jira").await, 0);
    let search = json!({"input": {"query": "only in jira"}, "connection_id": "conn_itsm_jira"});
    let found = hub.execute("primary", "itsm.tickets.search", search).await;
    assert_eq!(tickets_of(found.data()).len(), 1);
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_does_nothing() {
    let hub = TestHub::start().await;
    let dry = json!({"dry_run": true});
    assert_eq!(hub.create_ticket("dry", dry.clone()).await.status, 200);
    assert_eq!(hub.tickets_titled("dry").await, 0);
    let invalid = hub
        .execute("primary", "itsm.tickets.create", json!({"input": {}, "dry_run": true}))
        .await;
    assert_eq!(invalid.code(), "INVALID_INPUT");
    let elsewhere = json!({"dry_run": true, "connection_id": "conn_harbour_servicenow"});
    assert_eq!(hub.create_ticket("dry", elsewhere).await.code(), "CONNECTION_NOT_FOUND");
    let delete = json!({"input": {"ticket_id": "INC0010001"}, "dry_run": true});
    assert_eq!(
        hub.execute("restricted", "itsm.tickets.delete", delete).await.code(),
        "FORBIDDEN"
    );
}

#[tokio::test]
async fn routing_goes_by_name_then_default_then_what_is_active() {
    let hub = TestHub::start().await;
    let list = |connection: Option<&str>| {
        let mut body = json!({"input": {}});
        if let Some(connection) = connection {
            body["connection_id"] = json!(connection);
        }
        body
    };
    let inactive = hub
        .execute("primary", "itsm.tickets.list", list(Some("conn_itsm_zendesk")))
        .await;
    assert_eq!(inactive.code(), "CONNECTION_NOT_FOUND");
    let of_another_domain = hub
        .execute("primary", "itsm.tickets.list", list(Some("conn_crm_salesforce")))
        .await;
    assert_eq!(of_another_domain.code(), "CONNECTION_NOT_FOUND");
    let none = hub.execute("primary", "documents.files.list", list(None)).await;
    assert_eq!((none.status, none.code()), (404, "CONNECTION_NOT_FOUND"));
    let failing = hub
        .execute("primary", "identity.users.list", list(Some("conn_identity_entra")))
        .await;
    assert_eq!(failing.code(), "UPSTREAM_ERROR");
    let foreign = hub.execute("foreign", "itsm.tickets.list", list(None)).await;
    assert_eq!(foreign.body["connection_id"], "conn_harbour_servicenow");
}
