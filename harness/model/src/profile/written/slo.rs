//! `[slo.read]` and `[slo."domain.resource.action"]` as they are written.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::{Duration, Share};

/// What you promise of the hub's latency: of each tool of a risk level, and of a tool by its key.
#[derive(Debug, JsonSchema)]
#[schemars(
    rename = "slo",
    extend("propertyNames" = { "pattern": r"^(read|write|destructive|admin)$|\." })
)]
pub struct Slo {
    /// Of each tool that reads.
    pub read: Option<Objectives>,
    /// Of each tool of risk `write`.
    pub write: Option<Objectives>,
    /// Of each tool of risk `destructive`, or of unknown risk.
    pub destructive: Option<Objectives>,
    /// Of each tool of risk `admin`.
    pub admin: Option<Objectives>,
    /// Of a tool.
    #[schemars(flatten)]
    pub by_tool: BTreeMap<String, Objectives>,
}

/// What is promised of a tool.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "objectives", deny_unknown_fields, extend("minProperties" = 1))]
pub struct Objectives {
    /// The longest that half of the tool's calls may take, from the moment at which a call was meant to be sent.
    pub p50: Option<Duration>,
    /// The longest that 90 in 100 may take.
    pub p90: Option<Duration>,
    /// The longest that 95 in 100 may take.
    pub p95: Option<Duration>,
    /// The longest that 99 in 100 may take.
    pub p99: Option<Duration>,
    /// The longest that 999 in 1,000 may take. The key stands in quotes.
    #[schemars(rename = "p99.9")]
    pub p99_9: Option<Duration>,
    /// The longest that any call may take.
    pub max: Option<Duration>,
    /// The part of the calls that may fail, from 0 to 1.
    pub error_rate: Option<Share>,
}
