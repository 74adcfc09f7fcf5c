//! `[upstream]` as it is written.

use schemars::JsonSchema;

use super::Duration;

/// A connection whose vendor a run plays, so that it can fail, and what reaches it can be counted: one that nothing else uses, best no
/// default.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "upstream", deny_unknown_fields)]
pub struct Upstream {
    /// The connection's domain.
    pub domain: String,
    /// Which vendor is played: `servicenow`, `jira` or `slack`, or the path of a file such as theirs.
    pub vendor: String,
    /// Where the hub expects the vendor: an IP address and a port of the machine that runs hubproof.
    #[schemars(extend("x-type" = "address"))]
    pub listen: String,
    /// The longest that the hub may take to say that the vendor does not answer.
    #[schemars(extend("default" = "30s", "x-exercises" = "UPS-04"))]
    pub limit: Option<Duration>,
}
