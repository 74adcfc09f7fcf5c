//! Mistakes in a vendor's file: one message each, with the place.

use std::net::{Ipv4Addr, SocketAddr};

use hubproof_vendor::{StandIn, Vendor};

use crate::client::{send, stand_in};

const FILE: &str = r#"
name = "Notes"
connector = "notes"
idempotency_header = "Idempotency-Key"
[credentials]
header = "x-key"
secrets = ["s3cret"]
[times]
format = "%Y-%m-%d"
[errors]
body = { error = "$message" }
otherwise = { message = "no" }
[collections.notes]
key = "/id"
generate."/id" = { hex = 8 }
[[routes]]
method = "POST"
path = "/notes"
operation = "create"
collection = "notes"
fields = { body = "", record = "" }
answer = "$record"
"#;

#[test]
fn a_mistake_has_its_place() {
    for (right, wrong, message) in [
        ("header = \"x-key\"", "header = \"x key\"", "no header's name"),
        ("secrets = [\"s3cret\"]", "secrets = []", "accepts no secret"),
        ("method = \"POST\"", "method = \"GET\"", "GET reads"),
        ("path = \"/notes\"", "path = \"notes\"", "begins with `/`"),
        (
            "collection = \"notes\"",
            "collection = \"nodes\"",
            "no collection `nodes`: there are notes",
        ),
        ("operation = \"create\"", "operation = \"make\"", "unknown variant"),
        ("operation = \"create\"", "operation = \"delete\"", "needs a `key`"),
        (
            "operation = \"create\"",
            "operation = \"create\"\nstatus = 20",
            "no HTTP status",
        ),
        ("format = \"%Y-%m-%d\"", "format = \"%Q\"", "no format of strftime"),
        ("generate.\"/id\"", "generate.\"id\"", "no JSON Pointer"),
        ("name = \"Notes\"", "title = \"Notes\"", "unknown field"),
        ("[[routes]]", "[[routes]", "unclosed"),
    ] {
        assert!(FILE.contains(right));
        let text = FILE.replace(right, wrong);
        let fault = Vendor::read(&text).unwrap_err();
        assert!(fault.message.contains(message), "{wrong}: {}", fault.message);
        let span = fault.span.unwrap_or_else(|| panic!("{wrong}: no place"));
        let line_at = |place: usize| text[..place].matches('\n').count() + 1;
        let line = line_at(span.start);
        let line_of_mistake = line_at(text.find(wrong).unwrap());
        // What a route lacks is told where the route begins.
        let distance = line.abs_diff(line_of_mistake);
        assert!(distance <= 3, "{wrong}: line {line} for {line_of_mistake}");
    }
}

#[tokio::test]
async fn a_file_of_ones_own_is_played() {
    let vendor = Vendor::read(FILE).unwrap();
    let vendor = StandIn::start(vendor, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .await
        .unwrap();
    let created = send(&vendor, "POST", "/notes", r#"{"text": "x"}"#)
        .await
        .unwrap()
        .json();
    assert_eq!(
        (created["text"].as_str(), created["id"].as_str().unwrap().len()),
        (Some("x"), 8)
    );
    let headers = "x-key: s3cret\r\nidempotency-key: again\r\n";
    crate::client::send_with(&vendor, "POST", "/notes", "{}", headers)
        .await
        .unwrap();
    assert_eq!(vendor.received()[1].idempotency_key.as_deref(), Some("again"));
}

#[tokio::test]
async fn a_port_in_use_is_one_message() {
    let first = stand_in("jira").await;
    let address: SocketAddr = first.url().strip_prefix("http://").unwrap().parse().unwrap();
    let fault = StandIn::start(Vendor::bundled("jira").unwrap(), address)
        .await
        .err()
        .unwrap();
    assert!(
        fault.to_string().starts_with(&format!("cannot listen on {address}: ")),
        "{fault}"
    );
}
