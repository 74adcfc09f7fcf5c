//! `[target]` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::Duration;

/// Where the target is, and how to talk to it.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "target", deny_unknown_fields)]
pub struct Target {
    /// The base URL, such as `https://hub.example/api/v1`: http or https, without user name, query or fragment. Slashes at its end are
    /// dropped. A URL on the command line stands for it.
    #[schemars(extend("x-default" = "required"))]
    pub url: Option<String>,
    /// The longest that a call may take.
    #[schemars(extend("default" = "30s"))]
    pub timeout: Option<Duration>,
    /// The longest that connecting may take.
    #[schemars(extend("default" = "5s"))]
    pub connect_timeout: Option<Duration>,
    /// A PEM file of further certificate authorities. A relative path starts where the command is run.
    #[schemars(extend("x-type" = "path"))]
    pub ca_file: Option<String>,
    /// Headers sent with every call. Their values count as secrets and are masked.
    pub headers: Option<BTreeMap<String, String>>,
    /// The longest that an effect may take to show, where the hub is eventually consistent. What must show is waited for two seconds
    /// whatever is said here; where nothing may show, this time is waited out.
    #[schemars(extend("default" = "0s"))]
    pub settle: Option<Duration>,
    /// Whether nobody else uses the hub while it is tested. Only then does a change that carries no marker of the run prove anything.
    #[schemars(extend("default" = false))]
    pub exclusive: Option<bool>,
}
