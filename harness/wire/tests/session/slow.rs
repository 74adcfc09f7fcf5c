//! Targets that let a call wait.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hubproof_model::call::{Call, Intent};
use hubproof_model::exchange::Fault;
use hubproof_model::profile::DomainConnection;
use hubproof_model::upstream::{Player, Upstream};
use serde_json::json;

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

#[tokio::test]
async fn a_hub_has_the_whole_limit_to_tell_of_its_vendor_and_is_seen_to_exceed_it() {
    // A time-out of the profile's that is no longer than the limit would leave open whether the answer comes in time (UPS-04).
    let hub = Scripted::new(|connection| connection.wait()).await;
    let mut profile = profile(hub.address);
    profile.target.timeout = LIMIT;
    profile.upstream.push(Upstream {
        connection: DomainConnection {
            domain: "itsm".to_owned(),
            id: "conn_played".to_owned(),
        },
        player: Player::StandIn {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9911)),
            vendor: "servicenow".to_owned(),
        },
        limit: LIMIT,
        secrets: Vec::new(),
    });
    let tolerated = LIMIT + Duration::from_secs(1);
    let on = |connection: &str| {
        let body = json!({"input": {}, "connection_id": connection});
        Call::post_execute("itsm.tickets.get", body, Intent::Read)
    };
    let other = exchange(&profile, &on("conn_other")).await;
    assert!(other.elapsed < tolerated, "{other:?}");
    let mut verbatim = on("conn_played");
    verbatim.verbatim_path = true;
    for call in [on("conn_played"), verbatim] {
        let played = exchange(&profile, &call).await;
        assert!(matches!(played.result, Err(Fault::TimedOut(_))), "{played:?}");
        assert!(played.elapsed > tolerated && played.elapsed < MUCH_LATER, "{played:?}");
    }
}
