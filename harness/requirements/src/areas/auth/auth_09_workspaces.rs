//! AUTH-09: workspaces are kept apart.

use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::profile::DomainConnection;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::surface::Tool;
use serde_json::{Value, json};

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{accepted_control, ends_in, findings, not_gated, violated, without_success};
use crate::site::Site;
use crate::traffic::with_member;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 9),
    level: Level::Must,
    basis: Basis::Docs,
    source: "Core Concepts; Connections Guide",
    title: "workspaces are kept apart",
    statement: "A hub MUST keep workspaces apart: another workspace's `connection_id` is CONNECTION_NOT_FOUND or FORBIDDEN, and its \
                data is never returned.",
    rationale: "A connection id is no secret; whoever learns one would read and change another customer's systems.",
    method: "Executes tools of the foreign connection's domain with the primary key on that connection, beside the same on its own; \
             and with the foreign key on a connection of the primary workspace, and on none, beside the same on its own. State-changing \
             tools get dry runs.",
    mend: "Look a `connection_id` up among the connections of the key's own workspace, never among all, and answer \
           CONNECTION_NOT_FOUND for others. Draw the default from the same set.",
    needs: &[Need::Key(Role::Foreign), Need::ForeignConnection],
    reach: Allow::Probe,
    since: "0.1.0",
};

/// How many read tools are tried on the foreign connection.
const READ_TOOLS: usize = 3;

pub(crate) struct Auth09;
pub(crate) const CHECK: Auth09 = Auth09;

impl Check for Auth09 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let foreign = site.profile.connections.foreign.as_ref();
        let foreign = foreign.ok_or_else(|| Unexercised::Missing(vec![Need::ForeignConnection]))?;
        let calls = calls_of(&foreign.domain, site);
        if calls.is_empty() {
            let why = format!(
                "no tool that may be tried is of the foreign connection's domain, {}",
                foreign.domain
            );
            return Err(Unexercised::NotApplicable(why));
        }
        // Where the primary workspace has no connection in the domain, its key must be seen to work elsewhere.
        let working = match site.lacks_connection(&foreign.domain) {
            true => site.read_control().ok().map(|(_, control)| control),
            false => None,
        };
        let own = primary_connections(foreign, site);
        let mut cases = Vec::new();
        for (tool, call) in calls {
            let case = |kind: &str, title: &str, calls, others: &[&str]| {
                let facts = json!({ OTHERS: others });
                Case::new(format!("AUTH-09/{kind}/{tool}"), title, calls)
                    .about(tool)
                    .with_facts(facts)
            };
            let control = working.as_ref().unwrap_or(&call).clone();
            let probe = with_member(&call, "connection_id", json!(foreign.id));
            let title = "the primary key on another workspace's connection";
            cases.push(case("primary", title, vec![control, probe], &[&foreign.id]));
            let Some(id) = own.first() else { continue };
            let call = call.with_credentials(Credentials::Bearer(Role::Foreign));
            let control = with_member(&call, "connection_id", json!(foreign.id)).labelled("control");
            let probe = with_member(&call, "connection_id", json!(id));
            let title = "the foreign key on the primary workspace's connection";
            cases.push(case("foreign", title, vec![control.clone(), probe], &own));
            let title = "the foreign key without naming a connection";
            cases.push(case("default", title, vec![control, call.labelled("probe")], &own));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

/// The fact that lists the connections which are not of the workspace of the case's key.
const OTHERS: &str = "connections_of_another_workspace";

/// Calls of the domain's read tools, and of its least risky state-changing tool where the run may probe it, as controls.
fn calls_of<'s>(domain: &str, site: &Site<'s>) -> Vec<(&'s str, Call)> {
    let is_callable = |tool: &&Tool| tool.domain == domain && site.good_input(tool).is_some();
    let is_read = |tool: &&Tool| !tool.risk().is_state_changing() && is_callable(tool);
    let mut tools: Vec<_> = site.read_tools().into_iter().filter(is_read).collect();
    if tools.is_empty() {
        tools = site.tools().filter(is_read).collect();
    }
    tools.truncate(READ_TOOLS);
    let is_write = |tool: &&Tool| tool.risk().is_state_changing() && is_callable(tool);
    tools.extend(site.probeable_tools().filter(is_write).min_by_key(|tool| tool.risk()));
    let call = |tool: &'s Tool| Some((tool.key.as_str(), site.control(tool)?));
    tools.into_iter().filter_map(call).collect()
}

/// The known connections of the primary workspace in the domain of the foreign one, its default first.
fn primary_connections<'s>(foreign: &DomainConnection, site: &Site<'s>) -> Vec<&'s str> {
    let (surface, connections) = (site.surface, &site.profile.connections);
    let of_domain = |key: &str| surface.tool(key).is_some_and(|tool| tool.domain == foreign.domain);
    let surveyed = surface.survey.iter().filter(|(key, _)| of_domain(key));
    let surveyed = surveyed.filter_map(|(_, seen)| seen.connection_id.as_ref());
    let pinned = connections.default.get(&foreign.domain).into_iter();
    let explicit = connections.explicit.get(&foreign.domain).into_iter().flatten();
    let mut own: Vec<&str> = Vec::new();
    for id in pinned.chain(surveyed).chain(explicit) {
        // A default that is the foreign connection is the very defect that is looked for.
        if *id != foreign.id && !own.contains(&id.as_str()) {
            own.push(id);
        }
    }
    own
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let facts = evidence.case.map_or(&Value::Null, |case| &case.facts);
    let others: Vec<_> = facts[OTHERS].as_array().into_iter().flatten().collect();
    let astray = evidence.exchanges.iter().find(|exchange| {
        let routed = exchange.json().and_then(|body| body.get("connection_id"));
        Outcome::of(exchange) == Outcome::Success && routed.is_some_and(|id| others.contains(&id))
    });
    if let Some(exchange) = astray {
        let summary = "a call was served on another workspace's connection";
        let expected = "CONNECTION_NOT_FOUND, FORBIDDEN or a connection of the key's own workspace";
        return Ok(Finding::Violated(violated(exchange, summary, expected)));
    }
    let control = accepted_control(evidence)?;
    let probe = evidence.answered("probe")?;
    let named = probe.call.json().and_then(|body| body.get("connection_id"));
    let codes = [ErrorCode::ConnectionNotFound, ErrorCode::Forbidden];
    if named.is_some() {
        not_gated(control, probe)?;
        return ends_in(
            evidence,
            "probe",
            &codes,
            "another workspace's connection was not refused",
        );
    }
    // Only a success names where it was served, and only these refusals say that it was served nowhere.
    match Outcome::of(probe) {
        Outcome::Success => Ok(Finding::Held),
        Outcome::Error(code) if codes.contains(&code) => Ok(Finding::Held),
        _ => Err(without_success(probe)),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn hub() -> Hub {
        let mut hub = Hub::small();
        hub.profile.connections.foreign = Some(DomainConnection {
            domain: "itsm".to_owned(),
            id: "conn_other".to_owned(),
        });
        hub
    }

    fn on(call: &Call, connection: &str) -> Exchange {
        let body =
            json!({"success": true, "data": [], "connection_id": connection, "duration_ms": 1, "request_id": "r"});
        answered(call.clone(), 200, body)
    }

    /// A hub that keeps workspaces apart.
    fn sound(call: &Call) -> Exchange {
        let own = match call.credentials {
            Credentials::Bearer(Role::Foreign) => "conn_other",
            _ => "conn_itsm",
        };
        match call.json().and_then(|body| body.get("connection_id")) {
            Some(named) if named != own => failed(call.clone(), 404, "CONNECTION_NOT_FOUND"),
            _ => on(call, own),
        }
    }

    #[test]
    fn both_keys_are_tried_on_reads_and_on_dry_runs() {
        let cases = hub().plan(&CHECK).unwrap();
        let ids: Vec<_> = cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "AUTH-09/primary/itsm.tickets.list",
                "AUTH-09/foreign/itsm.tickets.list",
                "AUTH-09/default/itsm.tickets.list",
                "AUTH-09/primary/itsm.tickets.create",
                "AUTH-09/foreign/itsm.tickets.create",
                "AUTH-09/default/itsm.tickets.create",
            ]
        );
        assert!(cases[3..].iter().flat_map(|case| case.calls()).all(Call::is_dry_run));
        assert_eq!(cases[0].calls()[1].json().unwrap()["connection_id"], "conn_other");
        assert_eq!(cases[1].calls()[1].json().unwrap()["connection_id"], "conn_itsm");
        assert_eq!(hub().allowing(Allow::Read).plan(&CHECK).unwrap().len(), 3);
    }

    #[test]
    fn workspaces_kept_apart_hold() {
        assert!(all_held(&hub().found(&CHECK, sound)));
    }

    #[test]
    fn a_hub_that_looks_at_the_id_alone_is_a_violation() {
        let found = hub().found(&CHECK, |call| {
            match call.json().and_then(|body| body["connection_id"].as_str()) {
                Some(named) => on(call, named),
                None => sound(call),
            }
        });
        assert_eq!(
            violations(&found),
            ["a call was served on another workspace's connection"; 4]
        );
    }

    #[test]
    fn a_fallback_to_the_own_default_and_a_shared_default_are_violations() {
        let fallback = hub().found(&CHECK, |call| match call.credentials {
            Credentials::Bearer(Role::Foreign) => on(call, "conn_other"),
            _ => on(call, "conn_itsm"),
        });
        assert_eq!(
            violations(&fallback),
            ["another workspace's connection was not refused"; 4]
        );
        let shared = hub().found(&CHECK, |call| match call.json().unwrap().get("connection_id") {
            None => on(call, "conn_itsm"),
            Some(_) => sound(call),
        });
        assert_eq!(
            violations(&shared),
            ["a call was served on another workspace's connection"; 2]
        );
    }

    #[test]
    fn a_failed_control_or_a_throttle_shows_nothing() {
        let found = hub().found(&CHECK, |call| failed(call.clone(), 403, "FORBIDDEN"));
        assert!(shows_nothing(&found));
        let found = hub().found(&CHECK, |call| match call.label.as_str() {
            "control" => succeeded(call.clone(), json!({})),
            _ => failed(call.clone(), 429, "RATE_LIMITED"),
        });
        assert!(found.iter().all(|finding| *finding != Finding::Held));
    }

    #[test]
    fn where_the_primary_workspace_lacks_the_domain_its_key_is_seen_to_work_elsewhere() {
        let mut hub = hub().allowing(Allow::Read);
        hub.profile.connections.none.push("itsm".to_owned());
        hub.surface.survey.remove("itsm.tickets.list");
        let cases = hub.plan(&CHECK).unwrap();
        assert_eq!(cases.len(), 1);
        assert_eq!(cases[0].calls()[0].tool(), Some("crm.contacts.list"));
    }

    #[test]
    fn a_domain_without_tools_is_said() {
        let mut hub = hub();
        hub.selected.retain(|key| !key.starts_with("itsm"));
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }

    #[test]
    fn a_gated_tool_may_ask_for_approval_first() {
        let found = hub().found(&CHECK, |call| match call.is_dry_run() {
            true => failed(call.clone(), 403, "APPROVAL_REQUIRED"),
            false => sound(call),
        });
        let open = found
            .iter()
            .filter(|finding| matches!(finding, Finding::NotExercised(_)));
        assert_eq!((violations(&found).len(), open.count()), (0, 3));
    }

    #[test]
    fn an_unnamed_connection_that_is_not_seen_to_be_used_shows_nothing() {
        for (status, code) in [(502, "UPSTREAM_ERROR"), (500, "INTERNAL")] {
            let found = hub().allowing(Allow::Read).found(&CHECK, |call| {
                let is_unnamed = call.json().and_then(|body| body.get("connection_id")).is_none();
                match is_unnamed && call.credentials == Credentials::Bearer(Role::Foreign) {
                    true => failed(call.clone(), status, code),
                    false => sound(call),
                }
            });
            assert!(shows_nothing(&found[2..]) && all_held(&found[..2]), "{code}");
        }
    }
}
