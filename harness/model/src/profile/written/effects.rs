//! `[effects."domain.resource.action"]` as it is written.

use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::Pointer;

/// How the effect of a state-changing tool shows. With `marker`, the tool makes records; with `object`, it changes or removes one; with
/// neither, it changes what `read` answers.
#[derive(Debug, JsonSchema)]
#[schemars(
    rename = "effect",
    deny_unknown_fields,
    extend(
        "dependentRequired" = { "id": ["marker"], "undo": ["marker", "id"], "object": ["id_at"], "id_at": ["object"] },
        "not" = { "required": ["marker", "object"] }
    )
)]
pub struct Effect {
    /// The read tool that shows the effect.
    #[schemars(extend("x-only-with" = "all"))]
    pub read: ReadCall,
    /// The text in the tool's input that takes the marker.
    pub marker: Option<Pointer>,
    /// The record's id in the data of a success; `""` where the data is the id. Needed by `undo`, and by tools that name this one as their
    /// `object`.
    #[schemars(extend("x-only-with" = "`marker`"))]
    pub id: Option<Pointer>,
    /// What removes a record again. You vouch for it, whatever its risk.
    #[schemars(extend("x-only-with" = "`marker`, `id`"))]
    pub undo: Option<Call>,
    /// The tool that makes the record.
    #[schemars(extend("x-only-with" = "`id_at`"))]
    pub object: Option<String>,
    /// Where the tool's input takes the record's id.
    #[schemars(extend("x-only-with" = "`object`"))]
    pub id_at: Option<Pointer>,
}

/// `{ tool = "itsm.tickets.get", input = { ticket_id = "<id>" } }`
#[derive(Debug, JsonSchema)]
#[schemars(rename = "call", deny_unknown_fields)]
pub struct Call {
    /// The tool's key.
    pub tool: String,
    /// Its input, with `<id>` where the record's id goes.
    pub input: Map<String, Value>,
}

/// A call that may have to be made page by page: `{ tool = "itsm.tickets.list", input = { query = "<marker>" }, offset = "/offset" }`
#[derive(Debug, JsonSchema)]
#[schemars(
    rename = "read call",
    deny_unknown_fields,
    extend(
        "dependentRequired" = { "cursor": ["next"], "next": ["cursor"] },
        "not" = { "required": ["offset", "cursor"] }
    )
)]
pub struct ReadCall {
    /// The tool's key.
    pub tool: String,
    /// Its input, with placeholders.
    #[schemars(extend("default" = {}))]
    pub input: Option<Map<String, Value>>,
    /// The place in its input that says how many records come before a page.
    pub offset: Option<Pointer>,
    /// The place in its input that takes a page's cursor. Not together with `offset`.
    #[schemars(extend("x-only-with" = "`next`"))]
    pub cursor: Option<Pointer>,
    /// The place in the data that gives the next page's cursor.
    #[schemars(extend("x-only-with" = "`cursor`"))]
    pub next: Option<Pointer>,
}
