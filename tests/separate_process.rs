//! The reference hub as a process of its own, proved with only a URL and one key: read-only, with the same verdicts where that
//! suffices, and the profile line that would exercise the rest.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A `reference-hub` that is ended when this is dropped.
struct Hub {
    process: Child,
    ready: Value,
}

impl Hub {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_reference-hub"))
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            process,
            ready: serde_json::from_str(&line).unwrap(),
        }
    }

    /// The data of every list tool of the hub's domains: all the state that its vendors hold.
    fn state(&self) -> Vec<String> {
        let listed = |domain_resource: &str| self.execute(&format!("{domain_resource}.list"));
        [
            "itsm.tickets",
            "itsm.changes",
            "hris.employees",
            "hris.leave",
            "crm.contacts",
            "crm.deals",
            "ecommerce.orders",
            "ecommerce.refunds",
            "identity.users",
            "identity.groups",
            "knowledge.articles",
            "calendar.events",
            "communication.messages",
            "communication.channels",
        ]
        .map(listed)
        .to_vec()
    }

    fn execute(&self, tool: &str) -> String {
        let url = self.ready["url"].as_str().unwrap().strip_prefix("http://").unwrap();
        let (address, base) = url.split_once('/').unwrap();
        let key = self.ready["keys"]["primary"].as_str().unwrap();
        let body = r#"{"input":{"limit":50}}"#;
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST /{base}/tools/{tool}/execute HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!(body["success"], true, "{tool}: {body}");
        body["data"].to_string()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_url_and_one_key_prove_what_reading_can_prove() {
    let hub = Hub::start();
    let before = hub.state();
    let out = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .args([
            "run",
            hub.ready["url"].as_str().unwrap(),
            "--key-env",
            "HUB_KEY",
            "--fail-on",
            "should",
            "--out",
        ])
        .arg(out.path())
        .env("HUB_KEY", hub.ready["keys"]["primary"].as_str().unwrap())
        .output()
        .unwrap();
    assert_eq!(hub.state(), before, "a run that may only read has changed something");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let report: Value = serde_json::from_slice(&std::fs::read(out.path().join("report.json")).unwrap()).unwrap();
    let mut held = 0;
    for requirement in report["requirements"].as_array().unwrap() {
        match requirement["verdict"].as_str().unwrap() {
            "held" => held += 1,
            "not_exercised" => assert!(!requirement["reason"].as_str().unwrap().is_empty(), "{requirement}"),
            other => panic!("{} is {other}: {}", requirement["id"], requirement["reason"]),
        }
    }
    assert!(held >= 35, "only {held} requirements held with one key and reading");
    let text = serde_json::to_string(&report).unwrap();
    assert!(
        !text.contains(hub.ready["keys"]["primary"].as_str().unwrap()),
        "the report holds the key"
    );
}
