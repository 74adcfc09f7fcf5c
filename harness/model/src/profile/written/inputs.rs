//! `[inputs."domain.resource.action"]` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::Pointer;

/// What is known of a tool's input.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "inputs", deny_unknown_fields)]
pub struct Inputs {
    /// Whole inputs that succeed. They are used before generated ones.
    #[schemars(extend("x-type" = "list of tables"))]
    pub examples: Option<Vec<Map<String, Value>>>,
    /// Values that must be used at a place: ids that exist. A list is a choice; a value that is itself a list stands in a list of its own:
    /// `[["a", "b"]]`.
    #[schemars(extend("propertyNames" = { "pattern": "^/" }, "x-type" = "table: pointer → value or list"))]
    pub values: Option<BTreeMap<String, Value>>,
    /// Places that generated inputs leave out, or fill as the first example does. Not together with `values`.
    pub leave: Option<Vec<Pointer>>,
}
