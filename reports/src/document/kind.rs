//! A kind of violations, counted.

use std::collections::BTreeSet;

use hubproof_model::kind;
use serde::{Deserialize, Serialize};

/// Violations that are alike but for their tool and their numbers: all that there were, kept or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// What their summaries have in common, `…` in the place of tools and numbers.
    pub pattern: String,
    /// The summary that all of them have; the pattern where they differ.
    pub summary: String,
    /// How many violations.
    pub count: u64,
    /// The tools that they are about.
    pub tools: BTreeSet<String>,
}

impl From<&kind::Kind> for Kind {
    fn from(kind: &kind::Kind) -> Self {
        Self {
            pattern: kind.pattern.clone(),
            summary: kind.summary.clone(),
            count: kind.count,
            tools: kind.tools.clone(),
        }
    }
}
