//! DRY-04: a dry run's key, permission, tool and connection are checked as those of a real call.

use hubproof_model::call::{Body, Call, Credentials, Intent};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::surface::Tool;
use serde_json::{Value, json};

use crate::check::Check;
use crate::credentials::{UNKNOWN_KEY, authorization};
use crate::evidence::Evidence;
use crate::judging::{accepted_control, findings, not_gated, observed, told, violated};
use crate::site::Site;
use crate::traffic::with_member;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Dry, 4),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Request body; Authentication; Common error codes",
    title: "a dry run is checked like a real call",
    statement: "A hub MUST check a dry run's key, permission, tool and connection as those of a real call.",
    rationale: "A dry run that passes where the call would be refused says nothing, and tells strangers which tools and connections exist.",
    method: "Sends calls that a hub refuses, beside dry runs that differ by `dry_run` alone: under an unknown key, by the \
             restricted key, of an unknown tool, on an unknown and on a foreign connection. A dry run must be refused where the \
             call is; a dry run that is accepted is the control.",
    mend: "Let dry runs take the path of real calls through key, permission, tool and connection, and branch off only where the \
           vendor would be called.",
    needs: &[Need::Allow(Allow::Probe)],
    reach: Allow::Probe,
    since: "0.1.0",
};

const NO_TOOL: &str = "hubproof.no_such.tool";
const NO_CONNECTION: &str = "conn_hubproof_does_not_exist";
const DRY: &str = "dry run";
const REAL: &str = "real call";
/// The fact that lists the codes with which the call may be refused.
const CODES: &str = "codes";

pub(crate) struct Dry04;
pub(crate) const CHECK: Dry04 = Dry04;

impl Check for Dry04 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let none =
            || Unexercised::NotApplicable("no state-changing tool has a connection and a likely input".to_owned());
        let control = dry_control(site, |tool| !site.is_gated(&tool.key));
        let control = control.or_else(|| dry_control(site, |_| true)).ok_or_else(none)?;
        let on = |connection: &str, control: &Call| with_member(control, "connection_id", json!(connection));
        let unknown_key = control
            .clone()
            .with_credentials(authorization(format!("Bearer {UNKNOWN_KEY}")));
        let unknown_tool = control
            .json()
            .map(|body| Call::post_execute(NO_TOOL, body.clone(), Intent::Refused));
        let mut refused = vec![
            ("key", "an unknown key", control.clone(), Some(unknown_key)),
            ("tool", "an unknown tool", control.clone(), unknown_tool),
            (
                "connection",
                "an unknown connection",
                control.clone(),
                Some(on(NO_CONNECTION, &control)),
            ),
        ];
        refused.extend(permission(site));
        if let Some(foreign) = &site.profile.connections.foreign
            && let Some(control) = dry_control(site, |tool| tool.domain == foreign.domain)
        {
            let probe = Some(on(&foreign.id, &control));
            refused.push(("foreign", "another workspace's connection", control, probe));
        }
        let case = |(kind, title, control, probe): (&str, &str, Call, Option<Call>)| case(kind, title, control, probe?);
        Ok(refused.into_iter().filter_map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

/// The dry run of the least risky state-changing tool of this kind.
fn dry_control(site: &Site<'_>, is_wanted: impl Fn(&Tool) -> bool) -> Option<Call> {
    let is_wanted =
        |tool: &&Tool| tool.risk().is_state_changing() && !site.lacks_connection(&tool.domain) && is_wanted(tool);
    let mut tools: Vec<_> = site.probeable_tools().filter(is_wanted).collect();
    tools.sort_by_key(|tool| tool.risk());
    tools.into_iter().find_map(|tool| site.control(tool))
}

/// The restricted key's call of the tool that it may not call, where there are both and the tool changes state.
fn permission(site: &Site<'_>) -> Option<(&'static str, &'static str, Call, Option<Call>)> {
    let key = site.profile.keys.restricted_tool.as_ref()?;
    site.profile.keys.get(Role::Restricted)?;
    let control = dry_control(site, |tool| tool.key == *key)?;
    let probe = control.clone().with_credentials(Credentials::Bearer(Role::Restricted));
    Some(("permission", "a tool that the key may not call", control, Some(probe)))
}

/// A dry run that is accepted, the refused one, and the same as a real call.
fn case(kind: &str, title: &str, control: Call, probe: Call) -> Option<Case> {
    let codes: &[ErrorCode] = match kind {
        "key" => &[ErrorCode::Unauthorized],
        "permission" => &[ErrorCode::Forbidden, ErrorCode::ToolNotFound],
        "tool" => &[ErrorCode::ToolNotFound],
        _ => &[ErrorCode::ConnectionNotFound, ErrorCode::Forbidden],
    };
    let codes: Vec<_> = codes.iter().map(ErrorCode::as_str).collect();
    let mut body = probe.json()?.clone();
    body.as_object_mut()?.remove("dry_run");
    let real = probe
        .clone()
        .with_body(Body::Json(body))
        .with_intent(Intent::Refused)
        .labelled(REAL);
    let tool = control.tool()?.to_owned();
    let calls = vec![control, probe.labelled(DRY), real];
    let case = Case::new(
        format!("DRY-04/{kind}/{tool}"),
        format!("a dry run with {title}"),
        calls,
    );
    Some(case.about(tool).with_facts(json!({ CODES: codes })))
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let control = accepted_control(evidence)?;
    let (dry, real) = (told(evidence, DRY)?, told(evidence, REAL)?);
    let codes = evidence.case.and_then(|case| case.facts.get(CODES)?.as_array());
    let codes: Vec<_> = codes
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(ErrorCode::parse)
        .collect();
    let is_refused = |outcome: &Outcome| codes.iter().any(|code| outcome.is(code));
    if !is_refused(&Outcome::of(real)) {
        let why = format!("the real call is not refused as it should be: {}", observed(real));
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    if is_refused(&Outcome::of(dry)) {
        return Ok(Finding::Held);
    }
    not_gated(control, dry)?;
    let title = evidence.case.map_or("a dry run", |case| case.title.as_str());
    let expected: Vec<_> = codes.iter().map(ErrorCode::as_str).collect();
    Ok(Finding::Violated(Violation {
        exchanges: vec![control.number, dry.number, real.number],
        ..violated(
            dry,
            format!("{title} is not refused like the call"),
            expected.join(" or "),
        )
    }))
}

#[cfg(test)]
mod tests {
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    #[test]
    fn the_calls_differ_by_one_thing_each() {
        let cases = acting_hub().allowing(Allow::Probe).plan(&CHECK).unwrap();
        let kinds: Vec<_> = cases.iter().filter_map(|case| case.id.split('/').nth(1)).collect();
        assert_eq!(kinds, ["key", "tool", "connection", "permission", "foreign"]);
        for case in &cases {
            let calls = case.calls();
            let [control, dry, real] = calls.as_slice() else {
                panic!("{case:?}")
            };
            assert!(control.is_dry_run() && dry.is_dry_run() && !real.is_dry_run());
            assert_eq!((&dry.credentials, &dry.path), (&real.credentials, &real.path));
            assert_eq!(dry.json().unwrap()["input"], control.json().unwrap()["input"]);
        }
    }

    #[test]
    fn dry_runs_that_are_refused_like_calls_hold() {
        let found = judge(|_, _| None);
        assert!(all_held(&found) && found.len() == 5);
        // A hidden tool may be unknown to the one and forbidden to the other.
        let hidden = judge(|_, call| {
            let is_restricted = call.credentials == Credentials::Bearer(Role::Restricted);
            (is_restricted && call.is_dry_run()).then(|| failed(call.clone(), 404, "TOOL_NOT_FOUND"))
        });
        assert!(all_held(&hidden));
    }

    #[test]
    fn a_dry_run_that_passes_or_is_refused_for_another_reason_is_a_violation() {
        let passed = judge(|_, call| call.is_dry_run().then(|| succeeded(call.clone(), 1.into())));
        assert_eq!(
            violations(&passed),
            [
                "a dry run with an unknown key is not refused like the call",
                "a dry run with an unknown tool is not refused like the call",
                "a dry run with an unknown connection is not refused like the call",
                "a dry run with a tool that the key may not call is not refused like the call",
                "a dry run with another workspace's connection is not refused like the call",
            ]
        );
        let otherwise = judge(|_, call| (call.label == DRY).then(|| failed(call.clone(), 400, "INVALID_INPUT")));
        assert_eq!(violations(&otherwise).len(), 5);
    }

    #[test]
    fn a_real_call_that_passes_too_and_trouble_show_nothing() {
        assert!(shows_nothing(&judge(|_, call| Some(succeeded(call.clone(), 1.into())))));
        assert!(shows_nothing(&judge(|_, call| Some(failed(
            call.clone(),
            403,
            "FORBIDDEN"
        )))));
        for label in ["control", DRY, REAL] {
            let found = judge(|_, call| (call.label == label).then(|| failed(call.clone(), 429, "RATE_LIMITED")));
            assert!(shows_nothing(&found));
            for status in [502, 503, 504] {
                let found = judge(|_, call| (call.label == label).then(|| answered(call.clone(), status, json!({}))));
                let is_inconclusive = |finding: &Finding| matches!(finding, Finding::Inconclusive(_));
                assert!(found.iter().all(is_inconclusive), "{status} {label}: {found:?}");
            }
        }
    }

    #[test]
    fn without_a_restricted_tool_or_a_foreign_connection_the_rest_is_tried() {
        let mut hub = acting_hub();
        hub.profile.keys.restricted_tool = None;
        hub.profile.connections.foreign = None;
        assert_eq!(hub.plan(&CHECK).unwrap().len(), 3);
        hub.selected.retain(|key| key.ends_with(".list"));
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }
}
