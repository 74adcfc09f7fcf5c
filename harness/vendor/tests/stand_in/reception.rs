//! What a stand-in tells of what reached it.

use hubproof_vendor::{Credentials, Reception};

use crate::client::{send, send_with, stand_in};

#[tokio::test]
async fn what_is_received_is_told_in_order_and_forgotten_by_a_reset() {
    let vendor = stand_in("servicenow").await;
    let path = "/api/now/table/incident";
    send(&vendor, "GET", &format!("{path}?sysparm_limit=1"), "")
        .await
        .unwrap();
    send(&vendor, "POST", path, r#"{"short_description": "one"}"#)
        .await
        .unwrap();
    send_with(&vendor, "POST", path, "{}", "").await.unwrap();
    send(&vendor, "POST", "/nowhere", "{}").await.unwrap();
    let received = vendor.received();
    let told: Vec<_> = received
        .iter()
        .map(|one| {
            (
                one.number,
                one.method.as_str(),
                one.path.as_str(),
                one.changes_state,
                one.carried_out,
                one.credentials,
            )
        })
        .collect();
    let (accepted, missing) = (Credentials::Accepted, Credentials::Missing);
    assert_eq!(
        told,
        [
            (0, "GET", path, false, true, accepted),
            (1, "POST", path, true, true, accepted),
            (2, "POST", path, true, false, missing),
            (3, "POST", "/nowhere", true, false, accepted),
        ]
    );
    let reception = Reception {
        requests: 4,
        changes: 3,
        changes_carried_out: 1,
        unauthorized: 1,
    };
    assert_eq!(vendor.reception(), reception);
    vendor.reset();
    assert_eq!(
        (vendor.reception(), vendor.received()),
        (Reception::default(), Vec::new())
    );
    let created = send(&vendor, "POST", path, r#"{"short_description": "two"}"#)
        .await
        .unwrap();
    assert_eq!(
        created.json()["result"]["number"],
        "INC0010101",
        "numbers go on after a reset"
    );
}

#[tokio::test]
async fn two_stand_ins_share_nothing() {
    let (one, other) = (stand_in("servicenow").await, stand_in("servicenow").await);
    let path = "/api/now/table/incident";
    send(&one, "POST", path, r#"{"short_description": "one"}"#)
        .await
        .unwrap();
    assert_eq!((one.reception().requests, other.reception().requests), (1, 0));
    let listed = send(&other, "GET", path, "").await.unwrap().json();
    assert_eq!(listed["result"].as_array().unwrap().len(), 5);
}
