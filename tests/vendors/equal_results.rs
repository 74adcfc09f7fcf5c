//! The same calls give the same results, in memory and at two vendors whose APIs have nothing in common.

use serde_json::{Value, json};

use crate::stage::Stage;

/// What a call came to, without what no two vendors share: points in time of this test, and members that are null in one vendor and
/// not there in another.
async fn outcome(stage: &Stage, tool: &str, input: &Value) -> Value {
    let answer = stage.execute(tool, input.clone()).await;
    match answer.code() {
        "success" => comparable(answer.data()),
        code => json!({"code": code, "status": answer.status, "vendor_status": answer.detail("vendor_status")}),
    }
}

fn comparable(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, member)| !member.is_null());
            let kept = kept.map(|(name, member)| match name.as_str() {
                "created_at" | "updated_at" | "decided_at" => (name.clone(), point_in_time(member)),
                _ => (name.clone(), comparable(member)),
            });
            let mut kept: Vec<_> = kept.collect();
            kept.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(kept.into_iter().collect())
        }
        Value::Array(elements) => elements.iter().map(comparable).collect(),
        other => other.clone(),
    }
}

/// A seed's time as it is, to the second; one of this test as a word.
fn point_in_time(value: &Value) -> Value {
    let text = value.as_str().unwrap();
    assert!(text.len() >= 20 && text.ends_with('Z'), "{text}");
    let is_seed = text.starts_with("2026-01-") && text < "2026-01-15";
    if is_seed {
        text[..19].into()
    } else {
        "during the test".into()
    }
}

/// Makes the calls at each vendor, in order, and compares each result with that in memory.
async fn compare(calls: Vec<(&str, Value)>) {
    let memory = Stage::in_memory("conn_itsm_servicenow");
    let vendors = [
        Stage::over_http("conn_itsm_servicenow").await,
        Stage::over_http("conn_itsm_jira").await,
    ];
    for (tool, input) in calls {
        let expected = outcome(&memory, tool, &input).await;
        for vendor in &vendors {
            let name = vendor.vendor().vendor().name();
            let found = outcome(vendor, tool, &input).await;
            assert_eq!(found, expected, "{name}: {tool} {input}");
        }
    }
    for vendor in &vendors {
        assert!(vendor.vendor().reception().requests > 0);
        assert_eq!(vendor.vendor().reception().unauthorized, 0);
    }
}

#[tokio::test]
async fn tickets_are_made_read_changed_and_removed_alike() {
    compare(vec![
        ("itsm.tickets.create", json!({"title": "Badge does not open gate 3"})),
        (
            "itsm.tickets.create",
            json!({
                "title": "Checkout \"slow\" ^ again\\", "description": "Since noon.\n\nSee the graph: ü.", "priority": "critical",
                "category": "software", "requester_email": "maya.okafor@larkfield.example", "assignee_id": "usr_petra",
                "tags": ["checkout", "p1"], "watchers": ["a@larkfield.example", "b@larkfield.example"], "due_date": "2026-12-24",
                "outage": {"started_at": "2026-11-01T10:00:00Z", "services": ["checkout", "cart"]},
                "custom_fields": {"u_floor": 2, "u_case": "A-1", "u_open": true},
            }),
        ),
        ("itsm.tickets.get", json!({"ticket_id": "INC0010102"})),
        ("itsm.tickets.update", json!({"ticket_id": "INC0010102", "changes": {"title": "Checkout slow", "tags": []}})),
        (
            "itsm.tickets.update",
            json!({"ticket_id": "INC0010102", "changes": {"status": "resolved", "resolution": "Restarted.", "priority": "low"}}),
        ),
        ("itsm.tickets.assign", json!({"ticket_id": "INC0010101", "assignee_id": "usr_anand", "assignment_group": "facilities"})),
        ("itsm.tickets.update", json!({"ticket_id": "INC0010002", "changes": {"due_date": null}})),
        ("itsm.tickets.list", json!({})),
        ("itsm.tickets.delete", json!({"ticket_id": "INC0010101"})),
        ("itsm.tickets.get", json!({"ticket_id": "INC0010101"})),
        ("itsm.tickets.list", json!({})),
    ])
    .await;
}

#[tokio::test]
async fn seeds_are_found_filtered_and_paged_alike() {
    let mut calls = Vec::new();
    for ticket in 1..=5 {
        calls.push(("itsm.tickets.get", json!({"ticket_id": format!("INC001000{ticket}")})));
    }
    for input in [
        json!({"status": "on_hold"}),
        json!({"priority": ["medium", "critical"]}),
        json!({"assignee_id": "usr_petra"}),
        json!({"assignee_id": "usr\"^nobody"}),
        json!({"query": "gateway"}),
        json!({"updated_since": "2026-01-09T16:40:00Z"}),
        json!({"limit": 2}),
        json!({"limit": 2, "offset": 2}),
        json!({"limit": 2, "offset": 4}),
        json!({"offset": 9}),
        json!({"status": "in_progress", "priority": ["high"], "assignee_id": "usr_anand"}),
    ] {
        calls.push(("itsm.tickets.list", input));
    }
    calls.push(("itsm.tickets.search", json!({"query": "gate badge"})));
    calls.push(("itsm.tickets.search", json!({"query": "the", "category": "network"})));
    calls.push(("itsm.tickets.search", json!({"query": "o", "limit": 1, "offset": 1})));
    compare(calls).await;
}

#[tokio::test]
async fn what_is_not_there_is_missed_alike() {
    compare(vec![
        ("itsm.tickets.get", json!({"ticket_id": "INC0099999"})),
        ("itsm.tickets.get", json!({"ticket_id": "../../secret?x=1#y"})),
        ("itsm.tickets.get", json!({"ticket_id": ".."})),
        ("itsm.tickets.get", json!({"ticket_id": "a^ORnumberISNOTEMPTY"})),
        ("itsm.tickets.get", json!({"ticket_id": "INC-10001"})),
        (
            "itsm.tickets.update",
            json!({"ticket_id": "INC0099999", "changes": {"title": "none"}}),
        ),
        (
            "itsm.tickets.update",
            json!({"ticket_id": "INC0099999", "changes": {"status": "new"}}),
        ),
        (
            "itsm.tickets.assign",
            json!({"ticket_id": "none", "assignee_id": "usr_anand"}),
        ),
        ("itsm.tickets.delete", json!({"ticket_id": "INC0099999"})),
        (
            "itsm.comments.create",
            json!({"ticket_id": "INC0099999", "body": "lost"}),
        ),
        ("itsm.changes.get", json!({"change_id": "CHG0099999"})),
        (
            "itsm.changes.cancel",
            json!({"change_id": "CHG0099999", "reason": "none"}),
        ),
        ("itsm.changes.list", json!({"cursor": "none of these"})),
        ("itsm.tickets.list", json!({})),
    ])
    .await;
}

#[tokio::test]
async fn comments_are_kept_alike() {
    compare(vec![
        ("itsm.comments.list", json!({"ticket_id": "INC0010001"})),
        (
            "itsm.comments.create",
            json!({"ticket_id": "INC0010001", "body": "Line one\nline two", "time_spent_minutes": 45}),
        ),
        (
            "itsm.comments.create",
            json!({"ticket_id": "INC0010002", "body": "Another", "visibility": "public"}),
        ),
        ("itsm.comments.list", json!({"ticket_id": "INC0010001"})),
        ("itsm.comments.list", json!({"ticket_id": "INC0010001", "limit": 1})),
        ("itsm.comments.list", json!({"ticket_id": "INC0010002"})),
    ])
    .await;
}

#[tokio::test]
async fn changes_are_drafted_decided_and_cancelled_alike() {
    let plan =
        json!({"type": "normal", "steps": ["Drain", "Upgrade"], "rollback": ["Boot the old image"], "risk": "low"});
    let standard = json!({"type": "standard", "template_id": "STD-014"});
    compare(vec![
        ("itsm.changes.list", json!({})),
        ("itsm.changes.get", json!({"change_id": "CHG0002001"})),
        ("itsm.changes.list", json!({"state": "approved"})),
        ("itsm.changes.list", json!({"service": "vpn"})),
        ("itsm.changes.list", json!({"starts_between": ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"]})),
        ("itsm.changes.create", json!({"title": "Rotate the certificate", "plan": standard})),
        (
            "itsm.changes.create",
            json!({
                "title": "Upgrade the gateway", "justification": "It drops.", "plan": plan, "affected_services": ["vpn", "mail"],
                "window": ["2026-12-07T22:00:00Z", "2026-12-08T02:00:00Z"],
            }),
        ),
        ("itsm.changes.approve", json!({"change_id": "CHG0002101", "decision": "approved"})),
        (
            "itsm.changes.approve",
            json!({"change_id": "CHG0002102", "decision": "rejected", "note": "Not before Christmas."}),
        ),
        ("itsm.changes.cancel", json!({"change_id": "CHG0002002", "reason": "No longer needed"})),
        ("itsm.changes.list", json!({"state": "cancelled"})),
        ("itsm.changes.list", json!({})),
    ])
    .await;
}
