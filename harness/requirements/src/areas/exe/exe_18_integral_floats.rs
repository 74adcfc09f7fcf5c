//! EXE-18: `1.0` is an integer.

use hubproof_model::call::{Call, ExecuteBody};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Tool;
use schema_gen::{Draft, Generator};
use serde_json::Value;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::inputs::fitted;
use crate::judging::{accepted_control, findings, is_accepted, is_throttled, observed, violated};
use crate::site::Site;
use crate::subschemas::token;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 18),
    level: Level::Should,
    basis: Basis::Http,
    source: "JSON Schema Validation (draft-bhutton-json-schema-validation-01) §6.1.1",
    title: "1.0 is taken for an integer",
    statement: "A hub SHOULD take `1.0` for an integer (JSON Schema from draft-06 on).",
    rationale: "Languages with one type of number write whole ones as they please: a client in one of them cannot call the tool.",
    method: "Sends an input with an integer as control, and the same with `.0` behind that integer, to each tool that has one and \
             whose schema is of draft-06 or later.",
    mend: "Let the validator decide by value whether a number is an integer: `1.0` is one from draft-06 on. Convert it before it \
           goes into a typed field.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Exe18;
pub(crate) const CHECK: Exe18 = Exe18;

impl Check for Exe18 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let tools = site
            .probeable_tools()
            .filter(|tool| !site.lacks_connection(&tool.domain));
        let cases: Vec<_> = tools.filter_map(|tool| case(tool, site)).collect();
        if cases.is_empty() {
            let why = "no probed tool of draft-06 or later takes an integer".to_owned();
            return Err(Unexercised::NotApplicable(why));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let judged = accepted_control(evidence).and_then(|_| evidence.answered("probe"));
        findings(judged.and_then(judge_answer))
    }
}

fn case(tool: &Tool, site: &Site<'_>) -> Option<Case> {
    let generator = site.generator(tool).ok()?;
    if generator.draft() < Draft::Draft6 {
        return None;
    }
    let known = site.profile.inputs.get(&tool.key);
    let generated = generator.valid(site.seed, site.cases).into_iter().enumerate();
    let generated = generated.filter_map(|(at, valid)| fitted(&generator, valid.instance, known, at));
    let (whole, as_float) = site.good_input(tool).into_iter().chain(generated).find_map(|input| {
        let as_float = with_integral_float(&input, &generator)?;
        Some((input, as_float))
    })?;
    let calls = [("control", whole), ("probe", as_float)].map(|(label, input)| {
        let body = ExecuteBody::new(input);
        let body = if tool.risk().is_state_changing() {
            body.dry()
        } else {
            body
        };
        Call::execute(tool, body).labelled(label)
    });
    Some(
        Case::new(
            format!("EXE-18/{}", tool.key),
            "an integer with a fraction of zero",
            calls.to_vec(),
        )
        .about(&tool.key),
    )
}

/// The input with the first of its integers, where the schema asks for one, written with a fraction of zero.
fn with_integral_float(input: &Value, generator: &Generator) -> Option<Value> {
    integers(input).into_iter().find_map(|(pointer, integer)| {
        let put = |number: f64| {
            let mut changed = input.clone();
            *changed.pointer_mut(&pointer)? = Value::from(number);
            Some(changed)
        };
        // Where half a step more is accepted too, the schema asks for a number only.
        let as_float = put(integer).filter(|changed| generator.is_valid(changed))?;
        let between = put(integer + 0.5)?;
        (!generator.is_valid(&between)).then_some(as_float)
    })
}

/// The integers of an input that binary64 holds exactly, with a half beside them, and where they stand.
fn integers(input: &Value) -> Vec<(String, f64)> {
    const LARGEST: i64 = 1 << 51;
    let mut found = Vec::new();
    let mut stack = vec![(String::new(), input)];
    while let Some((pointer, value)) = stack.pop() {
        match value {
            Value::Array(items) => stack.extend(
                items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| (format!("{pointer}/{at}"), item)),
            ),
            Value::Object(members) => {
                stack.extend(
                    members
                        .iter()
                        .map(|(name, member)| (format!("{pointer}/{}", token(name)), member)),
                );
            }
            Value::Number(number) => {
                let integer = number.as_i64().filter(|integer| (-LARGEST..=LARGEST).contains(integer));
                found.extend(integer.map(|integer| (pointer, integer as f64)));
            }
            _ => {}
        }
    }
    found
}

fn judge_answer(probe: &Exchange) -> Result<Finding, Finding> {
    match Outcome::of(probe) {
        accepted if is_accepted(&accepted) => Ok(Finding::Held),
        _ if is_throttled(probe) => Err(Finding::Inconclusive("the probe call was throttled".to_owned())),
        Outcome::Error(ErrorCode::InvalidInput) | Outcome::Bare(400 | 422) => {
            let summary = "an integer with a fraction of zero is refused";
            Ok(Finding::Violated(violated(
                probe,
                summary,
                "what the same integer gets without the fraction",
            )))
        }
        _ => Err(Finding::Inconclusive(format!(
            "the probe call was not answered as the control: {}",
            observed(probe)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, failed, shows_nothing, succeeded, tool, violations};

    fn has_float(call: &Call) -> bool {
        call.json().unwrap().to_string().contains(".0")
    }

    #[test]
    fn each_tool_with_an_integer_gets_it_with_a_fraction_of_zero() {
        let cases = Hub::small().plan(&CHECK).unwrap();
        let tools: Vec<_> = cases.iter().map(|case| case.tool.as_deref().unwrap()).collect();
        assert_eq!(tools, ["crm.contacts.list", "itsm.tickets.create", "itsm.tickets.list"]);
        for case in &cases {
            assert!(!has_float(case.calls()[0]) && has_float(case.calls()[1]), "{}", case.id);
        }
        let reading = Hub::small().allowing(Allow::Read).plan(&CHECK).unwrap();
        assert!(reading.iter().all(|case| case.required_allow() == Allow::Read));
    }

    #[test]
    fn numbers_and_old_drafts_are_left_out() {
        let number = json!({"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]});
        let old = json!({
            "$schema": "http://json-schema.org/draft-04/schema#",
            "type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]
        });
        for schema in [number, old] {
            let hub = Hub::of(vec![tool("x.y.read", hubproof_model::safety::Risk::Read, schema)]);
            assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
        }
    }

    #[test]
    fn taken_it_holds_and_refused_it_is_a_violation() {
        let hub = Hub::small();
        assert!(all_held(&hub.found(&CHECK, |call| succeeded(call.clone(), json!({})))));
        let strict = hub.found(&CHECK, |call| match has_float(call) {
            true => failed(call.clone(), 400, "INVALID_INPUT"),
            false => succeeded(call.clone(), json!({})),
        });
        assert_eq!(
            violations(&strict),
            ["an integer with a fraction of zero is refused"; 3]
        );
    }

    #[test]
    fn a_failed_control_or_another_fault_shows_nothing() {
        let hub = Hub::small();
        assert!(shows_nothing(&hub.found(&CHECK, |call| failed(
            call.clone(),
            400,
            "INVALID_INPUT"
        ))));
        assert!(shows_nothing(&hub.found(&CHECK, |call| match has_float(call) {
            true => failed(call.clone(), 500, "INTERNAL"),
            false => succeeded(call.clone(), json!({})),
        })));
    }
}
