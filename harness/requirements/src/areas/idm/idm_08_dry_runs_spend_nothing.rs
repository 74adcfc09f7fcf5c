//! IDM-08: a dry run leaves its idempotency key unused.

use hubproof_model::case::{Case, Step};
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::judging::findings;
use crate::site::Site;
use crate::unspent_keys::{executed_once, executes_under};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 8),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Request body",
    title: "a dry run leaves its key unused",
    statement: "A hub MUST leave the key unused after a dry run.",
    rationale: "A client that tries a call before it makes it is told that it was made, and nothing was.",
    method: "Sends a dry run under a fresh idempotency key, then the call itself under the same key, and under another as control: it \
             must execute once. On up to three tools of different domains whose effects can be counted.",
    mend: "Answer dry runs without claiming their key or storing anything under it.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Idm08;
pub(crate) const CHECK: Idm08 = Idm08;

impl Check for Idm08 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let scenes = site.few_counting_scenes("IDM-08")?;
        Ok(scenes.iter().map(|scene| case(scene, site)).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn case(scene: &Scene<'_>, site: &Site<'_>) -> Case {
    let id = format!("IDM-08/{}", scene.tool.key);
    let key = site.idempotency_key(&id);
    let mut steps = vec![Step::call(scene.call("dry run", |body| body.keyed(&key).dry()))];
    steps.extend(executes_under(scene, &key, Role::Primary));
    scene.case(id, "a dry run, and the call itself under its key", steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    // A dry run that is refused is DRY-01's business.
    seen.succeeded("dry run")?;
    executed_once(&seen, "a dry run")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, failed, shows_nothing, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    #[test]
    fn a_call_that_executes_after_its_dry_run_holds() {
        assert!(all_held(&judge(|_, _| None)));
    }

    #[test]
    fn a_kept_dry_run_and_a_conflict_with_it_are_violations() {
        let kept = judge(|world, call| {
            let answer = world.answer(call);
            if call.is_dry_run() {
                world.keep(call, 1.into());
            }
            Some(answer)
        });
        assert_eq!(
            violations(&kept),
            ["a dry run spends its key: the call itself is answered, and not executed"; 2]
        );
        let conflict = judge(|_, call| (call.label == "call").then(|| failed(call.clone(), 409, "INVALID_INPUT")));
        assert_eq!(
            violations(&conflict),
            ["a dry run spends its key: the call itself is refused"; 2]
        );
    }

    #[test]
    fn a_call_whose_record_shows_late_is_not_taken_for_one_that_did_nothing() {
        // The listing lags: after the control it shows the call's record, and not yet the control's.
        let lagging = |shows_both: bool| {
            let hidden = RefCell::new(None);
            judge(|world, call| {
                let answer = world.answer(call);
                match call.label.as_str() {
                    "call" => *hidden.borrow_mut() = world.take_record(),
                    "control" => {
                        if !shows_both {
                            world.take_record();
                        }
                        hidden
                            .borrow_mut()
                            .take()
                            .into_iter()
                            .for_each(|own| world.put_record(own));
                    }
                    _ => {}
                }
                Some(answer)
            })
        };
        assert!(all_held(&lagging(true)), "{:?}", lagging(true));
        assert!(shows_nothing(&lagging(false)), "{:?}", lagging(false));
    }

    #[test]
    fn a_dry_run_that_executed_is_seen_in_what_its_key_did() {
        let found = judge(|world, call| call.is_dry_run().then(|| world.act(call)));
        assert_eq!(
            violations(&found),
            ["after a dry run a call under its key executes more than once"; 2]
        );
    }

    #[test]
    fn a_refused_dry_run_and_trouble_show_nothing() {
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR"), (403, "FORBIDDEN")] {
            for label in ["dry run", "control"] {
                let found = judge(|_, call| (call.label == label).then(|| failed(call.clone(), status, code)));
                assert!(shows_nothing(&found), "{code} {label}");
            }
        }
    }
}
