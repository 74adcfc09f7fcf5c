//! EXE-11: a refused call has no effect.

use hubproof_model::call::{Call, Intent};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::{Value, json};

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::evidence::Evidence;
use crate::inputs::{fitted_fault, put};
use crate::judging::findings;
use crate::refusals;
use crate::site::Site;
use crate::traffic::with_member;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 11),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Common error codes",
    title: "a refused call has no effect",
    statement: "A hub MUST have no effect when it answers INVALID_INPUT, TOOL_NOT_FOUND or CONNECTION_NOT_FOUND.",
    rationale: "A client that is told that its call was wrong sends the corrected one: then it has acted twice, once wrongly.",
    method: "Sends calls that would show if they acted: inputs with one fault each, `dry_run` in the wrong type, an unknown connection, a key \
             that almost is the tool's; looks for their effect; then sends the sound call, whose effect must show. On each tool whose \
             effect shows.",
    mend: "Check tool, connection and the whole input before the first step that acts, and return at the first fault: never act on \
           the part that was right.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// How many faults of the input are tried on a tool.
const FAULTS: usize = 3;
/// Among how many generated ones they are looked for.
const GENERATED: usize = 20;

pub(crate) struct Exe11;
pub(crate) const CHECK: Exe11 = Exe11;

impl Check for Exe11 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = Vec::new();
        for kind in ["invalid", "lost"] {
            cases.extend(site.scenes(&format!("EXE-11/{kind}"))?.iter().filter_map(|scene| {
                let (title, refused) = match kind {
                    "invalid" => ("writes with something wrong in them", invalid(scene, site)),
                    _ => ("writes to nowhere", lost(scene)),
                };
                let id = format!("EXE-11/{kind}/{}", scene.tool.key);
                (!refused.is_empty()).then(|| refusals::case(scene, id, title, refused))
            }));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let codes = [
            ErrorCode::InvalidInput,
            ErrorCode::ToolNotFound,
            ErrorCode::ConnectionNotFound,
        ];
        findings(refusals::judge(evidence, &codes, &[]))
    }
}

/// The scene's call with one fault each.
fn invalid(scene: &Scene<'_>, site: &Site<'_>) -> Vec<(String, Call)> {
    let sound = scene.call("probe", |body| body);
    let mut refused = vec![(
        "`dry_run` that is a text".to_owned(),
        with_member(&sound, "dry_run", json!("true")),
    )];
    let known = site.profile.inputs.get(&scene.tool.key);
    let Ok(generator) = site.generator(scene.tool) else {
        return refused;
    };
    let broken = generator.invalid(site.seed, GENERATED).into_iter();
    let fitted = broken.filter_map(|broken| fitted_fault(&generator, broken, known, 0));
    let marked = fitted.filter_map(|broken| {
        // The fault must be another than what the scene puts in its place, and survive it.
        let mut with_sound_identity = broken.instance.clone();
        if let Some(sound) = broken.base.pointer(scene.identity()) {
            put(&mut with_sound_identity, scene.identity(), sound.clone());
        }
        let is_fault = broken.instance_pointer != scene.identity() && !generator.is_valid(&with_sound_identity);
        is_fault.then_some((broken.keyword, scene.identified(broken.instance)?))
    });
    let mut seen: Vec<(String, Value)> = Vec::new();
    for (keyword, input) in marked {
        if seen.len() < FAULTS && !seen.iter().any(|(own, _)| *own == keyword) {
            seen.push((keyword, input));
        }
    }
    let with_input = |(keyword, input)| (format!("`{keyword}`"), with_member(&sound, "input", input));
    refused.extend(seen.into_iter().map(with_input));
    refused
}

/// The scene's call where it cannot be executed.
fn lost(scene: &Scene<'_>) -> Vec<(String, Call)> {
    let sound = scene.call("probe", |body| body);
    let unknown = with_member(&sound, "connection_id", json!("conn_hubproof_does_not_exist"));
    let body = sound.json().cloned().unwrap_or_default();
    let elsewhere = Call::post_execute(&format!("{}x", scene.tool.key), body, Intent::Refused);
    vec![
        ("an unknown connection".to_owned(), unknown),
        ("a key that almost is the tool's".to_owned(), elsewhere),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acting_hub::{acting_hub, found_acting};
    use crate::exchanges::{all_held, failed, violations};

    /// A hub that knows what it should refuse: what the label of the call says.
    fn refusal(call: &Call) -> Option<(u16, &'static str)> {
        let what = call.label.strip_prefix("refused: ")?;
        Some(match what {
            "an unknown connection" => (404, "CONNECTION_NOT_FOUND"),
            "a key that almost is the tool's" => (404, "TOOL_NOT_FOUND"),
            _ => (400, "INVALID_INPUT"),
        })
    }

    #[test]
    fn refusals_without_effect_hold() {
        let found = found_acting(&acting_hub(), &CHECK, |_, call| {
            refusal(call).map(|(status, code)| failed(call.clone(), status, code))
        });
        assert!(all_held(&found), "{found:?}");
    }

    #[test]
    fn each_kind_of_refusal_that_acts_is_a_violation() {
        for acting in ["INVALID_INPUT", "CONNECTION_NOT_FOUND"] {
            let found = found_acting(&acting_hub(), &CHECK, |world, call| {
                let (status, code) = refusal(call)?;
                if code == acting {
                    world.act(call);
                }
                Some(failed(call.clone(), status, code))
            });
            let summaries = violations(&found);
            assert!(!summaries.is_empty(), "{acting}");
            assert!(summaries.iter().all(|own| *own == "a refused call acted all the same"));
        }
    }

    #[test]
    fn effects_that_come_with_the_controls_are_not_taken_for_its_own() {
        let found = found_acting(&acting_hub(), &CHECK, |world, call| {
            if call.label == "control" {
                world.act(call);
            }
            refusal(call).map(|(status, code)| failed(call.clone(), status, code))
        });
        assert!(!all_held(&found) && violations(&found).is_empty(), "{found:?}");
    }

    #[test]
    fn every_refused_input_has_a_fault_beside_what_tells_it_from_others() {
        let hub = acting_hub();
        let site = hub.site();
        for scene in site.scenes("test").unwrap() {
            let calls = invalid(&scene, &site);
            // An input that is nothing but an id can be wrong in the id alone.
            assert!(
                calls.len() > 1 || scene.tool.key == "itsm.tickets.delete",
                "{}",
                scene.tool.key
            );
            for (what, call) in calls {
                let own = scene.body().input.pointer(scene.identity()).cloned();
                let sent = call
                    .json()
                    .and_then(|body| body["input"].pointer(scene.identity()).cloned());
                assert_eq!(own, sent, "{what}");
            }
        }
    }
}
