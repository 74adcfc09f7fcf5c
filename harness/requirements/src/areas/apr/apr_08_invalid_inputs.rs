//! APR-08: an invalid call is refused before anybody is asked.

use hubproof_model::case::{Case, Done};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::{labelled, waiting};
use crate::judging::{ends_in, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 8),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Approval workflow",
    title: "an invalid gated call is INVALID_INPUT, and makes no entry",
    statement: "A hub MUST answer invalid input to a gated tool with INVALID_INPUT, and make no entry.",
    rationale: "Nobody should be asked to approve what can never be executed.",
    method: "Sends inputs of a few gated tools that are wrong in one thing, with an idempotency key and without, \
             and looks in Approvals for an entry; beside them, the valid input waits. Where a person decides, entries \
             are not counted.",
    needs: &[Need::GatedTool, Need::ApprovalDriver, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Apr08;
pub(crate) const CHECK: Apr08 = Apr08;

impl Check for Apr08 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::invalid(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        if let Err(nothing) = waiting(evidence, "asked") {
            return vec![nothing];
        }
        let invalid = labelled(evidence, "invalid");
        let judged = invalid
            .into_iter()
            .flat_map(|call| [judge_answer(evidence, call), judge_entry(evidence, call)]);
        judged.map(|found| found.unwrap_or_else(|finding| finding)).collect()
    }
}

fn judge_answer(evidence: &Evidence<'_>, call: &Exchange) -> Result<Finding, Finding> {
    let summary = "an invalid input to a gated tool is not INVALID_INPUT";
    ends_in(evidence, &call.call.label, &[ErrorCode::InvalidInput], summary)
}

fn judge_entry(evidence: &Evidence<'_>, call: &Exchange) -> Result<Finding, Finding> {
    match evidence.done(&format!("entries of {}", call.call.label))? {
        Done::Entries(entries) if *entries > 0 => Ok(Finding::Violated(Violation {
            observed: "an entry for it".to_owned(),
            ..violated(
                call,
                "an invalid input to a gated tool makes an entry in Approvals",
                "no entry",
            )
        })),
        _ => Ok(Finding::Held),
    }
}
