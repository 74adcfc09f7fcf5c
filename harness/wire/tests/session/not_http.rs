//! Targets that speak something else.

use hubproof_model::exchange::Fault;

use crate::opening::{both_ways, exchange, profile};
use crate::scripted::Scripted;

#[tokio::test]
async fn what_is_not_http_is_said_to_be_none() {
    for answer in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"\x15\x03\x03\x00\x02\x02\x46 is an alert of TLS",
        b"<html>no status line</html>\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
    ] {
        let hub = Scripted::saying(answer).await;
        for call in both_ways() {
            let exchange = exchange(&profile(hub.address), &call).await;
            let is_protocol = matches!(exchange.result, Err(Fault::Protocol(_)));
            assert!(is_protocol, "{}: {exchange:?}", String::from_utf8_lossy(answer));
        }
    }
}

#[tokio::test]
async fn a_head_without_end_is_left() {
    let hub = Scripted::new(|mut connection| async move {
        connection.hear().await;
        connection.say(b"HTTP/1.1 200 OK\r\n").await;
        while connection
            .say(&[b"x: ".as_slice(), &[b'y'; 1000], b"\r\n"].concat())
            .await
        {}
    })
    .await;
    for call in both_ways() {
        let exchange = exchange(&profile(hub.address), &call).await;
        assert!(matches!(exchange.result, Err(Fault::Protocol(_))), "{exchange:?}");
    }
}
