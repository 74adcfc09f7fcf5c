//! APR-07: without its own approval no gated call executes.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::{UNAPPROVED, executed_once_approved, no_effect_between, not_executed, waiting};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 7),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Approval workflow",
    title: "without its own approval no gated call executes",
    statement: "A hub MUST never execute a gated call without an approval of that very call, with or without a \
                key.",
    rationale: "One approval, or a call without a key, must not open the door for all that follow.",
    method: "Has a call of a few gated tools approved; before it is replayed and after, sends the same call \
             without a key, under another key, with another input, and on the connection by its name: none of them \
             executes. The approved call does.",
    needs: &[Need::GatedTool, Need::ApprovalDriver, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Apr07;
pub(crate) const CHECK: Apr07 = Apr07;

impl Check for Apr07 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::unapproved(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let calls = UNAPPROVED.into_iter().chain(["afterwards"]);
        let calls: Vec<_> = calls.filter_map(|label| evidence.answered(label).ok()).collect();
        let mut found: Vec<_> = calls
            .into_iter()
            .map(|call| not_executed(call, "a gated call executes without an approval of its own"))
            .collect();
        found.extend(judge_effect(evidence).err());
        let is_violated = found.iter().any(|finding| matches!(finding, Finding::Violated(_)));
        // Without the approved call beside them, refusals show nothing.
        match judge_control(evidence) {
            Err(nothing) if !is_violated => vec![nothing],
            _ => found,
        }
    }
}

fn judge_effect(evidence: &Evidence<'_>) -> Result<(), Finding> {
    let summary = "a gated call acts without an approval of its own";
    no_effect_between(
        &Seen::of(evidence)?,
        evidence,
        ("before the unapproved", "after the unapproved"),
        summary,
    )
}

fn judge_control(evidence: &Evidence<'_>) -> Result<(), Finding> {
    waiting(evidence, "asked")?;
    executed_once_approved(&Seen::of(evidence)?, evidence).map(drop)
}
