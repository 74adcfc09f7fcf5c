//! ENV-08: the connection asked for is the one named.

use hubproof_model::call::{Call, ExecuteBody};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Tool;
use serde_json::Value;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, violated, without_success};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 8),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Response envelope; Request body",
    title: "connection_id names the connection asked for",
    statement: "A hub MUST name in `connection_id` the connection asked for.",
    rationale: "It is how a client learns in whose system its call took effect: another one's id says that it went astray.",
    method: "Executes a read tool on each connection that the profile says works when named and, from level probe on, a dry run of the \
             least risky state-changing tool of its domain.",
    mend: "Answer with the id of the connection that the call was executed on, taken from routing itself, not from the domain's \
           default.",
    needs: &[Need::ExplicitConnection],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Env08;
pub(crate) const CHECK: Env08 = Env08;

impl Check for Env08 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = Vec::new();
        for (domain, connections) in &site.profile.connections.explicit {
            let tools = tools(site, domain);
            for (index, connection) in connections.iter().enumerate() {
                let case = |tool: &&Tool| {
                    let call = call(site, tool, connection)?;
                    let id = format!("ENV-08/{}/{index}", tool.key);
                    let title = format!("a call on a named connection of {domain}");
                    Some(Case::new(id, title, vec![call]).about(&tool.key))
                };
                cases.extend(tools.iter().filter_map(case));
            }
        }
        if cases.is_empty() {
            let why = "no selected tool belongs to a domain with a connection to name".to_owned();
            return Err(Unexercised::NotApplicable(why));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_call(evidence))
    }
}

/// The domain's best read tool and, where the run may probe it, its least risky state-changing tool. The domain may lack a
/// default: the call names its connection.
fn tools<'s>(site: &Site<'s>, domain: &str) -> Vec<&'s Tool> {
    let of_domain = |tool: &&Tool| tool.domain == domain && site.good_input(tool).is_some();
    let is_read = |tool: &&Tool| !tool.risk().is_state_changing();
    let best = site.read_tools().into_iter().find(of_domain);
    let read = best.or_else(|| site.tools().filter(of_domain).find(is_read));
    let write = site
        .probeable_tools()
        .filter(|tool| of_domain(tool) && !is_read(tool))
        .min_by_key(|tool| tool.risk());
    read.into_iter().chain(write).collect()
}

fn call(site: &Site<'_>, tool: &Tool, connection: &str) -> Option<Call> {
    let body = ExecuteBody::new(site.good_input(tool)?).on(connection);
    let is_dry = tool.risk().is_state_changing();
    Some(Call::execute(tool, if is_dry { body.dry() } else { body }))
}

fn judge_call(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let exchange = evidence.answered("probe")?;
    if Outcome::of(exchange) != Outcome::Success {
        return Err(without_success(exchange));
    }
    let asked = exchange.call.json().and_then(|body| body.get("connection_id"));
    let named = exchange.json().and_then(|body| body.get("connection_id"));
    if named == asked {
        return Ok(Finding::Held);
    }
    let shown = |id: Option<&Value>| id.map_or("no `connection_id`".to_owned(), |id| format!("`connection_id` {id}"));
    Ok(Finding::Violated(Violation {
        observed: shown(named),
        ..violated(
            exchange,
            "the answer does not name the connection asked for",
            shown(asked),
        )
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, violations};

    fn hub(allow: Allow) -> Hub {
        let mut hub = Hub::small().allowing(allow);
        let connections = vec!["conn_a".to_owned(), "conn_b".to_owned()];
        hub.profile.connections.explicit.insert("itsm".to_owned(), connections);
        hub
    }

    fn named(connection: impl Fn(&Value) -> Value) -> Vec<Finding> {
        hub(Allow::Probe).found(&CHECK, |call| {
            let asked = &call.json().unwrap()["connection_id"];
            let body = json!({"success": true, "data": {}, "connection_id": connection(asked)});
            answered(call.clone(), 200, body)
        })
    }

    #[test]
    fn the_name_that_was_asked_for_holds_on_reads_and_dry_runs() {
        let found = named(Value::clone);
        assert!(all_held(&found) && found.len() == 4);
    }

    #[test]
    fn the_default_or_no_name_is_a_violation() {
        let summary = "the answer does not name the connection asked for";
        assert_eq!(violations(&named(|_| json!("conn_a"))), [summary; 2]);
        assert_eq!(violations(&named(|_| json!(null))), [summary; 4]);
    }

    #[test]
    fn a_call_that_does_not_succeed_shows_nothing() {
        let found = hub(Allow::Probe).found(&CHECK, |call| failed(call.clone(), 502, "UPSTREAM_ERROR"));
        assert!(shows_nothing(&found));
    }

    #[test]
    fn a_run_that_only_reads_sends_no_dry_runs() {
        let cases = hub(Allow::Read).plan(&CHECK).unwrap();
        let tools: Vec<_> = cases.iter().filter_map(|case| case.tool.as_deref()).collect();
        assert_eq!(tools, ["itsm.tickets.list"; 2]);
    }

    #[test]
    fn a_connection_of_a_domain_without_tools_is_not_applicable() {
        let mut hub = hub(Allow::Admin);
        hub.selected.retain(|key| key.starts_with("crm."));
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }

    #[test]
    fn a_tool_that_no_input_can_be_made_for_is_passed_over() {
        let mut hub = hub(Allow::Read);
        let mut other = hub.surface.tool("itsm.tickets.list").unwrap().clone();
        other.key = "itsm.assets.list".to_owned();
        other.input_schema = Some(json!({"type": "object", "not": {}}));
        hub.selected.insert(2, other.key.clone());
        hub.surface.tools.insert(2, other);
        let cases = hub.plan(&CHECK).unwrap();
        assert_eq!(cases[0].tool.as_deref(), Some("itsm.tickets.list"));
    }

    #[test]
    fn a_gated_tool_and_a_failing_vendor_do_not_stand_against_a_run() {
        for code in ["APPROVAL_REQUIRED", "UPSTREAM_ERROR"] {
            let found = hub(Allow::Probe).found(&CHECK, |call| failed(call.clone(), 502, code));
            assert!(
                found.iter().all(|finding| matches!(finding, Finding::NotExercised(_))),
                "{code}"
            );
        }
    }
}
