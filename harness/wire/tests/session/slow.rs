//! Targets that let a call wait.

use std::time::Duration;

use hubproof_model::call::Call;
use hubproof_model::exchange::Fault;

use crate::opening::{both_ways, exchange, large, profile};
use crate::scripted::Scripted;

const LIMIT: Duration = Duration::from_millis(200);

/// Beyond any delay of a busy machine, and well below never.
const MUCH_LATER: Duration = Duration::from_secs(4);

async fn assert_timed_out(hub: &Scripted, call: &Call) {
    let mut profile = profile(hub.address);
    profile.target.timeout = LIMIT;
    let exchange = exchange(&profile, call).await;
    assert_eq!(
        exchange.result.as_ref().unwrap_err(),
        &Fault::TimedOut(LIMIT),
        "{exchange:?}"
    );
    assert!(
        exchange.elapsed >= LIMIT && exchange.elapsed < MUCH_LATER,
        "{exchange:?}"
    );
}

async fn assert_both_time_out(hub: &Scripted) {
    for call in both_ways() {
        assert_timed_out(hub, &call).await;
    }
}

/// A target that sends the opening, then a byte at a time for ever.
async fn dripping(opening: &'static [u8]) -> Scripted {
    Scripted::new(move |mut connection| async move {
        connection.hear().await;
        let mut drops = tokio::time::interval(LIMIT / 20);
        connection.say(opening).await;
        while connection.say(b"x").await {
            drops.tick().await;
        }
    })
    .await
}

#[tokio::test]
async fn no_answer_comes() {
    let hub = Scripted::new(|connection| connection.wait()).await;
    assert_both_time_out(&hub).await;
}

#[tokio::test]
async fn the_rest_of_the_body_does_not_come() {
    let hub = Scripted::new(|mut connection| async move {
        connection.hear().await;
        connection.say(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").await;
        connection.wait().await;
    })
    .await;
    assert_both_time_out(&hub).await;
}

#[tokio::test]
async fn bytes_that_drip_do_not_extend_the_time() {
    let hub = dripping(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
    assert_both_time_out(&hub).await;
}

#[tokio::test]
async fn a_head_that_drips_does_not_extend_the_time() {
    let hub = dripping(b"HTTP/1.1 200 OK\r\nx: ").await;
    assert_both_time_out(&hub).await;
}

#[tokio::test]
async fn a_body_that_nobody_takes_in_does_not_extend_the_time() {
    let hub = Scripted::new(|connection| async move {
        std::future::pending::<()>().await;
        drop(connection);
    })
    .await;
    assert_timed_out(&hub, &large(32 * 1024 * 1024)).await;
}
