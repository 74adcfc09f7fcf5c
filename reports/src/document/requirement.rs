//! What came of a requirement.

use std::collections::{BTreeMap, BTreeSet};

use hubproof_model::judgment::Verdict;
use hubproof_model::record::RequirementResult;
use hubproof_model::requirement::{Basis, Level, RequirementId};
use serde::{Deserialize, Serialize};

use super::kind::Kind;
use super::violation::Violation;
use crate::figures::count;

/// A requirement and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirementReport {
    /// The stable number.
    pub id: RequirementId,
    /// What its area is about, in words.
    pub area: String,
    /// How strongly the contract asks.
    pub level: Level,
    /// Who says so.
    pub basis: Basis,
    /// The section to look up.
    pub source: String,
    /// A few words.
    pub title: String,
    /// The sentence with its keyword.
    pub statement: String,
    /// Why it matters.
    pub why: String,
    /// The verdict. A violated SHOULD is violated too: the level says whether it gates.
    pub verdict: Verdict,
    /// Why, where the verdict is not held; where it is, what no case could show of it.
    pub reason: Option<String>,
    /// Why some of its cases allowed no verdict, where some did.
    pub undecided: Option<String>,
    /// The profile lines or flags that would exercise it, where they are missing.
    pub grants: Vec<String>,
    /// How many findings, held or violated, the verdict rests on.
    pub cases: u64,
    /// How many violations there were, with those that `violations` folds or leaves out.
    pub violation_count: u64,
    /// How many of these the baseline excuses.
    pub known_count: u64,
    /// How many of these each tool showed.
    pub violated_tools: BTreeMap<String, u64>,
    /// How many of these are about no tool.
    pub violated_without_tool: u64,
    /// The tools that its judged cases called.
    pub tried_tools: BTreeSet<String>,
    /// All of these by kind, the largest first.
    pub kinds: Vec<Kind>,
    /// The violations, alike ones folded: of many, some of each kind.
    pub violations: Vec<Violation>,
}

impl From<&RequirementResult> for RequirementReport {
    fn from(result: &RequirementResult) -> Self {
        let tools = result.violated_tools.iter();
        let tools = tools.filter_map(|(tool, count)| Some((tool.clone()?, *count)));
        let violations = result.violations.iter();
        Self {
            id: result.id,
            area: result.id.area.title().to_owned(),
            level: result.level,
            basis: result.basis,
            source: result.source.clone(),
            title: result.title.clone(),
            statement: result.statement.clone(),
            why: result.why.clone(),
            verdict: result.verdict,
            reason: result.reason.clone(),
            undecided: result.undecided.clone(),
            grants: result.grants.clone(),
            cases: result.cases,
            violation_count: result.violation_count,
            known_count: result.known_count,
            violated_tools: tools.collect(),
            violated_without_tool: result.violated_tools.get(&None).copied().unwrap_or_default(),
            tried_tools: result.tried_tools.clone(),
            kinds: result.kinds.iter().map(Kind::from).collect(),
            violations: violations.map(Violation::of).collect(),
        }
    }
}

impl RequirementReport {
    /// Whether it is violated, and the baseline excuses each violation.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.verdict == Verdict::Violated && self.known_count > 0 && self.known_count == self.violation_count
    }

    /// Whether it is violated in a way that the baseline does not excuse.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.verdict == Verdict::Violated && !self.is_known()
    }

    /// Whether it would be inconclusive if what the baseline excuses were mended.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.verdict == Verdict::Inconclusive || (self.is_known() && self.undecided.is_some())
    }

    /// How many violations the first so many of `violations` stand for.
    #[must_use]
    pub fn shown(&self, first: usize) -> u64 {
        let folded = self.violations.iter().take(first);
        // What was edited may say anything; the sum must not bring a reader down.
        folded.fold(0, |sum, violation| {
            sum.saturating_add(1).saturating_add(violation.alike)
        })
    }

    /// What is not among the first so many of `violations`, in words: those that stand in `report.json`, and those that were counted alone.
    #[must_use]
    pub fn beyond(&self, first: usize) -> Option<String> {
        let (shown, held) = (self.shown(first), self.shown(usize::MAX));
        let stored = Some(held - shown).filter(|more| *more > 0);
        let counted = Some(self.violation_count.saturating_sub(held)).filter(|more| *more > 0);
        match (stored.map(count), counted.map(count)) {
            (None, None) => None,
            (Some(stored), None) => Some(format!("{stored} more (see report.json)")),
            (None, Some(counted)) => Some(format!("{counted} more, which were counted and not kept")),
            (Some(stored), Some(counted)) => Some(format!(
                "{stored} more (see report.json), and {counted} which were counted and not kept"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;

    #[test]
    fn a_report_gates_as_its_record_does() {
        for record in canned::all() {
            for result in &record.results {
                let report = RequirementReport::from(result);
                assert_eq!(report.is_known(), result.is_known(), "{}", result.id);
                assert_eq!(report.is_broken(), result.is_broken(), "{}", result.id);
                assert_eq!(report.is_undecided(), result.is_undecided(), "{}", result.id);
            }
        }
    }
}
