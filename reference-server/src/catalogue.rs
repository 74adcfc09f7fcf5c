//! The catalogue: what a hub offers (domains, tools, seed records) and who may use it (workspaces, keys, connections, policies).
//!
//! A catalogue is read once, its schemas are compiled once, and any number of hubs in the process share it.

use std::collections::HashMap;
use std::sync::Arc;

use globset::GlobMatcher;
use jsonschema::Validator;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::connectors::DataJson;

mod bundled;
mod load;

pub use load::CatalogueError;
pub(crate) use load::reading;

/// Domains, tools, and the hub's tenants.
#[derive(Debug)]
pub struct Catalogue {
    /// The domains, in the order of their names.
    pub domains: Vec<Domain>,
    /// The tools of all domains: domain by domain, in each in the order of its file.
    pub tools: Vec<Arc<Tool>>,
    /// Workspaces, keys, connections and policies.
    pub tenancy: Tenancy,
    by_key: FxHashMap<String, usize>,
}

impl Catalogue {
    /// The tool of this key.
    #[must_use]
    pub fn tool(&self, key: &str) -> Option<&Arc<Tool>> {
        self.by_key.get(key).map(|index| &self.tools[*index])
    }
}

/// A group of tools that the same vendors serve.
#[derive(Debug)]
pub struct Domain {
    /// The first segment of its tools' keys.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The vendors that serve it.
    pub connectors: Vec<String>,
    /// Collection by collection, what a vendor account holds before the first call.
    pub records: Records,
}

/// Seed records by collection.
pub type Records = HashMap<String, Vec<Value>>;

/// A tool, its schemas compiled.
#[derive(Debug)]
pub struct Tool {
    /// `domain.resource.action`.
    pub key: String,
    /// The domain it belongs to.
    pub domain: String,
    /// What people call it.
    pub title: String,
    /// What it does.
    pub description: String,
    /// How much harm a call can do.
    pub risk_level: RiskLevel,
    /// The vendors that implement it.
    pub connectors: Vec<String>,
    /// The published schema of its input.
    pub input_schema: Value,
    /// The published schema of its `data`.
    pub output_schema: Value,
    /// What the vendor in memory does.
    pub behavior: Value,
    /// Judges inputs.
    pub input: Validator,
    /// Judges what a vendor answers.
    pub output: Validator<DataJson>,
}

/// How much harm a call can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Safe to call freely.
    Read,
    /// Creates or modifies.
    Write,
    /// Deletes, or cannot be undone.
    Destructive,
    /// Needs elevated rights at the vendor.
    Admin,
}

impl RiskLevel {
    /// Whether a call may have an effect.
    #[must_use]
    pub fn changes_state(self) -> bool {
        self != Self::Read
    }
}

/// Who uses the hub, and what they may do: the content of `hub.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenancy {
    /// The tenants.
    pub workspaces: Vec<Workspace>,
    /// Their API keys.
    pub keys: Vec<ApiKey>,
    /// Their links to vendor accounts.
    pub connections: Vec<Connection>,
    /// What they have gated.
    #[serde(default)]
    pub policies: Vec<Policy>,
}

/// A tenant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workspace {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What all its keys together may call.
    pub limits: Limit,
}

/// So many counted calls in each fixed window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Counted calls in a window, at least 1.
    pub per_window: u64,
    /// The window's length in milliseconds, at least 1.
    pub window_ms: u64,
}

/// An API key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// What it is for, in the words of a profile: `primary`, `restricted`, …
    pub role: String,
    /// Its id: safe to log.
    pub id: String,
    /// The bearer token.
    pub secret: Secret,
    /// The id of the workspace it belongs to.
    pub workspace: String,
    /// What it may not call.
    #[serde(default)]
    pub permissions: Permissions,
    /// No longer valid.
    #[serde(default)]
    pub revoked: bool,
    /// What this key may call.
    pub limits: Limit,
    /// Whether it may decide approvals of its workspace.
    #[serde(default)]
    pub approver: bool,
}

/// A bearer token: its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret of this text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a key may call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// Tools it may not call.
    #[serde(default)]
    pub deny: Vec<ToolPattern>,
}

impl Permissions {
    /// Whether the tool of this key may be called.
    #[must_use]
    pub fn allow(&self, tool: &str) -> bool {
        !self.deny.iter().any(|pattern| pattern.matches(tool))
    }
}

/// A tool's key, or a glob over keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct ToolPattern(GlobMatcher);

impl ToolPattern {
    /// Whether the tool of this key is meant.
    #[must_use]
    pub fn matches(&self, tool: &str) -> bool {
        self.0.is_match(tool)
    }

    /// The key or the glob as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.glob().glob()
    }
}

impl TryFrom<String> for ToolPattern {
    type Error = globset::Error;

    fn try_from(pattern: String) -> Result<Self, Self::Error> {
        globset::Glob::new(&pattern).map(|glob| Self(glob.compile_matcher()))
    }
}

/// A workspace's link to one vendor account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Its id, what callers name in `connection_id`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The id of the workspace it belongs to.
    pub workspace: String,
    /// The domain it serves.
    pub domain: String,
    /// The vendor behind it.
    pub connector: String,
    /// Whether calls can take it.
    pub status: ConnectionStatus,
    /// Whether calls of the domain without a `connection_id` take it.
    #[serde(default)]
    pub default: bool,
    /// What this account holds before the first call, where it is not what the domain says; collections that are not named are
    /// empty.
    #[serde(default)]
    pub records: Option<Records>,
}

/// Whether calls can take a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// Routable.
    Active,
    /// Switched off or removed: not routable.
    Inactive,
    /// Its vendor does not answer: left out of automatic routing, reachable by name.
    Failing,
}

/// What a workspace asks of some tools' calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The id of the workspace whose policy it is.
    pub workspace: String,
    /// The tools it is about.
    pub tool: ToolPattern,
    /// What it asks for.
    pub requires: PolicyRequirement,
}

/// What a policy asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyRequirement {
    /// A person's approval of the very call.
    Approval,
}

/// The content of one domain's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DomainFile {
    domain: String,
    title: String,
    connectors: Vec<String>,
    tools: Vec<ToolEntry>,
    #[serde(default)]
    records: Records,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolEntry {
    key: String,
    title: String,
    description: String,
    risk_level: RiskLevel,
    connectors: Option<Vec<String>>,
    input_schema: Value,
    output_schema: Value,
    behavior: Map<String, Value>,
}
