//! What a vendor is: its routes, credentials, error shape and seed records, read from a file.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};

mod bundled;
mod check;
mod file;
mod path;

pub use bundled::{BUNDLED, UnknownVendor};
pub use check::VendorFileError;

pub(crate) use path::PathPattern;

use crate::generate::Generator;
use crate::pointer::Pointer;
use crate::query::Language;
use crate::times::TimeFormat;

/// A vendor's API as data.
#[derive(Debug, Clone)]
pub struct Vendor {
    /// What people call it.
    pub(crate) name: String,
    /// What hubs' catalogues call it.
    pub(crate) connector: String,
    pub(crate) credentials: VendorCredentials,
    /// The header by which a client makes a request safe to repeat, if the vendor knows one.
    pub(crate) idempotency_header: Option<HeaderName>,
    /// Headers of every answer; their values may hold secrets, as vendors' headers do.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) errors: ErrorShape,
    pub(crate) times: TimeFormat,
    pub(crate) collections: Vec<Collection>,
    pub(crate) routes: Vec<Route>,
}

impl Vendor {
    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What hubs' catalogues call it.
    #[must_use]
    pub fn connector(&self) -> &str {
        &self.connector
    }

    /// The header that its callers send their credentials in, and a whole value that it accepts.
    #[must_use]
    pub fn credentials(&self) -> (&str, String) {
        (self.credentials.header.as_str(), self.credentials.accepted_value())
    }

    /// What only it and its client may know: the secrets that it accepts, and the values of its answers' headers that are long enough to
    /// be secrets, each with the header's name.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, String)> {
        let name = self.credentials.header.as_str();
        let accepted = self
            .credentials
            .secrets
            .iter()
            .map(|secret| (name.to_owned(), secret.clone()));
        let told = self.headers.iter().filter_map(|(name, value)| {
            let value = value.to_str().ok().filter(|value| value.len() >= SHORTEST_SECRET)?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        accepted.chain(told).collect()
    }
}

/// Shorter values of headers are words such as `true`.
const SHORTEST_SECRET: usize = 16;

/// How callers show who they are.
#[derive(Debug, Clone)]
pub(crate) struct VendorCredentials {
    pub(crate) header: HeaderName,
    /// What stands before the secret, such as `Bearer `.
    pub(crate) prefix: String,
    /// The secrets that open it: at least one.
    pub(crate) secrets: Vec<String>,
}

impl VendorCredentials {
    /// A whole header value that is accepted.
    pub(crate) fn accepted_value(&self) -> String {
        let secret = self.secrets.first().map(String::as_str).unwrap_or_default();
        format!("{}{secret}", self.prefix)
    }

    pub(crate) fn accept(&self, value: &str) -> bool {
        let secret = value.strip_prefix(&self.prefix);
        secret.is_some_and(|secret| self.secrets.iter().any(|accepted| accepted == secret))
    }
}

/// How the vendor says that something failed.
#[derive(Debug, Clone)]
pub(crate) struct ErrorShape {
    /// The body, `$message`, `$detail` and `$status` in it standing for what is said.
    pub(crate) body: Value,
    pub(crate) by_status: Vec<(u16, ErrorText)>,
    pub(crate) otherwise: ErrorText,
}

/// What the vendor says to one status.
#[derive(Debug, Clone)]
pub(crate) struct ErrorText {
    pub(crate) message: String,
    pub(crate) detail: String,
    /// The status on the wire, for vendors that report failures under 200.
    pub(crate) wire_status: Option<u16>,
}

impl ErrorShape {
    pub(crate) fn text(&self, status: u16) -> &ErrorText {
        let own = self.by_status.iter().find(|(of, _)| *of == status);
        own.map_or(&self.otherwise, |(_, text)| text)
    }
}

/// Records of one kind.
#[derive(Debug, Clone)]
pub(crate) struct Collection {
    /// Where a record holds what paths name it by.
    pub(crate) key: Pointer,
    /// What the vendor adds to a new record.
    pub(crate) generate: Vec<(Pointer, Generator)>,
    /// Where a record holds the time of its latest change.
    pub(crate) changed: Vec<Pointer>,
    /// What a new record holds unless it is given.
    pub(crate) defaults: Map<String, Value>,
    /// Whether every scalar is kept as a text, as ServiceNow does.
    pub(crate) texts: bool,
    pub(crate) records: Vec<Value>,
}

/// One method on one path.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: PathPattern,
    pub(crate) operation: Operation,
    /// The collection's place among the vendor's.
    pub(crate) collection: usize,
    /// The parameter that holds the record's key: of the path, the query or the body.
    pub(crate) key: Option<String>,
    /// The record that must be there, and that this one belongs to.
    pub(crate) owner: Option<Owner>,
    /// Where the body holds a record's fields, and where the record does.
    pub(crate) fields: Option<(Pointer, Pointer)>,
    /// Fields that a new record must have.
    pub(crate) required: Vec<Pointer>,
    pub(crate) filter: Option<Filter>,
    pub(crate) paging: Option<Paging>,
    pub(crate) transitions: Option<Transitions>,
    /// Values that an update gives a record whatever its body says.
    pub(crate) set: Vec<(Pointer, Value)>,
    /// Where the body holds a text of elements with commas between them, and which array of the record they are added to.
    pub(crate) add: Option<(Pointer, Pointer)>,
    pub(crate) status: u16,
    /// The body of its answer; none for an answer without one.
    pub(crate) answer: Option<Value>,
    pub(crate) answer_headers: Vec<(HeaderName, String)>,
}

/// What a route does to its collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    List,
    Get,
    Create,
    Update,
    Delete,
    Transition,
}

impl Operation {
    pub(crate) fn changes_state(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Delete | Self::Transition)
    }
}

/// The record that others belong to.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) collection: usize,
    pub(crate) key: String,
    /// Where the others hold its key.
    pub(crate) field: Pointer,
}

/// Where a request says which records it wants.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) parameter: String,
    pub(crate) language: Language,
    /// Field names of the language that are not the record's own members.
    pub(crate) fields: Vec<(String, Pointer)>,
}

/// Where a request says which page it wants.
#[derive(Debug, Clone)]
pub(crate) struct Paging {
    pub(crate) limit: String,
    pub(crate) offset: String,
    pub(crate) default: usize,
    pub(crate) most: usize,
}

/// Moves of a record from one state to another.
#[derive(Debug, Clone)]
pub(crate) struct Transitions {
    /// Where the body names the move.
    pub(crate) id: Pointer,
    /// Where the record holds its state.
    pub(crate) field: Pointer,
    /// Each move with the state that it leads to.
    pub(crate) moves: Vec<(String, Value)>,
}

/// How long a scripted answer lets wait between two of its bytes.
pub(crate) const DRIP: Duration = Duration::from_millis(200);
