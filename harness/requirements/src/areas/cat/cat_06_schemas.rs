//! CAT-06: published schemas are JSON Schemas whose references resolve.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::catalogue::{definitions, input_schema, output_schema};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::subschemas::{Document, draft_of};
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 6),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Getting a tool definition",
    title: "published schemas are valid, and their references resolve",
    statement: "A hub MUST publish schemas that are valid JSON Schemas of their draft, every `$ref` resolving inside the document.",
    rationale: "A client that compiles the schema fails on the first broken one, and one that fetches references asks strangers \
                what to send.",
    method: "Judges the input and output schema of every definition by the metaschema of the draft that it declares (2020-12 where \
             it declares none), and follows its references. Nothing is fetched.",
    mend: "Validate every published schema against its draft's metaschema when it is built, and put what a `$ref` names into the \
           same document.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat06;
pub(crate) const CHECK: Cat06 = Cat06;

impl Check for Cat06 {
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
        let judge =
            |(side, exchange, schema): (&str, &Exchange, Option<&Value>)| Some(judge_schema(side, exchange, schema?));
        let defined = definitions(evidence);
        let schemas = defined.iter().flat_map(|defined| {
            let (exchange, object) = (defined.exchange, defined.object);
            [
                ("input", exchange, input_schema(object, dialect)),
                ("output", exchange, output_schema(object, dialect)),
            ]
        });
        schemas.filter_map(judge).flatten().collect()
    }
}

fn judge_schema(side: &str, exchange: &Exchange, schema: &Value) -> Vec<Finding> {
    let Some(draft) = draft_of(schema) else {
        let why = format!("`$schema` of an {side} schema names a dialect that is none of the drafts 4 to 2020-12");
        return vec![Finding::NotExercised(Unexercised::NotApplicable(why))];
    };
    if let Err(fault) = jsonschema::meta::validate(schema) {
        let place = fault.instance_path().as_str().to_owned();
        let summary = format!("the {side} schema is not valid at `{}`", in_words(&place));
        return vec![blame(exchange, summary, &fault.to_string())];
    }
    let document = match Document::read(schema, draft) {
        Ok(document) => document,
        Err(fault) => {
            return vec![blame(
                exchange,
                format!("the {side} schema has an identifier that is no URI"),
                &fault.to_string(),
            )];
        }
    };
    let dangling = document.dangling.iter().map(|dangling| {
        let place = in_words(&dangling.pointer);
        let summary = format!("a reference of the {side} schema does not resolve inside it, at `{place}`");
        blame(
            exchange,
            summary,
            &format!("`{}`: `{}`", dangling.keyword, dangling.reference),
        )
    });
    let found: Vec<_> = dangling.collect();
    if found.is_empty() { vec![Finding::Held] } else { found }
}

fn blame(exchange: &Exchange, summary: String, observed: &str) -> Finding {
    Finding::Violated(Violation {
        observed: observed.to_owned(),
        ..violated(exchange, summary, REQUIREMENT.statement)
    })
}

fn in_words(pointer: &str) -> &str {
    if pointer.is_empty() { "its root" } else { pointer }
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
    fn sound_schemas_of_any_draft_hold() {
        for schema in [
            json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "string"}}}),
            json!({"$schema": "http://json-schema.org/draft-04/schema#", "maximum": 5, "exclusiveMaximum": true}),
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/a", "definitions": {"a": {}}}),
            json!(true),
        ] {
            assert!(all_held(&judge(schema.clone())), "{schema}");
        }
    }

    #[test]
    fn a_schema_that_its_drafts_metaschema_rejects_is_a_violation() {
        let wrong = judge(json!({"properties": {"a": {"type": "text"}}}));
        assert_eq!(
            violations(&wrong),
            ["the input schema is not valid at `/properties/a/type`"]
        );
        let old = judge(json!({"maximum": 5, "exclusiveMaximum": true}));
        assert_eq!(
            violations(&old),
            ["the input schema is not valid at `/exclusiveMaximum`"]
        );
    }

    #[test]
    fn a_reference_out_of_the_document_is_a_violation() {
        for reference in ["#/$defs/gone", "https://example.com/ticket.json", "ticket.json"] {
            let found = judge(json!({"properties": {"a": {"$ref": reference}}}));
            assert_eq!(
                violations(&found),
                ["a reference of the input schema does not resolve inside it, at `/properties/a`"]
            );
        }
    }

    #[test]
    fn a_dialect_of_ones_own_is_not_judged() {
        assert!(shows_nothing(&judge(
            json!({"$schema": "https://example.com/meta", "type": 5})
        )));
    }
}
