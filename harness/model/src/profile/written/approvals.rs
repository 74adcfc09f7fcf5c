//! `[approvals]` as it is written.

use schemars::JsonSchema;
use serde_json::Value;

use super::{DriverName, Duration, Method, Pointer};

/// Which tools need approval by policy, and who decides.
#[derive(Debug, JsonSchema)]
#[schemars(
    rename = "approvals",
    deny_unknown_fields,
    extend("dependentRequired" = {
        "list": ["driver"], "approve": ["driver"], "reject": ["driver"], "program": ["driver"], "place": ["driver"]
    })
)]
pub struct Approvals {
    /// The keys of the tools whose calls need approval.
    pub gated: Option<Vec<String>>,
    /// The longest that a decision may take.
    #[schemars(extend("default" = "30s"))]
    pub wait: Option<Duration>,
    /// `"http"`: requests to the hub with the `approver` key of `[keys]`, which must be there. `"command"`: a program. `"manual"`: a person,
    /// who is told what to approve and where; entries are then not counted. Without it, nobody decides.
    pub driver: Option<DriverName>,
    /// Gives every entry that waits, with GET.
    #[schemars(extend(
        "x-only-with" = "`\"http\"`",
        "x-default" = "`{ path = \"/approvals?status=pending\", entries = \"/approvals\", id = \"/id\" }`"
    ))]
    pub list: Option<ListRequest>,
    /// Approves an entry, with POST.
    #[schemars(extend("x-only-with" = "`\"http\"`", "x-default" = "`{ path = \"/approvals/<id>/approve\" }`"))]
    pub approve: Option<DecisionRequest>,
    /// Rejects one, with POST.
    #[schemars(extend("x-only-with" = "`\"http\"`", "x-default" = "`{ path = \"/approvals/<id>/reject\" }`"))]
    pub reject: Option<DecisionRequest>,
    /// The program, which lists and decides, and its arguments. A relative path starts where the command is run.
    #[schemars(length(min = 1), extend("x-only-with" = "`\"command\"`", "x-default" = "required"))]
    pub program: Option<Vec<String>>,
    /// Where entries are decided, in words or as a URL.
    #[schemars(extend("x-only-with" = "`\"manual\"`", "x-default" = "required"))]
    pub place: Option<String>,
}

/// A request that lists the entries.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "list request", deny_unknown_fields)]
pub struct ListRequest {
    /// Below the base URL, beginning with `/`; a query may follow.
    pub path: Option<String>,
    /// GET, POST, PUT, PATCH or DELETE, in any case.
    pub method: Option<Method>,
    /// Sent as JSON. Not with GET.
    #[schemars(extend("x-type" = "any value"))]
    pub body: Option<Value>,
    /// The array of entries in the body of the answer; `""` where the body is the array.
    pub entries: Option<Pointer>,
    /// The id in an entry; `""` where the entry is the id.
    pub id: Option<Pointer>,
}

/// A request that decides on an entry. `<id>` in its path or body stands for the entry's id.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "decision request", deny_unknown_fields)]
pub struct DecisionRequest {
    /// Below the base URL, beginning with `/`; a query may follow.
    pub path: Option<String>,
    /// GET, POST, PUT, PATCH or DELETE, in any case.
    pub method: Option<Method>,
    /// Sent as JSON. Not with GET.
    #[schemars(extend("x-type" = "any value"))]
    pub body: Option<Value>,
}
