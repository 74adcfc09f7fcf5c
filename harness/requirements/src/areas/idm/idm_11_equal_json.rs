//! IDM-11: a replay whose JSON is written otherwise is the same call.

use hubproof_model::call::{Body, Call, Template};
use hubproof_model::case::{Case, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::{Seen, data};
use crate::evidence::Evidence;
use crate::judging::{findings, is_accepted, violated, without_success};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 11),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Request body",
    title: "key order and white space make no other input",
    statement: "A hub SHOULD treat a replay whose JSON differs only in key order or white space as the same input.",
    rationale: "JSON has no order: a client whose library writes members as they come would have its retries refused by chance.",
    method: "Executes a call under a fresh idempotency key, then replays it with the members of all objects in reverse order, and with \
             white space between all tokens: on up to three tools of different domains.",
    mend: "Compare requests by their parsed JSON, or by a hash of its canonical form (sorted members, no white space), not by the \
           bytes of the body.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// Writes a body as JSON.
type Write = fn(&Value) -> String;

/// The label of each replay, and how its body is written.
const REPLAYS: [(&str, Write); 2] = [("other order", reversed), ("other white space", spaced)];
const AFTER_REPLAYS: &str = "after the replays";

pub(crate) struct Idm11;
pub(crate) const CHECK: Idm11 = Idm11;

impl Check for Idm11 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let scenes = site.few_counting_scenes("IDM-11")?;
        Ok(scenes.iter().map(|scene| case(scene, site)).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn case(scene: &Scene<'_>, site: &Site<'_>) -> Case {
    let id = format!("IDM-11/{}", scene.tool.key);
    let key = site.idempotency_key(&id);
    let first = scene.call("first", |body| body.keyed(&key));
    let replay = |(label, write): (&str, Write)| {
        let text = first.json().map(write).unwrap_or_default();
        let call: Call = first.clone().labelled(label);
        Step::call(call.with_body(Body::Text(Template(text))))
    };
    let mut steps = vec![Step::call(first.clone()), scene.shows("after the first", 1)];
    steps.extend(REPLAYS.map(replay));
    steps.push(scene.shows_no_more(AFTER_REPLAYS, 1));
    scene.case(id, "a call, and the same written otherwise", steps)
}

/// The JSON with the members of each object in reverse order.
fn reversed(value: &Value) -> String {
    fn turned(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(turned).collect(),
            Value::Object(members) => {
                let turned = members
                    .iter()
                    .rev()
                    .map(|(name, member)| (name.clone(), turned(member)));
                Value::Object(turned.collect())
            }
            other => other.clone(),
        }
    }
    turned(value).to_string()
}

/// The JSON over many lines.
fn spaced(value: &Value) -> String {
    format!("\n{value:#}\n")
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let (first, effects) = seen.acted("first", "after the first")?;
    for (label, _) in REPLAYS {
        let replay = seen.told(label)?;
        let summary = match Outcome::of(replay) {
            Outcome::Success if data(replay) == data(first) => continue,
            Outcome::Success => format!("a replay with {label} gets other data"),
            outcome if is_accepted(&outcome) => return Err(without_success(replay)),
            _ => format!("a replay with {label} is refused"),
        };
        return Ok(Finding::Violated(Violation {
            exchanges: vec![first.number, replay.number],
            ..violated(replay, summary, "the first answer's data")
        }));
    }
    let after = seen.effects(AFTER_REPLAYS)?;
    if after <= effects {
        return Ok(Finding::Held);
    }
    let replay = seen.told(REPLAYS[0].0)?;
    Ok(Finding::Violated(Violation {
        observed: format!("{after} effects after the replays, {effects} before them"),
        exchanges: [vec![first.number, replay.number], seen.numbers(AFTER_REPLAYS)].concat(),
        ..violated(
            replay,
            "a replay that is written otherwise acts again",
            "no second effect",
        )
    }))
}

#[cfg(test)]
mod tests {
    use hubproof_model::exchange::Exchange;
    use serde_json::json;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    #[test]
    fn the_replays_say_the_same_in_other_words() {
        let value = json!({"a": {"b": [1, {"c": 2, "d": "x y"}], "e": null}, "f": "<answer>"});
        for write in [reversed, spaced] {
            let text = write(&value);
            assert_ne!(text, value.to_string());
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
        assert!(reversed(&value).starts_with(r#"{"f":"#) && reversed(&value).contains(r#"{"d":"x y","c":2}"#));
    }

    #[test]
    fn the_first_answer_holds() {
        assert!(all_held(&judge(|_, _| None)));
    }

    #[test]
    fn a_refusal_other_data_and_a_second_effect_are_violations() {
        let refused =
            judge(|_, call| (call.label == "other order").then(|| failed(call.clone(), 409, "INVALID_INPUT")));
        assert_eq!(violations(&refused), ["a replay with other order is refused"; 2]);
        let other = judge(|world, call| (call.label == "other white space").then(|| world.act(call)));
        assert_eq!(
            violations(&other),
            ["a replay with other white space gets other data"; 2]
        );
        let again = judge(|world, call| {
            let answer = world.answer(call);
            if call.label == "other order" {
                world.act(call);
            }
            Some(answer)
        });
        assert_eq!(violations(&again), ["a replay that is written otherwise acts again"; 2]);
    }

    #[test]
    fn trouble_shows_nothing() {
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR")] {
            for label in ["first", "other order", "other white space"] {
                let found = judge(|_, call| (call.label == label).then(|| failed(call.clone(), status, code)));
                assert!(shows_nothing(&found), "{code} {label}");
            }
        }
        let unseen = judge(|_, call| {
            call.tool()?
                .ends_with(".create")
                .then(|| succeeded(call.clone(), json!(1)))
        });
        assert!(shows_nothing(&unseen));
    }
}
