//! IDM-03: an idempotency key that is used again with another input is rejected.

use hubproof_model::case::{Case, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::{Seen, data};
use crate::evidence::Evidence;
use crate::judging::{findings, is_accepted, is_rejected, violated, without_success};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 3),
    level: Level::Should,
    basis: Basis::Http,
    source: "Idempotency-Key draft §2.7",
    title: "another input under a used key is rejected",
    statement: "A hub SHOULD reject a key that is used again with another input (Idempotency-Key draft §2.7: 422), and have no effect; \
                above all it does not answer with the first call's success.",
    rationale: "A client that reuses a key by mistake is told that its second ticket was opened, and it never was.",
    method: "Executes a call under a fresh idempotency key, then another input under the same key, looks for an effect of the second, and \
             executes it under a key of its own as control: on up to three tools of different domains.",
    mend: "Store a fingerprint of the request with the key, and answer another input under it with 422 and INVALID_INPUT, \
           executing nothing.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Idm03;
pub(crate) const CHECK: Idm03 = Idm03;

impl Check for Idm03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let scenes = site.few_counting_scenes("IDM-03")?;
        let others = site.few_counting_scenes("IDM-03/other")?;
        Ok(scenes
            .iter()
            .zip(&others)
            .map(|(scene, other)| case(scene, other, site))
            .collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

/// `other` is a scene of the same tool, whose input differs by its marker.
fn case(scene: &Scene<'_>, other: &Scene<'_>, site: &Site<'_>) -> Case {
    let id = format!("IDM-03/{}", scene.tool.key);
    let key = site.idempotency_key(&id);
    let own_key = site.idempotency_key(&format!("{id}/control"));
    let steps = vec![
        Step::call(scene.call("first", |body| body.keyed(&key))),
        scene.shows("after the first", 1),
        Step::call(other.call("other", |body| body.keyed(&key))),
        other.shows_no_more("after the other", 0),
        Step::call(other.call("control", |body| body.keyed(&own_key))),
        other.shows("after the control", 1),
    ];
    scene.case_with(other, id, "another input under a used idempotency key", steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let (seen, beside) = (Seen::of(evidence)?, Seen::beside(evidence)?);
    let (first, _) = seen.acted("first", "after the first")?;
    let other = beside.told("other")?;
    let effects = beside.effects("after the other")?;
    let summary = match Outcome::of(other) {
        _ if effects > 0 => "another input under a used key is executed",
        Outcome::Success if data(other) == data(first) => {
            "another input under a used key is answered with the first call's success"
        }
        Outcome::Success => "another input under a used key is answered with a success",
        outcome if is_accepted(&outcome) => return Err(without_success(other)),
        _ if is_rejected(other) => {
            beside.acted("control", "after the control")?;
            return Ok(Finding::Held);
        }
        _ => "another input under a used key is not rejected as the client's mistake",
    };
    Ok(Finding::Violated(Violation {
        exchanges: [vec![first.number, other.number], beside.numbers("after the other")].concat(),
        ..violated(other, summary, "a rejection (such as 422), and no effect")
    }))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    /// What is found where the other input is answered like this.
    fn judge_other(answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| (call.label == "other").then(|| answer(world, call)))
    }

    #[test]
    fn a_rejection_without_an_effect_holds_whatever_its_code() {
        assert!(all_held(&judge(|_, _| None)));
        assert!(all_held(&judge_other(|_, call| failed(
            call.clone(),
            422,
            "IDEMPOTENCY_CONFLICT"
        ))));
        assert!(all_held(&judge_other(|_, call| answered(
            call.clone(),
            422,
            serde_json::json!({})
        ))));
    }

    #[test]
    fn the_first_success_any_success_and_an_effect_are_violations() {
        let replayed = judge_other(|world, call| {
            let first = world.kept_under(call.idempotency_key().unwrap()).unwrap();
            succeeded(call.clone(), first)
        });
        assert_eq!(
            violations(&replayed),
            ["another input under a used key is answered with the first call's success"; 2]
        );
        let empty = judge_other(|_, call| succeeded(call.clone(), serde_json::json!({})));
        assert_eq!(
            violations(&empty),
            ["another input under a used key is answered with a success"; 2]
        );
        let executed = judge_other(|world, call| world.act(call));
        assert_eq!(violations(&executed), ["another input under a used key is executed"; 2]);
        let secretly = judge_other(|world, call| {
            world.act(call);
            failed(call.clone(), 409, "INVALID_INPUT")
        });
        assert_eq!(violations(&secretly), ["another input under a used key is executed"; 2]);
    }

    #[test]
    fn a_hub_that_fails_does_not_reject() {
        let found = judge_other(|_, call| failed(call.clone(), 500, "INTERNAL_ERROR"));
        assert_eq!(
            violations(&found),
            ["another input under a used key is not rejected as the client's mistake"; 2]
        );
    }

    #[test]
    fn an_input_that_is_refused_under_any_key_and_trouble_show_nothing() {
        let refused = |call: &Call| failed(call.clone(), 400, "INVALID_INPUT");
        let found = judge(|_, call| {
            ["other", "control"]
                .contains(&call.label.as_str())
                .then(|| refused(call))
        });
        assert!(shows_nothing(&found));
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR")] {
            assert!(
                shows_nothing(&judge_other(|_, call| failed(call.clone(), status, code))),
                "{code}"
            );
            let first = judge(|_, call| (call.label == "first").then(|| failed(call.clone(), status, code)));
            assert!(shows_nothing(&first), "{code}");
        }
    }
}
