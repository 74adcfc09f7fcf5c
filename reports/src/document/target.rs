//! What was tested, by what, against which contract.

use std::collections::BTreeMap;

use hubproof_model::record::{self, ToolSummary};
use hubproof_model::safety::Risk;
use serde::{Deserialize, Serialize};

/// What wrote the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writer {
    /// Always `hubproof`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Writer {
    /// The name that every report has.
    pub const NAME: &str = "hubproof";
}

/// The contract that the target was held to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// The revision.
    pub revision: String,
}

/// What was tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The base URL.
    pub url: String,
    /// Whether it was the bundled reference hub, started for the run alone.
    pub bundled: bool,
    /// The defects that the bundled hub was started with.
    pub defects: Vec<String>,
    /// The profile's path, as given.
    pub profile: Option<String>,
    /// The SHA-256 of the profile's text, where there is one.
    pub profile_sha256: Option<String>,
}

impl From<&record::Target> for Target {
    fn from(target: &record::Target) -> Self {
        Self {
            url: target.url.clone(),
            bundled: target.bundled,
            defects: target.defects.clone(),
            profile: target.profile.clone(),
            profile_sha256: target.profile_sha256.clone(),
        }
    }
}

/// A tool in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// The key.
    pub key: String,
    /// The domain. Empty in reports of versions that did not tell it.
    #[serde(default)]
    pub domain: String,
    /// The risk level in the hub's own word, if it has one.
    pub risk: Option<String>,
    /// The connectors that implement it, as the hub says.
    pub connectors: Vec<String>,
    /// How many requests named the tool.
    pub requests: u64,
    /// How many of the primary key's calls succeeded that named no connection and were no dry runs, by the connection that answered.
    pub answered_by: BTreeMap<String, u64>,
}

impl Tool {
    /// The risk level.
    #[must_use]
    pub fn risk(&self) -> Risk {
        Risk::parse(self.risk.as_deref().unwrap_or_default())
    }
}

impl From<&ToolSummary> for Tool {
    fn from(tool: &ToolSummary) -> Self {
        Self {
            key: tool.key.clone(),
            domain: tool.domain.clone(),
            risk: word(&tool.risk),
            connectors: tool.connectors.clone(),
            requests: tool.requests,
            answered_by: tool.answered_by.clone(),
        }
    }
}

/// The hub's own word for a risk level; none where it says nothing.
pub(crate) fn word(risk: &Risk) -> Option<String> {
    match risk {
        Risk::Unknown(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        known => Some(known.to_string()),
    }
}
