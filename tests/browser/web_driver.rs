//! `chromedriver`, and the WebDriver protocol spoken to it: JSON over HTTP, a connection a request.
//!
//! The crates for it bring thirty others and leave out what only Chromium has, its logs and its developer protocol.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// The longest that a command may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A `chromedriver` that is ended when this is dropped.
pub(crate) struct Driver {
    process: Child,
    port: u16,
    /// Kept open: a driver whose output nobody reads would end at its next line.
    _output: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts it on a free port.
    pub(crate) fn start(program: &Path) -> Self {
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut said = String::new();
        let port = loop {
            let before = said.len();
            assert_ne!(
                output.read_line(&mut said).unwrap(),
                0,
                "chromedriver has ended: {said}"
            );
            let port = said[before..].trim().rsplit_once("started successfully on port ");
            if let Some(port) = port.and_then(|(_, port)| port.trim_end_matches('.').parse().ok()) {
                break port;
            }
        };
        Self {
            process,
            port,
            _output: output,
        }
    }

    /// Sends a command, and gives its value; what failed, as an error.
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let answer = self
            .exchange(method, path, body)
            .map_err(|fault| format!("{method} {path}: {fault}"))?;
        let value = &answer["value"];
        match value["error"].as_str() {
            Some(error) => Err(format!("{method} {path}: {error}: {}", value["message"])),
            None => Ok(value.clone()),
        }
    }

    fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<Value> {
        let body = body.map_or_else(String::new, Value::to_string);
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )?;
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(told) = line.strip_prefix("content-length:") {
                length = told.trim().parse().map_err(std::io::Error::other)?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
