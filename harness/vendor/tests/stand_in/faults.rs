//! Each fault as a client sees it, and whether the request was carried out.

use std::io::ErrorKind;
use std::time::Duration;

use hubproof_vendor::{Fault, Script};

use crate::client::{Answer, request, send, stand_in};

const INCIDENTS: &str = "/api/now/table/incident";
const BODY: &str = r#"{"short_description": "a fault"}"#;

/// What a client sees of a fault.
fn looks_like(fault: Fault, answer: Option<&Answer>) -> bool {
    let Some(answer) = answer else {
        return fault == Fault::Refuse;
    };
    let is_reset = answer
        .end
        .as_ref()
        .is_err_and(|end| end.kind() == ErrorKind::ConnectionReset);
    let is_late = answer.end.as_ref().is_err_and(|end| end.kind() == ErrorKind::TimedOut);
    let is_json = serde_json::from_str::<serde_json::Value>(&answer.body).is_ok();
    match fault {
        Fault::Status(status) => answer.status == status && answer.json()["status"] == "failure",
        Fault::Throttle(_) => answer.status == 429 && answer.head.contains("retry-after: 7"),
        Fault::Refuse => false,
        Fault::Reset => is_reset && answer.head.is_empty(),
        Fault::ResetInBody => is_reset && answer.status == 201 && !is_json && !answer.body.is_empty(),
        Fault::Stall | Fault::LateSuccess => is_late && answer.head.is_empty(),
        Fault::Drip => is_late && answer.status == 201,
        Fault::Truncate => answer.end.is_ok() && answer.status == 201 && !is_json,
        Fault::LoginPage => answer.status == 200 && answer.head.contains("text/html") && answer.body.contains("<form"),
        Fault::NotJson => answer.head.contains("application/json") && !is_json && answer.end.is_ok(),
        Fault::Huge => answer.body.len() > 1_000_000,
        Fault::WrongTypes => answer.json()["result"]["number"].is_number(),
        Fault::WrongType(_) => {
            let result = &answer.json()["result"];
            result["assigned_to"].is_number() && result["number"].is_string()
        }
    }
}

#[tokio::test]
async fn each_fault_looks_like_itself_and_ends_with_its_guard() {
    for fault in Fault::each() {
        let vendor = stand_in("servicenow").await;
        let scripted = vendor.script(fault).await;
        let answer = send(&vendor, "POST", INCIDENTS, BODY).await;
        assert!(looks_like(fault, answer.as_ref()), "{fault}: {answer:?}");
        if fault == Fault::LateSuccess {
            vendor
                .received_until(|received| received.iter().any(|one| one.carried_out))
                .await;
        }
        let expected = (u64::from(fault != Fault::Refuse), u64::from(fault.carries_out()));
        let reception = vendor.reception();
        assert_eq!((reception.changes, reception.changes_carried_out), expected, "{fault}");
        drop(scripted);
        let answer = send(&vendor, "POST", INCIDENTS, BODY).await.unwrap();
        assert_eq!(answer.status, 201, "{fault} goes on");
    }
}

#[tokio::test]
async fn a_script_can_be_for_some_requests_alone() {
    let vendor = stand_in("servicenow").await;
    let script = Script::of(Fault::Status(503)).first(2).changes_only();
    let _scripted = vendor.script(script).await;
    let mut statuses = Vec::new();
    for method in ["GET", "POST", "GET", "POST", "POST"] {
        statuses.push(send(&vendor, method, INCIDENTS, BODY).await.unwrap().status);
    }
    assert_eq!(statuses, [200, 503, 200, 503, 201]);
}

#[tokio::test]
async fn the_latest_script_holds_and_a_port_opens_once_nobody_keeps_it_shut() {
    let vendor = stand_in("servicenow").await;
    let first = vendor.script(Fault::Refuse).await;
    let second = vendor.script(Fault::Refuse).await;
    drop(first);
    assert!(send(&vendor, "GET", INCIDENTS, "").await.is_none());
    drop(second);
    let _earlier = vendor.script(Fault::Status(500)).await;
    let later = vendor.script(Fault::Status(503)).await;
    assert_eq!(send(&vendor, "GET", INCIDENTS, "").await.unwrap().status, 503);
    drop(later);
    assert_eq!(send(&vendor, "GET", INCIDENTS, "").await.unwrap().status, 500);
}

#[tokio::test]
async fn errors_repeat_credentials_where_a_script_says_so() {
    let vendor = stand_in("jira").await;
    let (_, secret) = vendor.vendor().credentials();
    let path = "/rest/api/3/search";
    let plain = vendor.script(Fault::Status(403)).await;
    assert!(!send(&vendor, "GET", path, "").await.unwrap().body.contains(&secret));
    drop(plain);
    let _echoing = vendor
        .script(Script::of(Fault::Status(403)).echoing_credentials())
        .await;
    assert!(send(&vendor, "GET", path, "").await.unwrap().body.contains(&secret));
}

#[tokio::test]
async fn a_late_success_comes_once_the_client_has_gone() {
    let vendor = stand_in("servicenow").await;
    let _scripted = vendor.script(Fault::LateSuccess).await;
    let (header, value) = vendor.vendor().credentials();
    let client = request(&vendor, "POST", INCIDENTS, BODY, &format!("{header}: {value}\r\n"))
        .await
        .unwrap();
    vendor.received_until(|received| received.len() == 1).await;
    // Long enough for what would be carried out at once.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!vendor.received()[0].carried_out);
    drop(client);
    vendor.received_until(|received| received[0].carried_out).await;
}
