//! How a run gets approvals decided, and what it knows of the entries.

use std::time::Duration;

use serde_json::Value;

/// `[approvals]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Approvals {
    /// Tools whose calls need approval by policy.
    pub gated: Vec<String>,
    /// Who decides; `None` where nobody does.
    pub driver: Option<Driver>,
    /// The longest that a decision may take.
    pub wait: Duration,
}

impl Default for Approvals {
    fn default() -> Self {
        Self {
            gated: Vec::new(),
            driver: None,
            wait: Duration::from_secs(30),
        }
    }
}

/// How a decision comes about.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one to a profile")]
pub enum Driver {
    /// Requests to the hub, with the approver's key.
    Http(HttpDriver),
    /// A program that is given JSON on its standard input.
    Command(CommandDriver),
    /// A person, who is told what to approve and where.
    Manual(ManualDriver),
}

impl Driver {
    /// Whether entries can be counted: a person is only asked to decide.
    pub fn lists_entries(&self) -> bool {
        !matches!(self, Driver::Manual(_))
    }
}

/// Requests below the base URL.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpDriver {
    /// Lists the entries.
    pub list: ApprovalRequest,
    /// JSON Pointer to the array of entries in the list's body.
    pub entries: String,
    /// JSON Pointer to the id in an entry.
    pub id: String,
    /// Approves one.
    pub approve: ApprovalRequest,
    /// Rejects one.
    pub reject: ApprovalRequest,
}

/// A request template: `<id>` in its path and body stands for the entry's id.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovalRequest {
    /// In capitals.
    pub method: String,
    /// Below the base URL, starting with `/`.
    pub path: String,
    /// The JSON body, if one.
    pub body: Option<Value>,
}

/// A program that lists and decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandDriver {
    /// The program and its arguments.
    pub program: Vec<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualDriver {
    /// Where entries are decided, in words or as a URL.
    pub place: String,
}
