//! CAT-09: input schemas accept only objects.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::{Value, json};

use crate::catalogue::{definitions, input_schema};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 9),
    level: Level::Should,
    basis: Basis::Ref,
    source: "Getting a tool definition; Request body",
    title: "input schemas accept only objects",
    statement: "A hub SHOULD publish input schemas that accept only objects.",
    rationale: "`input` is an object: a schema that lets text or null through promises what the hub refuses.",
    method: "Asks the input schema of every definition about null, a boolean, a number, a text and an array.",
    mend: "Write `\"type\": \"object\"` at the root of every input schema.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat09;
pub(crate) const CHECK: Cat09 = Cat09;

impl Check for Cat09 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, _: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(traffic::catalogue())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let dialect = &evidence.surface.dialect;
        let mut found = Vec::new();
        for defined in definitions(evidence) {
            // What is missing or no schema is CAT-04's and CAT-06's business.
            let schema = input_schema(defined.object, dialect);
            let Some(validator) = schema.and_then(|schema| evidence.schemas.validator(schema).ok()) else {
                continue;
            };
            let others = [json!(null), json!(true), json!(0), json!(""), json!([])];
            let accepted: Vec<_> = others
                .iter()
                .filter(|other| validator.is_valid(other))
                .map(Value::to_string)
                .collect();
            found.push(if accepted.is_empty() {
                Finding::Held
            } else {
                Finding::Violated(Violation {
                    observed: format!("the schema accepts {}", accepted.join(", ")),
                    ..violated(
                        defined.exchange,
                        "the input schema accepts what is no object",
                        "a schema like {\"type\": \"object\", …}",
                    )
                })
            });
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{all_held, judge_definition, violations};

    fn judge(input_schema: Value) -> Vec<Finding> {
        judge_definition(&CHECK, "input_schema", input_schema)
    }

    #[test]
    fn a_schema_of_objects_holds_however_it_says_so() {
        assert!(all_held(&judge(json!({"type": "object"}))));
        assert!(all_held(&judge(
            json!({"oneOf": [{"type": "object", "required": ["a"]}, {"type": "object", "required": ["b"]}]})
        )));
    }

    #[test]
    fn a_schema_that_says_nothing_of_other_types_is_a_violation() {
        for schema in [
            json!({"properties": {"a": {}}}),
            json!({"type": ["object", "null"]}),
            json!(true),
        ] {
            assert_eq!(
                violations(&judge(schema)),
                ["the input schema accepts what is no object"]
            );
        }
    }

    #[test]
    fn what_is_no_schema_is_not_judged() {
        assert!(judge(json!({"type": "text"})).is_empty());
    }
}
