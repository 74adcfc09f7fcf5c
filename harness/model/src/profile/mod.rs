//! What a user says of a target (`hub.toml`), after reading and checking.

mod approvals;
mod base_url;
mod by_tool;
mod connections;
mod dialect;
mod duration;
mod effects;
mod error;
mod http_driver;
mod json;
mod keys;
mod parse;
mod placeholders;
mod pointer;
mod presentable;
mod program;
mod safety;
mod slo;
mod target;
mod tool_inputs;
mod upstream;
#[cfg(feature = "schema")]
pub mod written;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::approval::Approvals;
use crate::document::{node, suggestion, variables};
use crate::effect::Effect;
use crate::role::Role;
use crate::safety::Allow;
use crate::secret::Secret;
use crate::slo::Slo;
use crate::surface::Dialect;
use crate::upstream::Upstream;

pub use duration::{InvalidDuration, parse_duration};
pub use error::ProfileError;
pub use presentable::presentable;

/// A target's profile. Every part but the URL has a default.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Where the target is, and how to talk to it.
    pub target: Target,
    /// The API keys by role.
    pub keys: Keys,
    /// The connections that the user vouches for.
    pub connections: Connections,
    /// How far a run may go.
    pub safety: Safety,
    /// What is known of tools' inputs, by tool key.
    pub inputs: BTreeMap<String, ToolInputs>,
    /// How the effects of state-changing tools show, by tool key; what it does not say is inferred.
    pub effects: BTreeMap<String, Effect>,
    /// Which tools need approval, and who decides.
    pub approvals: Approvals,
    /// Connections whose vendor the harness plays.
    pub upstream: Vec<Upstream>,
    /// Those of them that are of other connectors than the run's, which has none of their vendors fail. Nobody writes it: the run fills it in.
    pub beside: Vec<Upstream>,
    /// What is promised of the hub's latency.
    pub slo: Slo,
    /// What is pinned of the dialect.
    pub dialect: Dialect,
    /// What is worth saying of the profile and is no mistake.
    pub warnings: Vec<String>,
}

impl Profile {
    /// The profile of a target of which nothing but the URL is known.
    pub fn of_url(url: impl Into<String>) -> Self {
        Self {
            target: Target {
                url: url.into(),
                timeout: Duration::from_secs(30),
                connect_timeout: Duration::from_secs(5),
                ca_file: None,
                headers: Vec::new(),
                settle: Duration::ZERO,
                exclusive: false,
            },
            keys: Keys::default(),
            connections: Connections::default(),
            safety: Safety::default(),
            inputs: BTreeMap::new(),
            effects: BTreeMap::new(),
            approvals: Approvals::default(),
            upstream: Vec::new(),
            beside: Vec::new(),
            slo: Slo::default(),
            dialect: Dialect::default(),
            warnings: Vec::new(),
        }
    }
}

/// `[target]`.
#[derive(Debug, Clone)]
pub struct Target {
    /// The base URL, without a slash at the end.
    pub url: String,
    /// The longest that a call may take. Default 30 s.
    pub timeout: Duration,
    /// The longest that connecting may take. Default 5 s.
    pub connect_timeout: Duration,
    /// A PEM file of further certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// Headers sent with every call; their values count as secrets.
    pub headers: Vec<(String, Secret)>,
    /// The longest that an effect may take to show. Default 0: it shows at once.
    pub settle: Duration,
    /// Whether nobody else uses the hub while it is tested.
    pub exclusive: bool,
}

/// `[keys]`.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// The keys by role.
    pub by_role: BTreeMap<Role, Key>,
    /// A tool that the restricted key may not call.
    pub restricted_tool: Option<String>,
    /// How many calls with the shared keys together a window takes.
    pub shared_limit: Option<u64>,
    /// Whether the primary key may be shown to places where it ends up in logs, such as a query string (AUTH-03).
    pub disposable: bool,
}

impl Keys {
    /// The key of a role.
    pub fn get(&self, role: Role) -> Option<&Key> {
        self.by_role.get(&role)
    }
}

/// An API key and where it came from.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key.
    pub secret: Secret,
    /// The environment variable that held it, if one.
    pub variable: Option<String>,
}

/// `[connections]`.
#[derive(Debug, Clone, Default)]
pub struct Connections {
    /// A domain's default connection, where the user pins it.
    pub default: BTreeMap<String, String>,
    /// Connections that work when named, by domain.
    pub explicit: BTreeMap<String, Vec<String>>,
    /// A connection that exists and is inactive.
    pub inactive: Option<DomainConnection>,
    /// A connection of the foreign key's workspace.
    pub foreign: Option<DomainConnection>,
    /// Domains without an active connection.
    pub none: Vec<String>,
    /// The connections that are of a connector, by its name: which they are, no hub tells.
    pub by_connector: BTreeMap<String, Vec<String>>,
    /// By domain, the connection that a run of one connector names in calls that would name none. Nobody writes it: the run fills it in once
    /// it knows the connector's tools.
    pub named: BTreeMap<String, String>,
    /// Those of other connectors in `[upstream]` whose vendors the run does not play, with why: nobody may listen where the hub expects them.
    /// Nobody writes it either.
    pub unplayed: BTreeMap<String, String>,
}

/// A connection and its domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainConnection {
    /// The domain.
    pub domain: String,
    /// The connection's id.
    pub id: String,
}

/// `[safety]`.
#[derive(Debug, Clone, Default)]
pub struct Safety {
    /// How far a run may go, unless a flag says otherwise.
    pub allow: Option<Allow>,
    /// Globs of tools that a run may execute; empty for all.
    pub allow_tools: Vec<String>,
    /// Globs of tools that a run never executes.
    pub deny_tools: Vec<String>,
    /// The most requests that a run may send.
    pub max_requests: Option<u64>,
    /// The most requests a second.
    pub rate: Option<f64>,
    /// The most real executes of state-changing tools.
    pub max_effects: Option<u64>,
}

/// `[inputs."domain.resource.action"]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolInputs {
    /// Whole inputs that succeed.
    pub examples: Vec<Value>,
    /// Values that must be used at a place, by JSON Pointer into the input: ids that exist.
    pub values: BTreeMap<String, Vec<Value>>,
    /// JSON Pointers into the input that generation leaves out or as an example has them.
    pub leave: Vec<String>,
}
