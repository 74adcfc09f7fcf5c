//! APR-09: the answer names the entry.

use hubproof_model::case::{Case, Done};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::waiting;
use crate::gated::names::{identifies, names_something};
use crate::judging::{findings, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 9),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Approval workflow",
    title: "the answer to a gated call names its entry",
    statement: "A hub SHOULD identify the entry in `error.details`.",
    rationale: "Who waits for an approval must be able to say which.",
    method: "Compares the details of the answer to a gated call with the entry in Approvals: they hold its id, or \
             a link with it, or another name that the entry has and the call had not. Where a person decides, only \
             details that name nothing at all are a violation.",
    needs: &[Need::GatedTool, Need::ApprovalDriver, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Apr09;
pub(crate) const CHECK: Apr09 = Apr09;

impl Check for Apr09 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::asked(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_details(evidence))
    }
}

fn judge_details(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let asked = waiting(evidence, "asked")?;
    let details = asked
        .json()
        .and_then(|body| body.pointer("/error/details"))
        .unwrap_or(&Value::Null);
    let call = asked.call.json().unwrap_or(&Value::Null);
    let violation = |observed: String| {
        Finding::Violated(Violation {
            observed,
            ..violated(
                asked,
                "the answer to a gated call does not identify its entry",
                "the entry's id or a link in `error.details`",
            )
        })
    };
    if !names_something(details, call) {
        return Ok(violation(
            "nothing in `error.details` that the call did not say itself".to_owned(),
        ));
    }
    match evidence.done("entry")? {
        Done::Entry { id, shown } if !identifies(details, id, shown, call) => {
            Ok(violation(format!("nothing in `error.details` of the entry `{id}`")))
        }
        _ => Ok(Finding::Held),
    }
}
