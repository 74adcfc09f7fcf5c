//! A request, and the answer or the fault.

use std::fmt;

use hubproof_model::call::{Credentials, Endpoint};
use hubproof_model::exchange;
use hubproof_model::role::Role;
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::time::Milliseconds;

/// A request, and the answer or the fault; masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Exchange {
    /// Counts up over the run, in the order of sending.
    pub number: u64,
    /// The case that it belongs to.
    pub case: String,
    /// What the call is within its case, such as `control` or `probe`.
    pub label: String,
    /// Whose key went with it.
    pub sender: Sender,
    /// Which face of the hub it is for.
    pub endpoint: EndpointKind,
    /// The tool that it names, if one.
    pub tool: Option<String>,
    /// When it was sent, from the beginning of the run.
    pub sent_after: Milliseconds,
    /// The HTTP method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers that the harness set.
    pub request_headers: Vec<Header>,
    /// What was sent.
    pub request_body: Option<Body>,
    /// The answer, or why there is none.
    pub result: Result<Answer, String>,
    /// From the first byte of the request to the last of the answer, or to the fault.
    pub elapsed: Milliseconds,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers in order, names in lower case.
    pub headers: Vec<Header>,
    /// The body.
    pub body: Option<Body>,
}

impl Answer {
    /// The first header of this name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|header| header.name == name);
        named.next().map(|header| header.value.as_str())
    }
}

/// A header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Whose key went with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Sender {
    /// The key of a role.
    Role(Role),
    /// None: the request had no credentials.
    Nobody,
    /// Other credentials than one key, as they stand in the headers.
    Other,
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Sender::Role(role) => role.name(),
            Sender::Nobody => "nobody",
            Sender::Other => "other",
        })
    }
}

impl From<Sender> for String {
    fn from(sender: Sender) -> Self {
        sender.to_string()
    }
}

impl TryFrom<String> for Sender {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let roles = Role::ALL.into_iter().map(Sender::Role);
        let mut senders = roles.chain([Sender::Nobody, Sender::Other]);
        senders
            .find(|sender| sender.to_string() == text)
            .ok_or_else(|| format!("`{text}` is no role, nor `nobody` or `other`"))
    }
}

impl From<&Credentials> for Sender {
    fn from(credentials: &Credentials) -> Self {
        match credentials {
            Credentials::Absent => Sender::Nobody,
            Credentials::Bearer(role) => Sender::Role(*role),
            Credentials::Values(_) => Sender::Other,
        }
    }
}

/// Which face of the hub a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointKind {
    /// The listing of tools.
    Listing,
    /// A tool's definition.
    Definition,
    /// A tool's execute.
    Execute,
    /// The hub's own Approvals.
    Approvals,
    /// A route or method that the API does not have.
    Outside,
}

impl From<&Endpoint> for EndpointKind {
    fn from(endpoint: &Endpoint) -> Self {
        match endpoint {
            Endpoint::Listing { .. } => EndpointKind::Listing,
            Endpoint::Definition { .. } => EndpointKind::Definition,
            Endpoint::Execute { .. } => EndpointKind::Execute,
            Endpoint::Approvals => EndpointKind::Approvals,
            Endpoint::Outside => EndpointKind::Outside,
        }
    }
}

impl From<&exchange::Exchange> for Exchange {
    fn from(exchange: &exchange::Exchange) -> Self {
        let result = match &exchange.result {
            Ok(response) => Ok(Answer {
                status: response.status,
                headers: headers(&response.headers),
                body: Body::of_response(response),
            }),
            Err(fault) => Err(fault.to_string()),
        };
        Self {
            number: exchange.number,
            case: exchange.case.clone(),
            label: exchange.call.label.clone(),
            sender: Sender::from(&exchange.call.credentials),
            endpoint: EndpointKind::from(&exchange.call.endpoint),
            tool: exchange.call.tool().map(str::to_owned),
            sent_after: exchange.sent_after.into(),
            method: exchange.request.method.clone(),
            url: exchange.request.url.clone(),
            request_headers: headers(&exchange.request.headers),
            request_body: Body::of_request(&exchange.call.body),
            result,
            elapsed: exchange.elapsed.into(),
        }
    }
}

fn headers(headers: &[(String, String)]) -> Vec<Header> {
    let header = |(name, value): &(String, String)| Header {
        name: name.clone(),
        value: value.clone(),
    };
    headers.iter().map(header).collect()
}

/// The members of an exchange: those of an answer are there, or that of a fault.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    number: u64,
    case: String,
    label: String,
    sender: Sender,
    endpoint: EndpointKind,
    tool: Option<String>,
    sent_after_ms: Milliseconds,
    method: String,
    url: String,
    request_headers: Vec<Header>,
    request_body: Option<Body>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_headers: Option<Vec<Header>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    response_body: Option<Option<Body>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    elapsed_ms: Milliseconds,
}

/// A member that is there, though it may be null.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Body>>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

impl From<Exchange> for Written {
    fn from(exchange: Exchange) -> Self {
        let (answer, fault) = match exchange.result {
            Ok(answer) => (Some(answer), None),
            Err(fault) => (None, Some(fault)),
        };
        let (mut status, mut response_headers, mut response_body) = (None, None, None);
        if let Some(answer) = answer {
            status = Some(answer.status);
            response_headers = Some(answer.headers);
            response_body = Some(answer.body);
        }
        Self {
            number: exchange.number,
            case: exchange.case,
            label: exchange.label,
            sender: exchange.sender,
            endpoint: exchange.endpoint,
            tool: exchange.tool,
            sent_after_ms: exchange.sent_after,
            method: exchange.method,
            url: exchange.url,
            request_headers: exchange.request_headers,
            request_body: exchange.request_body,
            status,
            response_headers,
            response_body,
            fault,
            elapsed_ms: exchange.elapsed,
        }
    }
}

impl TryFrom<Written> for Exchange {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, &'static str> {
        let answer = (written.status, written.response_headers, written.response_body);
        let result = match (answer, written.fault) {
            ((Some(status), Some(headers), Some(body)), None) => Ok(Answer { status, headers, body }),
            ((None, None, None), Some(fault)) => Err(fault),
            _ => return Err("an exchange has either `status`, `response_headers` and `response_body`, or `fault`"),
        };
        Ok(Self {
            number: written.number,
            case: written.case,
            label: written.label,
            sender: written.sender,
            endpoint: written.endpoint,
            tool: written.tool,
            sent_after: written.sent_after_ms,
            method: written.method,
            url: written.url,
            request_headers: written.request_headers,
            request_body: written.request_body,
            result,
            elapsed: written.elapsed_ms,
        })
    }
}
