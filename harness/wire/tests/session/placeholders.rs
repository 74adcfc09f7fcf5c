//! Keys are filled in as a request leaves, and nothing recorded holds one.

use hubproof_model::call::{Body, Call, Credentials, Intent, Template};
use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::role::Role;
use serde_json::json;
use wiremock::MockServer;

use crate::opening::{KEY, exchange, get, profile, with_key};

fn assert_hidden(exchange: &Exchange, key: &str) {
    let recorded = serde_json::to_string(exchange).unwrap();
    let escaped = serde_json::to_string(key).unwrap();
    for shown in [format!("{exchange:?}"), recorded] {
        assert!(
            !shown.contains(key) && !shown.contains(escaped.trim_matches('"')),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn placeholders_are_filled_in_everywhere() {
    let hub = MockServer::start().await;
    let mut call = get("/tools/<key:primary>?api_key=<key:primary>");
    call.method = "POST".to_owned();
    call.headers
        .push(("X-Api-Key".to_owned(), Template("<key:primary>".to_owned())));
    call.body = Body::Json(json!({"<key:primary>": ["<key:primary>"]}));
    let exchange = exchange(&profile(*hub.address()), &call).await;
    let [request] = hub.received_requests().await.unwrap().try_into().unwrap();
    let encoded = hubproof_model::call::encode_segment(KEY);
    assert_eq!(request.url.path(), format!("/api/v1/tools/{encoded}"));
    assert_eq!(request.url.query(), Some(format!("api_key={encoded}").as_str()));
    assert_eq!(request.headers["x-api-key"], KEY);
    assert_eq!(request.body_json::<serde_json::Value>().unwrap(), json!({KEY: [KEY]}));
    assert_hidden(&exchange, KEY);
    assert_hidden(&exchange, &encoded);
    assert_eq!(
        exchange.request.url,
        format!(
            "http://{}/api/v1/tools/<key:primary>?api_key=<key:primary>",
            hub.address()
        )
    );
}

#[tokio::test]
async fn the_key_of_each_placeholders_role_is_filled_in() {
    let hub = MockServer::start().await;
    let profile = with_key(profile(*hub.address()), Role::SharedB, "sk_shared_b_0123");
    let body = Body::Text(Template("<key:shared_b>,<key:nobody>,<key:primary>".to_owned()));
    let call = Call::post_execute("t", json!({}), Intent::Read).with_body(body);
    let exchange = exchange(&profile, &call).await;
    let [request] = hub.received_requests().await.unwrap().try_into().unwrap();
    assert_eq!(request.body, format!("sk_shared_b_0123,<key:nobody>,{KEY}").as_bytes());
    assert_hidden(&exchange, "sk_shared_b_0123");
}

#[tokio::test]
async fn a_key_of_any_length_stays_out_of_the_record() {
    let hub = MockServer::start().await;
    for key in ["0x7Zq", "~"] {
        let profile = with_key(profile(*hub.address()), Role::Primary, key);
        let values = Credentials::Values(vec![Template("Token token=<key:primary>;".to_owned())]);
        let mut call = get("/<key:primary>").with_credentials(values);
        call.headers
            .push(("x-key".to_owned(), Template("a<key:primary>b".to_owned())));
        assert_hidden(&exchange(&profile, &call).await, key);
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_sent_does_not_say_its_key() {
    let hub = MockServer::start().await;
    for key in [KEY, "0x7Zq"] {
        let profile = with_key(profile(*hub.address()), Role::Primary, key);
        let mut broken_header = Call::listing(None);
        broken_header
            .headers
            .push(("x-key".to_owned(), Template("<key:primary>\n".to_owned())));
        for call in [get("/a b?<key:primary>"), get("/<key:primary>#"), broken_header] {
            let exchange = exchange(&profile, &call).await;
            assert!(
                matches!(exchange.result, Err(Fault::Unsendable(_))),
                "{:?}",
                exchange.result
            );
            assert_hidden(&exchange, key);
        }
    }
}
