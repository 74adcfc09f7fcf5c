//! A request before it is sent: what a plan holds, and what `plan` shows. It names keys by role and holds no secret.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::role::Role;
use crate::safety::{Allow, Risk};
use crate::surface::Tool;

/// Which face of the hub a call is for. Judges sort exchanges by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `GET /tools`, perhaps of one domain, perhaps a further page.
    Listing {
        /// The `domain` asked for.
        domain: Option<String>,
    },
    /// `GET /tools/{tool_key}`.
    Definition {
        /// The key asked for, unencoded.
        tool: String,
    },
    /// `POST /tools/{tool_key}/execute`.
    Execute {
        /// The key asked for, unencoded.
        tool: String,
    },
    /// The hub's own Approvals, which the contract leaves open: an approver's requests, which nothing judges.
    Approvals,
    /// A route or method that the API does not have.
    Outside,
}

/// How a call authenticates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// No `Authorization` header.
    Absent,
    /// `Authorization: Bearer` with the key of this role.
    Bearer(Role),
    /// These `Authorization` header values, as they stand but for key placeholders.
    Values(Vec<Template>),
}

/// A text in which `<key:primary>` stands for the key of that role. It is filled in as it is sent; whatever is recorded has the
/// placeholder again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template(pub String);

impl Template {
    /// The placeholder of a role's key.
    pub fn placeholder(role: Role) -> String {
        format!("<key:{role}>")
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a call carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Nothing.
    Empty,
    /// A JSON value, written compactly. Strings in it may hold key placeholders.
    Json(Value),
    /// Text that need not be JSON. It may hold key placeholders.
    Text(Template),
    /// Bytes that need not be UTF-8.
    Bytes(Vec<u8>),
    /// `head`, then `unit` written `times` times, then `tail`: a large body that a plan can hold and a report can name.
    Repeat {
        /// What comes first.
        head: String,
        /// What is repeated.
        unit: String,
        /// How often.
        times: usize,
        /// What comes last.
        tail: String,
    },
}

/// What the call means to the target, for the safety levels of `--allow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Nothing but reading: listings, definitions, executes of `read` tools.
    Read,
    /// A call to a state-changing tool that a sound hub does not execute: refused, or a dry run.
    Refused,
    /// A call that executes a state-changing tool; the level that allows it.
    Execute(Allow),
}

impl Intent {
    /// The level that a run must be allowed before the call is sent.
    pub const fn required_allow(self) -> Allow {
        match self {
            Intent::Read => Allow::Read,
            Intent::Refused => Allow::Probe,
            Intent::Execute(level) => level,
        }
    }

    /// The intent of a call to a tool of this risk that a sound hub executes.
    pub fn executing(risk: &Risk) -> Self {
        match risk {
            Risk::Read => Intent::Read,
            other => Intent::Execute(other.required_allow()),
        }
    }

    /// The intent of a call to a tool of this risk that a sound hub refuses, or answers as a dry run.
    pub fn refused(risk: &Risk) -> Self {
        match risk {
            Risk::Read => Intent::Read,
            _ => Intent::Refused,
        }
    }
}

/// One request of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What the call is within its case, such as `control` or `probe`.
    pub label: String,
    /// The face of the hub it is for.
    pub endpoint: Endpoint,
    /// The HTTP method, in capitals.
    pub method: String,
    /// Path and query below the base URL, percent-encoded, starting with `/`. It may hold key placeholders.
    pub path: Template,
    /// Send the path byte for byte, without the normalising of dot segments that URL libraries do (CAT-11).
    pub verbatim_path: bool,
    /// How it authenticates.
    pub credentials: Credentials,
    /// `Content-Type`, where one is declared.
    pub content_type: Option<String>,
    /// Further headers.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: Body,
    /// What it means to the target.
    pub intent: Intent,
}

impl Call {
    /// `GET` of a path below the base URL with the primary key.
    pub fn get(endpoint: Endpoint, path: impl Into<String>) -> Self {
        Self {
            label: "probe".to_owned(),
            endpoint,
            method: "GET".to_owned(),
            path: Template(path.into()),
            verbatim_path: false,
            credentials: Credentials::Bearer(Role::Primary),
            content_type: None,
            headers: Vec::new(),
            body: Body::Empty,
            intent: Intent::Read,
        }
    }

    /// The whole listing, or that of a domain.
    pub fn listing(domain: Option<&str>) -> Self {
        let path = match domain {
            Some(domain) => format!("/tools?domain={}", encode_segment(domain)),
            None => "/tools".to_owned(),
        };
        Self::get(
            Endpoint::Listing {
                domain: domain.map(str::to_owned),
            },
            path,
        )
    }

    /// The definition of a tool.
    pub fn definition(tool: &str) -> Self {
        Self::get(
            Endpoint::Definition { tool: tool.to_owned() },
            format!("/tools/{}", encode_segment(tool)),
        )
    }

    /// A real execute of `tool`: what a sound hub executes.
    pub fn execute(tool: &Tool, request: ExecuteBody) -> Self {
        let intent = match request.dry_run {
            Some(true) => Intent::refused(&tool.risk()),
            _ => Intent::executing(&tool.risk()),
        };
        Self::post_execute(&tool.key, request.into_json(), intent)
    }

    /// `POST` of any JSON body to a tool key's execute route.
    pub fn post_execute(tool_key: &str, body: Value, intent: Intent) -> Self {
        Self {
            label: "probe".to_owned(),
            endpoint: Endpoint::Execute {
                tool: tool_key.to_owned(),
            },
            method: "POST".to_owned(),
            path: Template(format!("/tools/{}/execute", encode_segment(tool_key))),
            verbatim_path: false,
            credentials: Credentials::Bearer(Role::Primary),
            content_type: Some("application/json".to_owned()),
            headers: Vec::new(),
            body: Body::Json(body),
            intent,
        }
    }

    /// The same call under another label.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same call with other credentials.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// The same call, meant otherwise.
    #[must_use]
    pub fn with_intent(mut self, intent: Intent) -> Self {
        self.intent = intent;
        self
    }

    /// The same call with another body.
    #[must_use]
    pub fn with_body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// The JSON body, where it has one.
    pub fn json(&self) -> Option<&Value> {
        match &self.body {
            Body::Json(value) => Some(value),
            _ => None,
        }
    }

    /// The tool key that the call names, if it is for one tool.
    pub fn tool(&self) -> Option<&str> {
        match &self.endpoint {
            Endpoint::Definition { tool } | Endpoint::Execute { tool } => Some(tool),
            Endpoint::Listing { .. } | Endpoint::Approvals | Endpoint::Outside => None,
        }
    }

    /// The idempotency key in its body.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.json()?.get("idempotency_key")?.as_str()
    }

    /// Whether it would execute a state-changing tool on a sound hub.
    pub fn is_real_execute(&self) -> bool {
        matches!(self.intent, Intent::Execute(_)) && matches!(self.endpoint, Endpoint::Execute { .. })
    }

    /// Whether the body asks for a dry run (`dry_run: true`).
    pub fn is_dry_run(&self) -> bool {
        self.json().and_then(|body| body.get("dry_run")) == Some(&Value::Bool(true))
    }
}

/// The members of an execute's body (reference: Request body).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExecuteBody {
    /// `input`.
    pub input: Value,
    /// `connection_id`.
    pub connection_id: Option<String>,
    /// `idempotency_key`.
    pub idempotency_key: Option<String>,
    /// `dry_run`.
    pub dry_run: Option<bool>,
}

impl ExecuteBody {
    /// A body with nothing but an input.
    pub fn new(input: Value) -> Self {
        Self {
            input,
            ..Self::default()
        }
    }

    /// The same, as a dry run.
    #[must_use]
    pub fn dry(mut self) -> Self {
        self.dry_run = Some(true);
        self
    }

    /// The same, under an idempotency key.
    #[must_use]
    pub fn keyed(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// The same, routed to a connection.
    #[must_use]
    pub fn on(mut self, connection_id: impl Into<String>) -> Self {
        self.connection_id = Some(connection_id.into());
        self
    }

    /// The JSON object that is sent; what is `None` is left out.
    pub fn into_json(self) -> Value {
        let mut body = Map::new();
        body.insert("input".to_owned(), self.input);
        if let Some(id) = self.connection_id {
            body.insert("connection_id".to_owned(), Value::String(id));
        }
        if let Some(key) = self.idempotency_key {
            body.insert("idempotency_key".to_owned(), Value::String(key));
        }
        if let Some(dry_run) = self.dry_run {
            body.insert("dry_run".to_owned(), Value::Bool(dry_run));
        }
        Value::Object(body)
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986 §2.3, for one path segment or query value.
pub fn encode_segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
