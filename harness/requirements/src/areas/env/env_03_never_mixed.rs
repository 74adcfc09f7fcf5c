//! ENV-03: an answer is a success or an error, never both.

use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::api_answers::api_answers;
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 3),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Response envelope",
    title: "success and error are never mixed",
    statement: "A hub MUST never mix the two envelopes: no non-null `error` beside `success` true, no non-null `data` beside `success` \
                false.",
    rationale: "One client looks at `success`, another at `error`: they take the same answer for opposite outcomes.",
    method: "Looks at every answer of the run that has a `success` member, those of frameworks and proxies aside.",
    mend: "Give successes and errors a type each: leave `error` out of a success, and `data` out of an error, or send null there.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Env03;
pub(crate) const CHECK: Env03 = Env03;

impl Check for Env03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = traffic::successes(site);
        cases.extend(traffic::errors(site));
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        api_answers(evidence)
            .filter_map(|(exchange, response)| judge_answer(exchange, response))
            .collect()
    }
}

fn judge_answer(exchange: &Exchange, response: &Response) -> Option<Finding> {
    let body = response.json()?;
    let success = body.get("success")?.as_bool()?;
    let foreign = if success { "error" } else { "data" };
    if body.get(foreign).is_none_or(Value::is_null) {
        return Some(Finding::Held);
    }
    let summary = format!("`{foreign}` stands beside `success` {success}");
    let expected = format!("no `{foreign}`, or null");
    Some(Finding::Violated(violated(exchange, summary, expected)))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Endpoint};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, succeeded, violations};

    fn judge(call: Call, body: Value) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, &[answered(call, 200, body)])
    }

    fn call() -> Call {
        Call::definition("a.b.c")
    }

    #[test]
    fn plain_envelopes_and_nulls_hold() {
        let found = Hub::small().judge(
            &CHECK,
            None,
            &[succeeded(call(), json!({})), failed(call(), 400, "INVALID_INPUT")],
        );
        assert!(all_held(&found) && found.len() == 2);
        assert!(all_held(&judge(
            call(),
            json!({"success": true, "data": {}, "error": null})
        )));
        assert!(all_held(&judge(
            call(),
            json!({"success": false, "data": null, "error": {}})
        )));
    }

    #[test]
    fn an_error_beside_a_success_is_a_violation() {
        let found = judge(call(), json!({"success": true, "data": {}, "error": {}}));
        assert_eq!(violations(&found), ["`error` stands beside `success` true"]);
    }

    #[test]
    fn data_beside_an_error_is_a_violation() {
        let found = judge(call(), json!({"success": false, "data": [], "error": {}}));
        assert_eq!(violations(&found), ["`data` stands beside `success` false"]);
    }

    #[test]
    fn bare_answers_and_those_of_a_framework_are_not_judged() {
        assert!(judge(Call::listing(None), json!({"data": [], "error": "none"})).is_empty());
        let mixed = json!({"success": false, "data": "page", "error": {}});
        assert!(judge(Call::get(Endpoint::Outside, "/nowhere"), mixed).is_empty());
    }
}
