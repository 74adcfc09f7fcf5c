//! Requests that are prepared once and sent many times over a connection that is kept.

use std::time::Duration;

use hubproof_model::call::{Call, Intent};
use hubproof_model::exchange::Fault;
use hubproof_model::profile::{Key, Profile};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::secret::Secret;
use hubproof_wire::{LoadAnswer, LoadTarget, Timing};
use serde_json::json;

use crate::scripted::Scripted;

const KEY: &str = "hub_live_0123456789";

fn profile(hub: &Scripted) -> Profile {
    let mut profile = Profile::of_url(format!("http://{}/api/v1", hub.address));
    let key = Key {
        secret: Secret::new(KEY),
        variable: None,
    };
    profile.keys.by_role.insert(Role::Primary, key);
    profile
}

fn read_call() -> Call {
    Call::post_execute("a.b.list", json!({"input": {"n": 1}}), Intent::Read)
}

fn target(hub: &Scripted) -> LoadTarget {
    LoadTarget::new(&profile(hub), Allow::Read).unwrap()
}

/// A target that answers each request of a connection with the next of these, and then closes it.
async fn answering(answers: &'static [&'static str]) -> Scripted {
    Scripted::new(move |mut connection| async move {
        for answer in answers {
            if !connection.hear().await || !connection.say(answer.as_bytes()).await {
                return;
            }
        }
    })
    .await
}

fn text(answer: &LoadAnswer) -> String {
    String::from_utf8(answer.body.to_vec()).unwrap()
}

const ONE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none";
const TWO: &str = "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n2\r\ntw\r\n1\r\no\r\n0\r\n\r\n";

#[tokio::test]
async fn calls_follow_each_other_on_one_connection() {
    let hub = answering(&[ONE, TWO, ONE]).await;
    let target = target(&hub);
    let prepared = target.prepare(&read_call()).unwrap();
    let mut connection = target.connection();
    let mut bodies = Vec::new();
    for _ in 0..3 {
        let answer = connection.send(&prepared).await.unwrap();
        bodies.push((answer.status, text(&answer)));
    }
    let (one, two) = ((200, "one".to_owned()), (201, "two".to_owned()));
    assert_eq!(bodies, [one.clone(), two, one]);
    let heard = hub.heard();
    assert_eq!(heard.len(), 3);
    let request = String::from_utf8(heard[2].clone()).unwrap();
    let head = format!(
        "POST /api/v1/tools/a.b.list/execute HTTP/1.1\r\nhost: {}\r\n",
        hub.address
    );
    assert!(request.starts_with(&head), "{request}");
    assert!(
        request.contains(&format!("authorization: Bearer {KEY}\r\n")),
        "{request}"
    );
    assert!(request.ends_with("\r\n\r\n{\"input\":{\"n\":1}}"), "{request}");
}

#[tokio::test]
async fn a_connection_that_the_target_closed_is_opened_anew() {
    let hub = answering(&[ONE]).await;
    let target = target(&hub);
    let prepared = target.prepare(&read_call()).unwrap();
    let mut connection = target.connection();
    connection.send(&prepared).await.unwrap();
    // A call that meets the closing breaks; after it the connection is a new one.
    let mut answered = 1;
    while answered < 3 {
        answered += usize::from(connection.send(&prepared).await.is_ok());
    }
    assert_eq!(hub.heard().len(), 3);
}

#[tokio::test]
async fn an_answer_that_does_not_come_whole_is_a_fault() {
    let broken = answering(&["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"]).await;
    let not_http = answering(&["hello\r\n\r\n"]).await;
    let sent = async |hub: &Scripted| {
        let target = target(hub);
        let prepared = target.prepare(&read_call()).unwrap();
        target.connection().send(&prepared).await.unwrap_err()
    };
    assert!(matches!(sent(&broken).await, Fault::Broken(_)));
    assert!(matches!(sent(&not_http).await, Fault::Protocol(_)));
}

#[tokio::test]
async fn each_call_has_the_whole_time_and_no_more() {
    const LIMIT: Duration = Duration::from_millis(200);
    let hub = Scripted::new(|mut connection| async move {
        for wait in [150, 150, 3_600_000] {
            connection.hear().await;
            tokio::time::sleep(Duration::from_millis(wait)).await;
            connection.say(ONE.as_bytes()).await;
        }
    })
    .await;
    let mut profile = profile(&hub);
    profile.target.timeout = LIMIT;
    let target = LoadTarget::new(&profile, Allow::Read).unwrap();
    let prepared = target.prepare(&read_call()).unwrap();
    let mut connection = target.connection();
    assert!(connection.send(&prepared).await.is_ok());
    assert!(connection.send(&prepared).await.is_ok());
    let began = std::time::Instant::now();
    assert_eq!(connection.send(&prepared).await.unwrap_err(), Fault::TimedOut(LIMIT));
    assert!(began.elapsed() >= LIMIT);
}

#[tokio::test]
async fn nobody_who_listens_is_a_fault_of_connecting() {
    let hub = answering(&[]).await;
    let target = target(&hub);
    let prepared = target.prepare(&read_call()).unwrap();
    drop(hub);
    tokio::task::yield_now().await;
    let fault = target.connection().send(&prepared).await.unwrap_err();
    assert!(matches!(fault, Fault::Connect(_) | Fault::Broken(_)), "{fault:?}");
}

#[tokio::test]
async fn what_goes_beyond_the_level_is_not_prepared() {
    let hub = answering(&[]).await;
    let write = read_call().with_intent(Intent::Execute(Allow::Write));
    let refused = target(&hub).prepare(&write).unwrap_err();
    assert!(matches!(
        refused,
        Fault::NotAllowed {
            needs: Allow::Write,
            allow: Allow::Read
        }
    ));
}

#[tokio::test]
async fn an_exchange_has_the_keys_masked_and_the_leaks_noted() {
    let hub = answering(&["HTTP/1.1 200 OK\r\ncontent-length: 19\r\n\r\nhub_live_0123456789"]).await;
    let target = target(&hub);
    let prepared = target.prepare(&read_call()).unwrap();
    let answer = target.connection().send(&prepared).await.unwrap();
    let timing = Timing {
        sent_after: Duration::from_secs(1),
        elapsed: Duration::from_millis(5),
    };
    let exchange = target.exchange(read_call(), Ok(answer), timing);
    let shown = serde_json::to_string(&exchange).unwrap();
    assert!(!shown.contains(KEY), "{shown}");
    let response = exchange.response().unwrap();
    assert_eq!(response.body, b"<key:primary>");
    assert_eq!(response.leaks.len(), 1);
    assert_eq!(exchange.request.headers[0].1, "Bearer <key:primary>");
    assert!(!format!("{prepared:?}").contains(KEY));
}
