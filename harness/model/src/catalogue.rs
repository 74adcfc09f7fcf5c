//! The catalogue of tools that a run saw, told by its digest.

use serde::{Deserialize, Serialize};

/// All tools that the listing and the definitions told the primary key of, whether the run took them in or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueSeen {
    /// The SHA-256, in lower-case hexadecimal, of the canonical catalogue: a JSON array of the tools sorted by key, each an object with
    /// `key`, `domain`, `risk`, `connectors` (sorted), `input_schema` and `output_schema`, null where the hub says nothing, as
    /// RFC 8785 writes it.
    pub sha256: String,
    /// How many tools it has.
    pub tools: u64,
}
