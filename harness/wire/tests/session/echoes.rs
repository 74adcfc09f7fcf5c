//! Whatever key an answer echoes, and however it is written: the record has its role and place, never the key.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hubproof_model::call::{Call, encode_segment};
use hubproof_model::exchange::{Exchange, Fault, Leak};
use hubproof_model::role::Role;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::Value;

use crate::opening::{exchange, open, profile, with_key};
use crate::scripted::Scripted;

/// How a target may write a key that it echoes.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    Raw,
    Json,
    JsonEscapedThroughout,
    Percent,
    PercentThroughout,
    Base64,
    Base64OfBasic,
}

impl Spelling {
    const ALL: [Spelling; 7] = [
        Spelling::Raw,
        Spelling::Json,
        Spelling::JsonEscapedThroughout,
        Spelling::Percent,
        Spelling::PercentThroughout,
        Spelling::Base64,
        Spelling::Base64OfBasic,
    ];

    fn write(self, key: &str) -> String {
        match self {
            Spelling::Raw => key.to_owned(),
            Spelling::Json => in_json(key),
            Spelling::JsonEscapedThroughout => key.bytes().map(|byte| format!("\\u{byte:04x}")).collect(),
            Spelling::Percent => encode_segment(key),
            Spelling::PercentThroughout => key.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            Spelling::Base64 => STANDARD.encode(key),
            Spelling::Base64OfBasic => URL_SAFE_NO_PAD.encode(format!("user:{key}")),
        }
    }
}

/// The inside of the JSON string that says this.
fn in_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Where the key is echoed.
#[derive(Debug, Clone, Copy)]
enum Place {
    Body,
    Header,
    Reason,
}

impl Place {
    const ALL: [Place; 3] = [Place::Body, Place::Header, Place::Reason];

    fn answer(self, echo: &str) -> String {
        let (reason, header, body) = match self {
            Place::Body => ("OK", "", format!(r#"{{"echo":"{echo}"}}"#)),
            Place::Header => ("OK", echo, "{}".to_owned()),
            Place::Reason => (echo, "", "{}".to_owned()),
        };
        let length = body.len();
        format!(
            "HTTP/1.1 200 {reason}\r\nX-Echo: {header}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }

    /// What is recorded of a leak there. A reason is not recorded at all.
    fn leaks(self) -> Vec<Leak> {
        let place = match self {
            Place::Body => "body",
            Place::Header => "x-echo",
            Place::Reason => return Vec::new(),
        };
        vec![Leak {
            role: Role::Primary,
            place: place.to_owned(),
        }]
    }
}

/// Printable ASCII without spaces at the ends, which no header could carry.
fn keys() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[!-~][ -~]{14,62}[!-~]").unwrap()
}

/// The texts of a value: names and strings, as they are.
fn texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(members) => {
            for (name, value) in members {
                into.push(name.clone());
                texts(value, into);
            }
        }
        _ => {}
    }
}

fn assert_hidden(exchange: &Exchange, key: &str) {
    let mut shown = vec![format!("{exchange:?}"), serde_json::to_string(exchange).unwrap()];
    texts(&serde_json::to_value(exchange).unwrap(), &mut shown);
    if let Ok(response) = &exchange.result {
        shown.push(String::from_utf8_lossy(&response.body).into_owned());
    }
    let spelled = Spelling::ALL.map(|spelling| spelling.write(key));
    for text in shown {
        for key in &spelled {
            assert!(!text.contains(key), "{key} in {text}");
        }
    }
}

/// Runs a property over random keys, the same ones each time.
fn check(property: impl AsyncFn(String)) {
    let config = ProptestConfig {
        cases: 32,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let held = TestRunner::new(config).run(&keys(), |key| {
        runtime.block_on(property(key));
        Ok(())
    });
    held.unwrap();
}

#[test]
fn no_echoed_key_is_recorded_and_each_leak_is_named() {
    check(async |key| {
        let echoes: Vec<_> = Place::ALL
            .into_iter()
            .flat_map(|place| Spelling::ALL.map(|spelling| (place, spelling)))
            .collect();
        let answers = echoes
            .iter()
            .map(|(place, spelling)| place.answer(&spelling.write(&key)).into_bytes());
        let hub = Scripted::saying_in_turn(answers.collect()).await;
        let session = open(&with_key(profile(hub.address), Role::Primary, &key));
        for (place, spelling) in echoes {
            let exchange = session.send("case", &Call::listing(None)).await;
            let response = exchange.response().unwrap();
            assert_eq!(response.leaks, place.leaks(), "{spelling:?} in {place:?}");
            assert_hidden(&exchange, &key);
        }
    });
}

#[test]
fn a_masked_body_is_still_the_json_that_it_was() {
    check(async |key| {
        let body = serde_json::json!({"before": 1, "key": key, "text": format!("a {key}, b")}).to_string();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let hub = Scripted::saying(answer).await;
        let profile = with_key(profile(hub.address), Role::Primary, &key);
        let exchange = exchange(&profile, &Call::listing(None)).await;
        let masked = serde_json::json!({"before": 1, "key": "<key:primary>", "text": "a <key:primary>, b"});
        assert_eq!(exchange.json(), Some(&masked));
    });
}

#[test]
fn an_answer_without_a_key_is_left_alone() {
    check(async |key| {
        let body = format!("{}!", &key[..key.len() - 1].replace('!', "?"));
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let hub = Scripted::saying(answer).await;
        let profile = with_key(profile(hub.address), Role::Primary, &format!("{key}."));
        let response = exchange(&profile, &Call::listing(None)).await.result.unwrap();
        assert_eq!(response.body, body.as_bytes());
        assert!(response.leaks.is_empty());
    });
}

#[test]
fn no_fault_says_a_key() {
    check(async |key| {
        for answer in [key.clone(), format!("HTTP/1.1 {key}\r\n{key}: {key}\r\n\r\n")] {
            let hub = Scripted::saying(answer).await;
            let profile = with_key(profile(hub.address), Role::Primary, &key);
            let exchange = exchange(&profile, &Call::listing(None)).await;
            assert!(
                matches!(exchange.result, Err(Fault::Protocol(_) | Fault::Broken(_))),
                "{exchange:?}"
            );
            assert_hidden(&exchange, &key);
        }
    });
}

#[tokio::test]
async fn each_key_and_each_place_is_named() {
    let (primary, foreign) = ("sk_primary_0123", "sk_foreign_0123");
    let body = format!("{primary} {foreign} {primary}");
    let answer = format!(
        "HTTP/1.1 200 OK\r\nX-A: {foreign}\r\nX-A: {foreign}\r\nX-{primary}: 1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let hub = Scripted::saying(answer).await;
    let profile = with_key(profile(hub.address), Role::Primary, primary);
    let profile = with_key(profile, Role::Foreign, foreign);
    let exchange = exchange(&profile, &Call::listing(None)).await;
    let response = exchange.response().unwrap();
    let leaks: Vec<_> = response
        .leaks
        .iter()
        .map(|leak| (leak.role, leak.place.as_str()))
        .collect();
    assert!(leaks.contains(&(Role::Foreign, "x-a")), "{leaks:?}");
    assert!(leaks.contains(&(Role::Primary, "x-<key:primary>")), "{leaks:?}");
    assert!(
        leaks.contains(&(Role::Primary, "body")) && leaks.contains(&(Role::Foreign, "body")),
        "{leaks:?}"
    );
    assert_eq!(response.body, b"<key:primary> <key:foreign> <key:primary>");
    for key in [primary, foreign] {
        assert_hidden(&exchange, key);
    }
}
