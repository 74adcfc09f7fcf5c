//! Connections that are not made, or break.

use std::time::Duration;

use hubproof_model::exchange::Fault;
use tokio::net::{TcpSocket, TcpStream};

use crate::opening::{both_ways, exchange, large, open, profile};
use crate::scripted::Scripted;

#[tokio::test]
async fn nobody_listens() {
    // Bound and not listening: the port is taken, so that nobody else can come to listen there.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    for call in both_ways().into_iter().chain([large(100_000)]) {
        let exchange = exchange(&profile(address), &call).await;
        let Err(Fault::Connect(why)) = &exchange.result else {
            panic!("{exchange:?}");
        };
        assert!(why.contains("refused"), "{why}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_is_not_made_in_time_is_no_slow_answer() {
    // With its queue full, Linux lets further connections wait.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let _queued = TcpStream::connect(address).await.unwrap();
    let mut profile = profile(address);
    profile.target.connect_timeout = Duration::from_millis(100);
    for call in both_ways() {
        let exchange = exchange(&profile, &call).await;
        let Err(Fault::Connect(why)) = &exchange.result else {
            panic!("{exchange:?}");
        };
        assert!(why.contains("100ms"), "{why}");
    }
}

async fn assert_broken(hub: &Scripted) {
    for call in both_ways() {
        let exchange = exchange(&profile(hub.address), &call).await;
        assert!(matches!(exchange.result, Err(Fault::Broken(_))), "{exchange:?}");
    }
}

#[tokio::test]
async fn the_connection_is_reset_before_the_answer() {
    let hub = Scripted::new(|mut connection| async move {
        connection.hear().await;
        connection.reset();
    })
    .await;
    assert_broken(&hub).await;
    assert_eq!(hub.heard().len(), 2, "a call is sent once");
}

#[tokio::test]
async fn the_connection_is_closed_before_the_answer() {
    let hub = Scripted::saying("").await;
    assert_broken(&hub).await;
    assert_eq!(hub.heard().len(), 2, "a call is sent once");
}

#[tokio::test]
async fn the_head_ends_early() {
    for part in [
        "HTTP/1.1",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n",
    ] {
        assert_broken(&Scripted::saying(part).await).await;
    }
}

#[tokio::test]
async fn the_body_is_shorter_than_its_length() {
    assert_broken(&Scripted::saying("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":1}").await).await;
}

#[tokio::test]
async fn the_connection_is_reset_in_the_middle_of_the_body() {
    let hub = Scripted::new(|mut connection| async move {
        connection.hear().await;
        connection
            .say(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":1}")
            .await;
        connection.reset();
    })
    .await;
    assert_broken(&hub).await;
}

#[tokio::test]
async fn chunks_end_before_the_last() {
    for part in ["7\r\n{\"a\":1}\r\n", "7\r\n{\"a\"", "7\r\n{\"a\":1}\r\n0\r\n"] {
        let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{part}");
        assert_broken(&Scripted::saying(answer).await).await;
    }
}

#[tokio::test]
async fn a_call_on_a_used_connection_that_breaks_is_not_sent_again() {
    let hub = Scripted::new(|mut connection| async move {
        connection.hear().await;
        connection.say(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        if connection.hear().await {
            connection.reset();
        }
    })
    .await;
    let session = open(&profile(hub.address));
    let [call, _] = both_ways();
    assert!(session.send("case", &call).await.result.is_ok());
    let second = session.send("case", &call).await;
    assert!(matches!(second.result, Err(Fault::Broken(_))), "{second:?}");
    assert_eq!(hub.heard().len(), 2);
}
