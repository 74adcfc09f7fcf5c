//! What discovery found: the hub's dialect and its tools.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::safety::Risk;

/// The face of a target as discovery saw it with the primary key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Surface {
    /// How this hub spells what the reference leaves open.
    pub dialect: Dialect,
    /// The tools, sorted by key, each key once.
    pub tools: Vec<Tool>,
    /// What one execute of each surveyed read tool came to, by tool key. Empty where nothing was executed yet (`plan`).
    #[serde(default)]
    pub survey: BTreeMap<String, Surveyed>,
}

/// What an execute of a read tool with a presumably good input came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surveyed {
    /// `error.code`, or `None` for a success.
    pub error_code: Option<String>,
    /// `connection_id` of a success: the default of the tool's domain.
    pub connection_id: Option<String>,
}

impl Surface {
    /// The tool of this key.
    pub fn tool(&self, key: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.key == key)
    }

    /// The domains of the tools, sorted, each once.
    pub fn domains(&self) -> Vec<&str> {
        let mut domains: Vec<_> = self.tools.iter().map(|tool| tool.domain.as_str()).collect();
        domains.sort_unstable();
        domains.dedup();
        domains
    }
}

/// A tool of the listing, with what its definition adds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tool {
    /// `domain.resource.action`.
    pub key: String,
    /// The declared domain, else the key's first segment.
    pub domain: String,
    /// The risk level as the hub spells it; `None` where it says nothing.
    pub risk: Option<Risk>,
    /// The JSON Schema of `input`.
    pub input_schema: Option<Value>,
    /// The JSON Schema of `data`.
    pub output_schema: Option<Value>,
    /// The connectors that implement it.
    pub connectors: Vec<String>,
    /// The entry in the listing, as it came.
    pub listed: Value,
}

impl Tool {
    /// The risk to reckon with: what is not known counts as destructive.
    pub fn risk(&self) -> Risk {
        self.risk.clone().unwrap_or_else(|| Risk::Unknown(String::new()))
    }
}

/// How a hub spells what the reference leaves open ("What the reference leaves open" in the contract). `None` where nothing
/// was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dialect {
    /// JSON Pointer to the array of tools in the listing's body; empty for the body itself.
    pub tools_at: Option<String>,
    /// JSON Pointer to the cursor of the next page.
    pub cursor_at: Option<String>,
    /// The query parameter that takes the cursor: `cursor` or `page_token`.
    pub cursor_parameter: Option<String>,
    /// JSON Pointer to the tool object in a definition's body; empty for the body itself.
    pub definition_at: Option<String>,
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
    /// The header that tells a limit, where it is not `X-RateLimit-Limit`.
    pub limit_header: Option<String>,
    /// The header that tells what is left of it, where it is not `X-RateLimit-Remaining`.
    pub remaining_header: Option<String>,
    /// The header that tells when its window ends, where it is not `X-RateLimit-Reset`.
    pub reset_header: Option<String>,
    /// The unit of `X-RateLimit-Reset`.
    pub reset_unit: Option<ResetUnit>,
}

/// What the number in `X-RateLimit-Reset` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetUnit {
    /// Seconds from now.
    DeltaSeconds,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// An HTTP or ISO 8601 date.
    Date,
}

impl fmt::Display for ResetUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ResetUnit::DeltaSeconds => "seconds from now",
            ResetUnit::EpochSeconds => "seconds since 1970",
            ResetUnit::EpochMilliseconds => "milliseconds since 1970",
            ResetUnit::Date => "dates",
        })
    }
}
