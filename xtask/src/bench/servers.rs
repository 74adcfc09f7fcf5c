//! The servers that are called: the reference hub, and one that does nothing but answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::binaries::Binaries;
use super::process::Running;

/// A reference hub as a process of its own.
pub(super) struct Hub {
    /// Its process.
    pub(super) process: Running,
    /// Its base URL.
    pub(super) url: String,
    /// Its primary API key.
    pub(super) key: String,
}

impl Hub {
    /// Starts one on a free port; `latency` as in `reference-hub --latency`.
    pub(super) fn start(binaries: &Binaries, latency: Option<&str>) -> Result<Self, String> {
        let mut command = Command::new(&binaries.reference_hub);
        command.args(["--listen", "127.0.0.1:0"]);
        if let Some(latency) = latency {
            command.args(["--latency", latency]);
        }
        let (process, line) = Running::start_server(&mut command)?;
        let ready: Value = serde_json::from_str(&line).map_err(|fault| format!("the hub's ready line: {fault}"))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let told = || "the hub's ready line tells no URL and primary key".to_owned();
        Ok(Self {
            url: text(&ready["url"]).ok_or_else(told)?,
            key: text(&ready["keys"]["primary"]).ok_or_else(told)?,
            process,
        })
    }

    /// Where a tool is executed.
    pub(super) fn execute_url(&self, tool: &str) -> String {
        format!("{}/tools/{tool}/execute", self.url)
    }

    /// Where its OpenAPI document is.
    pub(super) fn openapi_url(&self) -> String {
        let base = self.url.trim_end_matches("/api/v1");
        format!("{base}/openapi.json")
    }

    /// The body of its answer to an execute.
    pub(super) fn answer(&self, tool: &str, body: &str) -> Result<Vec<u8>, String> {
        self.send("POST", &self.execute_url(tool), body)
    }

    /// A tool's input schema.
    pub(super) fn input_schema(&self, tool: &str) -> Result<Value, String> {
        let definition = self.send("GET", &format!("{}/tools/{tool}", self.url), "")?;
        let definition: Value = serde_json::from_slice(&definition).map_err(|fault| format!("{tool}: {fault}"))?;
        let schema = definition
            .pointer("/data/input_schema")
            .or_else(|| definition.get("input_schema"));
        schema
            .cloned()
            .ok_or_else(|| format!("the definition of {tool} has no input schema"))
    }

    /// One request on a connection of its own, and the body of its answer, which must be a success.
    fn send(&self, method: &str, url: &str, body: &str) -> Result<Vec<u8>, String> {
        let failed = |why: &dyn std::fmt::Display| format!("{method} {url}: {why}");
        let rest = url.strip_prefix("http://").unwrap_or(url);
        let (authority, path) = rest.split_once('/').ok_or_else(|| failed(&"no path"))?;
        let mut stream = TcpStream::connect(authority).map_err(|fault| failed(&fault))?;
        let patience = stream.set_read_timeout(Some(Duration::from_secs(10)));
        patience.map_err(|fault| failed(&fault))?;
        let head = format!(
            "{method} /{path} HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.key,
            body.len()
        );
        stream.write_all(head.as_bytes()).map_err(|fault| failed(&fault))?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map_err(|fault| failed(&fault))?;
        let ends = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        match ends {
            Some(at) if answer.starts_with(b"HTTP/1.1 200 ") => Ok(answer.split_off(at + 4)),
            _ => Err(failed(&String::from_utf8_lossy(&answer))),
        }
    }
}

/// A server that answers every request with the same bytes.
pub(super) struct Static {
    /// Its process.
    pub(super) process: Running,
    /// Its URL.
    pub(super) url: String,
}

impl Static {
    /// Starts one that answers with these bytes.
    pub(super) fn start(binaries: &Binaries, folder: &Path, answer: &[u8]) -> Result<Self, String> {
        let file: PathBuf = folder.join("answer.json");
        std::fs::write(&file, answer).map_err(|fault| format!("{}: {fault}", file.display()))?;
        let (process, line) = Running::start_server(Command::new(&binaries.static_server).arg(file))?;
        let ready: Value = serde_json::from_str(&line).map_err(|fault| format!("the static server's line: {fault}"))?;
        let url = ready["url"]
            .as_str()
            .ok_or("the static server tells no URL")?
            .to_owned();
        Ok(Self { process, url })
    }
}
