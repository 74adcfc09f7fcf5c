//! A vendor that says under 200 what went wrong.

use hubproof_vendor::Fault;
use serde_json::{Value, json};

use crate::stage::Stage;

const SLACK: &str = "conn_communication_slack";

#[tokio::test]
async fn channels_are_listed_as_in_memory() {
    let (memory, slack) = (Stage::in_memory(SLACK), Stage::over_http(SLACK).await);
    for input in [
        json!({}),
        json!({"visibility": "private"}),
        json!({"archived": false, "limit": 1}),
        json!({"member_id": "U0MAYA1"}),
    ] {
        let lists = [
            memory.execute("communication.channels.list", input.clone()).await,
            slack.execute("communication.channels.list", input).await,
        ];
        // Slack knows no retention.
        let [expected, found] = lists.map(|answer| {
            let mut data = answer.data().clone();
            for item in data["items"].as_array_mut().unwrap() {
                item.as_object_mut().unwrap().remove("retention_days");
            }
            data
        });
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn messages_are_sent_and_channels_changed() {
    let slack = Stage::over_http(SLACK).await;
    let content = json!({"kind": "text", "text": "Gate 3 is open"});
    let sent = slack
        .execute(
            "communication.messages.send",
            json!({"channel_id": "C0GENERAL", "content": content}),
        )
        .await;
    let data = sent.data();
    assert_eq!(
        (&data["content"], &data["status"], &data["channel_id"]),
        (&content, &json!("sent"), &json!("C0GENERAL"))
    );
    let invited = slack
        .execute(
            "communication.channels.invite",
            json!({"channel_id": "C0ALERTS", "user_ids": ["U0MAYA1"]}),
        )
        .await;
    assert_eq!(invited.data()["member_ids"], json!(["U0PETRA", "U0MAYA1"]));
    let archived = slack
        .execute("communication.channels.archive", json!({"channel_id": "C0ALERTS"}))
        .await;
    assert_eq!(archived.data()["archived"], true);
    assert_eq!(slack.vendor().reception().changes, 3);
}

#[tokio::test]
async fn failures_under_200_are_failures() {
    let slack = Stage::over_http(SLACK).await;
    let unknown = slack
        .execute("communication.channels.archive", json!({"channel_id": "C0NOWHERE"}))
        .await;
    assert_eq!(
        (unknown.code(), unknown.detail("vendor_status")),
        ("UPSTREAM_ERROR", &json!(404))
    );
    for (fault, status) in [(401, 401), (403, 403), (503, 503)] {
        let _scripted = slack.vendor().script(Fault::Status(fault)).await;
        let answer = slack.execute("communication.channels.list", json!({})).await;
        assert_eq!(
            (answer.code(), answer.detail("vendor_status")),
            ("UPSTREAM_ERROR", &json!(status))
        );
    }
}

#[tokio::test]
async fn a_tool_without_a_counterpart_says_so_and_sends_nothing() {
    let slack = Stage::over_http(SLACK).await;
    let answer = slack
        .execute("communication.messages.search", json!({"query": "stocktake"}))
        .await;
    assert_eq!(
        (answer.code(), answer.detail("reason")),
        ("UPSTREAM_ERROR", &Value::from("unsupported"))
    );
    assert_eq!(slack.vendor().reception().requests, 0);
}
