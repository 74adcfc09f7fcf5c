//! The reference hub as a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A `reference-hub` that is ended when this is dropped.
pub(crate) struct Hub {
    process: Child,
    ready: Value,
}

impl Hub {
    /// Starts it on a free port.
    #[allow(dead_code, reason = "not every test that has a hub needs both")]
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts it on a free port, with further arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_reference-hub"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
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

    /// Its base URL.
    pub(crate) fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    /// The key of a role.
    pub(crate) fn key(&self, role: &str) -> &str {
        self.ready["keys"][role].as_str().unwrap()
    }

    /// The data of every list tool of the hub's domains: all the state that its vendors hold.
    pub(crate) fn state(&self) -> Vec<String> {
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
        let url = self.url().strip_prefix("http://").unwrap();
        let (address, base) = url.split_once('/').unwrap();
        let key = self.key("primary");
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
