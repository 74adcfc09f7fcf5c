//! ENV-14: a domain's default connection stays the same.

use std::collections::BTreeSet;

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Tool;
use serde_json::Value;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, violated, without_success};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 14),
    level: Level::Should,
    basis: Basis::Ref,
    source: "Request body; Response envelope",
    title: "the default connection is the same twice in a row",
    statement: "A hub SHOULD, without a `connection_id`, name the same default for a domain twice in a row (an agent's preference or a \
                connection's health may change it).",
    rationale: "A client that reads what it has just written must not be sent to another system in between.",
    method: "Executes a read tool of each domain twice in a row without a `connection_id`, and compares the connections named.",
    mend: "Choose a domain's default by a stable rule, such as a stored default, and not by taking active connections in turn or \
           the first of an unordered query.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Env14;
pub(crate) const CHECK: Env14 = Env14;

impl Check for Env14 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        site.read_tool()?;
        if !site.profile.connections.named.is_empty() {
            let why = "a connector's run names a connection in every call";
            return Err(Unexercised::NotApplicable(why.to_owned()));
        }
        let mut seen = BTreeSet::new();
        let case = |tool: &Tool| {
            let call = site.control(tool)?;
            if !seen.insert(tool.domain.clone()) {
                return None;
            }
            let calls = vec![call.clone().labelled("first"), call.labelled("second")];
            let id = format!("ENV-14/{}", tool.domain);
            Some(Case::new(id, "the same call twice in a row", calls).about(&tool.key))
        };
        Ok(site.read_tools().into_iter().filter_map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_pair(evidence))
    }
}

fn judge_pair(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let (first, second) = (evidence.answered("first")?, evidence.answered("second")?);
    let (before, after) = (connection(first)?, connection(second)?);
    if before == after {
        return Ok(Finding::Held);
    }
    Ok(Finding::Violated(Violation {
        observed: format!("`{before}`, then `{after}`"),
        exchanges: vec![first.number, second.number],
        ..violated(
            second,
            "a domain's default connection changes from one call to the next",
            "the same `connection_id` twice",
        )
    }))
}

/// The connection that a success names.
fn connection(exchange: &Exchange) -> Result<&str, Finding> {
    let label = &exchange.call.label;
    if Outcome::of(exchange) != Outcome::Success {
        return Err(without_success(exchange));
    }
    let named = exchange.json().and_then(|body| body.get("connection_id"));
    named
        .and_then(Value::as_str)
        .ok_or_else(|| Finding::Inconclusive(format!("the answer to the {label} call names no connection")))
}

#[cfg(test)]
mod tests {
    use hubproof_model::safety::Risk;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, listing_input, shows_nothing, tool, violations};

    fn judge(second: Value) -> Vec<Finding> {
        Hub::small().allowing(Allow::Read).found(&CHECK, |call| {
            let named = if call.label == "first" {
                json!("conn_a")
            } else {
                second.clone()
            };
            answered(
                call.clone(),
                200,
                json!({"success": true, "data": {}, "connection_id": named}),
            )
        })
    }

    #[test]
    fn a_run_that_names_its_connection_has_no_default_to_look_at() {
        let mut hub = Hub::small().allowing(Allow::Read);
        let named = &mut hub.profile.connections.named;
        named.insert("itsm".to_owned(), "conn_a".to_owned());
        assert!(hub.plan(&CHECK).is_err());
    }

    #[test]
    fn the_same_default_holds_in_each_domain() {
        let found = judge(json!("conn_a"));
        assert!(all_held(&found) && found.len() == 2);
    }

    #[test]
    fn another_default_is_a_violation_that_names_both_calls() {
        let found = judge(json!("conn_b"));
        let summary = "a domain's default connection changes from one call to the next";
        assert_eq!(violations(&found), [summary; 2]);
        let Finding::Violated(violation) = &found[0] else {
            panic!("{found:?}")
        };
        assert_eq!(violation.exchanges, [1, 2]);
    }

    #[test]
    fn errors_and_answers_that_name_none_show_nothing() {
        assert!(shows_nothing(&judge(json!(null))));
        let failing = Hub::small().found(&CHECK, |call| failed(call.clone(), 502, "UPSTREAM_ERROR"));
        assert!(shows_nothing(&failing));
    }

    #[test]
    fn no_call_names_a_connection() {
        let cases = Hub::small().plan(&CHECK).unwrap();
        let bodies = cases
            .iter()
            .flat_map(|case| case.calls())
            .filter_map(|call| call.json());
        assert!(bodies.into_iter().all(|body| body.get("connection_id").is_none()));
    }

    #[test]
    fn a_tool_that_no_input_can_be_made_for_does_not_stand_for_its_domain() {
        let impossible = json!({"type": "object", "not": {}});
        let hub = Hub::of(vec![
            tool("hr.leave.list", Risk::Read, impossible),
            tool("hr.people.list", Risk::Read, listing_input()),
        ]);
        let cases = hub.plan(&CHECK).unwrap();
        assert_eq!(cases[0].calls()[0].tool(), Some("hr.people.list"));
    }
}
