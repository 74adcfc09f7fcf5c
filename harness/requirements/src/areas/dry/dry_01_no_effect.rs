//! DRY-01: a dry run answers success, and has no effect.

use std::collections::BTreeSet;

use hubproof_model::call::{Call, ExecuteBody};
use hubproof_model::case::{Case, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Tool;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::judging::{is_accepted, refused_control, told, violated, with_reservation, without_success};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Dry, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Request body",
    title: "a dry run answers success, and has no effect",
    statement: "A hub MUST answer the dry run of a call that would succeed with success, and have no effect: every state-changing tool.",
    rationale: "Who tries a deletion with a dry run wants to see what would happen, and not what is gone.",
    method: "Sends a dry run of each state-changing tool that needs no approval, and three at once, looks for an effect, and then executes \
             the same call as control, whose effect must show. Where no read tool shows the effect, the dry run's answer alone is judged \
             beside the call itself.",
    mend: "Return from a dry run after all checks and before the step that acts, in every tool's path, and pass the flag along \
           with the call, not in shared state.",
    needs: &[Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// What the labels of dry runs begin with.
const DRY_RUN: &str = "dry run";
/// How many dry runs are on their way together.
const AT_ONCE: usize = 3;
const AFTER_DRY_RUNS: &str = "after the dry runs";
const CONTROL: &str = "control";

pub(crate) struct Dry01;
pub(crate) const CHECK: Dry01 = Dry01;

impl Check for Dry01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let scenes = site.scenes("DRY-01");
        let mut cases: Vec<_> = scenes.iter().flatten().map(case_of_scene).collect();
        let seen: BTreeSet<_> = scenes.iter().flatten().map(|scene| &scene.tool.key).collect();
        let is_unseen = |tool: &&Tool| {
            let is_open = !site.is_gated(&tool.key) && !site.lacks_connection(&tool.domain);
            tool.risk().is_state_changing() && is_open && !seen.contains(&tool.key)
        };
        let unseen = site.executable_tools().filter(is_unseen);
        cases.extend(unseen.filter_map(|tool| case_of_tool(tool, site)));
        match (cases.is_empty(), scenes) {
            (true, Err(why)) => Err(why),
            _ => Ok(cases),
        }
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        with_reservation(judge_case(evidence), (!has_scene(evidence)).then(|| unlooked(evidence)))
    }
}

/// One dry run, and some at once.
fn dry_runs(call: impl Fn(&str) -> Call) -> Vec<Step> {
    let at_once = (1..=AT_ONCE).map(|number| call(&format!("{DRY_RUN} at once {number}")));
    vec![Step::call(call(DRY_RUN)), Step::AtOnce(at_once.collect())]
}

fn case_of_scene(scene: &Scene<'_>) -> Case {
    let mut steps = scene.set_up();
    steps.extend(dry_runs(|label| scene.call(label, ExecuteBody::dry)));
    steps.extend([
        scene.shows_no_more(AFTER_DRY_RUNS, 0),
        Step::call(scene.call(CONTROL, |body| body)),
        scene.shows("after the control", 1),
    ]);
    let id = format!("DRY-01/{}", scene.tool.key);
    scene.case(id, "dry runs, and then the call itself", steps)
}

/// The same of a tool whose effect no read tool shows.
fn case_of_tool(tool: &Tool, site: &Site<'_>) -> Option<Case> {
    let id = format!("DRY-01/unseen/{}", tool.key);
    let body = ExecuteBody::new(site.marked(tool, site.good_input(tool)?, &id));
    let mut steps = dry_runs(|label| Call::execute(tool, body.clone().dry()).labelled(label));
    steps.push(Step::call(Call::execute(tool, body.clone()).labelled(CONTROL)));
    Some(Case::of_steps(id, "dry runs, and then the call itself", steps).about(&tool.key))
}

/// Whether a read tool shows the effect of the case's tool.
fn has_scene(evidence: &Evidence<'_>) -> bool {
    evidence.case.is_some_and(|case| case.facts.get("scene").is_some())
}

/// That no effect was looked for: only the answers were judged.
fn unlooked(evidence: &Evidence<'_>) -> Finding {
    let tool = evidence.case.and_then(|case| case.tool.as_deref()).unwrap_or_default();
    let why = format!(
        "no read tool is known to show the effect of {tool}, so that none was looked for: say in [effects.\"{tool}\"] how it shows"
    );
    Finding::NotExercised(Unexercised::NotApplicable(why))
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let is_dry = |exchange: &&&Exchange| exchange.call.label.starts_with(DRY_RUN);
    let dry_runs: Vec<&Exchange> = evidence.exchanges.iter().filter(is_dry).copied().collect();
    let first = evidence.answered(DRY_RUN)?;
    let numbers: Vec<_> = dry_runs.iter().map(|dry_run| dry_run.number).collect();
    let seen = match has_scene(evidence) {
        true => Some(Seen::of(evidence)?),
        false => None,
    };
    if let Some(seen) = &seen
        && seen.effects(AFTER_DRY_RUNS)? > 0
    {
        return Ok(Finding::Violated(Violation {
            observed: "the effect shows after the dry runs, before any real call".to_owned(),
            exchanges: [numbers, seen.numbers(AFTER_DRY_RUNS)].concat(),
            ..violated(first, "a dry run has an effect", "no effect")
        }));
    }
    let control = evidence.answered(CONTROL)?;
    match Outcome::of(control) {
        Outcome::Success => {}
        outcome if is_accepted(&outcome) => return Err(without_success(control)),
        _ => return Err(refused_control(evidence, control)),
    }
    let rehearsed = dry_runs.iter().map(|dry_run| rehearsed(evidence, dry_run, control));
    let mut found: Vec<_> = rehearsed.filter_map(Result::err).collect();
    // What one dry run shows is not undone by the trouble of another.
    found.sort_by_key(|finding| !matches!(finding, Finding::Violated(_)));
    if let Some(finding) = found.into_iter().next() {
        return Err(finding);
    }
    if let Some(seen) = seen {
        seen.acted(CONTROL, "after the control")?;
    }
    Ok(Finding::Held)
}

/// Whether the dry run of a call that succeeds was answered with success.
///
/// # Errors
/// A violation where it was not; that it says nothing of the hub, where it did not get there, or the vendor failed: a hub may look there in
/// a dry run (DRY-06 forbids changes).
fn rehearsed(evidence: &Evidence<'_>, dry_run: &Exchange, control: &Exchange) -> Result<(), Finding> {
    let dry_run = told(evidence, &dry_run.call.label)?;
    match Outcome::of(dry_run) {
        Outcome::Success => Ok(()),
        Outcome::Error(ErrorCode::UpstreamError) => Err(without_success(dry_run)),
        _ => Err(Finding::Violated(Violation {
            exchanges: vec![dry_run.number, control.number],
            ..violated(
                dry_run,
                "the dry run of a call that succeeds is not answered with success",
                "success",
            )
        })),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, tool, violations};

    /// The acting hub, with a tool whose effect nothing shows.
    fn hub() -> Hub {
        let mut hub = acting_hub();
        let unseen = tool(
            "itsm.reports.create",
            hubproof_model::safety::Risk::Write,
            crate::exchanges::ticket_input(),
        );
        hub.selected.push(unseen.key.clone());
        hub.selected.sort();
        hub.surface.tools.push(unseen);
        hub.surface.tools.sort_by(|one, other| one.key.cmp(&other.key));
        hub
    }

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&hub(), &CHECK, twist)
    }

    #[test]
    fn dry_runs_without_an_effect_hold_on_every_tool_but_gated_ones() {
        let cases = hub().plan(&CHECK).unwrap();
        assert!(
            cases
                .iter()
                .all(|case| case.tool.as_deref() != Some("hr.offers.create"))
        );
        let found = judge(|_, _| None);
        // What no read tool shows is judged last.
        assert!(all_held(&found[..6]) && found.len() == 7);
    }

    #[test]
    fn a_tool_whose_effect_nothing_shows_holds_with_that_reservation() {
        let found = judge(|_, _| None);
        let [Finding::Held, Finding::NotExercised(Unexercised::NotApplicable(why))] = &found[5..] else {
            panic!("{found:?}")
        };
        assert!(why.contains("[effects.\"itsm.reports.create\"]"), "{why}");
        let refused = judge(|_, call| call.is_dry_run().then(|| failed(call.clone(), 400, "INVALID_INPUT")));
        assert_eq!(refused.len(), 6);
    }

    #[test]
    fn a_gateway_and_a_vendor_that_fails_show_nothing_and_hide_nothing() {
        let second = format!("{DRY_RUN} at once 2");
        for label in [DRY_RUN, &second] {
            let gateway = judge(|_, call| (call.label == label).then(|| answered(call.clone(), 503, json!({}))));
            assert!(shows_nothing(&gateway), "{label}: {gateway:?}");
            let vendor = judge(|_, call| (call.label == label).then(|| failed(call.clone(), 502, "UPSTREAM_ERROR")));
            assert!(shows_nothing(&vendor), "{label}: {vendor:?}");
        }
        let refused = judge(|_, call| match call.label.as_str() {
            DRY_RUN => Some(answered(call.clone(), 502, json!({}))),
            label => (label == second).then(|| failed(call.clone(), 400, "INVALID_INPUT")),
        });
        assert_eq!(violations(&refused).len(), 6);
    }

    #[test]
    fn a_dry_run_that_acts_is_a_violation_whatever_it_changes() {
        let all = judge(|world, call| call.is_dry_run().then(|| world.act(call)));
        assert_eq!(violations(&all), ["a dry run has an effect"; 5]);
        let at_once = judge(|world, call| call.label.ends_with('2').then(|| world.act(call)));
        assert_eq!(violations(&at_once), ["a dry run has an effect"; 5]);
        let refused = judge(|world, call| {
            call.is_dry_run().then(|| {
                world.act(call);
                failed(call.clone(), 400, "INVALID_INPUT")
            })
        });
        assert_eq!(violations(&refused)[..5], ["a dry run has an effect"; 5]);
    }

    #[test]
    fn a_refused_dry_run_of_a_call_that_succeeds_is_a_violation() {
        for (status, code) in [(400, "INVALID_INPUT"), (428, "DRY_RUN"), (403, "APPROVAL_REQUIRED")] {
            let found = judge(|_, call| call.is_dry_run().then(|| failed(call.clone(), status, code)));
            assert_eq!(
                violations(&found),
                ["the dry run of a call that succeeds is not answered with success"; 6],
                "{code}"
            );
        }
    }

    #[test]
    fn a_call_that_does_not_succeed_and_trouble_show_nothing() {
        let real = |call: &Call| call.label == CONTROL;
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR"), (403, "FORBIDDEN")] {
            assert!(shows_nothing(&judge(|_, call| real(call).then(|| failed(
                call.clone(),
                status,
                code
            )))));
        }
        assert!(shows_nothing(&judge(|_, call| call.is_dry_run().then(|| failed(
            call.clone(),
            429,
            "RATE_LIMITED"
        )))));
        let unseen = judge(|_, call| real(call).then(|| succeeded(call.clone(), 1.into())));
        assert!(shows_nothing(&unseen[..5]) && unseen[5] == Finding::Held);
    }

    #[test]
    fn without_a_tool_to_execute_that_is_said() {
        let mut hub = hub();
        hub.selected.retain(|key| key.ends_with(".list"));
        assert_eq!(hub.plan(&CHECK), Err(Unexercised::Missing(vec![Need::Effect])));
    }
}
