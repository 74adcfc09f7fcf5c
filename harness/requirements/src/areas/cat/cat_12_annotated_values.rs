//! CAT-12: the values that a schema shows are ones that it accepts.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use jsonschema::Draft;
use serde_json::Value;

use crate::catalogue::{definitions, input_schema, output_schema};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::subschemas::{Document, Subschema, draft_of};
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 12),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Getting a tool definition",
    title: "schemas accept the values that they show",
    statement: "A hub SHOULD publish `default`, `examples` and `const` values that their own schema accepts.",
    rationale: "Models and people copy examples and defaults: one that the schema rejects is refused on the first call.",
    method: "Judges each such value in the input and output schema of every definition by the subschema that shows it.",
    mend: "Validate each `default`, `examples` and `const` by the schema beside it when schemas are built, and mend the value or \
           the schema.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat12;
pub(crate) const CHECK: Cat12 = Cat12;

impl Check for Cat12 {
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
            let schemas = [
                ("input", input_schema(defined.object, dialect)),
                ("output", output_schema(defined.object, dialect)),
            ];
            for (side, schema) in schemas {
                // What is no schema, or of an unknown dialect, is CAT-06's business.
                let readable =
                    schema.filter(|schema| draft_of(schema).is_some() && jsonschema::meta::validate(schema).is_ok());
                found.extend(
                    readable
                        .into_iter()
                        .flat_map(|schema| judge_schema(side, defined.exchange, schema)),
                );
            }
        }
        if found.is_empty() {
            let why = "no schema shows a default, an example or a constant".to_owned();
            found.push(Finding::NotExercised(Unexercised::NotApplicable(why)));
        }
        found
    }
}

fn judge_schema(side: &str, exchange: &Exchange, schema: &Value) -> Vec<Finding> {
    let draft = draft_of(schema).unwrap_or_default();
    let Ok(document) = Document::read(schema, draft) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for subschema in &document.subschemas {
        let shown = shown_values(subschema, draft);
        if shown.is_empty() {
            continue;
        }
        let Some(validator) = document.validator_at(&subschema.pointer) else {
            continue;
        };
        for (keyword, value) in shown {
            let Err(fault) = validator.validate(value) else {
                found.push(Finding::Held);
                continue;
            };
            let place = &subschema.pointer;
            let summary = format!("the `{keyword}` at `{place}` of the {side} schema breaks that schema");
            found.push(Finding::Violated(Violation {
                observed: fault.to_string(),
                ..violated(exchange, summary, "a value that the schema beside it accepts")
            }));
        }
    }
    found
}

/// The values that a subschema shows, by the keywords that its draft has.
fn shown_values<'a>(subschema: &Subschema<'a>, draft: Draft) -> Vec<(&'static str, &'a Value)> {
    let schema = subschema.schema;
    // Until draft-07, whatever stands beside `$ref` is ignored.
    if draft <= Draft::Draft7 && schema.get("$ref").is_some() {
        return Vec::new();
    }
    let mut shown: Vec<_> = schema
        .get("default")
        .map(|value| ("default", value))
        .into_iter()
        .collect();
    if draft >= Draft::Draft6 {
        shown.extend(schema.get("const").map(|value| ("const", value)));
        let examples = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
        shown.extend(examples.map(|value| ("examples", value)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{all_held, judge_definition, shows_nothing, violations};

    fn judge(input_schema: Value) -> Vec<Finding> {
        judge_definition(&CHECK, "input_schema", input_schema)
    }

    #[test]
    fn values_that_fit_hold_through_references_too() {
        assert!(all_held(&judge(json!({
            "examples": [{"level": "low"}],
            "properties": {"level": {"$ref": "#/$defs/level", "default": "low"}},
            "$defs": {"level": {"type": "string", "enum": ["low", "high"]}}
        }))));
    }

    #[test]
    fn a_value_that_its_schema_rejects_is_a_violation() {
        let found = judge(json!({
            "properties": {
                "level": {"$ref": "#/$defs/level", "default": "medium"},
                "a/b": {"type": "integer", "examples": [1, "two"]}
            },
            "$defs": {"level": {"enum": ["low", "high"]}, "kind": {"type": "string", "const": 5}}
        }));
        assert_eq!(
            violations(&found),
            [
                "the `default` at `/properties/level` of the input schema breaks that schema",
                "the `examples` at `/properties/a~1b` of the input schema breaks that schema",
                "the `const` at `/$defs/kind` of the input schema breaks that schema",
            ]
        );
    }

    #[test]
    fn what_a_draft_does_not_have_is_not_judged() {
        let draft_04 = "http://json-schema.org/draft-04/schema#";
        let found =
            judge(json!({"$schema": draft_04, "properties": {"a": {"type": "string", "const": 5, "examples": [5]}}}));
        assert!(shows_nothing(&found));
        let found = judge(json!({"$schema": draft_04, "properties": {"a": {"type": "string", "default": 5}}}));
        assert_eq!(violations(&found).len(), 1);
    }

    #[test]
    fn a_property_called_default_is_no_default() {
        assert!(shows_nothing(&judge(
            json!({"properties": {"default": {"type": "string"}}})
        )));
    }
}
