//! IDM-01: a replay gives the same data and acts no more.

use hubproof_model::case::{Case, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::{Seen, data};
use crate::evidence::Evidence;
use crate::judging::{uncounted, violated, with_reservation};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Request body",
    title: "a replay gives the same data and acts no more",
    statement: "A hub MUST answer a replay (the same request under the same idempotency key) of a state-changing call with the same \
                `data`, and no second effect.",
    rationale: "A client that retries after a lost answer pays twice, or opens the same ticket twice.",
    method: "Executes a call under a fresh idempotency key, looks at its effect, sends the same twice again, and looks once more: on each \
             tool whose effect shows. A replay that is answered otherwise, or an effect more, is a violation. Where effects are not \
             counted, the answers alone are judged.",
    mend: "Store the answer under workspace, tool and idempotency key when the call has executed, and send what is stored for \
           every later replay, unchanged.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

const REPLAYS: [&str; 2] = ["replay", "second replay"];
const AFTER_REPLAYS: &str = "after the replays";

pub(crate) struct Idm01;
pub(crate) const CHECK: Idm01 = Idm01;

impl Check for Idm01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(site.scenes("IDM-01")?.iter().map(|scene| case(scene, site)).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let counts = Seen::of(evidence).is_ok_and(|seen| seen.counts());
        let tool = evidence.case.and_then(|case| case.tool.as_deref());
        with_reservation(judge_case(evidence), (!counts).then(|| uncounted(tool)))
    }
}

fn case(scene: &Scene<'_>, site: &Site<'_>) -> Case {
    let id = format!("IDM-01/{}", scene.tool.key);
    let key = site.idempotency_key(&id);
    let call = |label: &str| Step::call(scene.call(label, |body| body.keyed(&key)));
    let mut steps = scene.set_up();
    steps.extend([call("first"), scene.shows("after the first", 1)]);
    steps.extend(REPLAYS.map(call));
    steps.push(scene.shows_no_more(AFTER_REPLAYS, 1));
    scene.case(id, "a call, and the same twice again", steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let (first, effects) = seen.acted("first", "after the first")?;
    for label in REPLAYS {
        let replay = seen.told(label)?;
        let summary = match Outcome::of(replay) {
            Outcome::Success if data(replay) == data(first) => continue,
            Outcome::Success => "a replay is answered with other data",
            _ => "a replay is not answered with the first success",
        };
        return Ok(Finding::Violated(Violation {
            exchanges: vec![first.number, replay.number],
            ..violated(replay, summary, "the first answer's data")
        }));
    }
    let after = seen.effects(AFTER_REPLAYS)?;
    if !seen.counts() || after <= effects {
        return Ok(Finding::Held);
    }
    let replay = seen.told(REPLAYS[0])?;
    Ok(Finding::Violated(Violation {
        observed: format!("{after} effects after the replays, {effects} before them"),
        exchanges: [vec![first.number, replay.number], seen.numbers(AFTER_REPLAYS)].concat(),
        ..violated(replay, "a replay acts again", "no second effect")
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

    /// What is found where the replay of this label is answered like this.
    fn judge_replay(label: &str, answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| (call.label == label).then(|| answer(world, call)))
    }

    #[test]
    fn a_replay_that_does_nothing_more_holds_on_every_tool() {
        let found = judge(|_, _| None);
        let held = found.iter().filter(|finding| **finding == Finding::Held);
        assert_eq!(held.count(), 5);
    }

    #[test]
    fn where_effects_are_not_counted_it_is_said_that_a_second_one_would_not_show() {
        let found = judge(|_, _| None);
        let (counted, uncounted) = found.split_at(3);
        assert!(all_held(counted));
        let [Finding::Held, first, Finding::Held, second] = uncounted else {
            panic!("{found:?}")
        };
        for (finding, tool) in [(first, "itsm.tickets.update"), (second, "itsm.tickets.delete")] {
            assert!(
                matches!(finding, Finding::NotExercised(Unexercised::NotApplicable(why)) if why.contains(tool)),
                "{found:?}"
            );
        }
    }

    #[test]
    fn other_data_and_a_refusal_are_violations_of_either_replay() {
        for label in REPLAYS {
            let marked = judge_replay(label, |world, call| {
                let mut data = world.kept_under(call.idempotency_key().unwrap()).unwrap();
                data["replayed"] = true.into();
                succeeded(call.clone(), data)
            });
            assert_eq!(violations(&marked), ["a replay is answered with other data"; 5]);
            let refused = judge_replay(label, |_, call| failed(call.clone(), 409, "INVALID_INPUT"));
            assert_eq!(
                violations(&refused),
                ["a replay is not answered with the first success"; 5]
            );
        }
    }

    #[test]
    fn a_replay_that_acts_again_is_a_violation_where_effects_are_counted() {
        let found = judge_replay("second replay", |world, call| {
            world.act(call);
            world.answer(call)
        });
        assert_eq!(violations(&found), ["a replay acts again"; 3]);
    }

    #[test]
    fn trouble_shows_nothing() {
        for label in ["first", "replay"] {
            let found = judge_replay(label, |_, call| failed(call.clone(), 429, "RATE_LIMITED"));
            assert!(shows_nothing(&found));
        }
        assert!(shows_nothing(&judge_replay("first", |_, call| failed(
            call.clone(),
            502,
            "UPSTREAM_ERROR"
        ))));
        let unseen = judge_replay("first", |_, call| succeeded(call.clone(), 1.into()));
        assert!(shows_nothing(&unseen));
    }
}
