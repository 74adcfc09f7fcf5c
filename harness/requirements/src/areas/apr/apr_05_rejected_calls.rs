//! APR-05: a rejected call never executes.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::{acted, ended_in, executed_once_approved, waiting};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 5),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Approval workflow",
    title: "a rejected call never executes",
    statement: "A hub MUST never execute a rejected call: its replay is answered APPROVAL_REQUIRED or FORBIDDEN.",
    rationale: "A person has said no.",
    method: "Has a call of a few gated tools rejected, perhaps twice over, replays it twice, and looks at its \
             effect. Beside it, the same call under another key is approved, and shows that its effect would have \
             been seen.",
    mend: "Execute on the decision `approved` alone, and keep a rejection for good: every replay of that call is answered \
           FORBIDDEN or APPROVAL_REQUIRED.",
    needs: &[
        Need::GatedTool,
        Need::ApprovalDriver,
        Need::Allow(Allow::Write),
        Need::Effect,
    ],
    reach: Allow::Admin,
    since: "0.1.0",
};

const REPLAYS: [&str; 2] = ["declined replay", "second declined replay"];

pub(crate) struct Apr05;
pub(crate) const CHECK: Apr05 = Apr05;

impl Check for Apr05 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::rejected(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        match judge_answers(evidence) {
            Err(nothing @ (Finding::Inconclusive(_) | Finding::NotExercised(_))) => vec![nothing],
            answers => [answers, judge_effect(evidence)]
                .map(|found| found.unwrap_or_else(|finding| finding))
                .into(),
        }
    }
}

fn judge_answers(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    waiting(evidence, "declined")?;
    evidence.done("rejection")?;
    let codes = [ErrorCode::ApprovalRequired, ErrorCode::Forbidden];
    for label in REPLAYS {
        let summary = "the replay of a rejected call is not answered with APPROVAL_REQUIRED or FORBIDDEN";
        ended_in(evidence, label, &codes, summary)?;
    }
    Ok(Finding::Held)
}

fn judge_effect(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let effects = seen.effects("after the rejection")?;
    if effects > 0 {
        let summary = "a rejected call acts";
        return Ok(acted(&seen, evidence, "after the rejection", summary, (0, effects)));
    }
    executed_once_approved(&seen, evidence).map(|_| Finding::Held)
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

    /// What is found where the last replay is answered like this.
    fn judge_replay(answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| (call.label == REPLAYS[1]).then(|| answer(world, call)))
    }

    #[test]
    fn either_refusal_without_an_effect_holds() {
        let found = judge(|_, _| None);
        assert!(all_held(&found) && found.len() == 4, "{found:?}");
        assert!(all_held(&judge_replay(|_, call| failed(
            call.clone(),
            403,
            "APPROVAL_REQUIRED"
        ))));
    }

    #[test]
    fn a_call_that_executes_after_all_is_a_violation() {
        let found = judge_replay(|world, call| world.act(call));
        let answer = "the replay of a rejected call is not answered with APPROVAL_REQUIRED or FORBIDDEN";
        let effect = "a rejected call acts";
        assert_eq!(violations(&found), [answer, effect, answer, effect]);
    }

    #[test]
    fn acting_behind_the_refusal_is_a_violation() {
        let found = judge_replay(|world, call| {
            world.act(call);
            world.answer(call)
        });
        assert_eq!(violations(&found), ["a rejected call acts"; 2]);
    }

    #[test]
    fn another_refusal_is_a_violation() {
        let found = judge_replay(|_, call| failed(call.clone(), 409, "INVALID_INPUT"));
        assert_eq!(violations(&found).len(), 2);
    }

    #[test]
    fn a_rejection_that_nobody_took_or_a_throttle_shows_nothing() {
        let undecided = judge(|world, call| {
            let answer = world.answer(call);
            (call.label == "declined").then(|| world.clear_entries());
            Some(answer)
        });
        assert!(shows_nothing(&undecided), "{undecided:?}");
        assert!(shows_nothing(&judge_replay(|_, call| failed(
            call.clone(),
            429,
            "RATE_LIMITED"
        ))));
    }

    #[test]
    fn without_the_approved_call_beside_it_the_effect_is_not_shown() {
        let found = judge(|_, call| (call.label == "replay").then(|| failed(call.clone(), 502, "UPSTREAM_ERROR")));
        let held = found.iter().filter(|finding| **finding == Finding::Held).count();
        assert_eq!((held, found.len(), violations(&found).len()), (2, 4, 0), "{found:?}");
    }
}
