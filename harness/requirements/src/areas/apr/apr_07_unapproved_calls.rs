//! APR-07: without its own approval no gated call executes.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::{
    UNAPPROVED, executed_once_approved, is_planned, no_effect_between, not_executed, told, waiting,
};
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
    mend: "Let an approval open one call: look it up by that call's own key and fingerprint, and ask the policy for each gated \
           call, with a key or without, however its connection is named.",
    needs: &[
        Need::GatedTool,
        Need::ApprovalDriver,
        Need::Allow(Allow::Write),
        Need::Effect,
    ],
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
        let labels = UNAPPROVED.into_iter().chain(["afterwards"]);
        let planned = labels.filter(|label| is_planned(evidence, label));
        let judge = |label: &str| {
            let call = told(evidence, label)?;
            Ok(not_executed(
                call,
                "a gated call executes without an approval of its own",
            ))
        };
        let mut found: Vec<_> = planned
            .map(|label| judge(label).unwrap_or_else(|finding| finding))
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

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, approving_hub, found_acting};
    use crate::exchanges::{all_held, failed, shows_nothing, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&approving_hub(), &CHECK, twist)
    }

    const EXECUTES: &str = "a gated call executes without an approval of its own";

    /// What is found where the call of this label is answered like this.
    fn judge_call(label: &str, answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| (call.label == label).then(|| answer(world, call)))
    }

    #[test]
    fn calls_that_nobody_approved_wait_and_the_approved_one_executes() {
        let found = judge(|_, _| None);
        assert!(all_held(&found), "{found:?}");
        // What another hub says to a call without a key.
        assert!(all_held(&judge_call("without a key", |_, call| failed(
            call.clone(),
            400,
            "INVALID_INPUT"
        ))));
    }

    #[test]
    fn each_that_executes_is_a_violation() {
        for label in UNAPPROVED.into_iter().chain(["afterwards"]) {
            let found = judge_call(label, |world, call| world.act(call));
            assert!(violations(&found).contains(&EXECUTES), "{label}: {found:?}");
        }
    }

    #[test]
    fn acting_behind_the_refusal_is_a_violation() {
        let found = judge_call("without a key", |world, call| {
            world.act(call);
            world.answer(call)
        });
        assert_eq!(
            violations(&found),
            ["a gated call acts without an approval of its own"; 2]
        );
    }

    #[test]
    fn refusals_show_nothing_where_the_approved_call_does_not_execute() {
        let found = judge_call("replay", |_, call| failed(call.clone(), 403, "APPROVAL_REQUIRED"));
        assert!(shows_nothing(&found), "{found:?}");
        let ungated = judge(|world, call| (call.label == "asked").then(|| world.act(call)));
        assert!(shows_nothing(&ungated), "{ungated:?}");
    }

    #[test]
    fn a_vendors_error_is_no_execution() {
        let found = judge_call("under another key", |_, call| {
            failed(call.clone(), 502, "UPSTREAM_ERROR")
        });
        assert!(violations(&found).is_empty() && !all_held(&found), "{found:?}");
    }
}
