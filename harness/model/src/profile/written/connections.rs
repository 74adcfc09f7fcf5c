//! `[connections]` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// The connections that you vouch for.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "connections", deny_unknown_fields)]
pub struct Connections {
    /// A domain's default connection.
    #[schemars(extend("x-type" = "table: domain → id", "x-default" = "found out", "x-exercises" = "ENV-14, EXE-17"))]
    pub default: Option<BTreeMap<String, String>>,
    /// Connections that work when named, best other ones than the default.
    #[schemars(extend("x-type" = "table: domain → list of ids", "x-exercises" = "ENV-08, EXE-12, EXE-17"))]
    pub explicit: Option<BTreeMap<String, Vec<String>>>,
    /// A connection that exists and is inactive.
    #[schemars(extend("x-exercises" = "EXE-05"))]
    pub inactive: Option<Connection>,
    /// A connection of the `foreign` key's workspace.
    #[schemars(extend("x-exercises" = "AUTH-09"))]
    pub foreign: Option<Connection>,
    /// Domains without an active connection.
    #[schemars(extend("x-type" = "list of domains", "x-exercises" = "EXE-05"))]
    pub none: Option<Vec<String>>,
    /// Which connections are of a connector; no hub tells. A run of one (`--connector`) names the first of them in its calls that is of the
    /// domain, and not in `[upstream]` where there is another; it has the vendors of those that are fail. `hubproof certify` wants to know.
    #[schemars(extend("x-type" = "table: connector → list of ids"))]
    pub by_connector: Option<BTreeMap<String, Vec<String>>>,
}

/// `{ domain = "itsm", id = "conn_123" }`
#[derive(Debug, JsonSchema)]
#[schemars(rename = "connection", deny_unknown_fields)]
pub struct Connection {
    /// The domain.
    pub domain: String,
    /// The connection's id.
    pub id: String,
}
