//! IDM-06: idempotency keys are kept apart by tool.

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
    id: RequirementId::new(Area::Idm, 6),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Request body",
    title: "idempotency keys are kept apart by tool",
    statement: "A hub SHOULD keep keys apart by tool: another tool's call under the key executes, or is rejected (IDM-03), and never gets \
                the first tool's answer.",
    rationale: "An agent that gives one key to the steps of a task is told that all of them were done, and only the first was.",
    method: "Executes a call under a fresh idempotency key, then another tool's call under the same key, and that call under a key of its \
             own as control: on tools of one domain and of different ones whose effects can be counted.",
    mend: "Make the tool a part of what a key is stored by, or of the fingerprint that is compared: then another tool's call \
           executes, or is rejected.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Idm06;
pub(crate) const CHECK: Idm06 = Idm06;

impl Check for Idm06 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        // A tool may be the first of one case and the other of the next: its effects are told apart by the scenes' names.
        let few = site.few_counting_scenes("IDM-06")?;
        let others = site.counting_scenes("IDM-06/other")?;
        let is_of_domain = |scene: &Scene<'_>, other: &Scene<'_>| {
            other.tool.domain == scene.tool.domain && other.tool.key != scene.tool.key
        };
        let of_one_domain = few.iter().find_map(|scene| {
            let other = others.iter().find(|other| is_of_domain(scene, other))?;
            Some((scene, other))
        });
        let of_different_domains = few.iter().zip(few.iter().skip(1)).filter_map(|(scene, next)| {
            let other = others.iter().find(|other| other.tool.key == next.tool.key)?;
            Some((scene, other))
        });
        let pairs = of_one_domain.into_iter().chain(of_different_domains);
        let cases: Vec<_> = pairs.map(|(scene, other)| case(scene, other, site)).collect();
        match cases.is_empty() {
            true => Err(Unexercised::NotApplicable(
                "the effects of one selected tool alone can be counted, and two are needed".to_owned(),
            )),
            false => Ok(cases),
        }
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn case(scene: &Scene<'_>, other: &Scene<'_>, site: &Site<'_>) -> Case {
    let id = format!("IDM-06/{}/{}", scene.tool.key, other.tool.key);
    let key = site.idempotency_key(&id);
    let own_key = site.idempotency_key(&format!("{id}/control"));
    let steps = vec![
        Step::call(scene.call("first", |body| body.keyed(&key))),
        scene.shows("after the first", 1),
        Step::call(other.call("other", |body| body.keyed(&key))),
        other.shows("after the other", 1),
        Step::call(other.call("control", |body| body.keyed(&own_key))),
        other.shows("after the control", 2),
    ];
    scene.case_with(other, id, "another tool's call under a used idempotency key", steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let (seen, beside) = (Seen::of(evidence)?, Seen::beside(evidence)?);
    let (first, _) = seen.acted("first", "after the first")?;
    let other = beside.told("other")?;
    let control = beside.succeeded("control")?;
    let (effects, with_control) = (beside.effects("after the other")?, beside.effects("after the control")?);
    if with_control <= effects {
        return Err(beside.unseen(control));
    }
    let is_late = with_control > 1 || beside.shows_what_told(other, control, "after the control");
    if effects == 0 && Outcome::of(other) == Outcome::Success && is_late {
        return Err(beside.unseen(control));
    }
    // Data that tell nothing of the call are alike for each.
    let is_first = data(other) == data(first) && data(other) != data(control);
    let summary = match Outcome::of(other) {
        Outcome::Success if is_first => "another tool's call under a used key gets the first tool's answer",
        Outcome::Success if effects == 0 => "another tool's call under a used key is answered, and not executed",
        Outcome::Success => return Ok(Finding::Held),
        outcome if is_accepted(&outcome) => return Err(without_success(other)),
        _ if is_rejected(other) && effects == 0 => return Ok(Finding::Held),
        _ if is_rejected(other) => "another tool's call under a used key is rejected, and executed",
        _ => "another tool's call under a used key is neither executed nor rejected",
    };
    Ok(Finding::Violated(Violation {
        exchanges: [
            vec![first.number, other.number],
            beside.numbers("after the other"),
            vec![control.number],
        ]
        .concat(),
        ..violated(other, summary, "the tool's own success, or a rejection")
    }))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    fn judge_other(answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| (call.label == "other").then(|| answer(world, call)))
    }

    #[test]
    fn tools_of_one_domain_and_of_two_meet() {
        let cases = acting_hub().plan(&CHECK).unwrap();
        let ids: Vec<_> = cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "IDM-06/itsm.tickets.create/itsm.notes.create",
                "IDM-06/itsm.tickets.create/crm.contacts.create"
            ]
        );
        let mut one = acting_hub();
        one.selected.retain(|key| key.starts_with("crm"));
        assert!(matches!(one.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }

    #[test]
    fn a_rejection_and_an_execution_hold() {
        assert!(all_held(&judge(|_, _| None)));
        assert!(all_held(&judge_other(|world, call| world.act(call))));
    }

    #[test]
    fn the_first_tools_answer_and_an_answer_without_an_effect_are_violations() {
        let replayed = judge_other(|world, call| {
            let first = world.kept_under(call.idempotency_key().unwrap()).unwrap();
            succeeded(call.clone(), first)
        });
        assert_eq!(
            violations(&replayed),
            ["another tool's call under a used key gets the first tool's answer"; 2]
        );
        let idle = judge_other(|_, call| succeeded(call.clone(), 1.into()));
        assert_eq!(
            violations(&idle),
            ["another tool's call under a used key is answered, and not executed"; 2]
        );
    }

    #[test]
    fn a_rejection_that_acts_and_a_failure_are_violations() {
        let secretly = judge_other(|world, call| {
            world.act(call);
            failed(call.clone(), 409, "INVALID_INPUT")
        });
        assert_eq!(
            violations(&secretly),
            ["another tool's call under a used key is rejected, and executed"; 2]
        );
        let failing = judge_other(|_, call| failed(call.clone(), 500, "INTERNAL_ERROR"));
        assert_eq!(
            violations(&failing),
            ["another tool's call under a used key is neither executed nor rejected"; 2]
        );
    }

    #[test]
    fn trouble_shows_nothing() {
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR")] {
            for label in ["first", "other", "control"] {
                let found = judge(|_, call| (call.label == label).then(|| failed(call.clone(), status, code)));
                assert!(shows_nothing(&found), "{code} {label}");
            }
        }
        let unseen = judge(|_, call| {
            call.tool()?
                .ends_with(".create")
                .then(|| succeeded(call.clone(), 1.into()))
        });
        assert!(shows_nothing(&unseen));
    }
}
