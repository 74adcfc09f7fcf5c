//! What tells a violation from others over all runs.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::clusters::pattern_of;
use crate::document::requirement::RequirementReport;
use crate::document::violation::Violation;

/// Counts alike ones, so that no two results of a run have one fingerprint.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    seen: BTreeMap<String, u64>,
}

impl Fingerprints {
    /// A hash of the requirement, the tool, and the summary without its numbers, and how many had it until now.
    pub(super) fn next(&mut self, requirement: &RequirementReport, violation: &Violation) -> (String, u64) {
        let mut hash = Sha256::new();
        let tool = violation.tool.as_deref().unwrap_or_default();
        for part in [&requirement.id.to_string(), tool, &pattern_of(violation)] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash = hash.finalize();
        let hash: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let count = self.seen.entry(hash.clone()).or_default();
        *count += 1;
        (hash, *count)
    }
}
