//! `[safety]` as it is written.

use schemars::JsonSchema;

use super::{Allow, Glob, Rate};

/// How far a run may go.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "safety", deny_unknown_fields)]
pub struct Safety {
    /// How far a run may go: `read` (state-changing tools are not executed), `probe` (they also get calls that a sound hub refuses, and dry
    /// runs), `write`, `destructive`, `admin` (tools up to that risk are executed). A tool of unknown risk counts as destructive. The
    /// bundled hub's default is `admin`.
    #[schemars(extend("default" = "read"))]
    pub allow: Option<Allow>,
    /// Only these tools are executed.
    #[schemars(extend("x-default" = "all"))]
    pub allow_tools: Option<Vec<Glob>>,
    /// These tools are never executed.
    pub deny_tools: Option<Vec<Glob>>,
    /// The most requests that a run sends, its clean-up not counted.
    #[schemars(range(min = 1))]
    pub max_requests: Option<u64>,
    /// The most requests a second.
    pub rate: Option<Rate>,
    /// The most executes of state-changing tools that are no dry runs, the clean-up's not counted.
    #[schemars(range(min = 1))]
    pub max_effects: Option<u64>,
}
