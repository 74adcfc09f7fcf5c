//! What went over the wire: a call, the request it became, and the answer or the fault. Secrets are masked before one is made.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Call;
use crate::json_body::{BodyFault, JsonBody};
use crate::role::Role;
use crate::safety::Allow;

/// One request and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// Counts up over a run, in the order of sending.
    pub number: u64,
    /// The id of the case it belongs to.
    pub case: String,
    /// The planned call.
    pub call: Call,
    /// The request line and headers as sent, masked.
    pub request: SentRequest,
    /// The answer, or why there is none.
    pub result: Result<Response, Fault>,
    /// When the request was sent: time since the run began.
    pub sent_after: Duration,
    /// From the first byte of the request to the last of the answer (or to the fault).
    pub elapsed: Duration,
}

impl Exchange {
    /// The same without the answer's body: of no use to a judge.
    #[must_use]
    pub fn without_body(self) -> Self {
        let result = self.result.map(|response| Response {
            body: Vec::new(),
            json: Err(BodyFault::Empty),
            ..response
        });
        Self { result, ..self }
    }

    /// The answer, if one came.
    pub fn response(&self) -> Option<&Response> {
        self.result.as_ref().ok()
    }

    /// The answer's body, if it is JSON.
    pub fn json(&self) -> Option<&Value> {
        self.response().and_then(Response::json)
    }
}

/// A request as it left, masked. Its body is the call's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentRequest {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers that the harness set, in order.
    pub headers: Vec<(String, String)>,
}

/// An answer, kept as it came but for masking.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "RecordedResponse", into = "RecordedResponse")]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers in order, duplicates kept, names in lower case; bytes that are no UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body's bytes, up to the session's bound.
    pub body: Vec<u8>,
    /// Whether the body went on beyond the bound.
    pub truncated: bool,
    /// The body read as JSON (RFC 8259).
    pub json: Result<JsonBody, BodyFault>,
    /// Where a key of the run came back (AUTH-10). `body` and `headers` have it masked.
    pub leaks: Vec<Leak>,
}

impl Response {
    /// An answer of a status, headers and body; the JSON facts are read from the body.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        let json = JsonBody::parse(&body);
        Self {
            status,
            headers,
            body,
            truncated: false,
            json,
            leaks: Vec::new(),
        }
    }

    /// The body, if it is JSON.
    pub fn json(&self) -> Option<&Value> {
        self.json.as_ref().ok().map(|body| &body.value)
    }

    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// All headers of this name (lower case), in order.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A key of the run, found in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leak {
    /// Whose key.
    pub role: Role,
    /// `body`, or the header's name.
    pub place: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The connection could not be made.
    #[error("could not connect: {0}")]
    Connect(String),
    /// No complete answer within the time allowed.
    #[error("no complete answer within {0:?}")]
    TimedOut(Duration),
    /// The connection broke before the answer was complete.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// What came back is not HTTP.
    #[error("the answer is not HTTP: {0}")]
    Protocol(String),
    /// The run's request budget is spent; nothing was sent.
    #[error("the request budget of {0} is spent")]
    BudgetSpent(u64),
    /// The run's budget of real executes is spent; nothing was sent.
    #[error("the budget of {0} real executes (`max_effects`) is spent")]
    EffectsSpent(u64),
    /// The call needs something of an earlier answer that is not there; nothing was sent.
    #[error("the answer to the {label} call has nothing at `{pointer}`")]
    Unresolved {
        /// The earlier call.
        label: String,
        /// What of its body.
        pointer: String,
    },
    /// The run was interrupted; nothing was sent.
    #[error("the run was interrupted")]
    Interrupted,
    /// The call goes further than the run may; nothing was sent. A fault of the plan.
    #[error("the call needs `--allow {needs}`, but the run may go no further than `{allow}`")]
    NotAllowed {
        /// What the call needs.
        needs: Allow,
        /// What the run may do.
        allow: Allow,
    },
    /// The call cannot be made into a request; nothing was sent. A fault of the plan.
    #[error("the call cannot be sent: {0}")]
    Unsendable(String),
}

impl Fault {
    /// Whether the harness is to blame, not the target or the network.
    pub fn is_harness_fault(&self) -> bool {
        matches!(self, Fault::NotAllowed { .. } | Fault::Unsendable(_))
    }

    /// Whether the target may have had the request, and done what it asks, though no answer told.
    pub fn may_have_acted(&self) -> bool {
        matches!(self, Fault::TimedOut(_) | Fault::Broken(_) | Fault::Protocol(_))
    }
}

/// The form in which answers are stored: text where the body is UTF-8. The JSON facts are read anew.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct RecordedResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: RecordedBody,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    leaks: Vec<Leak>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecordedBody {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<RecordedResponse> for Response {
    fn from(recorded: RecordedResponse) -> Self {
        let body = match recorded.body {
            RecordedBody::Text(text) => text.into_bytes(),
            RecordedBody::Bytes(bytes) => bytes,
        };
        Self {
            truncated: recorded.truncated,
            leaks: recorded.leaks,
            ..Self::new(recorded.status, recorded.headers, body)
        }
    }
}

impl From<Response> for RecordedResponse {
    fn from(response: Response) -> Self {
        Self {
            status: response.status,
            headers: response.headers,
            body: match String::from_utf8(response.body) {
                Ok(text) => RecordedBody::Text(text),
                Err(not_text) => RecordedBody::Bytes(not_text.into_bytes()),
            },
            truncated: response.truncated,
            leaks: response.leaks,
        }
    }
}
