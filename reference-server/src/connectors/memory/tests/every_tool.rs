//! Every tool of the bundled catalogue, at least once, on a fresh account.

use super::*;
use crate::catalogue::Tool;

/// Inputs for what the schemas' own examples do not reach: branches, nulls, and tools whose examples make no whole input.
fn inputs(tool: &str) -> Vec<Value> {
    let address = json!({ "street": "Kaj 4", "city": "Malmö", "country": "SE" });
    match tool {
        "calendar.events.create" => vec![
            json!({ "title": "Inventory", "start": { "date": "2026-05-01" }, "calendar_id": "stores", "conference_url": null,
                    "duration_minutes": 30.0, "recurrence": { "every": "week", "on": ["mon"] }, "reminders_minutes": [5, 10] }),
        ],
        "calendar.events.update" => {
            vec![json!({ "event_id": "evt_8001", "status": "cancelled", "duration_minutes": 5 })]
        }
        "calendar.events.respond" => vec![
            json!({ "event_id": "evt_8001", "email": "a@b.example", "answer": "declined", "proposed_start": "soon", "comment": "" }),
        ],
        "communication.messages.send" => vec![
            json!({ "user_id": "U0MAYA1", "content": { "kind": "card", "title": "x", "fields": [["a", 1e300]] }, "thread_id": "t" }),
            json!({ "channel_id": "C0GENERAL", "content": { "kind": "file", "file_url": "https://x" }, "mentions": ["U0MAYA1"] }),
        ],
        "communication.messages.update" => {
            vec![json!({ "message_id": "msg_9001", "content": { "kind": "text", "text": "Now at 22:00." } })]
        }
        "communication.messages.search" => vec![json!({ "query": "stocktake" })],
        "communication.channels.create" => {
            vec![json!({ "name": "a", "topic": "", "retention_days": null, "visibility": "private" })]
        }
        "communication.channels.invite" => {
            vec![json!({ "channel_id": "C0GENERAL", "user_ids": ["U0MAYA1", "U0NEW01"] })]
        }
        "identity.groups.add_members" | "identity.groups.remove_members" => {
            vec![json!({ "group_id": "grp_501", "user_ids": ["usr_1001", "usr_new"] })]
        }
        "crm.contacts.create" => vec![json!({
            "last_name": "Dahl", "phone": "+4915112345678", "company": null, "lead_score": 99.5, "tags": ["a"],
            "addresses": [{ "city": "Kiel", "country": "DE", "location": [1, 2] }], "properties": { "a": null },
            "consent": { "channels": ["email"], "source": "fair" }, "social": { "x": "https://x.example" }
        })],
        "crm.contacts.update" => {
            vec![json!({ "contact_id": "CON-3001", "company": null, "lead_score": 0, "properties": {} })]
        }
        "crm.deals.create" => {
            vec![
                json!({ "name": "Deal", "amount": { "value": 0, "currency": "EUR" }, "discount_percent": 0.5,
                         "discount_reason": "r", "next_step": null, "expected_close": ["Q1", 2030] }),
            ]
        }
        "crm.deals.update" => {
            vec![json!({ "deal_id": "DEAL-701", "changes": { "next_step": null, "probability": 100.0 } })]
        }
        "crm.deals.close" => vec![
            json!({ "deal_id": "DEAL-701", "outcome": { "result": "won", "contract_id": "c" } }),
            json!({ "deal_id": "DEAL-702", "outcome": { "result": "lost", "reason": "price", "competitor": "c" } }),
        ],
        "ecommerce.orders.update" => vec![json!({ "order_id": "ORD-40001", "changes": {
            "status": "shipped", "tracking": { "carrier": "DHL", "number": "1234" }, "attributes": { "a": "" } } })],
        "ecommerce.orders.cancel" => vec![
            json!({ "order_id": "ORD-40001", "reason": "fraud" }),
            json!({ "order_id": "ORD-40002", "reason": "other", "note": "n", "restock": false }),
        ],
        "ecommerce.refunds.create" => vec![
            json!({ "order_id": "ORD-40001", "reason": "damaged", "amount_minor": 1.0 }),
            json!({ "order_id": "ORD-1", "reason": "goodwill", "lines": [{ "sku": "AB-100", "quantity": 1 }], "note": "" }),
        ],
        "ecommerce.products.update" => vec![
            json!({ "product_id": "PRD-201", "price": 0, "sale_price": 1e6, "sale_ends_on": "x",
            "stock": 0.0, "dimensions_cm": [1, 2, 3], "status": "draft", "image_file": ".png" }),
        ],
        "hris.employees.search" => vec![json!({ "text": "astrid" })],
        "hris.employees.create" => vec![json!({
            "first_name": "A", "last_name": "B", "work_email": "a@b.example", "manager_id": null, "home_address": address,
            "contract": { "kind": "contractor", "company": "C" }, "emergency_contacts": [{ "name": "N", "phone": "+4670123456" }],
            "work_permit_number": "ABC123", "work_permit_expires": "2030-01-01"
        })],
        "hris.employees.update" => {
            vec![json!({ "employee_id": "EMP-1001", "fields": { "manager_id": null, "status": "on_leave" } })]
        }
        "hris.employees.terminate" => {
            vec![json!({ "employee_id": "EMP-1001", "last_day": "2026-06-30", "reason": "retirement" })]
        }
        "hris.employees.delete" => vec![json!({ "employee_id": "EMP-1001", "legal_basis": "erasure_request" })],
        "hris.leave.create" => vec![
            json!({ "employee_id": "EMP-1001", "type": "sick", "start_date": "2026-07-06", "days": 3.5, "certificate_id": "CERT-00001" }),
            json!({ "employee_id": "EMP-9999", "type": "parental", "start_date": "", "days": 260, "expected_birth_date": "" }),
        ],
        "hris.leave.approve" => vec![
            json!({ "leave_id": "LVR-5001", "decision": "approved", "approver_note": null }),
            json!({ "leave_id": "LVR-5002", "decision": "rejected", "approver_note": "Stocktake." }),
        ],
        "hris.leave.cancel" => vec![
            json!({ "leave_id": "LVR-5001" }),
            json!({ "leave_id": "LVR-5002", "reason": "" }),
        ],
        "identity.users.create" => vec![json!({
            "login": "a@b.example", "display_name": "A", "activate": true, "sign_in": { "method": "password" },
            "mfa_factors": [{ "type": "sms", "preferred": true }], "recovery_phone": "+4670123456", "attributes": { "x_a": 1 }
        })],
        "identity.users.update" => {
            vec![json!({ "user_id": "usr_1001", "attributes": {}, "recovery_phone": "+4670123456" })]
        }
        "identity.users.suspend" => vec![
            json!({ "user_id": "usr_1001", "reason": "stolen badge", "until": null,
                    "handover": [{ "user_id": "usr_1002", "leads": true }, { "user_id": "usr_1003", "leads": false }] }),
            json!({ "user_id": "usr_1002", "reason": "stolen badge" }),
        ],
        "identity.users.delete" => vec![
            json!({ "user_id": "usr_1001", "discard_files": true }),
            json!({ "user_id": "usr_1002", "transfer_files_to": "usr_1001" }),
        ],
        "identity.groups.create" => vec![
            json!({ "name": "Rule", "rule": { "attribute": "a", "equals": true }, "owner_ids": [] }),
            json!({ "name": "No members", "kind": "distribution", "description": "" }),
        ],
        "itsm.tickets.search" => vec![json!({ "query": "vpn", "category": "network" })],
        "itsm.tickets.create" => vec![
            json!({ "title": "Down", "priority": "critical", "outage": { "started_at": "now", "services": ["a"] } }),
            json!({ "title": "Slow", "assignee_id": null, "due_date": null, "tags": [], "custom_fields": { "u_a": null } }),
        ],
        "itsm.tickets.update" => vec![json!({ "ticket_id": "INC0010001", "changes": {
            "status": "resolved", "resolution": "Done", "due_date": null, "tags": [] } })],
        "itsm.tickets.assign" => vec![
            json!({ "ticket_id": "INC0010001", "assignee_id": "usr_1" }),
            json!({ "ticket_id": "INC0010002", "assignment_group": "g" }),
        ],
        "itsm.comments.create" => vec![json!({ "ticket_id": "INC0010001", "body": "b", "time_spent_minutes": 15.0 })],
        "itsm.changes.list" => vec![json!({ "starts_between": ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"] })],
        "itsm.changes.create" => vec![
            json!({ "title": "Change", "plan": { "type": "emergency", "incident_id": "i" }, "window": ["a", "b"] }),
            json!({ "title": "Change", "plan": { "type": "normal", "steps": ["a"], "rollback": ["b"] }, "affected_services": [] }),
        ],
        "itsm.changes.approve" => vec![
            json!({ "change_id": "CHG0002001", "decision": "approved", "note": null }),
            json!({ "change_id": "CHG0002002", "decision": "rejected", "note": "No rollback." }),
        ],
        "itsm.changes.cancel" => vec![json!({ "change_id": "CHG0002001", "reason": "late" })],
        "knowledge.articles.search" => {
            vec![
                json!({ "query": "reset", "filters": { "audience": ["everyone"], "changed": ["2026-01-01", "2027-01-01"] } }),
            ]
        }
        "knowledge.articles.update" => vec![json!({ "article_id": "KB-101", "labels": {}, "audience": "customers" })],
        "knowledge.articles.publish" => vec![
            json!({ "article_id": "KB-102" }),
            json!({ "article_id": "KB-103", "notify": [] }),
        ],
        "payments.charges.create" => vec![
            json!({ "amount_minor": 50.0, "currency": "EUR", "source": { "type": "sepa_debit", "mandate_id": "m" } }),
        ],
        _ => Vec::new(),
    }
}

/// What the schema itself shows: its examples, and the object of its required properties' examples.
fn examples(tool: &Tool) -> Vec<Value> {
    let schema = &tool.input_schema;
    let mut inputs = schema["examples"].as_array().cloned().unwrap_or_default();
    let names = schema["required"].as_array().into_iter().flatten();
    let required = names.map(|name| {
        let name = name.as_str().unwrap();
        (name.to_owned(), schema["properties"][name]["examples"][0].clone())
    });
    inputs.push(Value::Object(required.collect()));
    inputs.retain(|input| tool.input.is_valid(input));
    inputs
}

#[tokio::test]
async fn answers_are_what_the_output_schema_promises() {
    let catalogue = Catalogue::bundled().unwrap();
    for tool in &catalogue.tools {
        let inputs = [examples(tool), inputs(&tool.key)].concat();
        assert!(!inputs.is_empty(), "{}: no input to try", tool.key);
        for input in inputs {
            let vendors = Vendors::new();
            // Not what another workspace's connection holds, but what the domain does: the examples name its records.
            let connection = Connection {
                id: "conn_test".to_owned(),
                name: "Test".to_owned(),
                workspace: "ws_test".to_owned(),
                domain: tool.domain.clone(),
                connector: tool.connectors[0].clone(),
                status: crate::catalogue::ConnectionStatus::Active,
                default: true,
                records: None,
            };
            let answer = vendors.call_at(&connection, &tool.key, input.clone(), noon()).await;
            assert!(answer.is_ok(), "{}: {input}: {answer:?}", tool.key);
        }
    }
}

#[tokio::test]
async fn every_seed_is_what_its_list_promises() {
    let vendors = Vendors::new();
    for connection in &vendors.catalogue.tenancy.connections {
        if connection.status == crate::catalogue::ConnectionStatus::Failing {
            continue;
        }
        for tool in &vendors.catalogue.tools {
            let listing = tool.key.ends_with(".list") && tool.domain == connection.domain;
            if listing && tool.input.is_valid(&json!({})) {
                let page = vendors.call_at(connection, &tool.key, json!({}), noon()).await.unwrap();
                assert_eq!(json!(ids(&page).len()), page["total"], "{}", tool.key);
            }
        }
    }
}
