//! A hub of one tool on a free port of the loopback, which does with each execute what a test says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use hubproof_model::profile::{Key, Profile};
use hubproof_model::role::Role;
use hubproof_model::secret::Secret;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The key of its only tool.
pub(crate) const TOOL: &str = "itsm.tickets.list";

/// Its key.
pub(crate) const KEY: &str = "hub_live_0123456789";

/// An answer to an execute.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// A header of its own, where it is not empty: a whole line.
    pub(crate) header: String,
    /// Nothing where it is null.
    pub(crate) body: Value,
}

impl Answer {
    /// A sound success.
    pub(crate) fn success() -> Self {
        let body = json!({
            "success": true, "data": {"tickets": []}, "connection_id": "conn_1", "duration_ms": 0, "request_id": "req_1",
        });
        Self::of(200, body)
    }

    /// An error of this status and code.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        let error = json!({"code": code, "message": "no", "details": {}});
        let body = json!({"success": false, "error": error, "request_id": "req_1"});
        Self::of(status, body)
    }

    /// None: the connection breaks, and the hub takes another.
    pub(crate) fn reset() -> Self {
        Self::of(0, Value::Null)
    }

    /// This status and body, and nothing more.
    pub(crate) fn of(status: u16, body: Value) -> Self {
        let header = String::new();
        Self { status, header, body }
    }

    fn bytes(&self) -> Vec<u8> {
        let body = match &self.body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        format!(
            "HTTP/1.1 {} X\r\ncontent-type: application/json\r\nx-ratelimit-limit: 1000\r\nx-ratelimit-remaining: 999\r\n\
             x-ratelimit-reset: 60\r\nretry-after: 1\r\n{}content-length: {}\r\n\r\n{body}",
            self.status,
            self.header,
            body.len()
        )
        .into_bytes()
    }
}

/// The executes that a hub has had.
#[derive(Default)]
struct Heard {
    executes: AtomicU64,
    bodies: Mutex<Vec<Vec<u8>>>,
}

/// A hub that serves until it is dropped.
pub(crate) struct Hub {
    address: SocketAddr,
    heard: Arc<Heard>,
    _serving: JoinSet<()>,
}

impl Hub {
    /// Answers the execute of each number, from 0, as the script says. The connection breaks, and no other is taken, where it says
    /// nothing.
    pub(crate) async fn new<S, F>(script: S) -> Self
    where
        S: Fn(u64) -> F + Send + Sync + 'static,
        F: Future<Output = Option<Answer>> + Send + 'static,
    {
        Self::of_risk("read", script).await
    }

    /// The same, whose tool is of this risk.
    pub(crate) async fn of_risk<S, F>(risk: &'static str, script: S) -> Self
    where
        S: Fn(u64) -> F + Send + Sync + 'static,
        F: Future<Output = Option<Answer>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Heard> = Arc::default();
        let (script, hearing) = (Arc::new(script), Arc::clone(&heard));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let (stream, _) = accepted.unwrap();
                        stream.set_nodelay(true).unwrap();
                        connections.spawn(serve(stream, risk, Arc::clone(&script), Arc::clone(&hearing)));
                    }
                    Some(served) = connections.join_next() => match served.unwrap() {
                        true => {}
                        false => return,
                    },
                }
            }
        });
        Self {
            address,
            heard,
            _serving: serving,
        }
    }

    /// What is known of it.
    pub(crate) fn profile(&self) -> Profile {
        let mut profile = Profile::of_url(format!("http://{}/api/v1", self.address));
        let key = Key {
            secret: Secret::new(KEY),
            variable: None,
        };
        profile.keys.by_role.insert(Role::Primary, key);
        profile
    }

    /// How many executes it has had.
    pub(crate) fn executes(&self) -> u64 {
        self.heard.executes.load(Ordering::SeqCst)
    }

    /// The bodies of all executes.
    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        self.heard.bodies.lock().unwrap().clone()
    }
}

/// Serves a connection until the peer goes; false where the hub is to go.
async fn serve<S, F>(mut stream: TcpStream, risk: &str, script: Arc<S>, heard: Arc<Heard>) -> bool
where
    S: Fn(u64) -> F,
    F: Future<Output = Option<Answer>>,
{
    let mut buffer = Vec::new();
    while let Some((line, body)) = hear(&mut stream, &mut buffer).await {
        let answer = if line.starts_with("POST") {
            heard.bodies.lock().unwrap().push(body);
            match script(heard.executes.fetch_add(1, Ordering::SeqCst)).await {
                Some(answer) => answer,
                None => return false,
            }
        } else {
            let body = match line.contains(TOOL) {
                true => tool(risk),
                false => json!({"tools": [tool(risk)]}),
            };
            Answer::of(200, body)
        };
        if answer.status == 0 || stream.write_all(&answer.bytes()).await.is_err() {
            break;
        }
    }
    true
}

fn tool(risk: &str) -> Value {
    let limit = json!({"type": "integer", "minimum": 1, "maximum": 100_000});
    json!({
        "key": TOOL, "domain": "itsm", "risk_level": risk, "connectors": ["jira"],
        "input_schema": {"type": "object", "properties": {"limit": limit}, "additionalProperties": false},
        "output_schema": {"type": "object", "required": ["tickets"]},
    })
}

/// The next request line and body; `None` where the peer has gone.
async fn hear(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let whole = end + 4 + length.map_or(0, |length| length.parse().unwrap());
            if buffer.len() >= whole {
                let request: Vec<u8> = buffer.drain(..whole).collect();
                let line = String::from_utf8_lossy(&request).lines().next()?.to_owned();
                return Some((line, request[end + 4..].to_vec()));
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}
