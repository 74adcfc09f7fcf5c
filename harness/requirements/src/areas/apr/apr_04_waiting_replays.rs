//! APR-04: a replay before the decision waits, too.

use hubproof_model::case::{Case, Done};
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
    id: RequirementId::new(Area::Apr, 4),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Approval workflow",
    title: "a replay before the decision waits, and makes no second entry",
    statement: "A hub MUST answer a replay before the decision with APPROVAL_REQUIRED, and make no second entry.",
    rationale: "A client that asks again whether it may go on must not make an approver decide twice, or find its \
                call refused.",
    method: "Replays the waiting call of each gated tool twice, and sends that of a few tools 2 and 8 times at \
             once; then counts the entries in Approvals. Where a person decides, they are not counted.",
    needs: &[Need::GatedTool, Need::ApprovalDriver, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

const REPLAYS: [&str; 2] = ["waiting replay", "second waiting replay"];

pub(crate) struct Apr04;
pub(crate) const CHECK: Apr04 = Apr04;

impl Check for Apr04 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::asked_in_every_way(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let (answers, entries) = (judge_answers(evidence), judge_entries(evidence));
        let findings = [answers, entries].map(|found| found.unwrap_or_else(|finding| finding));
        findings.into()
    }
}

/// Duplicates at once are no replays: which is the first, and what the others are told meanwhile, is open.
fn judge_answers(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    if !labelled(evidence, "asked/").is_empty() {
        return waiting(evidence, "asked/1").map(|_| Finding::Held);
    }
    waiting(evidence, "asked")?;
    let summary = "a replay before the decision is not answered with APPROVAL_REQUIRED";
    for label in REPLAYS {
        let finding = ends_in(evidence, label, &[ErrorCode::ApprovalRequired], summary)?;
        if finding != Finding::Held {
            return Ok(finding);
        }
    }
    Ok(Finding::Held)
}

fn judge_entries(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let asked = labelled(evidence, "asked");
    let (Some(first), Done::Entries(entries)) = (asked.first(), evidence.done("entries while waiting")?) else {
        return Err(Finding::Inconclusive("the entries were not counted".to_owned()));
    };
    if *entries <= 1 {
        return Ok(Finding::Held);
    }
    let replays = asked
        .iter()
        .copied()
        .chain(labelled(evidence, "waiting"))
        .chain(labelled(evidence, "second waiting"));
    Ok(Finding::Violated(Violation {
        observed: format!("{entries} entries"),
        exchanges: replays.map(|exchange| exchange.number).collect(),
        ..violated(
            first,
            "a call that waits has more than one entry in Approvals",
            "one entry",
        )
    }))
}
