//! APR-01: a gated call waits.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::{acted, executed_once_approved};
use crate::judging::{is_throttled, observed, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Approval workflow",
    title: "a gated call is APPROVAL_REQUIRED, and has no effect",
    statement: "A hub MUST answer a gated call with APPROVAL_REQUIRED, and have no effect.",
    rationale: "A policy that does not hold a call back protects nobody; one that only says so is worse.",
    method: "Calls each gated tool whose effect shows, and replays the call while it waits; looks at its effect \
             after each. Beside that, where someone decides, the approved call shows that its effect would have been \
             seen.",
    needs: &[Need::GatedTool, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Apr01;
pub(crate) const CHECK: Apr01 = Apr01;

impl Check for Apr01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::asked(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        match judge_answer(evidence) {
            Ok(()) => vec![Finding::Held, judge_effect(evidence).unwrap_or_else(|finding| finding)],
            Err(finding) => vec![finding],
        }
    }
}

fn judge_answer(evidence: &Evidence<'_>) -> Result<(), Finding> {
    let asked = evidence.answered("asked")?;
    let summary = match Outcome::of(asked) {
        Outcome::Error(ErrorCode::ApprovalRequired) => return Ok(()),
        Outcome::Success => "a gated call is executed",
        Outcome::Error(ErrorCode::Other(_)) | Outcome::Bare(200..=299) if !is_throttled(asked) => {
            "a gated call is not answered with APPROVAL_REQUIRED"
        }
        // Which error wins where several apply is nobody's promise.
        _ => {
            let why = format!("the gated call did not get as far as its approval: {}", observed(asked));
            return Err(Finding::Inconclusive(why));
        }
    };
    Err(Finding::Violated(violated(asked, summary, "APPROVAL_REQUIRED")))
}

fn judge_effect(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    for observation in ["after asking", "while waiting"] {
        let effects = seen.effects(observation)?;
        if effects > 0 {
            let summary = "a gated call acts though it is answered with APPROVAL_REQUIRED";
            return Ok(acted(&seen, evidence, observation, summary, (0, effects)));
        }
    }
    executed_once_approved(&seen, evidence).map(|_| Finding::Held)
}
