//! Each fault of a vendor leads to the right error in bounded time, and a change is sent once whatever comes back.

use std::time::Duration;

use hubproof_vendor::{Fault, Script};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::stage::{Answer, Stage};

/// Far above what any fault may take: the stage lets a call take four seconds.
const LONGEST: Duration = Duration::from_secs(15);

fn create() -> (&'static str, Value) {
    ("itsm.tickets.create", json!({"title": "a fault is met"}))
}

fn list() -> (&'static str, Value) {
    ("itsm.tickets.list", json!({}))
}

/// Whether the hub says what is so.
fn is_told(fault: Fault, answer: &Answer) -> bool {
    let upstream = answer.code() == "UPSTREAM_ERROR";
    let reason = answer.detail("reason").as_str();
    match fault {
        Fault::Status(status) => upstream && answer.status == 502 && *answer.detail("vendor_status") == status,
        Fault::Throttle(after) => {
            answer.code() == "RATE_LIMITED"
                && answer.status == 429
                && *answer.detail("vendor_status") == 429
                && answer.retry_after == Some(after.as_secs().to_string())
        }
        Fault::Stall | Fault::Drip | Fault::LateSuccess => {
            upstream && answer.status == 504 && reason == Some("timed_out")
        }
        Fault::Refuse | Fault::Reset | Fault::ResetInBody | Fault::Truncate => {
            upstream && reason == Some("unreachable")
        }
        Fault::LoginPage | Fault::NotJson | Fault::Huge | Fault::WrongTypes | Fault::WrongType(_) => {
            upstream && reason == Some("malformed")
        }
    }
}

/// Calls a tool at a vendor that fails.
async fn meet(connection: &'static str, fault: Fault, (tool, input): (&str, Value)) -> Stage {
    let stage = Stage::over_http(connection).await;
    let scripted = stage.vendor().script(Script::of(fault).echoing_credentials()).await;
    let answer = timeout(LONGEST, stage.execute(tool, input)).await;
    let answer = answer.unwrap_or_else(|_| panic!("{connection}: {tool} with {fault} takes too long"));
    assert!(
        is_told(fault, &answer),
        "{connection}: {tool} with {fault}: {} {}",
        answer.status,
        answer.text
    );
    assert!(!answer.body["error"]["details"].as_object().unwrap().is_empty());
    drop(scripted);
    stage
}

/// All faults at once: those that stand still take as long as a call may.
async fn each_fault(connection: &'static str, call: fn() -> (&'static str, Value), check: fn(Fault, &Stage)) {
    let mut meetings = tokio::task::JoinSet::new();
    // A member that no tool reads is no failure: how each hub takes one wrong type is for UPS-05.
    let all_of_it = |fault: &Fault| !matches!(fault, Fault::WrongType(_));
    for fault in Fault::each().into_iter().filter(all_of_it) {
        meetings.spawn(async move { (fault, meet(connection, fault, call()).await) });
    }
    while let Some(met) = meetings.join_next().await {
        let (fault, stage) = met.unwrap();
        check(fault, &stage);
    }
}

fn is_sent_once(fault: Fault, stage: &Stage) {
    let expected = u64::from(fault != Fault::Refuse);
    let reception = stage.vendor().reception();
    assert_eq!((reception.requests, reception.changes), (expected, expected), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn servicenow_fails_and_a_creation_is_sent_once() {
    each_fault("conn_itsm_servicenow", create, is_sent_once).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jira_fails_and_a_creation_is_sent_once() {
    each_fault("conn_itsm_jira", create, is_sent_once).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_fail_and_are_sent_again_only_where_the_connection_was_dropped() {
    each_fault("conn_itsm_servicenow", list, |fault, stage| {
        let sent = match fault {
            Fault::Refuse => 0,
            Fault::Reset | Fault::ResetInBody | Fault::Truncate => 2,
            _ => 1,
        };
        assert_eq!(stage.vendor().reception().requests, sent, "{fault}");
    })
    .await;
}

/// A change that needs a look at the record before, and one after: the fault is met by the change alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_among_reads_is_sent_once() {
    for connection in ["conn_itsm_servicenow", "conn_itsm_jira"] {
        for fault in [
            Fault::Status(500),
            Fault::Reset,
            Fault::Truncate,
            Fault::Throttle(Duration::from_secs(3)),
        ] {
            let stage = Stage::over_http(connection).await;
            let _scripted = stage.vendor().script(Script::of(fault).changes_only()).await;
            let input = json!({"ticket_id": "INC0010002", "changes": {"status": "resolved", "title": "Done"}});
            let answer = stage.execute("itsm.tickets.update", input).await;
            assert!(
                ["UPSTREAM_ERROR", "RATE_LIMITED"].contains(&answer.code()),
                "{connection} {fault}: {}",
                answer.text
            );
            assert_eq!(stage.vendor().reception().changes, 1, "{connection} {fault}");
        }
    }
}

#[tokio::test]
async fn a_read_survives_one_dropped_connection() {
    let stage = Stage::over_http("conn_itsm_jira").await;
    let _scripted = stage.vendor().script(Script::of(Fault::Reset).first(1)).await;
    let answer = stage
        .execute("itsm.tickets.get", json!({"ticket_id": "INC0010001"}))
        .await;
    assert_eq!(answer.data()["id"], "INC0010001");
    assert_eq!(stage.vendor().reception().requests, 2);
}

#[tokio::test]
async fn a_key_is_spent_by_success_alone() {
    let stage = Stage::over_http("conn_itsm_servicenow").await;
    let call = || {
        stage.send(
            "itsm.tickets.create",
            json!({"input": {"title": "once"}, "idempotency_key": "k-1"}),
        )
    };
    let scripted = stage.vendor().script(Fault::Status(503)).await;
    assert_eq!(call().await.code(), "UPSTREAM_ERROR");
    drop(scripted);
    let first = call().await.data().clone();
    assert_eq!(call().await.data(), &first);
    assert_eq!(stage.vendor().reception().changes_carried_out, 1);
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    for connection in ["conn_itsm_servicenow", "conn_itsm_jira"] {
        let stage = Stage::over_http(connection).await;
        for (tool, input) in [
            ("itsm.tickets.create", json!({"title": "dry"})),
            (
                "itsm.tickets.update",
                json!({"ticket_id": "INC0010001", "changes": {"title": "dry"}}),
            ),
            ("itsm.tickets.delete", json!({"ticket_id": "INC0010001"})),
            (
                "itsm.comments.create",
                json!({"ticket_id": "INC0010001", "body": "dry"}),
            ),
        ] {
            stage.send(tool, json!({"input": input, "dry_run": true})).await.data();
        }
        assert_eq!(stage.vendor().reception().requests, 0, "{connection}");
        stage
            .execute("itsm.tickets.create", json!({"title": "wet"}))
            .await
            .data();
        assert_eq!(stage.vendor().reception().changes, 1, "{connection}");
    }
}

#[tokio::test]
async fn a_change_whose_record_cannot_be_read_is_told_as_made_and_not_made_again() {
    let stage = Stage::over_http("conn_itsm_jira").await;
    let call = |title: &str| {
        stage.send(
            "itsm.tickets.create",
            json!({"input": {"title": title}, "idempotency_key": "k-1"}),
        )
    };
    let scripted = stage.vendor().script(Script::of(Fault::Status(503)).reads_only()).await;
    for _ in 0..2 {
        let answer = call("once").await;
        assert_eq!(
            (answer.code(), answer.detail("vendor_status"), answer.detail("change")),
            ("UPSTREAM_ERROR", &json!(503), &json!("made"))
        );
    }
    assert_eq!(call("another").await.status, 409, "the key is the call's");
    drop(scripted);
    let first = call("once").await.data().clone();
    assert_eq!(first["title"], "once");
    assert_eq!(call("once").await.data(), &first);
    assert_eq!(stage.vendor().reception().changes, 1);
}

#[tokio::test]
async fn a_change_whose_record_comes_too_late_is_told_as_made() {
    let stage = Stage::over_http("conn_itsm_jira").await;
    let _scripted = stage.vendor().script(Script::of(Fault::Stall).reads_only()).await;
    let created = stage.execute("itsm.tickets.create", json!({"title": "late"})).await;
    assert_eq!(
        (created.code(), created.detail("reason"), created.detail("change")),
        ("UPSTREAM_ERROR", &json!("timed_out"), &json!("made"))
    );
    // What fails before the change says nothing of one.
    let _scripted = stage
        .vendor()
        .script(Script::of(Fault::Status(503)).changes_only())
        .await;
    let refused = stage.execute("itsm.tickets.create", json!({"title": "never"})).await;
    assert_eq!(
        (refused.code(), refused.detail("change")),
        ("UPSTREAM_ERROR", &json!(null))
    );
}

#[tokio::test]
async fn a_change_that_nobody_can_tell_of_is_not_asked_for_again_under_its_key() {
    for fault in [
        Fault::NotJson,
        Fault::LoginPage,
        Fault::Truncate,
        Fault::Reset,
        Fault::WrongTypes,
    ] {
        let stage = Stage::over_http("conn_itsm_servicenow").await;
        let call = |title: &str| {
            stage.send(
                "itsm.tickets.create",
                json!({"input": {"title": title}, "idempotency_key": "k-1"}),
            )
        };
        let scripted = stage.vendor().script(Script::of(fault).changes_only()).await;
        let failed = call("once").await;
        // An answer that was read, and is not what the tool gives, tells of the change all the same.
        let change = if fault == Fault::WrongTypes { "made" } else { "unknown" };
        assert_eq!(
            (failed.code(), failed.detail("change")),
            ("UPSTREAM_ERROR", &json!(change)),
            "{fault}"
        );
        drop(scripted);
        let again = call("once").await;
        assert_eq!(
            (again.status, &again.body["error"]),
            (failed.status, &failed.body["error"]),
            "{fault}"
        );
        assert_eq!(call("another").await.status, 409, "{fault}: the key is the call's");
        assert_eq!(stage.vendor().reception().changes, 1, "{fault}");
    }
}

#[tokio::test]
async fn a_change_that_the_vendor_refused_or_never_saw_may_be_asked_for_again() {
    for fault in [Fault::Refuse, Fault::Status(500), Fault::Throttle(Duration::ZERO)] {
        let stage = Stage::over_http("conn_itsm_servicenow").await;
        let call = || {
            stage.send(
                "itsm.tickets.create",
                json!({"input": {"title": "once"}, "idempotency_key": "k-1"}),
            )
        };
        let scripted = stage.vendor().script(fault).await;
        assert_eq!(call().await.detail("change"), &json!(null), "{fault}");
        drop(scripted);
        assert_eq!(call().await.data()["title"], "once", "{fault}");
    }
}

#[tokio::test]
async fn a_change_that_is_no_output_of_the_tool_is_not_asked_for_again_under_its_key() {
    let mut failed = 0;
    for member in 0..12 {
        let stage = Stage::over_http("conn_itsm_servicenow").await;
        let call = || {
            stage.send(
                "itsm.tickets.create",
                json!({"input": {"title": "once"}, "idempotency_key": "k-1"}),
            )
        };
        let scripted = stage.vendor().script(Fault::WrongType(member)).await;
        let first = call().await;
        drop(scripted);
        let again = call().await;
        assert_eq!(
            (first.code(), stage.vendor().reception().changes),
            (again.code(), 1),
            "{member}"
        );
        failed += usize::from(first.detail("change") == "unknown");
    }
    assert!(failed > 0, "no answer was read that is no output");
}
