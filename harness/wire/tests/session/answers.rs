//! An answer is recorded as it came.

use hubproof_model::exchange::Response;
use hubproof_model::json_body::BodyFault;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::opening::{both_ways, exchange, open, profile};
use crate::scripted::Scripted;

/// The answers as recorded, each way.
async fn recorded(answer: ResponseTemplate) -> Vec<Response> {
    let hub = MockServer::builder().disable_request_recording().start().await;
    Mock::given(any()).respond_with(answer).mount(&hub).await;
    let mut recorded = Vec::new();
    for call in both_ways() {
        recorded.push(exchange(&profile(*hub.address()), &call).await.result.unwrap());
    }
    recorded
}

#[tokio::test]
async fn a_redirect_is_recorded_and_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let hub = MockServer::start().await;
        let elsewhere = format!("{}/elsewhere", hub.uri());
        let answer = ResponseTemplate::new(status).insert_header("location", elsewhere.as_str());
        Mock::given(any()).respond_with(answer).mount(&hub).await;
        for call in both_ways() {
            let exchange = exchange(&profile(*hub.address()), &call).await;
            let response = exchange.response().unwrap();
            assert_eq!(response.status, status);
            assert_eq!(response.header("location"), Some(elsewhere.as_str()));
        }
        assert_eq!(hub.received_requests().await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn duplicate_headers_are_kept_in_order() {
    let answer = ResponseTemplate::new(429)
        .append_header("Retry-After", "2")
        .append_header("Retry-After", "1")
        .append_header("retry-after", "2");
    for response in recorded(answer).await {
        assert_eq!(
            response.header_values("retry-after").collect::<Vec<_>>(),
            ["2", "1", "2"]
        );
    }
}

#[tokio::test]
async fn cookies_are_not_sent_back() {
    let hub = MockServer::start().await;
    let answer = ResponseTemplate::new(200).insert_header("set-cookie", "session=1");
    Mock::given(any()).respond_with(answer).mount(&hub).await;
    let session = open(&profile(*hub.address()));
    for call in both_ways().iter().chain(&both_ways()) {
        session.send("case", call).await;
    }
    let requests = hub.received_requests().await.unwrap();
    assert!(requests.iter().all(|request| !request.headers.contains_key("cookie")));
}

#[tokio::test]
async fn duplicate_members_are_noted() {
    let answer = ResponseTemplate::new(200).set_body_string(r#"{"ok":true,"ok":false,"data":{"a/b":1,"a/b":1}}"#);
    for response in recorded(answer).await {
        let json = response.json.unwrap();
        assert_eq!(json.duplicate_keys, ["/ok", "/data/a~1b"]);
        assert_eq!(json.value["ok"], false);
    }
}

#[tokio::test]
async fn a_body_that_is_no_text_is_kept() {
    let body = b"{\"a\":\"\xff\xfe\"}";
    for response in recorded(ResponseTemplate::new(200).set_body_bytes(body)).await {
        assert_eq!(response.body, body);
        assert_eq!(response.json, Err(BodyFault::NotUtf8(6)));
        let stored = serde_json::to_string(&response).unwrap();
        let read: Response = serde_json::from_str(&stored).unwrap();
        assert_eq!(read.body, body);
    }
}

#[tokio::test]
async fn an_empty_body_is_empty() {
    for status in [200, 204, 304, 500] {
        for response in recorded(ResponseTemplate::new(status)).await {
            assert_eq!((response.status, response.body.as_slice()), (status, &b""[..]));
            assert_eq!(response.json, Err(BodyFault::Empty));
            assert!(!response.truncated);
        }
    }
}

#[tokio::test]
async fn a_compressed_body_is_not_unpacked() {
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let body = b"\x1f\x8b\x08 not unpacked";
        let answer = ResponseTemplate::new(200)
            .insert_header("content-encoding", coding)
            .set_body_bytes(body);
        for response in recorded(answer).await {
            assert_eq!(response.header("content-encoding"), Some(coding));
            assert_eq!(response.header("content-length"), Some("16"));
            assert_eq!(response.body, body);
        }
    }
}

#[tokio::test]
async fn a_header_that_is_no_utf_8_is_kept_as_far_as_it_goes() {
    let hub =
        Scripted::saying(b"HTTP/1.1 200 OK\r\nX-Odd: a\xffb\r\nX-Empty:\r\ncontent-length: 0\r\n\r\n".as_slice()).await;
    for call in both_ways() {
        let response = exchange(&profile(hub.address), &call).await.result.unwrap();
        assert_eq!(response.header("x-odd"), Some("a\u{fffd}b"));
        assert_eq!(response.header("x-empty"), Some(""));
    }
}

#[tokio::test]
async fn informational_answers_are_not_the_answer() {
    let hub = Scripted::saying(
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno",
    )
    .await;
    for call in both_ways() {
        let response = exchange(&profile(hub.address), &call).await.result.unwrap();
        assert_eq!((response.status, response.body.as_slice()), (404, &b"no"[..]));
    }
}

#[tokio::test]
async fn the_answer_to_head_has_no_body_to_wait_for() {
    let hub = Scripted::new(|mut connection| async move {
        connection.hear().await;
        connection.say(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n").await;
        connection.wait().await;
    })
    .await;
    for mut call in both_ways() {
        call.method = "HEAD".to_owned();
        let response = exchange(&profile(hub.address), &call).await.result.unwrap();
        assert!(response.body.is_empty());
    }
}

#[tokio::test]
async fn an_answer_of_http_1_0_goes_on_until_the_close() {
    let hub = Scripted::saying("HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nto the end").await;
    for call in both_ways() {
        let response = exchange(&profile(hub.address), &call).await.result.unwrap();
        assert_eq!((response.status, response.body.as_slice()), (200, &b"to the end"[..]));
    }
}

#[tokio::test]
async fn chunks_are_put_together() {
    let hub = Scripted::saying(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4;ext=1\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\nx-trailer: 1\r\n\r\n",
    )
    .await;
    for call in both_ways() {
        let response = exchange(&profile(hub.address), &call).await.result.unwrap();
        assert_eq!(response.json().unwrap()["a"], 1);
    }
}

#[tokio::test]
async fn bytes_beyond_an_answer_are_not_the_answer_to_the_next_call() {
    for beyond in ["extra", "HTTP/1.1 500 Oops\r\ncontent-length: 2\r\n\r\n[]"] {
        let hub = Scripted::new(move |mut connection| async move {
            while connection.hear().await {
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{{}}{beyond}");
                connection.say(answer.as_bytes()).await;
            }
        })
        .await;
        let session = open(&profile(hub.address));
        let [call, _] = both_ways();
        for _ in 0..3 {
            let response = session.send("case", &call).await.result.unwrap();
            assert_eq!((response.status, response.body.as_slice()), (200, &b"{}"[..]));
        }
        assert_eq!(hub.heard().len(), 3);
    }
}
