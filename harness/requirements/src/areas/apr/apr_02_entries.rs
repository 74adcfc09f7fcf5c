//! APR-02: a gated call has an entry in Approvals.

use hubproof_model::case::{Case, Done};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::waiting;
use crate::judging::{findings, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 2),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Approval workflow",
    title: "a gated call has an entry in Approvals",
    statement: "A hub MUST make an entry in Approvals for a gated call (a call without an idempotency key may go \
                without).",
    rationale: "A call that nobody is asked about waits for ever.",
    method: "Calls each gated tool whose effect shows, and looks in Approvals for an entry that holds the \
             idempotency key, the marker or the input of the call, or whose id the answer names. Where a person \
             decides, the decision shows that there was one.",
    needs: &[Need::GatedTool, Need::ApprovalDriver, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Apr02;
pub(crate) const CHECK: Apr02 = Apr02;

impl Check for Apr02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::asked(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_entry(evidence))
    }
}

fn judge_entry(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let asked = waiting(evidence, "asked")?;
    match evidence.done("entries") {
        Ok(Done::Entries(0)) => Ok(Finding::Violated(Violation {
            observed: "no entry that holds the call's idempotency key or input".to_owned(),
            ..violated(asked, "a gated call has no entry in Approvals", "an entry to decide on")
        })),
        Ok(_) => Ok(Finding::Held),
        // What somebody has decided had an entry.
        Err(unlisted) => evidence.done("approval").map(|_| Finding::Held).map_err(|_| unlisted),
    }
}
