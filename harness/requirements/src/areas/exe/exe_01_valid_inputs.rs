//! EXE-01: what the published schema accepts, the hub accepts.

use hubproof_model::call::{Call, ExecuteBody};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Tool;
use serde_json::{Value, json};

use crate::check::Check;
use crate::evidence::Evidence;
use crate::inputs::fitted;
use crate::judging::{findings, is_accepted, is_throttled, observed, violated};
use crate::site::Site;
use crate::smaller_inputs;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Executing a tool; Request body; Common error codes",
    title: "inputs that the schema accepts are accepted",
    statement: "A hub MUST accept every input that the published schema accepts: never INVALID_INPUT or TOOL_NOT_FOUND.",
    rationale: "The schema is all that an agent has to go by: a hub that is stricter than it says refuses calls that nobody can mend.",
    method: "Sends valid inputs for every tool: the profile's examples, then the smallest, the largest, each option and each bound. \
             Read tools are executed; state-changing ones get dry runs, and three real calls where the run's level allows.",
    mend: "Validate with a complete JSON Schema validator against the very schema that is published. If a rule of yours or of a \
           vendor is stricter, write it into the schema.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// How many of a state-changing tool's inputs are executed for real, where the level allows it. The rest are dry runs: each real
/// one leaves something behind.
const REAL_CALLS: usize = 3;

pub(crate) struct Exe01;
pub(crate) const CHECK: Exe01 = Exe01;

impl Check for Exe01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let tools = site
            .probeable_tools()
            .filter(|tool| !site.lacks_connection(&tool.domain));
        Ok(tools.flat_map(|tool| cases_of(tool, site)).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let note = evidence
            .case
            .and_then(|case| case.facts.get("note"))
            .and_then(Value::as_str);
        findings(evidence.answered("probe").and_then(|probe| judge_answer(probe, note)))
    }

    fn smaller(&self, site: &Site<'_>, case: &Case, label: &str) -> Option<Vec<Case>> {
        smaller_inputs::of_valid(site, case, label)
    }
}

fn cases_of(tool: &Tool, site: &Site<'_>) -> Vec<Case> {
    let may_execute = site.allow >= tool.risk().required_allow();
    let case = |(at, (input, note)): (usize, (Value, String))| {
        let is_real = !tool.risk().is_state_changing() || (may_execute && at < REAL_CALLS);
        let id = format!("EXE-01/{}/{}", tool.key, at + 1);
        let body = ExecuteBody::new(if is_real { site.marked(tool, input, &id) } else { input });
        let call = Call::execute(tool, if is_real { body } else { body.dry() });
        Case::new(id, format!("a valid input ({note})"), vec![call])
            .about(&tool.key)
            .with_facts(json!({"note": note}))
    };
    inputs(tool, site).into_iter().enumerate().map(case).collect()
}

/// The inputs to try, each once, with what each is.
fn inputs(tool: &Tool, site: &Site<'_>) -> Vec<(Value, String)> {
    let Ok(generator) = site.generator(tool) else {
        return Vec::new();
    };
    let known = site.profile.inputs.get(&tool.key);
    let examples = known
        .into_iter()
        .flat_map(|known| &known.examples)
        .filter(|example| generator.is_valid(example));
    let mut inputs: Vec<_> = examples
        .map(|example| (example.clone(), "the profile's example".to_owned()))
        .collect();
    for (at, valid) in generator.valid(site.seed, site.cases).into_iter().enumerate() {
        if let Some(input) = fitted(&generator, valid.instance, known, at)
            && !inputs.iter().any(|(other, _)| *other == input)
        {
            inputs.push((input, valid.note.into_owned()));
        }
    }
    inputs
}

fn judge_answer(probe: &Exchange, note: Option<&str>) -> Result<Finding, Finding> {
    let outcome = Outcome::of(probe);
    let status = probe.response().map(|response| response.status);
    let refused = match &outcome {
        accepted if is_accepted(accepted) => return Ok(Finding::Held),
        // Neither is a refusal of the input, and neither shows that it was accepted.
        Outcome::Error(ErrorCode::ConnectionNotFound) => {
            let why = format!(
                "the domain of {} has no active connection",
                probe.call.tool().unwrap_or_default()
            );
            return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
        }
        _ if is_throttled(probe) => {
            let why = "the hub or its vendor throttled the calls".to_owned();
            return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
        }
        Outcome::Error(code @ (ErrorCode::InvalidInput | ErrorCode::ToolNotFound)) => code.to_string(),
        // The inputs stay within what any transport carries, and are JSON: no framework has a reason to refuse them.
        Outcome::Bare(status @ (400 | 413 | 422)) => format!("a bare {status}"),
        Outcome::Error(ErrorCode::Other(code)) if matches!(status, Some(400 | 413 | 422)) => {
            format!("the code `{code}` and status {}", status.unwrap_or_default())
        }
        _ => {
            return Err(Finding::Inconclusive(format!(
                "whether the input is accepted is not to be seen: {}",
                observed(probe)
            )));
        }
    };
    let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
    let summary = format!("a valid input is answered with {refused}{note}");
    Ok(Finding::Violated(violated(
        probe,
        summary,
        "success, UPSTREAM_ERROR or APPROVAL_REQUIRED",
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn calls(allow: Allow) -> Vec<Call> {
        let cases = Hub::small().allowing(allow).plan(&CHECK).unwrap();
        cases.into_iter().flat_map(|case| case.into_calls()).collect()
    }

    #[test]
    fn the_level_decides_what_is_executed() {
        let real = |allow, tool: &str| {
            calls(allow)
                .iter()
                .filter(|call| call.tool() == Some(tool) && !call.is_dry_run())
                .count()
        };
        let dry = |allow, tool: &str| {
            calls(allow)
                .iter()
                .filter(|call| call.tool() == Some(tool) && call.is_dry_run())
                .count()
        };
        let (write, delete) = ("itsm.tickets.create", "crm.contacts.delete");
        assert_eq!((real(Allow::Read, write), dry(Allow::Read, write)), (0, 0));
        assert!(real(Allow::Probe, write) == 0 && dry(Allow::Probe, write) > REAL_CALLS);
        assert!(real(Allow::Write, write) == REAL_CALLS && dry(Allow::Write, write) > 0);
        assert!(real(Allow::Write, delete) == 0 && dry(Allow::Write, delete) > 0);
        assert_eq!(real(Allow::Destructive, delete), REAL_CALLS);
        assert!(real(Allow::Read, "itsm.tickets.list") > 1);
    }

    #[test]
    fn examples_come_first_and_profile_values_are_used() {
        let mut hub = Hub::small();
        let mut known = hubproof_model::profile::ToolInputs::default();
        known.examples.push(json!({"title": "printer"}));
        known.values.insert("/title".to_owned(), vec![json!("hubproof")]);
        hub.profile.inputs.insert("itsm.tickets.create".to_owned(), known);
        let cases = hub.plan(&CHECK).unwrap();
        let own: Vec<_> = cases
            .iter()
            .filter(|case| case.tool.as_deref() == Some("itsm.tickets.create"))
            .collect();
        let title = |case: &Case| case.calls()[0].json().unwrap()["input"]["title"].clone();
        assert_eq!(title(own[0]), "printer");
        assert!(own.len() > 1 && own[1..].iter().all(|case| title(case) == "hubproof"));
    }

    #[test]
    fn a_domain_without_a_connection_is_left_out() {
        let mut hub = Hub::small();
        hub.profile.connections.none.push("itsm".to_owned());
        let cases = hub.plan(&CHECK).unwrap();
        assert!(
            cases
                .iter()
                .all(|case| case.tool.as_deref().unwrap().starts_with("crm."))
        );
    }

    #[test]
    fn accepted_inputs_hold() {
        let hub = Hub::small();
        assert!(all_held(&hub.found(&CHECK, |call| succeeded(call.clone(), json!({})))));
        assert!(all_held(&hub.found(&CHECK, |call| failed(
            call.clone(),
            502,
            "UPSTREAM_ERROR"
        ))));
        assert!(all_held(&hub.found(&CHECK, |call| failed(
            call.clone(),
            202,
            "APPROVAL_REQUIRED"
        ))));
    }

    #[test]
    fn refused_inputs_are_violations() {
        let hub = Hub::small();
        let found = hub.found(&CHECK, |call| failed(call.clone(), 400, "INVALID_INPUT"));
        assert!(violations(&found).contains(&"a valid input is answered with INVALID_INPUT (minimal)"));
        let found = hub.found(&CHECK, |call| answered(call.clone(), 413, json!("too large")));
        assert!(violations(&found).contains(&"a valid input is answered with a bare 413 (minimal)"));
        let found = hub.found(&CHECK, |call| failed(call.clone(), 422, "VALIDATION_ERROR"));
        let named = "a valid input is answered with the code `VALIDATION_ERROR` and status 422 (minimal)";
        assert!(violations(&found).contains(&named));
    }

    #[test]
    fn what_is_no_answer_to_the_input_shows_nothing() {
        let hub = Hub::small();
        for (status, code) in [
            (429, "RATE_LIMITED"),
            (404, "CONNECTION_NOT_FOUND"),
            (403, "FORBIDDEN"),
            (500, "INTERNAL"),
        ] {
            assert!(
                shows_nothing(&hub.found(&CHECK, |call| failed(call.clone(), status, code))),
                "{code}"
            );
        }
    }
}
