//! What is planned is what arrives.

use hubproof_model::call::{Body, Call, Credentials, Intent, Template};
use hubproof_model::role::Role;
use hubproof_model::secret::Secret;
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::opening::{KEY, both_ways, exchange, get, large, open, profile, with_key};
use crate::scripted::Scripted;

async fn hub() -> MockServer {
    let hub = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&hub)
        .await;
    hub
}

async fn only_request(hub: &MockServer) -> Request {
    let mut requests = hub.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[tokio::test]
async fn method_path_headers_and_body_arrive_as_planned() {
    let hub = hub().await;
    let mut call = Call::post_execute(
        "itsm.tickets/create",
        json!({"input": {"z": 1, "a": [1.0, "é"]}}),
        Intent::Read,
    );
    call.method = "PATCH".to_owned();
    call.path.0.push_str("?a=1&b=%20");
    call.headers = vec![
        ("X-Trace".to_owned(), Template("first".to_owned())),
        ("x-trace".to_owned(), Template("second".to_owned())),
    ];
    let exchange = exchange(&profile(*hub.address()), &call).await;
    assert_eq!(exchange.response().unwrap().status, 200);
    assert_eq!(exchange.call, call);
    let request = only_request(&hub).await;
    assert_eq!(request.method.as_str(), "PATCH");
    assert_eq!(request.url.path(), "/api/v1/tools/itsm.tickets%2Fcreate/execute");
    assert_eq!(request.url.query(), Some("a=1&b=%20"));
    assert_eq!(request.body, r#"{"input":{"z":1,"a":[1.0,"é"]}}"#.as_bytes());
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    let traces: Vec<_> = request.headers.get_all("x-trace").iter().collect();
    assert_eq!(traces, ["first", "second"]);
}

#[tokio::test]
async fn the_record_shows_the_request_as_it_left() {
    for call in both_ways() {
        let hub = hub().await;
        let sent = exchange(&profile(*hub.address()), &call).await.request;
        assert_eq!(sent.method, "GET");
        assert_eq!(sent.url, format!("http://{}/api/v1/tools", hub.address()));
        let shown: Vec<_> = sent
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let agent = concat!("hubproof/", env!("CARGO_PKG_VERSION"));
        assert_eq!(
            shown,
            [
                ("authorization", "Bearer <key:primary>"),
                ("accept", "application/json"),
                ("user-agent", agent)
            ]
        );
        let request = only_request(&hub).await;
        for (name, value) in &shown[1..] {
            assert_eq!(request.headers[*name], value);
        }
    }
}

#[tokio::test]
async fn what_no_call_planned_is_not_sent() {
    for call in both_ways() {
        let hub = hub().await;
        exchange(&profile(*hub.address()), &call.with_credentials(Credentials::Absent)).await;
        let request = only_request(&hub).await;
        let mut names: Vec<_> = request.headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        // No accept-encoding above all: nothing is compressed that was not asked to be.
        assert_eq!(names, ["accept", "host", "user-agent"]);
        assert!(request.body.is_empty());
    }
}

#[tokio::test]
async fn credentials_may_be_absent_another_roles_or_several() {
    let hub = hub().await;
    let profile = with_key(profile(*hub.address()), Role::Foreign, "sk_foreign_0123");
    let session = open(&profile);
    let values = ["Bearer <key:foreign>", "Basic abc"].map(|value| Template(value.to_owned()));
    for (credentials, arrived) in [
        (Credentials::Absent, vec![]),
        (Credentials::Bearer(Role::Foreign), vec!["Bearer sk_foreign_0123"]),
        (
            Credentials::Values(values.to_vec()),
            vec!["Bearer sk_foreign_0123", "Basic abc"],
        ),
    ] {
        hub.reset().await;
        session
            .send("case", &Call::listing(None).with_credentials(credentials))
            .await;
        let request = only_request(&hub).await;
        assert_eq!(
            request.headers.get_all("authorization").iter().collect::<Vec<_>>(),
            arrived
        );
    }
}

#[tokio::test]
async fn the_profiles_headers_are_sent_and_masked() {
    for call in both_ways() {
        let hub = hub().await;
        let mut profile = profile(*hub.address());
        let headers = [("X-Tenant", "acme"), ("X-Gate", "gate_secret_0123")];
        profile.target.headers = headers
            .map(|(name, value)| (name.to_owned(), Secret::new(value)))
            .to_vec();
        let exchange = exchange(&profile, &call).await;
        let request = only_request(&hub).await;
        assert_eq!(request.headers["x-tenant"], "acme");
        assert_eq!(request.headers["x-gate"], "gate_secret_0123");
        let shown = exchange
            .request
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with("x-"));
        let shown: Vec<_> = shown.map(|(_, value)| value.as_str()).collect();
        assert_eq!(shown, ["<header:x-tenant>", "<header:x-gate>"]);
    }
}

#[tokio::test]
async fn bodies_of_every_kind_arrive_byte_for_byte() {
    let hub = hub().await;
    let session = open(&profile(*hub.address()));
    let call = Call::post_execute("t", json!({}), Intent::Read);
    for (body, arrived) in [
        (Body::Empty, &b""[..]),
        (Body::Text(Template("{\"a\":1,\"a\":2".to_owned())), b"{\"a\":1,\"a\":2"),
        (Body::Bytes(vec![0xff, 0, b'\r', b'\n']), b"\xff\0\r\n"),
    ] {
        hub.reset().await;
        session.send("case", &call.clone().with_body(body)).await;
        assert_eq!(only_request(&hub).await.body, arrived);
    }
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let hub = Scripted::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let bytes = 3 * 1024 * 1024;
    let exchange = exchange(&profile(hub.address), &large(bytes)).await;
    assert_eq!(exchange.response().unwrap().status, 200);
    let [request] = hub.heard().try_into().unwrap();
    let head_end = request.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let (head, body) = request.split_at(head_end + 4);
    assert!(body.len() == bytes && body.iter().all(|byte| *byte == b'x'));
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    assert!(head.contains(&format!("\r\ncontent-length: {bytes}\r\n")), "{head}");
    assert!(!head.contains("expect"), "{head}");
}

#[tokio::test]
async fn a_call_that_cannot_be_a_request_is_not_sent() {
    let hub = Scripted::saying("").await;
    let session = open(&profile(hub.address));
    let mut spaced = get("/tools");
    spaced.method = "GE T".to_owned();
    let keyless = Call::listing(None).with_credentials(Credentials::Bearer(Role::Approver));
    for call in [spaced, keyless, get("/a b"), get("/a#b"), get("tools")] {
        let exchange = session.send("case", &call).await;
        let fault = exchange.result.unwrap_err();
        assert!(fault.is_harness_fault(), "{fault}");
    }
    assert_eq!(session.sent(), 0);
    assert!(hub.heard().is_empty());
}

#[tokio::test]
async fn exchanges_are_numbered_in_the_order_of_sending() {
    let hub = hub().await;
    let session = open(&profile(*hub.address()));
    let call = Call::listing(None);
    let (first, second) = tokio::join!(session.send("a", &call), session.send("b", &call));
    let third = session.send("c", &call).await;
    let mut all = [first, second, third];
    all.sort_by_key(|exchange| exchange.sent_after);
    assert_eq!(all.each_ref().map(|exchange| exchange.number), [1, 2, 3]);
    assert_eq!(all[2].case, "c");
    assert_eq!(session.sent(), 3);
}
