//! The lines, run by a shell.

use std::io::Write;
use std::process::{Command, Stdio};

use hubproof_model::call::{Body, Call, Credentials, Endpoint, Intent, Template};
use hubproof_model::exchange::Fault;
use serde_json::json;

use super::*;
use crate::canned;

/// What curl is given when a shell runs the line: its arguments, and its standard input.
struct Given {
    arguments: Vec<String>,
    input: Vec<u8>,
}

impl Given {
    /// The values of an option.
    fn values(&self, option: &str) -> Vec<&str> {
        let pairs = self.arguments.windows(2).filter(|pair| pair[0] == option);
        pairs.map(|pair| pair[1].as_str()).collect()
    }
}

/// The name of the run.
const RUN_NAME: &str = "k3f9a2b7c1";

fn line_of(call: Call) -> String {
    let exchange = canned::exchange(1, call, Err(Fault::Interrupted));
    let names = Names {
        keys: &[(Role::Primary, "ACME_KEY".to_owned())].into(),
        runs: &["another-shard", RUN_NAME],
    };
    line(&Request::of(&exchange), names)
}

fn run(call: Call) -> Given {
    let line = line_of(call);
    assert!(!line.contains(is_hidden), "{line:?}");
    // The arguments come first, each ended by NUL, then an empty one, then what stands on the pipe.
    let curl = r#"curl() { printf '%s\0' "$@"; printf '\0'; case "$*" in *@-) cat;; esac; }"#;
    let mut shell = Command::new("sh")
        .args(["-eu", "-s"])
        .env("ACME_KEY", "a$ k'y\"")
        .env("HUB_KEY_FOREIGN", "f")
        .env("HUB_HEADER_X_GATEWAY", "g w")
        .env("HUB_RUN", "1767323045")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // By its input: a script may be longer than an argument.
    shell
        .stdin
        .take()
        .unwrap()
        .write_all(format!("{curl}\n{line}\n").as_bytes())
        .unwrap();
    let output = shell.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (arguments, input) = split(&output.stdout, line.contains("--data-raw ''"));
    Given { arguments, input }
}

/// An empty argument looks like the end, so that it must be told that there is one.
fn split(stdout: &[u8], has_empty: bool) -> (Vec<String>, Vec<u8>) {
    let mut arguments = Vec::new();
    let mut rest = stdout;
    let mut empties_left = usize::from(has_empty);
    while let Some(end) = rest.iter().position(|byte| *byte == 0) {
        let argument = String::from_utf8(rest[..end].to_vec()).unwrap();
        rest = &rest[end + 1..];
        if argument.is_empty() {
            if empties_left == 0 {
                break;
            }
            empties_left -= 1;
        }
        arguments.push(argument);
    }
    (arguments, rest.to_vec())
}

fn post(body: Body) -> Call {
    Call::post_execute("t", json!({}), Intent::Read).with_body(body)
}

#[test]
fn a_plain_call_is_a_plain_line() {
    assert_eq!(
        line_of(Call::listing(Some("itsm"))),
        "curl -sS -i 'https://hub.example/api/v1/tools?domain=itsm' -H 'authorization: Bearer '\"$ACME_KEY\" \
         -H 'accept: application/json' -H 'x-gateway: '\"$HUB_HEADER_X_GATEWAY\""
    );
}

#[test]
fn keys_come_from_their_variables_wherever_they_stand() {
    let mut call = Call::get(Endpoint::Outside, "/tools/<key:primary>/<key:nobody>?k=<key:foreign>");
    call.method = "POST".to_owned();
    call.credentials = Credentials::Values(vec![
        Template("Basic <key:foreign>".to_owned()),
        Template(String::new()),
    ]);
    let given = run(call.with_body(Body::Json(json!({"k": "<key:primary>", "x": "it's <key:"}))));
    assert_eq!(
        given.arguments[4],
        "https://hub.example/api/v1/tools/a$ k'y\"/<key:nobody>?k=f"
    );
    assert_eq!(
        given.values("-H"),
        [
            "authorization: Basic f",
            "authorization;",
            "accept: application/json",
            "x-gateway: g w",
            "content-type:"
        ]
    );
    assert_eq!(given.values("--data-raw"), [r#"{"k":"a$ k'y"","x":"it's <key:"}"#]);
}

#[test]
fn paths_are_sent_as_they_are() {
    let mut call = Call::get(Endpoint::Outside, "/a/../[b]/{c}");
    call.verbatim_path = true;
    let given = run(call);
    assert!(given.arguments.iter().any(|argument| argument == "--path-as-is"));
    assert!(given.arguments.iter().any(|argument| argument == "--globoff"));
}

#[test]
fn methods_without_a_body_are_spelled_as_curl_wants_them() {
    let mut call = Call::listing(None);
    call.method = "HEAD".to_owned();
    let given = run(call.clone());
    assert!(given.arguments.iter().any(|argument| argument == "--head"));
    call.method = "DELETE".to_owned();
    assert_eq!(run(call.clone()).values("-X"), ["DELETE"]);
    call.method = "POST".to_owned();
    assert_eq!(run(call).values("--data-raw"), [""]);
}

#[test]
fn bodies_arrive_byte_for_byte() {
    let text = |text: &str| Body::Text(Template(text.to_owned()));
    let long = "long'".repeat(20_000);
    let repeat = |times| Body::Repeat {
        head: "[\"".to_owned(),
        unit: "é'\n".to_owned(),
        times,
        tail: "\\\"]".to_owned(),
    };
    let repeated = |times| format!("[\"{}\\\"]", "é'\n".repeat(times)).into_bytes();
    let cases = [
        (text("@not a file"), b"@not a file".to_vec()),
        (text("-%s'\\n"), b"-%s'\\n".to_vec()),
        (text("-x\u{1b}%s\0\n<key:foreign>\n"), b"-x\x1b%s\0\nf\n".to_vec()),
        (text(&long), long.clone().into_bytes()),
        (
            Body::Json(json!({"a": "\u{7f}\u{202e}é"})),
            "{\"a\":\"\u{7f}\u{202e}é\"}".as_bytes().to_vec(),
        ),
        (Body::Bytes(b"\0\xff1\xfe%'\\".to_vec()), b"\0\xff1\xfe%'\\".to_vec()),
        (
            Body::Bytes(b"plain <key:primary>".to_vec()),
            b"plain <key:primary>".to_vec(),
        ),
        (repeat(3), repeated(3)),
        (repeat(100_000), repeated(100_000)),
    ];
    for (body, expected) in cases {
        let given = run(post(body.clone()));
        let sent = match given.values("--data-raw").first() {
            Some(argument) => argument.as_bytes().to_vec(),
            None => given.input.clone(),
        };
        let name: String = format!("{body:?}").chars().take(60).collect();
        assert!(
            sent == expected,
            "{name}: {:?}",
            String::from_utf8_lossy(&sent[..sent.len().min(80)])
        );
        assert_eq!(given.values("-H").contains(&"expect:"), expected.len() > 1024, "{name}");
    }
}

#[test]
fn markers_and_idempotency_keys_are_those_of_a_new_run() {
    let key = format!("hubproof{RUN_NAME}-a");
    let body = json!({"input": {"title": format!("a {RUN_NAME}{RUN_NAME}")}, "idempotency_key": key});
    let given = run(post(Body::Json(body)));
    let sent: serde_json::Value = serde_json::from_str(given.values("--data-raw")[0]).unwrap();
    assert_eq!(
        sent,
        json!({"input": {"title": "a 17673230451767323045"}, "idempotency_key": "hubproof1767323045-a"})
    );
    let input = run(post(Body::Text(Template(format!("{RUN_NAME}\u{1}"))))).input;
    assert_eq!(input, b"1767323045\x01");
}
