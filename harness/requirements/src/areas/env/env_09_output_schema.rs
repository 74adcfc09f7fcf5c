//! ENV-09: the data is what the output schema promises.

use hubproof_model::call::{Call, Endpoint};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::api_answers::answers;
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::schemas::Schemas;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 9),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Response envelope; Getting a tool definition",
    title: "data is what the output schema accepts",
    statement: "A hub MUST return `data` that the tool's output schema accepts (dry runs aside: there `data` may be anything, null too).",
    rationale: "Clients are typed by the output schema: data that it does not promise fails far from its cause, often on one connector only.",
    method: "Validates the `data` of every execute of the run that succeeded and was no dry run against the published output schema. \
             `format` is not asserted.",
    mend: "Map each vendor's data to the published output schema and validate it before it is sent, in tests for every connector \
           at least; or widen the schema to what connectors return.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Env09;
pub(crate) const CHECK: Env09 = Env09;

impl Check for Env09 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(traffic::successes(site))
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        answers(evidence)
            .filter(|(exchange, _)| is_real(&exchange.call) && Outcome::of(exchange) == Outcome::Success)
            .filter_map(|(exchange, _)| judge_data(exchange, evidence.schemas))
            .collect()
    }
}

/// Whether an execute surely asks for no dry run. A hub may take a wrongly typed `dry_run` for one (EXE-07), and what is sent
/// as text may hold one.
fn is_real(call: &Call) -> bool {
    let is_execute = matches!(call.endpoint, Endpoint::Execute { .. });
    let dry_run = call.json().map(|body| body.get("dry_run").unwrap_or(&Value::Null));
    is_execute && matches!(dry_run, Some(Value::Null | Value::Bool(false)))
}

fn judge_data(exchange: &Exchange, schemas: &Schemas) -> Option<Finding> {
    let schema = schemas.output(exchange.call.tool()?)?;
    let data = exchange.json()?.get("data")?;
    // Most answers hold, and saying so takes a fraction of the time of looking for faults.
    if schema.is_valid(data) {
        return Some(Finding::Held);
    }
    let fault = schema.iter_errors(data).next()?;
    let (rule, place) = (fault.schema_path().to_string(), fault.instance_path().to_string());
    let summary = format!("`data` breaks its output schema at `{rule}`");
    let place = match place.as_str() {
        "" => "`data` itself".to_owned(),
        place => format!("at `{place}` of `data`"),
    };
    Some(Finding::Violated(Violation {
        observed: format!("{place}: {}", fault.masked()),
        ..violated(exchange, summary, "`data` that the published output schema accepts")
    }))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Body, Intent, Template};
    use hubproof_model::safety::Risk;
    use hubproof_model::surface::Tool;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, listing_input, succeeded, tool, violations};

    const KEY: &str = "itsm.tickets.list";

    fn hub() -> Hub {
        let tickets = json!({
            "type": "object",
            "properties": {"tickets": {"type": "array", "items": {"type": "object", "required": ["id"]}}},
            "required": ["tickets"],
        });
        Hub::of(vec![Tool {
            output_schema: Some(tickets),
            ..tool(KEY, Risk::Read, listing_input())
        }])
    }

    fn execute(body: Value) -> Call {
        Call::post_execute(KEY, body, Intent::Read)
    }

    fn judge(call: Call, data: Value) -> Vec<Finding> {
        hub().judge(&CHECK, None, &[succeeded(call, data)])
    }

    #[test]
    fn data_that_the_schema_accepts_holds() {
        assert!(all_held(&judge(
            execute(json!({"input": {}})),
            json!({"tickets": [{"id": 1}]})
        )));
        let not_dry = execute(json!({"input": {}, "dry_run": false}));
        assert!(all_held(&judge(not_dry, json!({"tickets": []}))));
    }

    #[test]
    fn data_that_it_rejects_is_a_violation_alike_for_each_item() {
        let second = judge(execute(json!({})), json!({"tickets": [{"id": 1}, {}]}));
        let third = judge(execute(json!({})), json!({"tickets": [{"id": 1}, {"id": 2}, {}]}));
        assert_eq!(violations(&second), violations(&third));
        let rule = "/properties/tickets/items/required";
        assert_eq!(
            violations(&second),
            [format!("`data` breaks its output schema at `{rule}`")]
        );
        assert_eq!(violations(&judge(execute(json!({})), json!(null))).len(), 1);
    }

    #[test]
    fn the_observation_says_where_and_shows_no_data() {
        let found = judge(execute(json!({})), json!({"tickets": "private"}));
        let Finding::Violated(violation) = &found[0] else {
            panic!("{found:?}")
        };
        assert!(violation.observed.starts_with("at `/tickets` of `data`"));
        assert!(!violation.observed.contains("private"), "{}", violation.observed);
        let found = judge(execute(json!({})), json!(null));
        let Finding::Violated(violation) = &found[0] else {
            panic!("{found:?}")
        };
        assert!(
            violation.observed.starts_with("`data` itself: "),
            "{}",
            violation.observed
        );
    }

    #[test]
    fn dry_runs_and_what_may_be_one_are_not_judged() {
        for dry_run in [json!(true), json!("true"), json!(1)] {
            assert!(judge(execute(json!({"dry_run": dry_run})), json!(null)).is_empty());
        }
        let text = execute(json!({})).with_body(Body::Text(Template(r#"{"dry_run":true}"#.to_owned())));
        assert!(judge(text, json!(null)).is_empty());
    }

    #[test]
    fn errors_definitions_and_tools_without_a_schema_are_not_judged() {
        let unknown = succeeded(Call::post_execute("a.b.c", json!({}), Intent::Read), json!(null));
        let exchanges = [
            failed(execute(json!({})), 400, "INVALID_INPUT"),
            succeeded(Call::definition(KEY), json!(null)),
            answered(execute(json!({})), 200, json!({"success": true})),
            unknown,
        ];
        assert!(hub().judge(&CHECK, None, &exchanges).is_empty());
    }
}
