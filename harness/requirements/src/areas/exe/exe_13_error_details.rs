//! EXE-13: INVALID_INPUT says where the input is wrong.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Assertion, Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::broken_inputs::{self, Fault, faults};
use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{accepted_control, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 13),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Executing a tool; Common error codes",
    title: "INVALID_INPUT says where the input is wrong",
    statement: "A hub SHOULD say in `error.details` where the input is wrong.",
    rationale: "An agent mends the member that it is told of; told nothing, it tries at random or gives up.",
    method: "Looks at the details of each INVALID_INPUT that one broken member earned, and looks for that member's name or pointer \
             in them. What combinators (`anyOf`, `not`, `if`, …) reject has no single place, and is not judged; nor is what \
             stands behind a reference, which may lead there.",
    mend: "Put what the validator reports into `error.details`: a pointer to, or the name of, each member that is wrong.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

/// Keywords at which, or below which, a validator may lawfully blame another place than the broken one. Definitions are among
/// them: a combinator may refer to them.
const WITHOUT_ONE_PLACE: &[&str] = &[
    "$defs",
    "definitions",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "dependencies",
    "dependentSchemas",
    "dependentRequired",
    "unevaluatedItems",
    "unevaluatedProperties",
];

pub(crate) struct Exe13;
pub(crate) const CHECK: Exe13 = Exe13;

impl Check for Exe13 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        broken_inputs::cases(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let control = match accepted_control(evidence) {
            Ok(control) => control,
            Err(finding) => return vec![finding],
        };
        let faults = evidence.case.map(faults).unwrap_or_default();
        faults
            .iter()
            .filter_map(|fault| judge_fault(fault, control, evidence))
            .collect()
    }
}

/// `None` where the answer is not INVALID_INPUT (EXE-02's business), or the fault has no place to name.
fn judge_fault(fault: &Fault, control: &Exchange, evidence: &Evidence<'_>) -> Option<Finding> {
    let probe = evidence.answered(&fault.label).ok()?;
    if !Outcome::of(probe).is(&ErrorCode::InvalidInput) {
        return None;
    }
    let names = names_of_place(
        &fault.assertion,
        control.call.json()?.get("input")?,
        probe.call.json()?.get("input")?,
    )?;
    let details = probe.json()?.pointer("/error/details").unwrap_or(&Value::Null);
    if names.iter().any(|name| mentions(details, name)) {
        return Some(Finding::Held);
    }
    let is_empty = details.as_object().is_none_or(|members| members.is_empty());
    let summary = match is_empty {
        true => "the details of INVALID_INPUT are empty",
        false => "the details of INVALID_INPUT do not name the wrong member",
    };
    Some(Finding::Violated(Violation {
        observed: format!("details: {details}"),
        assertion: Some(fault.assertion.clone()),
        ..violated(probe, summary, format!("details that mention {}", names.join(" or ")))
    }))
}

/// Keywords that blame members of an object by name.
const BLAMING_MEMBERS: &[&str] = &["required", "additionalProperties", "propertyNames", "patternProperties"];

/// The names of the members that lead to the fault, and of those that the keyword blames there. `None` where there are none.
fn names_of_place(assertion: &Assertion, control: &Value, broken: &Value) -> Option<Vec<String>> {
    let mut steps = assertion.schema_pointer.split('/');
    if steps.any(|step| WITHOUT_ONE_PLACE.contains(&step)) {
        return None;
    }
    let steps = assertion
        .instance_pointer
        .split('/')
        .map(|step| step.replace("~1", "/").replace("~0", "~"));
    let mut names: Vec<_> = steps
        .filter(|step| !step.is_empty() && step.parse::<usize>().is_err())
        .collect();
    let members = |input: &Value| {
        input
            .pointer(&assertion.instance_pointer)
            .and_then(Value::as_object)
            .cloned()
    };
    if BLAMING_MEMBERS.contains(&assertion.keyword.as_str())
        && let (Some(sound), Some(faulty)) = (members(control), members(broken))
    {
        names.extend(sound.keys().filter(|name| !faulty.contains_key(*name)).cloned());
        names.extend(faulty.keys().filter(|name| !sound.contains_key(*name)).cloned());
    }
    (!names.is_empty()).then_some(names)
}

/// Whether a text or a member's name in the details has the name as a word of its own.
fn mentions(details: &Value, name: &str) -> bool {
    match details {
        Value::String(text) => has_word(text, name),
        Value::Array(items) => items.iter().any(|item| mentions(item, name)),
        Value::Object(members) => members
            .iter()
            .any(|(key, value)| has_word(key, name) || mentions(value, name)),
        _ => false,
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let escaped = word.replace('~', "~0").replace('/', "~1");
    [word, escaped.as_str()].iter().any(|word| {
        text.match_indices(word).any(|(at, found)| {
            !is_part(text[..at].chars().next_back()) && !is_part(text[at + found.len()..].chars().next())
        })
    })
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(details: impl Fn(&Call) -> Value) -> Vec<Finding> {
        Hub::small().found(&CHECK, |call| match call.label.as_str() {
            "control" => succeeded(call.clone(), json!({})),
            _ => {
                let error = json!({"code": "INVALID_INPUT", "message": "no", "details": details(call)});
                answered(
                    call.clone(),
                    400,
                    json!({"success": false, "error": error, "request_id": "r"}),
                )
            }
        })
    }

    #[test]
    fn details_that_name_the_member_hold_in_any_form() {
        let everything = json!({"errors": [{"path": "input.title"}, {"loc": ["query"]}, {"pointer": "/limit"}, {"priority": "no"}, "id"]});
        let found = judge(|call| {
            let members = call.json().unwrap()["input"].as_object().cloned().unwrap_or_default();
            json!([everything, members.keys().collect::<Vec<_>>()])
        });
        assert!(all_held(&found));
    }

    #[test]
    fn empty_or_unspecific_details_are_violations() {
        let empty = judge(|_| json!({}));
        assert!(!empty.is_empty() && violations(&empty).iter().all(|summary| summary.ends_with("are empty")));
        let vague = judge(|_| json!({"reason": "invalid, idle"}));
        assert!(
            violations(&vague)
                .iter()
                .all(|summary| summary.ends_with("do not name the wrong member"))
        );
        assert_eq!(violations(&vague).len(), violations(&empty).len());
    }

    #[test]
    fn faults_without_one_place_are_left_out() {
        let assertion = |instance_pointer: &str, schema_pointer: &str| Assertion {
            keyword: schema_pointer.rsplit('/').next().unwrap_or_default().to_owned(),
            instance_pointer: instance_pointer.to_owned(),
            schema_pointer: schema_pointer.to_owned(),
        };
        let names =
            |assertion: &Assertion| names_of_place(assertion, &json!({"a": 1, "b": 1}), &json!({"a": 1, "c": 1}));
        assert_eq!(names(&assertion("/a", "/anyOf/0/properties/a/type")), None);
        assert_eq!(
            names(&assertion("/items/0/a~1b", "/x/type")),
            Some(vec!["items".to_owned(), "a/b".to_owned()])
        );
        assert_eq!(
            names(&assertion("", "/required")),
            Some(vec!["b".to_owned(), "c".to_owned()])
        );
        assert_eq!(names(&assertion("", "/minProperties")), None);
    }

    #[test]
    fn other_answers_are_not_judged_and_a_refused_control_shows_nothing() {
        let hub = Hub::small();
        assert!(hub.found(&CHECK, |call| succeeded(call.clone(), json!({}))).is_empty());
        assert!(shows_nothing(&hub.found(&CHECK, |call| failed(
            call.clone(),
            400,
            "INVALID_INPUT"
        ))));
    }
}
