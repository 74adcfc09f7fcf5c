//! APR-06: an approval is for one request.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::elsewhere::{VARIATIONS, control};
use crate::gated::evidence::{executed_once_approved, is_planned, no_effect_between, not_shown, waiting};
use crate::judging::{is_throttled, observed, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 6),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Approval workflow",
    title: "an approval is for one request",
    statement: "A hub MUST bind an approval to the request: another input, tool, connection or workspace under \
                the same key is not executed on it.",
    rationale: "Who can swap the amount, or the account, after a person has looked needs no approval at all.",
    method: "Has a call of a few gated tools approved; before it is replayed, sends calls under its idempotency \
             key that differ from it in the input, the tool, the connection or the workspace, each beside the same \
             call under a key of its own, which waits. Then the approved call is replayed, and executes.",
    needs: &[Need::GatedTool, Need::ApprovalDriver, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Apr06;
pub(crate) const CHECK: Apr06 = Apr06;

impl Check for Apr06 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::bound(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        if let Err(nothing) = waiting(evidence, "asked").and_then(|_| evidence.done("approval")) {
            return vec![nothing];
        }
        let planned = VARIATIONS
            .into_iter()
            .filter(|variation| is_planned(evidence, variation));
        let mut found: Vec<_> = planned
            .map(|variation| judge_variation(evidence, variation).unwrap_or_else(|finding| finding))
            .collect();
        found.extend(judge_effect(evidence).err());
        found
    }
}

fn judge_variation(evidence: &Evidence<'_>, variation: &str) -> Result<Finding, Finding> {
    let (probe, control) = (evidence.answered(variation)?, evidence.answered(&control(variation))?);
    if is_throttled(probe) || is_throttled(control) {
        return Err(Finding::Inconclusive(format!(
            "the call with {variation} was throttled"
        )));
    }
    if !Outcome::of(control).is(&ErrorCode::ApprovalRequired) {
        let why = format!(
            "{variation} is not answered APPROVAL_REQUIRED under a key of its own: {}",
            observed(control)
        );
        return Err(not_shown(&why));
    }
    // That the vendor was asked shows it too, since the same call did not get that far without the approval.
    if matches!(
        Outcome::of(probe),
        Outcome::Success | Outcome::Error(ErrorCode::UpstreamError)
    ) {
        let asked = evidence.answered("asked")?;
        return Ok(Finding::Violated(Violation {
            exchanges: vec![asked.number, control.number, probe.number],
            ..violated(
                probe,
                format!("the approval of a call lets {variation} pass under its idempotency key"),
                "APPROVAL_REQUIRED, or another refusal",
            )
        }));
    }
    executed_once_approved(&Seen::of(evidence)?, evidence).map(|_| Finding::Held)
}

fn judge_effect(evidence: &Evidence<'_>) -> Result<(), Finding> {
    let summary = "another call under the key of an approved one acts";
    no_effect_between(
        &Seen::of(evidence)?,
        evidence,
        ("before the others", "after the others"),
        summary,
    )
}
