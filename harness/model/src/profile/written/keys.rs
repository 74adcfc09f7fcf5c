//! `[keys]` as it is written.

use schemars::JsonSchema;

/// API keys by role.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "keys", deny_unknown_fields)]
pub struct Keys {
    /// Full rights in the workspace under test.
    #[schemars(extend("x-exercises" = "everything that needs a valid key"))]
    pub primary: Option<String>,
    /// A second key of that workspace.
    #[schemars(extend("x-exercises" = "RTL-08"))]
    pub secondary: Option<String>,
    /// A key of that workspace that may not call `restricted_tool`.
    #[schemars(extend("x-exercises" = "AUTH-05, AUTH-07, DRY-04"))]
    pub restricted: Option<String>,
    /// A tool that the `restricted` key may not call. One of risk `write` shows most.
    #[schemars(extend("x-exercises" = "AUTH-05, AUTH-07, DRY-04"))]
    pub restricted_tool: Option<String>,
    /// A key of another workspace.
    #[schemars(extend("x-exercises" = "AUTH-09, APR-06, IDM-05, RTL-09"))]
    pub foreign: Option<String>,
    /// A key that was valid once.
    #[schemars(extend("x-exercises" = "AUTH-02"))]
    pub revoked: Option<String>,
    /// A key whose limit may be exhausted, used by nobody else.
    #[schemars(extend("x-exercises" = "RTL-03 to RTL-08, RTL-10, RTL-12, IDM-07"))]
    pub throttled: Option<String>,
    /// The first of two keys of one workspace whose common limit may be exhausted, by either of them alone: best a workspace that nobody
    /// else uses. One alone serves nothing.
    #[schemars(extend("x-exercises" = "RTL-09"))]
    pub shared_a: Option<String>,
    /// The second of these.
    #[schemars(extend("x-exercises" = "RTL-09"))]
    pub shared_b: Option<String>,
    /// How many calls with `shared_a` and `shared_b` together a window takes. Without it, RTL-09 can be seen to hold, but a hub that does
    /// not share the limit cannot be told from one whose keys have limits of their own.
    #[schemars(range(min = 1), extend("x-exercises" = "RTL-09"))]
    pub shared_limit: Option<u64>,
    /// A key that may decide on approvals.
    #[schemars(extend("x-exercises" = "APR-03, APR-05, APR-06"))]
    pub approver: Option<String>,
    /// Whether the primary key may be shown where it ends up in logs, such as a query string (AUTH-03 beyond loopback). Withdraw it after
    /// the run.
    #[schemars(extend("default" = false, "x-exercises" = "AUTH-03"))]
    pub disposable: Option<bool>,
}
