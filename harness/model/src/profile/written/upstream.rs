//! `[upstream]` as it is written.

use schemars::JsonSchema;

use super::Duration;

/// A connection whose vendor a run has fail: one that nothing else uses, best no default. The run plays the vendor (`vendor`, `listen`), and
/// counts what reaches it; or a program triggers its faults (`command`).
#[derive(Debug, JsonSchema)]
#[schemars(rename = "upstream", deny_unknown_fields)]
pub struct Upstream {
    /// The connection's domain.
    pub domain: String,
    /// Which vendor is played: `servicenow`, `jira` or `slack`, or the path of a file such as theirs.
    pub vendor: Option<String>,
    /// Where the hub expects the vendor that is played: an IP address and a port of the machine that runs hubproof.
    #[schemars(extend("x-type" = "address"))]
    pub listen: Option<String>,
    /// In place of `vendor` and `listen`, a program that triggers the vendor's faults, and its arguments. A relative path starts where the
    /// command is run.
    pub command: Option<Vec<String>>,
    /// The longest that `command` may take to begin or to end a fault.
    #[schemars(extend("default" = "30s"))]
    pub wait: Option<Duration>,
    /// The longest that the hub may take to say that the vendor does not answer.
    #[schemars(extend("default" = "30s", "x-exercises" = "UPS-04"))]
    pub limit: Option<Duration>,
}
