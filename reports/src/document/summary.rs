//! The counts of a report.

use hubproof_model::requirement::Level;
use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::requirement::RequirementReport;
use super::tally::Tally;

/// Counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// How many requirements were selected.
    pub requirements: u64,
    /// All of them by verdict.
    pub by_verdict: Tally,
    /// The same for each level.
    pub by_level: ByLevel,
    /// How many of the violated ones are violated as the baseline has it, and in no other way.
    pub known: u64,
    /// How many entries of the baseline are stale.
    pub stale: u64,
    /// How many requests were sent.
    pub requests: u64,
    /// How many tools the run took in.
    pub tools: u64,
}

/// Requirements by level and verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE", deny_unknown_fields)]
pub struct ByLevel {
    /// Of level MUST.
    pub must: Tally,
    /// Of level SHOULD.
    pub should: Tally,
    /// Of level MAY.
    pub may: Tally,
}

impl Summary {
    /// The counts of what a report says; `requests` and `tools` are how many there were.
    #[must_use]
    pub fn of(requirements: &[RequirementReport], baseline: Option<&Baseline>, requests: u64, tools: usize) -> Self {
        let of_level = |level: Level| {
            let own = requirements.iter().filter(|requirement| requirement.level == level);
            own.map(|requirement| requirement.verdict).collect()
        };
        let known = requirements.iter().filter(|requirement| requirement.is_known());
        Self {
            requirements: requirements.len() as u64,
            by_verdict: requirements.iter().map(|requirement| requirement.verdict).collect(),
            by_level: ByLevel {
                must: of_level(Level::Must),
                should: of_level(Level::Should),
                may: of_level(Level::May),
            },
            known: known.count() as u64,
            stale: baseline.map_or(0, |baseline| baseline.stale().count() as u64),
            requests,
            tools: tools as u64,
        }
    }
}
