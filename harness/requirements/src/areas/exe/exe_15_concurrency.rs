//! EXE-15: calls in flight together are not mixed up.

use std::collections::BTreeMap;

use hubproof_model::call::{Call, Credentials, Endpoint, ExecuteBody, Intent};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::json;

use crate::answers::Answer;
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::inputs::fitted;
use crate::judging::{is_throttled, observed, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 15),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Executing a tool; Response envelope",
    title: "concurrent calls each get their own answer",
    statement: "A hub MUST never mix concurrent calls up: each of many different calls in flight gets its own answer.",
    rationale: "An answer that reaches the wrong caller is a leak, and an agent that acts on it does damage.",
    method: "Sends many different calls one by one, then all at once, twice, then one by one again: two inputs each of several read \
             tools, refused calls of every kind, definitions and listings. A call that, among the others, gets what another of them \
             gets, and not what it gets by itself, was mixed up.",
    mend: "Keep all that belongs to a call in the call: no shared buffers or fields of long-lived objects, and a vendor's answer \
           matched to its request by id.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

/// How many read tools take part.
const TOOLS: usize = 4;
const AT_ONCE: [&str; 2] = ["EXE-15/at-once/1", "EXE-15/at-once/2"];
const ALONE: [&str; 2] = ["EXE-15/before", "EXE-15/after"];

pub(crate) struct Exe15;
pub(crate) const CHECK: Exe15 = Exe15;

impl Check for Exe15 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        site.read_tool()?;
        let calls = different_calls(site);
        let case = |id: &str, title: &str| Case::new(id, title, calls.clone()).exclusively();
        let alone = |id: &str| case(id, "many different calls, one by one");
        let at_once = |id: &str| case(id, "many different calls, all at once").concurrently();
        Ok(vec![
            alone(ALONE[0]),
            at_once(AT_ONCE[0]),
            at_once(AT_ONCE[1]),
            alone(ALONE[1]),
        ])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let own = own_answers(evidence);
        let among_others = evidence
            .exchanges
            .iter()
            .filter(|exchange| AT_ONCE.contains(&exchange.case.as_str()));
        among_others
            .map(|exchange| judge_call(exchange, &own, evidence))
            .collect()
    }
}

/// Calls that no two of which should get the same answer, each under a label of its own.
fn different_calls(site: &Site<'_>) -> Vec<Call> {
    let mut calls = Vec::new();
    for (at, tool) in site.read_tools().into_iter().take(TOOLS).enumerate() {
        let known = site.profile.inputs.get(&tool.key);
        let good = site.good_input(tool);
        let generated = site.generator(tool).ok().and_then(|generator| {
            let other = generator.valid(site.seed, site.cases).into_iter().rev();
            other
                .filter_map(|valid| fitted(&generator, valid.instance, known, 0))
                .find(|input| Some(input) != good.as_ref())
        });
        for (which, input) in good.iter().chain(&generated).enumerate() {
            let call = Call::execute(tool, ExecuteBody::new(input.clone()));
            calls.push(call.labelled(format!("input {} of {}", which + 1, tool.key)));
        }
        let no_object = Call::post_execute(&tool.key, json!({"input": "no object"}), Intent::Read);
        calls.push(no_object.labelled(format!("no input for {}", tool.key)));
        calls.push(Call::definition(&tool.key).labelled(format!("definition of {}", tool.key)));
        if let Some(input) = good.clone() {
            let call = match at % 2 {
                0 => Call::execute(tool, ExecuteBody::new(input).on("conn_hubproof_does_not_exist")),
                _ => Call::execute(tool, ExecuteBody::new(input)).with_credentials(Credentials::Absent),
            };
            calls.push(call.labelled(format!("refused call of {}", tool.key)));
        }
        let unknown = Call::post_execute(
            &format!("hubproof.no_such.tool{at}"),
            json!({"input": {}}),
            Intent::Read,
        );
        calls.push(unknown.labelled(format!("unknown tool {at}")));
    }
    let domains = site.surface.domains().into_iter().take(TOOLS);
    calls.extend(domains.map(|domain| Call::listing(Some(domain)).labelled(format!("listing of {domain}"))));
    calls
}

/// What each call gets by itself, by label: before the others and after them.
fn own_answers(evidence: &Evidence<'_>) -> BTreeMap<String, Vec<(u64, Answer)>> {
    let mut own: BTreeMap<String, Vec<(u64, Answer)>> = BTreeMap::new();
    for exchange in evidence
        .exchanges
        .iter()
        .filter(|exchange| ALONE.contains(&exchange.case.as_str()))
    {
        if let Some(answer) = Answer::read(exchange, &evidence.surface.dialect) {
            own.entry(exchange.call.label.clone())
                .or_default()
                .push((exchange.number, answer));
        }
    }
    own
}

fn judge_call(exchange: &Exchange, own: &BTreeMap<String, Vec<(u64, Answer)>>, evidence: &Evidence<'_>) -> Finding {
    let label = &exchange.call.label;
    let Some(answer) = Answer::read(exchange, &evidence.surface.dialect) else {
        return Finding::Inconclusive(format!("{label}, among others, has no answer"));
    };
    // A hub that is down, or throttles, answers every call alike.
    if is_throttled(exchange) || matches!(Outcome::of(exchange), Outcome::Bare(500..)) {
        let why = format!("{label}, among others, met with trouble: {}", observed(exchange));
        return Finding::NotExercised(Unexercised::NotApplicable(why));
    }
    let alone = own.get(label).map(Vec::as_slice).unwrap_or_default();
    if alone.iter().any(|(_, own)| *own == answer) {
        return Finding::Held;
    }
    if answer.may_befall_any_call() {
        let why = format!("{label}, among others, met with trouble: {}", observed(exchange));
        return Finding::NotExercised(Unexercised::NotApplicable(why));
    }
    // Only what another call gets both before and after is surely that call's answer.
    let is_of =
        |answers: &[(u64, Answer)]| answers.len() == ALONE.len() && answers.iter().all(|(_, other)| *other == answer);
    let foreign = own.iter().find(|(other, answers)| *other != label && is_of(answers));
    let Some((other, answers)) = foreign.filter(|_| !alone.is_empty()) else {
        let why = format!("{label}, among others, gets neither what it gets by itself nor what another call gets");
        return Finding::NotExercised(Unexercised::NotApplicable(why));
    };
    let kind = match exchange.call.endpoint {
        Endpoint::Definition { .. } => "a definition",
        Endpoint::Listing { .. } => "a listing",
        _ => "an execute",
    };
    let witnesses = alone.iter().chain(answers).map(|(number, _)| *number);
    Finding::Violated(Violation {
        exchanges: witnesses.chain([exchange.number]).collect(),
        observed: format!("{label} gets what {other} gets: {}", observed(exchange)),
        ..violated(
            exchange,
            format!("{kind} gets another call's answer"),
            "what the call gets by itself",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    /// A sound hub: its answers depend on the call alone.
    fn sound(call: &Call) -> Exchange {
        let body = call.json().cloned().unwrap_or_default();
        match &call.endpoint {
            Endpoint::Definition { tool } => answered(call.clone(), 200, json!({"key": tool, "input_schema": {}})),
            Endpoint::Listing { domain } => answered(call.clone(), 200, json!({"tools": [domain]})),
            _ if call.credentials == Credentials::Absent => failed(call.clone(), 401, "UNAUTHORIZED"),
            Endpoint::Execute { tool } if tool.starts_with("hubproof.") => failed(call.clone(), 404, "TOOL_NOT_FOUND"),
            _ if !body["input"].is_object() => failed(call.clone(), 400, "INVALID_INPUT"),
            _ if body.get("connection_id").is_some() => failed(call.clone(), 404, "CONNECTION_NOT_FOUND"),
            Endpoint::Execute { tool } => succeeded(call.clone(), json!([tool, body["input"]])),
            Endpoint::Approvals | Endpoint::Outside => answered(call.clone(), 404, json!({})),
        }
    }

    /// What is found when each of the calls at once gets what `mix` makes of the sound answers to all of them.
    fn judge(mix: impl Fn(usize, &[Exchange]) -> Exchange) -> Vec<Finding> {
        let hub = Hub::small().allowing(Allow::Read);
        let mut log = Vec::new();
        for case in hub.plan(&CHECK).unwrap() {
            let answers: Vec<_> = case.calls().into_iter().map(sound).collect();
            for (at, call) in case.calls().into_iter().enumerate() {
                let is_mixed = AT_ONCE.contains(&case.id.as_str());
                let got = if is_mixed {
                    mix(at, &answers)
                } else {
                    answers[at].clone()
                };
                let number = log.len() as u64;
                log.push(Exchange {
                    call: call.clone(),
                    case: case.id.clone(),
                    number,
                    ..got
                });
            }
        }
        hub.judge(&CHECK, None, &log)
    }

    #[test]
    fn own_answers_hold() {
        let found = judge(|at, answers| answers[at].clone());
        assert!(all_held(&found) && found.len() > 20);
    }

    #[test]
    fn swapped_answers_are_violations_even_of_one_tool() {
        let swapped = judge(|at, answers| match at {
            0 => answers[1].clone(),
            1 => answers[0].clone(),
            _ => answers[at].clone(),
        });
        assert_eq!(violations(&swapped), ["an execute gets another call's answer"; 4]);
        let shifted = judge(|at, answers| answers[(at + 1) % answers.len()].clone());
        for kind in ["a definition", "a listing", "an execute"] {
            assert!(violations(&shifted).contains(&format!("{kind} gets another call's answer").as_str()));
        }
    }

    #[test]
    fn trouble_and_changes_meanwhile_are_no_mix_up() {
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR"), (500, "INTERNAL")] {
            assert!(shows_nothing(&judge(|at, answers| failed(
                answers[at].call.clone(),
                status,
                code
            ))));
        }
        let unrouted = judge(|at, answers| failed(answers[at].call.clone(), 404, "CONNECTION_NOT_FOUND"));
        assert!(violations(&unrouted).is_empty());
        let changed = judge(|at, answers| match &answers[at].call.endpoint {
            Endpoint::Execute { tool } if tool.ends_with(".list") => {
                succeeded(answers[at].call.clone(), json!(["new"]))
            }
            _ => answers[at].clone(),
        });
        assert!(violations(&changed).is_empty());
    }

    #[test]
    fn calls_that_are_throttled_or_meet_no_hub_show_nothing() {
        let hub = Hub::small().allowing(Allow::Read);
        let down = |call: &Call| answered(call.clone(), 503, json!(null));
        let throttled = |call: &Call| failed(call.clone(), 429, "RATE_LIMITED");
        for answer in [&down as &dyn Fn(&Call) -> Exchange, &throttled] {
            let mut log = Vec::new();
            for case in hub.plan(&CHECK).unwrap() {
                log.extend(case.calls().into_iter().map(|call| Exchange {
                    case: case.id.clone(),
                    ..answer(call)
                }));
            }
            assert!(shows_nothing(&hub.judge(&CHECK, None, &log)));
        }
    }

    #[test]
    fn a_run_that_only_reads_can_send_it_all() {
        let cases = Hub::small().allowing(Allow::Read).plan(&CHECK).unwrap();
        assert!(cases.iter().all(|case| case.required_allow() == Allow::Read));
        let labels: std::collections::BTreeSet<_> = cases[0].calls().into_iter().map(|call| &call.label).collect();
        assert_eq!(labels.len(), cases[0].calls().len());
    }
}
