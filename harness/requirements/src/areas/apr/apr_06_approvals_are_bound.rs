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
use crate::gated::evidence::{executed_once_approved, is_planned, no_effect_between, not_shown, told, waiting};
use crate::judging::{observed, violated};
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
    mend: "Store workspace, tool, connection and a fingerprint of the input with the approval, and execute only a call that equals \
           all of them.",
    needs: &[
        Need::GatedTool,
        Need::ApprovalDriver,
        Need::Allow(Allow::Write),
        Need::Effect,
    ],
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
    let (control, probe) = (told(evidence, &control(variation))?, told(evidence, variation)?);
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

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, approving_hub, found_acting};
    use crate::exchanges::{all_held, answered, failed, shows_nothing, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&approving_hub(), &CHECK, twist)
    }

    /// What is found where the call that differs like this is answered like that.
    fn judge_probe(variation: &str, answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| (call.label == variation).then(|| answer(world, call)))
    }

    #[test]
    fn calls_that_are_refused_beside_the_approved_one_hold() {
        let found = judge(|_, _| None);
        // A call that removes a record has no other input, and its domain no second connection.
        assert!(all_held(&found) && found.len() == 6, "{found:?}");
    }

    #[test]
    fn each_way_to_execute_something_else_is_a_violation() {
        for variation in VARIATIONS {
            let found = judge_probe(variation, |world, call| world.act(call));
            let summary = format!("the approval of a call lets {variation} pass under its idempotency key");
            assert!(violations(&found).contains(&summary.as_str()), "{variation}: {found:?}");
        }
    }

    #[test]
    fn a_vendor_that_was_asked_shows_it_too() {
        let found = judge_probe("another workspace", |_, call| {
            failed(call.clone(), 502, "UPSTREAM_ERROR")
        });
        assert_eq!(violations(&found).len(), 2);
    }

    #[test]
    fn acting_behind_the_refusal_is_a_violation() {
        let found = judge_probe("another input", |world, call| {
            world.act(call);
            world.answer(call)
        });
        assert_eq!(
            violations(&found),
            ["another call under the key of an approved one acts"]
        );
    }

    #[test]
    fn a_variation_that_is_not_gated_by_itself_says_nothing() {
        let found = judge(|world, call| {
            let is_it = call.label == "another workspace" || call.label == control("another workspace");
            is_it.then(|| world.act(call))
        });
        let unexercised = found
            .iter()
            .filter(|finding| matches!(finding, Finding::NotExercised(_)));
        assert_eq!((unexercised.count(), violations(&found).len()), (2, 0), "{found:?}");
    }

    #[test]
    fn where_the_approved_call_does_not_execute_refusals_say_nothing() {
        let found = judge(|_, call| (call.label == "replay").then(|| failed(call.clone(), 403, "APPROVAL_REQUIRED")));
        assert!(shows_nothing(&found), "{found:?}");
        let throttled = judge_probe("another tool", |_, call| {
            answered(call.clone(), 429, serde_json::json!({}))
        });
        assert!(violations(&throttled).is_empty() && !all_held(&throttled));
    }

    #[test]
    fn each_call_differs_from_the_approved_one_by_one_thing() {
        let cases = approving_hub().plan(&CHECK).unwrap();
        let calls = cases[0].calls();
        let of = |label: &str| calls.iter().find(|call| call.label == label).unwrap();
        let asked = of("asked");
        for variation in VARIATIONS {
            let probe = of(variation);
            assert_eq!(probe.idempotency_key(), asked.idempotency_key(), "{variation}");
            assert_ne!(
                of(&control(variation)).idempotency_key(),
                asked.idempotency_key(),
                "{variation}"
            );
            let differs = [
                probe.json().unwrap()["input"] != asked.json().unwrap()["input"],
                probe.json().unwrap().get("connection_id") != asked.json().unwrap().get("connection_id"),
                probe.credentials != asked.credentials,
                probe.tool() != asked.tool(),
            ];
            // Another tool has an input of its own.
            let expected = if variation == "another tool" { 2 } else { 1 };
            assert_eq!(
                differs.iter().filter(|differs| **differs).count(),
                expected,
                "{variation}"
            );
        }
    }
}
