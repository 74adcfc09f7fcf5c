//! APR-01: a gated call waits.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::{acted, executed_once_approved, told};
use crate::judging::{observed, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Approval workflow",
    title: "a gated call is APPROVAL_REQUIRED, and has no effect",
    statement: "A hub MUST answer a gated call with APPROVAL_REQUIRED, and have no effect.",
    rationale: "A policy that does not hold a call back protects nobody; one that only says so is worse.",
    method: "Calls each gated tool whose effect shows, and replays the call while it waits; looks at its effect \
             after each. Beside that, where someone decides, the approved call shows that its effect would have been \
             seen.",
    mend: "Ask the policy before the vendor is called, on every way to it, and return APPROVAL_REQUIRED there.",
    needs: &[Need::GatedTool, Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Apr01;
pub(crate) const CHECK: Apr01 = Apr01;

impl Check for Apr01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::asked(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        match judge_answer(evidence) {
            Ok(()) => vec![Finding::Held, judge_effect(evidence).unwrap_or_else(|finding| finding)],
            Err(finding) => vec![finding],
        }
    }
}

fn judge_answer(evidence: &Evidence<'_>) -> Result<(), Finding> {
    let asked = told(evidence, "asked")?;
    let summary = match Outcome::of(asked) {
        Outcome::Error(ErrorCode::ApprovalRequired) => return Ok(()),
        Outcome::Success => "a gated call is executed",
        Outcome::Error(ErrorCode::Other(_)) | Outcome::Bare(200..=299) => {
            "a gated call is not answered with APPROVAL_REQUIRED"
        }
        // Which error wins where several apply is nobody's promise.
        _ => {
            let why = format!("the gated call did not get as far as its approval: {}", observed(asked));
            return Err(Finding::Inconclusive(why));
        }
    };
    Err(Finding::Violated(violated(asked, summary, "APPROVAL_REQUIRED")))
}

fn judge_effect(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    for observation in ["after asking", "while waiting"] {
        let effects = seen.effects(observation)?;
        if effects > 0 {
            let summary = "a gated call acts though it is answered with APPROVAL_REQUIRED";
            return Ok(acted(&seen, evidence, observation, summary, (0, effects)));
        }
    }
    executed_once_approved(&seen, evidence).map(|_| Finding::Held)
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;
    use serde_json::json;

    use super::*;
    use crate::acting_hub::{World, approving_hub, found_acting};
    use crate::exchanges::{all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&approving_hub(), &CHECK, twist)
    }

    /// What is found where the first call is answered like this.
    fn judge_asked(answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| (call.label == "asked").then(|| answer(world, call)))
    }

    #[test]
    fn a_call_that_waits_holds_beside_the_approved_one_that_acts() {
        let found = judge(|_, _| None);
        assert!(all_held(&found) && found.len() == 4, "{found:?}");
    }

    #[test]
    fn a_call_that_executes_and_a_code_of_its_own_are_violations() {
        let executed = judge_asked(|world, call| world.act(call));
        assert_eq!(violations(&executed), ["a gated call is executed"; 2]);
        let summary = ["a gated call is not answered with APPROVAL_REQUIRED"; 2];
        let own_code = judge_asked(|_, call| failed(call.clone(), 202, "PENDING"));
        assert_eq!(violations(&own_code), summary);
        let bare = judge_asked(|_, call| answered(call.clone(), 202, json!({"status": "pending"})));
        assert_eq!(violations(&bare), summary);
    }

    #[test]
    fn acting_behind_the_refusal_is_a_violation_at_once_or_when_replayed() {
        for label in ["asked", "second waiting replay"] {
            let found = judge(|world, call| {
                let acts = call.label == label;
                if acts {
                    world.act(call);
                }
                acts.then(|| world.answer(call))
            });
            let summary = "a gated call acts though it is answered with APPROVAL_REQUIRED";
            assert_eq!(violations(&found), [summary; 2], "{label}");
            let Some(Finding::Violated(violation)) = found.iter().find(|finding| **finding != Finding::Held) else {
                panic!("{found:?}")
            };
            assert_eq!(
                (violation.expected.as_str(), violation.observed.as_str()),
                ("no effect", "one effect")
            );
            assert!(violation.exchanges.len() > 1);
        }
    }

    #[test]
    fn trouble_before_the_approval_shows_nothing() {
        for (status, code) in [
            (429, "RATE_LIMITED"),
            (502, "UPSTREAM_ERROR"),
            (400, "INVALID_INPUT"),
            (403, "FORBIDDEN"),
        ] {
            let found = judge_asked(|_, call| failed(call.clone(), status, code));
            assert!(shows_nothing(&found), "{code}: {found:?}");
        }
        let gateway = judge_asked(|_, call| answered(call.clone(), 503, json!({})));
        assert!(shows_nothing(&gateway));
    }

    #[test]
    fn an_effect_that_would_not_have_been_seen_is_not_shown() {
        let blind = judge(|_, call| {
            let is_read = call.label.starts_with("after") || call.label.starts_with("while");
            is_read.then(|| succeeded(call.clone(), json!({"items": []})))
        });
        assert!(
            blind.iter().any(|finding| matches!(finding, Finding::NotExercised(_))),
            "{blind:?}"
        );
    }

    #[test]
    fn without_anybody_to_decide_the_answers_hold_and_the_effect_is_not_shown() {
        let mut hub = approving_hub();
        hub.profile.approvals.driver = None;
        let found = found_acting(&hub, &CHECK, |_, _| None);
        let held = found.iter().filter(|finding| **finding == Finding::Held).count();
        assert_eq!((held, found.len()), (2, 4), "{found:?}");
        let executed = found_acting(&hub, &CHECK, |world, call| {
            (call.label == "asked").then(|| world.act(call))
        });
        assert_eq!(violations(&executed).len(), 2);
    }

    #[test]
    fn gated_tools_beyond_the_level_are_not_called() {
        let keys = |allow| {
            let hub = approving_hub().allowing(allow);
            hub.plan(&CHECK)
                .map(|cases| cases.iter().filter_map(|case| case.tool.clone()).collect::<Vec<_>>())
        };
        assert_eq!(keys(Allow::Write).unwrap(), ["hr.offers.create"]);
        assert_eq!(
            keys(Allow::Probe),
            Err(Unexercised::Missing(vec![Need::Allow(Allow::Write)]))
        );
    }
}
