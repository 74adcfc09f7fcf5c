//! What becomes of records: made, changed, removed, each account's its own.

use std::collections::HashSet;

use super::*;
use crate::connectors::memory::account::CREATED_RECORDS;

#[tokio::test]
async fn a_ticket_lives_from_its_creation_to_its_end() {
    let vendors = Vendors::new();
    let input = json!({ "title": "Scanner is broken", "priority": "high", "due_date": null });
    let created = vendors.call("itsm.tickets.create", input).await.unwrap();
    let stamp = "2026-05-28T20:26:40.250Z";
    let expected = json!({
        "id": "INC0010101", "status": "new", "priority": "high", "category": "other", "assignee_id": null, "tags": [],
        "title": "Scanner is broken", "due_date": null, "created_at": stamp, "updated_at": stamp,
    });
    assert_eq!(created, expected);
    assert_eq!(created.as_object().unwrap().keys().next().unwrap(), "id");

    let id = json!({ "ticket_id": "INC0010101" });
    assert_eq!(vendors.call("itsm.tickets.get", id.clone()).await.unwrap(), created);
    assert_eq!(
        vendors.ids("itsm.tickets.list", json!({ "limit": 1 })).await,
        ["INC0010101"]
    );
    let words = json!({ "query": "BROKEN scanner" });
    assert_eq!(vendors.ids("itsm.tickets.search", words).await, ["INC0010101"]);

    let changes = json!({ "ticket_id": "INC0010101", "changes": { "status": "on_hold", "tags": ["pos"] } });
    let later = noon() + Duration::from_secs(60);
    let connection = vendors.serving("itsm.tickets.update");
    let updated = vendors
        .call_at(connection, "itsm.tickets.update", changes, later)
        .await
        .unwrap();
    let mut expected = created;
    expected["status"] = json!("on_hold");
    expected["tags"] = json!(["pos"]);
    expected["updated_at"] = json!("2026-05-28T20:27:40.250Z");
    assert_eq!(updated, expected);
    assert_eq!(vendors.call("itsm.tickets.get", id.clone()).await.unwrap(), updated);

    let deleted = vendors.call("itsm.tickets.delete", id.clone()).await.unwrap();
    assert_eq!(deleted, json!({ "id": "INC0010101", "deleted": true }));
    assert_eq!(status(vendors.call("itsm.tickets.get", id.clone()).await), 404);
    assert_eq!(status(vendors.call("itsm.tickets.delete", id).await), 404);
    let again = vendors.call("itsm.tickets.create", ticket("Another")).await.unwrap();
    assert_eq!(again["id"], "INC0010102");
}

#[tokio::test]
async fn a_record_that_is_not_there_is_not_found() {
    let vendors = Vendors::new();
    for (tool, input) in [
        (
            "itsm.tickets.update",
            json!({ "ticket_id": "x", "changes": { "status": "new" } }),
        ),
        ("itsm.tickets.assign", json!({ "ticket_id": "x", "assignee_id": "a" })),
        ("itsm.comments.create", json!({ "ticket_id": "x", "body": "b" })),
        ("calendar.events.update", json!({ "event_id": "x", "title": "t" })),
        (
            "calendar.events.respond",
            json!({ "event_id": "x", "email": "a@b.example", "answer": "accepted" }),
        ),
    ] {
        assert_eq!(status(vendors.call(tool, input).await), 404, "{tool}");
    }
}

#[tokio::test]
async fn an_update_without_an_object_of_changes_takes_the_input() {
    let vendors = Vendors::new();
    let input = json!({ "contact_id": "CON-3001", "company": null });
    let contact = vendors.call("crm.contacts.update", input).await.unwrap();
    assert_eq!(
        (&contact["company"], &contact["id"]),
        (&Value::Null, &json!("CON-3001"))
    );
    assert!(contact.get("contact_id").is_none());
}

#[tokio::test]
async fn omitted_members_are_not_stored() {
    let vendors = Vendors::new();
    let input = json!({ "login": "a@b.example", "display_name": "A", "activate": true });
    let user = vendors.call("identity.users.create", input).await.unwrap();
    assert!(user.get("activate").is_none());
}

#[tokio::test]
async fn actions_set_constants_inputs_objects_and_times() {
    let vendors = Vendors::new();
    let input = json!({ "user_id": "usr_1001", "reason": "stolen badge" });
    let user = vendors.call("identity.users.suspend", input).await.unwrap();
    assert_eq!(user["status"], "suspended");
    // The call says nothing of `until`.
    let expected = json!({ "reason": "stolen badge", "since": "2026-05-28T20:26:40.250Z" });
    assert_eq!(user["suspension"], expected);
    assert_eq!(user["updated_at"], expected["since"]);
}

#[tokio::test]
async fn members_are_added_once_and_removed() {
    let vendors = Vendors::new();
    let input = |ids: Value| json!({ "group_id": "grp_501", "user_ids": ids });
    let add = vendors
        .call("identity.groups.add_members", input(json!(["usr_1002", "usr_new"])))
        .await;
    assert_eq!(add.unwrap()["member_ids"], json!(["usr_1001", "usr_1002", "usr_new"]));
    let remove = vendors
        .call("identity.groups.remove_members", input(json!(["usr_1001", "usr_none"])))
        .await;
    assert_eq!(remove.unwrap()["member_ids"], json!(["usr_1002", "usr_new"]));
}

#[tokio::test]
async fn an_array_does_not_grow_without_end() {
    let vendors = Vendors::new();
    let mut members = 0;
    for round in 0..12 {
        let ids: Vec<_> = (0..100).map(|number| format!("usr_{round}_{number}")).collect();
        let input = json!({ "group_id": "grp_501", "user_ids": ids });
        let group = vendors.call("identity.groups.add_members", input).await.unwrap();
        members = group["member_ids"].as_array().unwrap().len();
        assert_eq!(group["member_ids"][members - 1], json!(ids[99]));
    }
    assert_eq!(members, 1000);
}

#[tokio::test]
async fn an_action_can_make_a_record_that_belongs_to_another() {
    let vendors = Vendors::new();
    let input = json!({ "ticket_id": "INC0010002", "body": "Replaced." });
    let comment = vendors.call("itsm.comments.create", input).await.unwrap();
    assert_eq!(comment["id"], "CMT0000001");
    assert_eq!(comment["visibility"], "internal");
    let of = |ticket: &str| json!({ "ticket_id": ticket });
    assert_eq!(
        vendors.ids("itsm.comments.list", of("INC0010002")).await,
        ["CMT0000001"]
    );
    assert_eq!(
        vendors.ids("itsm.comments.list", of("INC0010001")).await,
        ["CMT0000901"]
    );
}

#[tokio::test]
async fn connections_keep_their_accounts_apart() {
    let vendors = Vendors::new();
    let [servicenow, jira, harbour] =
        ["conn_itsm_servicenow", "conn_itsm_jira", "conn_harbour_servicenow"].map(|id| vendors.connection(id));
    let create = |connection, title| vendors.call_at(connection, "itsm.tickets.create", ticket(title), noon());
    let list = |connection| vendors.call_at(connection, "itsm.tickets.list", json!({}), noon());
    let created = create(servicenow, "One").await.unwrap();
    assert_eq!(list(servicenow).await.unwrap()["total"], 6);
    assert_eq!(list(jira).await.unwrap()["total"], 5);
    assert_eq!(create(jira, "Other").await.unwrap()["id"], created["id"]);
    assert!(
        ids(&list(harbour).await.unwrap())
            .iter()
            .all(|id| id.starts_with("INC077"))
    );
    // A connection with records of its own holds nothing else.
    let page = vendors
        .call_at(harbour, "itsm.changes.list", json!({}), noon())
        .await
        .unwrap();
    assert_eq!(page["total"], 0);
}

#[tokio::test]
async fn a_failing_connection_times_out_at_once() {
    let vendors = Vendors::new();
    let failing = vendors.connection("conn_identity_entra");
    let answer = vendors.call_at(failing, "identity.users.list", json!({}), noon()).await;
    assert_eq!(answer, Err(VendorError::TimedOut));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_creations_have_ids_of_their_own() {
    let vendors = Arc::new(Vendors::new());
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let vendors = Arc::clone(&vendors);
            tokio::spawn(async move {
                let mut ids = Vec::new();
                for number in 0..50 {
                    let title = format!("Ticket {task}/{number}");
                    let created = vendors.call("itsm.tickets.create", ticket(&title)).await.unwrap();
                    ids.push(created["id"].as_str().unwrap().to_owned());
                }
                ids
            })
        })
        .collect();
    let mut ids = HashSet::new();
    for task in tasks {
        ids.extend(task.await.unwrap());
    }
    assert_eq!(ids.len(), 800);
    let page = vendors
        .call("itsm.tickets.list", json!({ "query": "Ticket " }))
        .await
        .unwrap();
    assert_eq!(page["total"], 800);
}

#[tokio::test]
async fn the_oldest_creation_goes_when_there_are_too_many() {
    let vendors = Vendors::new();
    for _ in 0..=CREATED_RECORDS {
        vendors
            .call("itsm.tickets.create", ticket("One of many"))
            .await
            .unwrap();
    }
    let page = vendors.call("itsm.tickets.list", json!({})).await.unwrap();
    assert_eq!(page["total"], CREATED_RECORDS + 5);
    let get = |id: &str| vendors.call("itsm.tickets.get", json!({ "ticket_id": id }));
    assert_eq!(status(get("INC0010101").await), 404);
    assert!(get("INC0010102").await.is_ok());
    assert!(get("INC0010001").await.is_ok());
}
