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
    mend: "Put the id of the approval entry, or a link with it, into `error.details` of APPROVAL_REQUIRED.",
    needs: &[
        Need::GatedTool,
        Need::ApprovalDriver,
        Need::Allow(Allow::Write),
        Need::Effect,
    ],
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

#[cfg(test)]
mod tests {
    use hubproof_model::approval::{Driver, ManualDriver};
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;
    use serde_json::json;

    use super::*;
    use crate::acting_hub::{World, approving_hub, found_acting};
    use crate::exchanges::{all_held, answered, shows_nothing, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&approving_hub(), &CHECK, twist)
    }

    /// What is found where the answer has these details.
    fn judge_answer(details: &Value) -> Vec<Finding> {
        judge(|world, call| {
            (call.label == "asked").then(|| {
                world.answer(call);
                answered(
                    call.clone(),
                    403,
                    json!({"success": false, "error": {"code": "APPROVAL_REQUIRED", "message": "", "details": details}}),
                )
            })
        })
    }

    #[test]
    fn the_entrys_id_holds_by_itself_or_in_a_link() {
        assert!(all_held(&judge(|_, _| None)));
        assert!(all_held(&judge_answer(
            &json!({"see": "https://hub.test/approvals/apr_1"})
        )));
    }

    #[test]
    fn details_that_name_nothing_or_something_else_are_a_violation() {
        let summary = ["the answer to a gated call does not identify its entry"; 2];
        for details in [json!({}), json!({"approval_id": "req_1"}), json!({"status": "pending"})] {
            assert_eq!(violations(&judge_answer(&details)), summary, "{details}");
        }
    }

    #[test]
    fn where_the_entry_is_not_seen_only_details_without_a_name_are_a_violation() {
        let mut hub = approving_hub();
        let place = "the office".to_owned();
        hub.profile.approvals.driver = Some(Driver::Manual(ManualDriver { place }));
        assert!(shows_nothing(&found_acting(&hub, &CHECK, |_, _| None)));
        let without = found_acting(&hub, &CHECK, |world, call| {
            world.answer(call);
            let body = json!({"success": false, "error": {"code": "APPROVAL_REQUIRED", "message": "", "details": {}}});
            (call.label == "asked").then(|| answered(call.clone(), 403, body))
        });
        assert_eq!(violations(&without).len(), 1, "{without:?}");
    }
}
