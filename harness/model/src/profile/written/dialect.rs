//! `[dialect]` as it is written.

use schemars::JsonSchema;

use super::{Pointer, ResetUnit};

/// How the hub spells what the reference leaves open. Each is found out unless it is pinned here. A pointer of `""` is the body itself.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "dialect", deny_unknown_fields)]
pub struct Dialect {
    /// The array of tools in the listing's body.
    pub tools_at: Option<Pointer>,
    /// The cursor of the next page in the listing's body.
    pub cursor_at: Option<Pointer>,
    /// The query parameter that takes the cursor, such as `cursor` or `page_token`.
    pub cursor_parameter: Option<String>,
    /// The tool object in a definition's body.
    pub definition_at: Option<Pointer>,
    /// The member that holds a tool's key.
    pub key_field: Option<String>,
    /// The member that holds its domain.
    pub domain_field: Option<String>,
    /// The member that holds its risk level.
    pub risk_field: Option<String>,
    /// The member that holds its input schema.
    pub input_schema_field: Option<String>,
    /// The member that holds its output schema.
    pub output_schema_field: Option<String>,
    /// The member that holds its connectors.
    pub connectors_field: Option<String>,
    /// The header that tells a limit, where it is not `X-RateLimit-Limit`: `RateLimit-Limit`, or that of one window, such as
    /// `X-RateLimit-Limit-Minute`.
    pub limit_header: Option<String>,
    /// The header that tells what is left of it, where it is not `X-RateLimit-Remaining`.
    pub remaining_header: Option<String>,
    /// The header that tells when its window ends, where it is not `X-RateLimit-Reset`.
    pub reset_header: Option<String>,
    /// The unit of `X-RateLimit-Reset`: `delta_seconds`, `epoch_seconds`, `epoch_milliseconds` or `date`.
    pub reset_unit: Option<ResetUnit>,
}
