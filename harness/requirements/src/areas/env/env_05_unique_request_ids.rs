//! ENV-05: every request has an id of its own.

use std::collections::HashMap;

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::api_answers::{api_answers, may_be_replay};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 5),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Response envelope",
    title: "every request has its own request_id",
    statement: "A hub MUST give every request its own `request_id` (a replay may repeat the first one's).",
    rationale: "An id that two requests share leads support, and the audit log, to the wrong one.",
    method: "Compares the ids of all answers of the run, successes and errors alike. Calls with an idempotency key are left out.",
    mend: "Make a new random id for each request where it enters, and take it into answer and log. Draw it on every instance from \
           enough randomness, not from a counter or a clock.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Env05;
pub(crate) const CHECK: Env05 = Env05;

impl Check for Env05 {
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
        let mut first_with: HashMap<&str, u64> = HashMap::new();
        let mut findings = Vec::new();
        for (exchange, response) in api_answers(evidence).filter(|(exchange, _)| !may_be_replay(&exchange.call)) {
            let id = response
                .json()
                .and_then(|body| body.get("request_id"))
                .and_then(Value::as_str);
            let Some(id) = id.filter(|id| !id.is_empty()) else {
                continue;
            };
            let first = *first_with.entry(id).or_insert(exchange.number);
            findings.push(if first == exchange.number {
                Finding::Held
            } else {
                Finding::Violated(Violation {
                    observed: format!("`{id}` again, as in exchange {first}"),
                    exchanges: vec![first, exchange.number],
                    ..violated(
                        exchange,
                        "a `request_id` is given twice",
                        "an id that no other request has",
                    )
                })
            });
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Endpoint, Intent};
    use hubproof_model::exchange::Exchange;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, violations};

    fn judge(answers: &[(Call, &str)]) -> Vec<Finding> {
        let exchange = |(number, (call, id)): (usize, &(Call, &str))| Exchange {
            number: number as u64,
            ..answered(call.clone(), 200, json!({"success": true, "request_id": id}))
        };
        let exchanges: Vec<_> = answers.iter().enumerate().map(exchange).collect();
        Hub::small().judge(&CHECK, None, &exchanges)
    }

    fn execute(body: Value) -> Call {
        Call::post_execute("a.b.c", body, Intent::Read)
    }

    #[test]
    fn different_ids_hold() {
        let found = judge(&[(execute(json!({})), "req_1"), (Call::listing(None), "req_2")]);
        assert!(all_held(&found) && found.len() == 2);
    }

    #[test]
    fn an_id_that_comes_again_is_a_violation_that_names_both() {
        let calls = || execute(json!({}));
        let found = judge(&[(calls(), "req_1"), (calls(), "req_2"), (calls(), "req_1")]);
        assert_eq!(violations(&found), ["a `request_id` is given twice"]);
        let Finding::Violated(violation) = &found[2] else {
            panic!("{found:?}")
        };
        assert_eq!(violation.exchanges, [0, 2]);
    }

    #[test]
    fn replays_and_answers_without_an_id_are_not_judged() {
        let keyed = || execute(json!({"idempotency_key": "k"}));
        assert!(judge(&[(keyed(), "req_1"), (keyed(), "req_1")]).is_empty());
        assert!(judge(&[(execute(json!({})), ""), (execute(json!({})), "")]).is_empty());
    }

    #[test]
    fn what_a_framework_answers_is_not_judged() {
        let outside = || Call::get(Endpoint::Outside, "/nowhere");
        assert!(judge(&[(outside(), "none"), (outside(), "none")]).is_empty());
    }
}
