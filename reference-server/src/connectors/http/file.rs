//! The shape of a mapping's file.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingFile {
    pub(super) connector: String,
    pub(super) credentials: CredentialsTable,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    pub(super) bounds: BoundsTable,
    pub(super) errors: ErrorsTable,
    /// Filters that all others may use.
    #[serde(default)]
    pub(super) definitions: String,
    pub(super) tools: BTreeMap<String, ToolTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialsTable {
    pub(super) header: String,
    #[serde(default)]
    pub(super) prefix: String,
    /// What opens a stand-in; a link may bring others.
    pub(super) secret: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoundsTable {
    pub(super) connect_ms: u64,
    pub(super) call_ms: u64,
    pub(super) answer_bytes: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorsTable {
    /// What an error's body says: a text, or null.
    pub(super) message: String,
    /// What is a failure under a 2xx status: `{status, message}`, or null.
    pub(super) failure: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToolTable {
    pub(super) steps: Vec<StepTable>,
    pub(super) output: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepTable {
    pub(super) name: String,
    pub(super) method: String,
    /// Its `{name}`s are filled in from `parameters`.
    pub(super) path: String,
    /// Whether the step is made.
    pub(super) when: Option<String>,
    pub(super) parameters: Option<String>,
    pub(super) query: Option<String>,
    pub(super) body: Option<String>,
    /// Headers of the answer that filters may read; no other is looked at.
    #[serde(default)]
    pub(super) reads_headers: Vec<String>,
    /// As that of `[errors]`, and before it.
    pub(super) failure: Option<String>,
}
