//! Gated calls: the cases that the requirements on approvals share. Where programs decide, each has cases of its own; a person is asked
//! for no more than two decisions, and all that they can show is one case.

pub(crate) mod elsewhere;
pub(crate) mod evidence;
pub(crate) mod names;
mod script;

use hubproof_model::approval::Driver;
use hubproof_model::case::{ApprovalVerdict, Case};
use hubproof_model::judgment::Unexercised;
use hubproof_model::requirement::Need;
use hubproof_model::surface::Tool;

use self::elsewhere::Variation;
use self::script::Script;
use crate::effects::scene::Scene;
use crate::site::Site;

/// How many tools stand for all where a requirement is not about each.
const FEW: usize = 3;
/// How many duplicates go out at once.
const AT_ONCE: [usize; 2] = [2, 8];

/// A call that waits, is replayed, approved, and replayed again and again, of each gated tool.
pub(crate) fn asked(site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
    let case = |scene: &Scene<'_>| {
        let id = format!("approvals/asked/{}", scene.tool.key);
        let mut script = Script::begin(scene, site, &id);
        script.asks();
        script.decides("approval", ApprovalVerdict::Approve, "asked");
        script.replays();
        script.case("a call that waits, is approved, and is replayed")
    };
    each(site, "asked", usize::MAX, case)
}

/// The same, and with duplicates at once, of a few gated tools.
pub(crate) fn asked_in_every_way(site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
    let mut cases = asked(site)?;
    if is_manual(site) {
        return Ok(cases);
    }
    for duplicates in AT_ONCE {
        let kind = format!("at-once-{duplicates}");
        let case = |scene: &Scene<'_>| {
            let id = format!("approvals/{kind}/{}", scene.tool.key);
            let mut script = Script::begin(scene, site, &id);
            script.asks_at_once(duplicates);
            script.decides("approval", ApprovalVerdict::Approve, "asked/*");
            if duplicates == AT_ONCE[0] {
                script.decides("second approval", ApprovalVerdict::Approve, "asked/*");
            }
            script.replays_at_once(duplicates);
            if duplicates != AT_ONCE[0] {
                script.decides("second approval", ApprovalVerdict::Approve, "asked/*");
            }
            script.replays_later();
            script.case(format!(
                "{duplicates} duplicates at once, before the approval and after it"
            ))
        };
        cases.extend(each(site, &kind, FEW, case)?);
    }
    Ok(cases)
}

/// A call that is rejected and replayed, beside the same that is approved, of a few gated tools.
pub(crate) fn rejected(site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
    let case = |scene: &Scene<'_>| {
        let id = format!("approvals/rejected/{}", scene.tool.key);
        let mut script = Script::begin(scene, site, &id);
        script.is_rejected();
        script.asks_once();
        script.decides("approval", ApprovalVerdict::Approve, "asked");
        script.replays_once();
        script.case("a call that is rejected, and is replayed; the same again, approved")
    };
    each(site, "rejected", FEW, case)
}

/// Calls that differ from an approved one, under its idempotency key, of a few gated tools.
///
/// # Errors
/// That there is no gated tool, or that no call of one can be made otherwise.
pub(crate) fn bound(site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
    let mut cases = Vec::new();
    for scene in &scenes(site, "bound", FEW)? {
        let variations = Variation::of(site, scene);
        if is_manual(site) || variations.is_empty() {
            continue;
        }
        let id = format!("approvals/bound/{}", scene.tool.key);
        let mut script = Script::begin(scene, site, &id);
        variations.iter().for_each(|variation| script.sets_up(variation));
        script.asks_once();
        script.decides("approval", ApprovalVerdict::Approve, "asked");
        script.tries_otherwise(&variations, 0);
        script.replays_once();
        script.takes_back(&variations);
        cases.push(script.case("calls that differ from an approved one, under its idempotency key"));
    }
    match (is_manual(site), cases.is_empty()) {
        (true, _) => asked(site),
        (false, false) => Ok(cases),
        (false, true) => {
            let why =
                "no gated tool takes another input, and none has another gated tool, connection or workspace beside it";
            Err(Unexercised::NotApplicable(why.to_owned()))
        }
    }
}

/// Calls that nobody has approved, beside one that somebody has, of a few gated tools.
pub(crate) fn unapproved(site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
    let case = |scene: &Scene<'_>| {
        let id = format!("approvals/unapproved/{}", scene.tool.key);
        let mut script = Script::begin(scene, site, &id);
        script.asks_once();
        script.decides("approval", ApprovalVerdict::Approve, "asked");
        script.tries_unapproved(0);
        script.replays_once();
        script.tries_once_more();
        script.takes_back_unapproved();
        script.case("calls that nobody has approved, beside one that somebody has")
    };
    each(site, "unapproved", FEW, case)
}

/// Invalid inputs beside a valid one that waits, of a few gated tools.
pub(crate) fn invalid(site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
    let mut cases = Vec::new();
    for scene in &scenes(site, "invalid", FEW)? {
        let broken = elsewhere::broken_inputs(site, scene);
        if !broken.is_empty() {
            let id = format!("approvals/invalid/{}", scene.tool.key);
            let mut script = Script::begin(scene, site, &id);
            script.tries_invalid(&broken);
            cases.push(script.case("invalid inputs, beside a valid one that waits for approval"));
        }
    }
    match cases.is_empty() {
        true => Err(Unexercised::NotApplicable(
            "no gated tool has a schema that an input can break".to_owned(),
        )),
        false => Ok(cases),
    }
}

/// A case of each scene, or, where a person decides, the one that shows all.
fn each(site: &Site<'_>, kind: &str, most: usize, case: impl Fn(&Scene<'_>) -> Case) -> Result<Vec<Case>, Unexercised> {
    if is_manual(site) {
        return Ok(vec![whole(site)?]);
    }
    Ok(scenes(site, kind, most)?.iter().map(case).collect())
}

/// All that approvals of one tool can show, with two decisions.
fn whole(site: &Site<'_>) -> Result<Case, Unexercised> {
    let scenes = scenes(site, "whole", usize::MAX)?;
    let counting = scenes.iter().find(|scene| scene.counts());
    let scene = counting
        .or(scenes.first())
        .ok_or(Unexercised::Missing(vec![Need::Effect]))?;
    let variations = Variation::of(site, scene);
    let id = format!("approvals/whole/{}", scene.tool.key);
    let mut script = Script::begin(scene, site, &id);
    variations.iter().for_each(|variation| script.sets_up(variation));
    script.is_rejected();
    script.asks();
    script.decides("approval", ApprovalVerdict::Approve, "asked");
    let [_, many] = AT_ONCE;
    script.replays_at_once(many);
    script.replays_later();
    script.tries_unapproved(1);
    script.tries_otherwise(&variations, 1);
    Ok(script.case("a call that a person rejects, and the same that a person approves"))
}

/// The gated tools that the run may execute and whose effect shows, the least risky first; each kind of case has markers of its own.
fn scenes<'s>(site: &Site<'s>, kind: &str, most: usize) -> Result<Vec<Scene<'s>>, Unexercised> {
    let is_gated = |tool: &&Tool| site.is_gated(&tool.key);
    if site.executable_tools().all(|tool| !site.is_gated(&tool.key)) {
        let levels = site.tools().filter(is_gated).map(|tool| tool.risk().required_allow());
        return Err(match levels.min() {
            Some(level) => Unexercised::Missing(vec![Need::Allow(level)]),
            None => Unexercised::NotApplicable("no gated tool is among the selected ones".to_owned()),
        });
    }
    let mut scenes = site.gated_scenes(&format!("approvals/{kind}"))?;
    scenes.truncate(most);
    Ok(scenes)
}

/// Whether a person decides, whose time is dear.
fn is_manual(site: &Site<'_>) -> bool {
    matches!(site.profile.approvals.driver, Some(Driver::Manual(_)))
}
