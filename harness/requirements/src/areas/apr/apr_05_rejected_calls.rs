//! APR-05: a rejected call never executes.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::{acted, executed_once_approved, waiting};
use crate::judging::ends_in;
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 5),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Approval workflow",
    title: "a rejected call never executes",
    statement: "A hub MUST never execute a rejected call: its replay is answered APPROVAL_REQUIRED or FORBIDDEN.",
    rationale: "A person has said no.",
    method: "Has a call of a few gated tools rejected, perhaps twice over, replays it twice, and looks at its \
             effect. Beside it, the same call under another key is approved, and shows that its effect would have \
             been seen.",
    needs: &[Need::GatedTool, Need::ApprovalDriver, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

const REPLAYS: [&str; 2] = ["declined replay", "second declined replay"];

pub(crate) struct Apr05;
pub(crate) const CHECK: Apr05 = Apr05;

impl Check for Apr05 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::rejected(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let effect = judge_effect(evidence).unwrap_or_else(|finding| finding);
        match judge_answers(evidence) {
            Err(nothing) => vec![nothing],
            Ok(answers) => vec![answers, effect],
        }
    }
}

fn judge_answers(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    waiting(evidence, "declined")?;
    evidence.done("rejection")?;
    let codes = [ErrorCode::ApprovalRequired, ErrorCode::Forbidden];
    for label in REPLAYS {
        let summary = "the replay of a rejected call is not answered with APPROVAL_REQUIRED or FORBIDDEN";
        let finding = ends_in(evidence, label, &codes, summary)?;
        if finding != Finding::Held {
            return Ok(finding);
        }
    }
    Ok(Finding::Held)
}

fn judge_effect(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let effects = seen.effects("after the rejection")?;
    if effects > 0 {
        let summary = "a rejected call acts";
        return Ok(acted(&seen, evidence, "after the rejection", summary, (0, effects)));
    }
    executed_once_approved(&seen, evidence).map(|_| Finding::Held)
}
