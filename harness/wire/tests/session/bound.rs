//! What is kept of a body has a bound.

use hubproof_model::call::Call;
use hubproof_model::exchange::Response;
use hubproof_wire::{Session, SessionOptions};

use crate::opening::{KEY, both_ways, profile};
use crate::scripted::Scripted;

const BOUND: usize = 4096;

async fn bounded(hub: &Scripted, call: &Call) -> Response {
    let options = SessionOptions {
        max_body: BOUND,
        ..SessionOptions::default()
    };
    let session = Session::new(&profile(hub.address), options).unwrap();
    session.send("case", call).await.result.unwrap()
}

fn answer(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn a_body_up_to_the_bound_is_whole() {
    let body = vec![b'x'; BOUND];
    let hub = Scripted::saying(answer(&body)).await;
    for call in both_ways() {
        let response = bounded(&hub, &call).await;
        assert!(!response.truncated);
        assert_eq!(response.body, body);
    }
}

#[tokio::test]
async fn a_larger_body_is_cut_and_said_to_be() {
    let hub = Scripted::saying(answer(&vec![b'x'; BOUND + 1])).await;
    for call in both_ways() {
        let response = bounded(&hub, &call).await;
        assert!(response.truncated);
        assert!(response.body.len() <= BOUND && response.body.len() > BOUND / 2);
        assert!(response.body.iter().all(|byte| *byte == b'x'));
    }
}

#[tokio::test]
async fn a_body_without_end_is_left() {
    let hub = Scripted::new(|mut connection| async move {
        connection.hear().await;
        connection.say(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while connection.say(&[b'x'; 1000]).await {}
    })
    .await;
    for call in both_ways() {
        assert!(bounded(&hub, &call).await.truncated);
    }
}

#[tokio::test]
async fn no_part_of_a_key_that_the_bound_cuts_is_kept() {
    for kept in 1..KEY.len() {
        let body = [&vec![b'.'; BOUND - kept], KEY.as_bytes()].concat();
        let hub = Scripted::saying(answer(&body)).await;
        let [call, _] = both_ways();
        let response = bounded(&hub, &call).await;
        assert!(response.truncated);
        assert!(response.body.iter().all(|byte| *byte == b'.'), "{kept}");
    }
}
