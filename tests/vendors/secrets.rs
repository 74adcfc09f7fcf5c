//! A vendor's credentials and raw headers stay with the hub.

use std::time::Duration;

use hubproof_vendor::{Fault, Script};
use serde_json::json;

use crate::stage::Stage;

/// What of each vendor no caller may see: its credentials, and the secrets of its headers (`fixtures/vendors`).
const SECRETS: [(&str, &[&str]); 2] = [
    (
        "conn_itsm_servicenow",
        &["now_4Hk92LxQvT7sWmZc81bRfYpN", "7f3c5e19a2d84b60", "5A1F0C7E93D24B68"],
    ),
    (
        "conn_itsm_jira",
        &[
            "aHViQGxhcmtmaWVsZC5leGFtcGxlOkFUQVRUM3hGZkdGME9tVDhyVzU=",
            "83d6c1f0a7e94b52",
            "9c2e7b41d05f8a63",
        ],
    ),
];

#[tokio::test]
async fn no_answer_holds_a_vendors_secret() {
    for (connection, secrets) in SECRETS {
        let stage = Stage::over_http(connection).await;
        let mut answers = vec![
            stage.execute("itsm.tickets.list", json!({})).await,
            stage
                .execute("itsm.tickets.create", json!({"title": "no secret"}))
                .await,
        ];
        let faults = [400, 401, 403, 404, 500].map(Fault::Status);
        for fault in faults.into_iter().chain([
            Fault::Throttle(Duration::from_secs(1)),
            Fault::LoginPage,
            Fault::NotJson,
        ]) {
            let _scripted = stage.vendor().script(Script::of(fault).echoing_credentials()).await;
            answers.push(stage.execute("itsm.tickets.list", json!({})).await);
        }
        for answer in answers {
            let told = secrets.iter().find(|secret| answer.text.contains(**secret));
            assert_eq!(told, None, "{connection}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn an_echo_is_masked_and_the_rest_of_the_message_told() {
    let stage = Stage::over_http("conn_itsm_jira").await;
    let _scripted = stage
        .vendor()
        .script(Script::of(Fault::Status(403)).echoing_credentials())
        .await;
    let answer = stage.execute("itsm.tickets.list", json!({})).await;
    let message = answer.detail("vendor_message").as_str().unwrap();
    assert_eq!(message, "You do not have permission to do this. (credentials: ***)");
}

#[tokio::test]
async fn a_record_that_holds_the_credentials_is_masked() {
    let stage = Stage::over_http("conn_itsm_servicenow").await;
    let (_, secret) = stage.vendor().vendor().credentials();
    let title = format!("Key {secret} is out");
    let created = stage.execute("itsm.tickets.create", json!({"title": title})).await;
    assert_eq!(created.data()["title"], "Key *** is out");
}
