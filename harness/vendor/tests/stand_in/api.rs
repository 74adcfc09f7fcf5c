//! The vendors' APIs, as their public references show them.

use serde_json::{Value, json};

use crate::client::{Answer, send, send_with, stand_in};

const INCIDENTS: &str = "/api/now/table/incident";

fn numbers(answer: &Answer) -> Vec<String> {
    let records = answer.json()["result"].as_array().unwrap().clone();
    records
        .iter()
        .map(|record| record["number"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_table_keeps_what_it_is_given_as_texts() {
    let vendor = stand_in("servicenow").await;
    let body = json!({"short_description": "Badge does not open gate 3", "priority": 2, "u_tags": null});
    let created = send(&vendor, "POST", INCIDENTS, &body.to_string()).await.unwrap();
    assert_eq!(created.status, 201);
    let record = created.json()["result"].clone();
    assert_eq!(record["number"], "INC0010101");
    assert_eq!(
        (&record["priority"], &record["u_tags"], &record["state"]),
        (&json!("2"), &json!(""), &json!("1"))
    );
    let path = format!("{INCIDENTS}/{}", record["sys_id"].as_str().unwrap());
    assert_eq!(send(&vendor, "GET", &path, "").await.unwrap().json()["result"], record);
    let changed = send(&vendor, "PATCH", &path, r#"{"state": "6"}"#).await.unwrap();
    assert_eq!(changed.json()["result"]["state"], "6");
    let deleted = send(&vendor, "DELETE", &path, "").await.unwrap();
    assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
    let gone = send(&vendor, "GET", &path, "").await.unwrap();
    assert_eq!((gone.status, &gone.json()["status"]), (404, &json!("failure")));
    assert_eq!(gone.json()["error"]["message"], "No Record found");
}

#[tokio::test]
async fn encoded_queries_choose_sort_and_page() {
    let vendor = stand_in("servicenow").await;
    let of = |query: &str| format!("{INCIDENTS}?sysparm_query={query}&sysparm_limit=2");
    let page = send(&vendor, "GET", &of("ORDERBYDESCsys_updated_on"), "")
        .await
        .unwrap();
    assert_eq!(numbers(&page), ["INC0010005", "INC0010004"]);
    assert!(page.head.contains("x-total-count: 5"), "{}", page.head);
    let page = send(&vendor, "GET", &of("priorityIN1,2%5EORDERBYnumber"), "")
        .await
        .unwrap();
    assert_eq!(numbers(&page), ["INC0010001", "INC0010003"]);
    let page = send(
        &vendor,
        "GET",
        &of("sys_updated_on%3E=2026-01-09 00:00:00").replace(' ', "+"),
        "",
    )
    .await
    .unwrap();
    assert_eq!(numbers(&page), ["INC0010005", "INC0010004"]);
    let page = send(&vendor, "GET", &of("123TEXTQUERY321=VPN+minutes"), "")
        .await
        .unwrap();
    assert_eq!(numbers(&page), ["INC0010001"]);
    assert_eq!(send(&vendor, "GET", &of("state~2"), "").await.unwrap().status, 400);
}

#[tokio::test]
async fn issues_are_numbered_by_project_and_moved_by_transitions() {
    let vendor = stand_in("jira").await;
    let issue = |project: &str| {
        json!({"fields": {"project": {"key": project}, "issuetype": {"name": "Any"}, "summary": "one"}}).to_string()
    };
    for (project, key) in [("INC", "INC-10101"), ("CHG", "CHG-2101"), ("INC", "INC-10102")] {
        let created = send(&vendor, "POST", "/rest/api/3/issue", &issue(project))
            .await
            .unwrap();
        assert_eq!((created.status, &created.json()["key"]), (201, &json!(key)));
    }
    let path = "/rest/api/3/issue/INC-10101";
    let transitions = format!("{path}/transitions");
    let body = r#"{"transition": {"id": "41"}, "fields": {"labels": ["a"]}}"#;
    let moved = send(&vendor, "POST", &transitions, body).await.unwrap();
    assert_eq!(moved.status, 204);
    let fields = send(&vendor, "GET", path, "").await.unwrap().json()["fields"].clone();
    assert_eq!(
        (&fields["status"]["name"], &fields["labels"]),
        (&json!("Resolved"), &json!(["a"]))
    );
    assert_eq!(fields["summary"], "one");
    let unknown = send(&vendor, "POST", &transitions, r#"{"transition": {"id": "7"}}"#)
        .await
        .unwrap();
    assert_eq!((unknown.status, &unknown.json()["errors"]), (400, &json!({})));
    let search = "/rest/api/3/search?jql=project+%3D+INC+AND+status+%3D+Resolved+ORDER+BY+updated+DESC&maxResults=1";
    let found = send(&vendor, "GET", search, "").await.unwrap().json();
    assert_eq!(
        (&found["total"], &found["issues"][0]["key"]),
        (&json!(2), &json!("INC-10101"))
    );
}

#[tokio::test]
async fn comments_belong_to_an_issue_that_is_there() {
    let vendor = stand_in("jira").await;
    let path = "/rest/api/3/issue/INC-10001/comment";
    let created = send(&vendor, "POST", path, r#"{"body": {"type": "doc"}}"#)
        .await
        .unwrap();
    assert_eq!(created.status, 201);
    assert!(
        created.json().get("$issue").is_none(),
        "the stand-in's own member shows"
    );
    let listed = send(&vendor, "GET", path, "").await.unwrap().json();
    assert_eq!(
        (&listed["total"], &listed["comments"][0]["id"]),
        (&json!(2), &json!("1"))
    );
    let nowhere = send(&vendor, "GET", "/rest/api/3/issue/INC-1/comment", "")
        .await
        .unwrap();
    assert_eq!(nowhere.status, 404);
}

#[tokio::test]
async fn slack_says_under_200_what_went_wrong() {
    let vendor = stand_in("slack").await;
    let sent = send(
        &vendor,
        "POST",
        "/api/chat.postMessage",
        r#"{"channel": "C0GENERAL", "text": "hi"}"#,
    )
    .await
    .unwrap();
    assert_eq!(
        (sent.status, &sent.json()["ok"], &sent.json()["message"]["text"]),
        (200, &json!(true), &json!("hi"))
    );
    let ghost = send(
        &vendor,
        "POST",
        "/api/conversations.archive",
        r#"{"channel": "C0NOWHERE"}"#,
    )
    .await
    .unwrap();
    assert_eq!(
        (ghost.status, ghost.json()),
        (200, json!({"ok": false, "error": "channel_not_found"}))
    );
    let invited = send(
        &vendor,
        "POST",
        "/api/conversations.invite",
        r#"{"channel": "C0ALERTS", "users": "U0PETRA,U0NEW01"}"#,
    );
    assert_eq!(
        invited.await.unwrap().json()["channel"]["members"],
        json!(["U0PETRA", "U0NEW01"])
    );
}

#[tokio::test]
async fn only_who_shows_credentials_gets_in() {
    for connector in ["servicenow", "jira", "slack"] {
        let vendor = stand_in(connector).await;
        let (header, _) = vendor.vendor().credentials();
        let path = match connector {
            "servicenow" => INCIDENTS,
            "jira" => "/rest/api/3/search",
            _ => "/api/conversations.list",
        };
        for headers in [String::new(), format!("{header}: Bearer other\r\n")] {
            let answer = send_with(&vendor, "GET", path, "", &headers).await.unwrap();
            let refused = answer.status == 401 || answer.json()["error"] == "invalid_auth";
            assert!(refused, "{connector} {headers}: {answer:?}");
        }
        assert_eq!(vendor.reception().unauthorized, 2);
        assert_eq!(send(&vendor, "GET", path, "").await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn what_is_no_request_of_the_api_is_refused_in_its_shape() {
    let vendor = stand_in("servicenow").await;
    for (method, path, body, status) in [
        ("GET", "/api/now/table/problem", "", 404),
        ("DELETE", INCIDENTS, "", 405),
        ("POST", INCIDENTS, "{", 400),
        ("POST", INCIDENTS, "[1]", 400),
        ("POST", INCIDENTS, "{}", 400),
        ("GET", "/api/now/table/incident?sysparm_limit=many", "", 400),
    ] {
        let answer = send(&vendor, method, path, body).await.unwrap();
        assert_eq!(
            (answer.status, &answer.json()["status"]),
            (status, &json!("failure")),
            "{method} {path} {body}"
        );
        if status == 405 {
            assert!(answer.head.contains("allow: get, post"), "{}", answer.head);
        }
    }
    let all = send(&vendor, "GET", INCIDENTS, "").await.unwrap();
    assert_eq!(numbers(&all).len(), 5, "something was made of them");
    assert!(matches!(all.json()["result"], Value::Array(_)));
}
