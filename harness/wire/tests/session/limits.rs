//! What a session does not send, and when it sends.

use std::sync::Arc;
use std::time::Duration;

use hubproof_model::call::{Call, Intent};
use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::safety::Allow;
use hubproof_wire::{Session, SessionOptions};
use serde_json::json;
use tokio::sync::Notify;

use crate::opening::{large, profile};
use crate::scripted::Scripted;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

fn session(hub: &Scripted, options: SessionOptions) -> Session {
    Session::new(&profile(hub.address), options).unwrap()
}

fn fault(exchange: Exchange) -> Fault {
    assert!(
        exchange.request.headers.is_empty(),
        "no headers were sent: {exchange:?}"
    );
    exchange.result.unwrap_err()
}

#[tokio::test]
async fn nothing_is_sent_once_the_budget_is_spent() {
    let hub = Scripted::saying(OK).await;
    let options = SessionOptions {
        max_requests: Some(2),
        ..SessionOptions::default()
    };
    let session = session(&hub, options);
    for call in [Call::listing(None), large(100_000)] {
        assert!(session.send("case", &call).await.result.is_ok());
    }
    for _ in 0..2 {
        assert_eq!(
            fault(session.send("case", &Call::listing(None)).await),
            Fault::BudgetSpent(2)
        );
    }
    assert_eq!(session.sent(), 2);
    assert_eq!(hub.heard().len(), 2);
}

#[tokio::test]
async fn calls_at_the_same_time_share_the_budget() {
    let hub = Scripted::saying(OK).await;
    let options = SessionOptions {
        max_requests: Some(3),
        ..SessionOptions::default()
    };
    let session = Arc::new(session(&hub, options));
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let session = Arc::clone(&session);
        sending.spawn(async move { session.send("case", &Call::listing(None)).await });
    }
    let exchanges = sending.join_all().await;
    let (answered, refused): (Vec<_>, Vec<_>) = exchanges.into_iter().partition(|exchange| exchange.result.is_ok());
    assert_eq!((answered.len(), hub.heard().len()), (3, 3));
    assert!(
        refused
            .into_iter()
            .all(|exchange| fault(exchange) == Fault::BudgetSpent(3))
    );
}

#[tokio::test]
async fn what_is_not_sent_costs_nothing() {
    let hub = Scripted::saying(OK).await;
    let options = SessionOptions {
        max_requests: Some(1),
        ..SessionOptions::default()
    };
    let session = session(&hub, options);
    let beyond = Call::post_execute("t", json!({}), Intent::Execute(Allow::Admin));
    let mut unsendable = Call::listing(None);
    unsendable.method = "GE T".to_owned();
    for call in [beyond, unsendable] {
        assert!(session.send("case", &call).await.result.unwrap_err().is_harness_fault());
    }
    assert!(session.send("case", &Call::listing(None)).await.result.is_ok());
}

#[tokio::test]
async fn a_request_that_breaks_is_spent() {
    let hub = Scripted::saying("").await;
    let options = SessionOptions {
        max_requests: Some(1),
        ..SessionOptions::default()
    };
    let session = session(&hub, options);
    assert!(matches!(
        session.send("case", &Call::listing(None)).await.result,
        Err(Fault::Broken(_))
    ));
    assert_eq!(
        fault(session.send("case", &Call::listing(None)).await),
        Fault::BudgetSpent(1)
    );
}

#[tokio::test]
async fn nothing_goes_beyond_what_is_allowed() {
    let hub = Scripted::saying(OK).await;
    let intents = [Intent::Read, Intent::Refused]
        .into_iter()
        .chain([Allow::Write, Allow::Destructive, Allow::Admin].map(Intent::Execute));
    let calls: Vec<_> = intents
        .map(|intent| Call::post_execute("t", json!({}), intent))
        .collect();
    for (reached, allow) in Allow::ALL.into_iter().enumerate() {
        let before = hub.heard().len();
        let options = SessionOptions {
            allow,
            ..SessionOptions::default()
        };
        let session = session(&hub, options);
        for (call, needs) in calls.iter().zip(Allow::ALL) {
            let exchange = session.send("case", call).await;
            if needs <= allow {
                assert!(exchange.result.is_ok(), "{exchange:?}");
            } else {
                assert_eq!(fault(exchange), Fault::NotAllowed { needs, allow });
            }
        }
        assert_eq!(hub.heard().len() - before, reached + 1);
    }
}

#[tokio::test]
async fn nothing_is_sent_after_an_interrupt() {
    let hub = Scripted::saying(OK).await;
    let session = session(&hub, SessionOptions::default());
    session.interrupt();
    session.interrupt();
    for call in [Call::listing(None), large(100_000)] {
        assert_eq!(fault(session.send("case", &call).await), Fault::Interrupted);
    }
    assert_eq!(session.sent(), 0);
    assert!(hub.heard().is_empty());
}

#[tokio::test]
async fn a_call_in_flight_ends_by_itself_after_an_interrupt() {
    let arrived = Arc::new(Notify::new());
    let go_on = Arc::new(Notify::new());
    let (arrives, goes_on) = (Arc::clone(&arrived), Arc::clone(&go_on));
    let hub = Scripted::new(move |mut connection| {
        let (arrived, go_on) = (Arc::clone(&arrives), Arc::clone(&goes_on));
        async move {
            connection.hear().await;
            arrived.notify_one();
            go_on.notified().await;
            connection.say(OK.as_bytes()).await;
        }
    })
    .await;
    let session = session(&hub, SessionOptions::default());
    let interrupting = async {
        arrived.notified().await;
        session.interrupt();
        assert_eq!(
            fault(session.send("case", &Call::listing(None)).await),
            Fault::Interrupted
        );
        go_on.notify_one();
    };
    let call = Call::listing(None);
    let (exchange, ()) = tokio::join!(session.send("case", &call), interrupting);
    assert_eq!(exchange.response().unwrap().status, 200);
    assert_eq!(session.sent(), 1);
}

#[tokio::test]
async fn a_call_that_waits_for_its_turn_is_interrupted() {
    let hub = Scripted::saying(OK).await;
    let options = SessionOptions {
        // The second turn comes long after the test.
        rate: Some(0.001),
        ..SessionOptions::default()
    };
    let session = session(&hub, options);
    let call = Call::listing(None);
    assert!(session.send("case", &call).await.result.is_ok());
    // In this order: the call waits before the interrupt comes.
    let (waiting, ()) = tokio::join!(biased; session.send("case", &call), async { session.interrupt() });
    assert_eq!(fault(waiting), Fault::Interrupted);
    assert_eq!(session.sent(), 1);
    assert_eq!(hub.heard().len(), 1);
}

#[tokio::test]
async fn calls_keep_the_rate() {
    let hub = Scripted::saying(OK).await;
    let options = SessionOptions {
        rate: Some(50.0),
        ..SessionOptions::default()
    };
    let session = session(&hub, options);
    let call = Call::listing(None);
    let send = || session.send("case", &call);
    let (a, b, c, d, e) = tokio::join!(send(), send(), send(), send(), send());
    let mut exchanges = [a, b, c, d, e];
    exchanges.sort_by_key(|exchange| exchange.number);
    for (turn, exchange) in (0..).zip(&exchanges) {
        assert!(exchange.result.is_ok(), "{exchange:?}");
        assert!(exchange.sent_after >= turn * Duration::from_millis(20), "{exchange:?}");
    }
}

#[tokio::test]
async fn a_rate_that_cannot_be_kept_opens_no_session() {
    let hub = Scripted::saying(OK).await;
    for rate in [0.0, -0.0, -1.0, f64::NAN, f64::NEG_INFINITY, 1e-300] {
        let options = SessionOptions {
            rate: Some(rate),
            ..SessionOptions::default()
        };
        assert!(Session::new(&profile(hub.address), options).is_err(), "{rate}");
    }
}

#[tokio::test]
async fn a_rate_of_once_in_ages_lets_the_first_call_go() {
    let hub = Scripted::saying(OK).await;
    for rate in [1e-9, 1e-17, 1e-19] {
        let options = SessionOptions {
            rate: Some(rate),
            ..SessionOptions::default()
        };
        let session = session(&hub, options);
        let call = Call::listing(None);
        assert!(session.send("case", &call).await.result.is_ok());
        let send = || session.send("case", &call);
        let (second, third, ()) = tokio::join!(biased; send(), send(), async { session.interrupt() });
        assert_eq!((fault(second), fault(third)), (Fault::Interrupted, Fault::Interrupted));
    }
}
