//! IDM-04: calls with different keys, or with none, execute each by itself.

use hubproof_model::call::ExecuteBody;
use hubproof_model::case::{Case, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::judging::{findings, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 4),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Request body",
    title: "calls without a common key execute each by itself",
    statement: "A hub MUST execute calls with different keys, or with none, each by itself.",
    rationale: "Two customers order the same thing: a hub that takes the second order for a repetition loses it.",
    method: "Executes equal calls one after the other and counts their effects: two under different idempotency keys, two without one, \
             and one without beside one with a key; on up to three tools of different domains.",
    mend: "Recognise a replay by its idempotency key alone, never by an equal input; without a key every call is a new one.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// What the two calls carry, in words: each whether it has a key.
const PAIRS: [(&str, &str, [bool; 2]); 3] = [
    ("keys", "equal calls under different keys", [true, true]),
    ("none", "equal calls without a key", [false, false]),
    (
        "one",
        "a call without a key after an equal one with a key",
        [true, false],
    ),
];

pub(crate) struct Idm04;
pub(crate) const CHECK: Idm04 = Idm04;

impl Check for Idm04 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = Vec::new();
        for (name, title, have_keys) in PAIRS {
            let scenes = site.few_counting_scenes(&format!("IDM-04/{name}"))?;
            cases.extend(scenes.iter().map(|scene| {
                let id = format!("IDM-04/{name}/{}", scene.tool.key);
                case(scene, id, title, have_keys, site)
            }));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn case(scene: &Scene<'_>, id: String, title: &str, [first, second]: [bool; 2], site: &Site<'_>) -> Case {
    let with_key = |label: &str, has_key: bool| {
        let key = has_key.then(|| site.idempotency_key(&format!("{id}/{label}")));
        let body = |body| ExecuteBody {
            idempotency_key: key,
            ..body
        };
        Step::call(scene.call(label, body))
    };
    let steps = vec![
        with_key("first", first),
        scene.shows("after the first", 1),
        with_key("second", second),
        scene.shows("after both", 2),
    ];
    scene.case(&id, title, steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let what = evidence.case.map_or("equal calls", |case| case.title.as_str());
    let (first, _) = seen.acted("first", "after the first")?;
    let second = seen.executed("second", format!("{what}: the second is refused"))?;
    let effects = seen.effects("after both")?;
    if effects == 2 {
        return Ok(Finding::Held);
    }
    let summary = match effects {
        0 | 1 => format!("{what}: the second is not executed"),
        _ => format!("{what}: executed more often than they were sent"),
    };
    Ok(Finding::Violated(Violation {
        observed: format!("{effects} effects of 2 calls"),
        exchanges: [vec![first.number, second.number], seen.numbers("after both")].concat(),
        ..violated(second, summary, "2 effects")
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

    /// Answers the second call with what the first was answered with.
    fn deduplicated(world: &mut World, call: &Call) -> Option<Exchange> {
        if call.tool()?.ends_with(".create") {
            return Some(world.answer_changed(call, |body| body["idempotency_key"] = "same".into()));
        }
        None
    }

    #[test]
    fn an_effect_for_each_call_holds() {
        let found = judge(|_, _| None);
        assert!(all_held(&found) && found.len() == 6);
    }

    #[test]
    fn equal_calls_that_are_taken_for_one_are_violations() {
        let found = judge(deduplicated);
        assert_eq!(violations(&found).len(), 6);
        assert!(violations(&found).contains(&"equal calls without a key: the second is not executed"));
        let keyless = judge(|world, call| match call.idempotency_key() {
            Some(_) => None,
            None => deduplicated(world, call),
        });
        assert_eq!(
            violations(&keyless),
            ["equal calls without a key: the second is not executed"; 2]
        );
    }

    #[test]
    fn a_refused_second_and_one_effect_too_many_are_violations() {
        let found = judge(|_, call| (call.label == "second").then(|| failed(call.clone(), 409, "INVALID_INPUT")));
        assert_eq!(violations(&found).len(), 6);
        let found = judge(|world, call| {
            (call.label == "second").then(|| {
                world.act(call);
                world.act(call)
            })
        });
        assert!(
            violations(&found).contains(&"equal calls under different keys: executed more often than they were sent")
        );
    }

    #[test]
    fn trouble_shows_nothing() {
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR")] {
            for label in ["first", "second"] {
                let found = judge(|_, call| (call.label == label).then(|| failed(call.clone(), status, code)));
                assert!(shows_nothing(&found), "{code}");
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
