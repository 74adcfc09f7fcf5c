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
use crate::gated::evidence::{ended_in, labelled, waiting};
use crate::judging::violated;
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
    mend: "Validate the input before the policy is asked, so that a call which can never be executed makes no entry.",
    needs: &[
        Need::GatedTool,
        Need::ApprovalDriver,
        Need::Allow(Allow::Write),
        Need::Effect,
    ],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// The step that decides on the valid call.
const TAKEN_BACK: &str = "asked, taken back";

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
    ended_in(evidence, &call.call.label, &[ErrorCode::InvalidInput], summary).map(|()| Finding::Held)
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
        // The entry of the valid call beside it was found, so that this one's would have been.
        _ => evidence.done(TAKEN_BACK).map(|_| Finding::Held),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, approving_hub, found_acting, unlisted};
    use crate::exchanges::{all_held, answered, failed, shows_nothing, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&approving_hub(), &CHECK, twist)
    }

    /// What is found where the first invalid call is answered like this.
    fn judge_invalid(answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| (call.label == "invalid/1").then(|| answer(world, call)))
    }

    #[test]
    fn invalid_inputs_without_an_entry_hold() {
        assert!(all_held(&judge(|_, _| None)));
    }

    #[test]
    fn asking_somebody_is_a_violation_and_so_is_an_entry() {
        let summary = "an invalid input to a gated tool is not INVALID_INPUT";
        let asks = judge_invalid(|_, call| failed(call.clone(), 403, "APPROVAL_REQUIRED"));
        assert_eq!(violations(&asks), [summary; 2]);
        let enters = judge_invalid(|world, call| {
            world.enter(call);
            world.answer(call)
        });
        let entry = "an invalid input to a gated tool makes an entry in Approvals";
        assert!(violations(&enters).len() >= 2 && violations(&enters).iter().all(|summary| *summary == entry));
    }

    #[test]
    fn beside_a_valid_call_that_does_not_wait_nothing_is_shown() {
        let found = judge(|_, call| (call.label == "asked").then(|| failed(call.clone(), 400, "INVALID_INPUT")));
        assert!(shows_nothing(&found), "{found:?}");
    }

    #[test]
    fn where_the_valid_calls_entry_is_not_found_the_others_would_not_be() {
        let found = judge(unlisted);
        let unshown = found.iter().any(|finding| matches!(finding, Finding::NotExercised(_)));
        assert!(unshown && violations(&found).is_empty(), "{found:?}");
    }

    #[test]
    fn a_gateway_is_not_the_hub() {
        let found = judge_invalid(|_, call| answered(call.clone(), 502, serde_json::json!({})));
        assert!(violations(&found).is_empty() && !all_held(&found));
    }

    #[test]
    fn each_input_is_wrong_in_one_thing_and_has_a_key_of_its_own() {
        let hub = approving_hub();
        for case in hub.plan(&CHECK).unwrap() {
            let calls = case.calls();
            let valid = calls.iter().find(|call| call.label == "asked").unwrap();
            let input = |call: &Call| call.json().unwrap()["input"].as_object().unwrap().clone();
            let mut keys = vec![valid.idempotency_key()];
            for call in calls.iter().filter(|call| call.label.starts_with("invalid")) {
                let (wrong, right) = (input(call), input(valid));
                let names = wrong
                    .keys()
                    .chain(right.keys())
                    .collect::<std::collections::BTreeSet<_>>();
                let differing = names.into_iter().filter(|name| wrong.get(*name) != right.get(*name));
                assert_eq!(differing.count(), 1, "{}", call.label);
                assert!(!keys.contains(&call.idempotency_key()));
                keys.push(call.idempotency_key());
            }
            assert!(keys.len() >= 3, "{}", case.id);
        }
    }
}
