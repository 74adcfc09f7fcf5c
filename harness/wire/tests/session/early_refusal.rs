//! Targets that refuse a large body before they have read it.

use hubproof_model::exchange::Fault;

use crate::opening::{exchange, large, profile};
use crate::scripted::Scripted;

const LARGE: usize = 10 * 1024 * 1024;
const REFUSAL: &[u8] =
    b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 12\r\nconnection: close\r\n\r\n{\"ok\":false}";

#[tokio::test]
async fn the_refusal_is_heard_though_the_target_closes_at_once() {
    // What was not read turns the close into a reset.
    let hub = Scripted::new(|mut connection| async move {
        connection.hear_beginning().await;
        connection.say(REFUSAL).await;
    })
    .await;
    for size in [40_000, 1_000_000, LARGE, 3 * LARGE] {
        let response = exchange(&profile(hub.address), &large(size)).await.result.unwrap();
        assert_eq!(response.status, 413);
        assert_eq!(response.json().unwrap()["ok"], false);
    }
}

#[tokio::test]
async fn the_refusal_is_heard_while_the_target_stays_and_reads_no_more() {
    let hub = Scripted::new(|mut connection| async move {
        connection.hear_beginning().await;
        connection.say(REFUSAL).await;
        std::future::pending().await
    })
    .await;
    let response = exchange(&profile(hub.address), &large(LARGE)).await.result.unwrap();
    assert_eq!(response.status, 413);
}

#[tokio::test]
async fn a_target_that_goes_without_a_word_breaks_the_connection() {
    let hub = Scripted::new(|mut connection| async move {
        connection.hear_beginning().await;
        connection.reset();
    })
    .await;
    let exchange = exchange(&profile(hub.address), &large(LARGE)).await;
    assert!(matches!(exchange.result, Err(Fault::Broken(_))), "{exchange:?}");
}
