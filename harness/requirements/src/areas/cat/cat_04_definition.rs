//! CAT-04: every listed tool has a whole definition.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::{Dialect, Tool};
use serde_json::Value;

use crate::catalogue::{self, connectors, input_schema, output_schema, risk};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::{is_throttled, violated};
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 4),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Getting a tool definition",
    title: "each listed tool has a whole definition",
    statement: "A hub MUST define each listed tool: input schema, output schema, risk level, connectors.",
    rationale: "A client cannot form a call without the input schema, read its answer without the output schema, or ask a person \
                before a dangerous one without the risk level.",
    method: "Looks at the definition of every listed tool.",
    mend: "Refuse to register a tool without input schema, output schema, risk level and connectors, and serve all four in every \
           definition.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat04;
pub(crate) const CHECK: Cat04 = Cat04;

impl Check for Cat04 {
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
        evidence
            .surface
            .tools
            .iter()
            .flat_map(|tool| judge_tool(tool, evidence))
            .collect()
    }
}

fn judge_tool(tool: &Tool, evidence: &Evidence<'_>) -> Vec<Finding> {
    let dialect = &evidence.surface.dialect;
    let asked = catalogue::definition_exchanges(evidence, &tool.key);
    let defined = asked
        .iter()
        .find_map(|exchange| Some((*exchange, catalogue::definition(exchange, dialect)?)));
    let Some((exchange, object)) = defined else {
        return vec![judge_undefined(tool, &asked)];
    };
    let parts: [(&str, bool); 4] = [
        ("input schema", input_schema(object, dialect).is_some_and(is_schema)),
        ("output schema", output_schema(object, dialect).is_some_and(is_schema)),
        ("risk level", risk(object, dialect).is_some()),
        ("connectors", connectors(object, dialect).is_some()),
    ];
    let lacking = parts.iter().filter(|(_, is_there)| !is_there);
    let found: Vec<_> = lacking
        .map(|(part, _)| Finding::Violated(gap(exchange, object, part, dialect)))
        .collect();
    if found.is_empty() { vec![Finding::Held] } else { found }
}

/// A listed tool none of whose definitions could be read.
fn judge_undefined(tool: &Tool, asked: &[&Exchange]) -> Finding {
    let why = |what: &str| Finding::Inconclusive(format!("the definition of {} {what}", tool.key));
    match asked.last() {
        None => why("was not asked for"),
        Some(exchange) if is_throttled(exchange) => why("was throttled"),
        Some(exchange) => match &exchange.result {
            Err(fault) => why(&format!("has no answer: {fault}")),
            Ok(_) => Finding::Violated(violated(
                exchange,
                "a listed tool has no definition",
                REQUIREMENT.statement,
            )),
        },
    }
}

fn gap(exchange: &Exchange, object: &Value, part: &str, dialect: &Dialect) -> hubproof_model::judgment::Violation {
    let members: Vec<_> = object
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    let mut violation = violated(
        exchange,
        format!("the definition lacks the {part}"),
        REQUIREMENT.statement,
    );
    let place = dialect
        .definition_at
        .as_deref()
        .filter(|place| !place.is_empty())
        .unwrap_or("the body");
    violation.observed = format!("{place} has the members {}", members.join(", "));
    violation
}

fn is_schema(value: &Value) -> bool {
    value.is_object() || value.is_boolean()
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Fault;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, definition, failed, unanswered, violations};

    fn judge(of_list: impl Fn(Call, Value) -> Exchange) -> Vec<Finding> {
        let hub = Hub::small();
        let answer = |tool: &Tool| {
            let (call, object) = (Call::definition(&tool.key), definition(tool));
            if tool.key == "itsm.tickets.list" {
                of_list(call, object)
            } else {
                answered(call, 200, object)
            }
        };
        let log: Vec<_> = hub.surface.tools.iter().map(answer).collect();
        hub.judge(&CHECK, None, &log)
    }

    #[test]
    fn whole_definitions_hold_in_any_spelling() {
        assert!(all_held(&judge(|call, object| answered(call, 200, object))));
        assert!(all_held(&judge(|call, mut object| {
            object["providers"] = object["connectors"].take();
            answered(call, 200, object)
        })));
    }

    #[test]
    fn each_lacking_part_is_a_violation() {
        for (member, summary) in [
            ("input_schema", "the definition lacks the input schema"),
            ("output_schema", "the definition lacks the output schema"),
            ("risk_level", "the definition lacks the risk level"),
            ("connectors", "the definition lacks the connectors"),
        ] {
            let found = judge(|call, mut object| {
                object[member].take();
                answered(call, 200, object)
            });
            assert_eq!(violations(&found), [summary]);
        }
    }

    #[test]
    fn a_listed_tool_must_be_found() {
        assert_eq!(
            violations(&judge(|call, _| failed(call, 404, "TOOL_NOT_FOUND"))),
            ["a listed tool has no definition"]
        );
        for exchange in [
            judge(|call, _| failed(call, 429, "RATE_LIMITED")),
            judge(|call, _| unanswered(call, Fault::Broken("reset".to_owned()))),
        ] {
            assert!(
                exchange
                    .iter()
                    .any(|finding| matches!(finding, Finding::Inconclusive(_)))
            );
        }
    }

    #[test]
    fn the_observation_names_what_is_there() {
        let found = judge(|call, _| answered(call, 200, json!({"key": "itsm.tickets.list", "doc": ""})));
        let Some(Finding::Violated(violation)) = found.iter().find(|finding| matches!(finding, Finding::Violated(_)))
        else {
            panic!("no violation");
        };
        assert_eq!(violation.observed, "the body has the members key, doc");
    }
}
