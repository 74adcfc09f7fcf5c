//! EXE-05: without an active connection, a call is CONNECTION_NOT_FOUND.

use hubproof_model::call::Call;
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Tool;
use serde_json::json;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, refused};
use crate::site::Site;
use crate::traffic::with_member;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 5),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Common error codes",
    title: "no active connection is CONNECTION_NOT_FOUND",
    statement: "A hub MUST answer CONNECTION_NOT_FOUND where the tool's domain has no active connection, or the named one is inactive.",
    rationale: "A connection is switched off for a reason; one that still works, or fails as if the vendor did, hides that.",
    method: "Executes read tools of the domains without a connection, beside one of a domain with one; and a read tool on the \
             inactive connection, beside the same call on the default.",
    mend: "Ask for an active connection when routing, whether it is named or the default, and answer CONNECTION_NOT_FOUND before \
           the vendor is called.",
    needs: &[Need::InactiveConnection],
    reach: Allow::Read,
    since: "0.1.0",
};

/// How many read tools of a domain are tried.
const TOOLS_OF_A_DOMAIN: usize = 3;

pub(crate) struct Exe05;
pub(crate) const CHECK: Exe05 = Exe05;

impl Check for Exe05 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let (_, working) = site.read_control()?;
        let mut cases = Vec::new();
        for domain in &site.profile.connections.none {
            let tools = read_tools_of(domain, site).take(TOOLS_OF_A_DOMAIN);
            let calls =
                tools.filter_map(|tool| Some((tool, vec![working.clone(), site.control(tool)?.labelled("probe")])));
            cases.extend(calls.map(|(tool, calls)| case("none", "a domain without a connection", tool, calls)));
        }
        if let Some(inactive) = &site.profile.connections.inactive {
            let default_works = !site.lacks_connection(&inactive.domain);
            // Several: a vendor need not implement each of them.
            let calls = read_tools_of(&inactive.domain, site)
                .take(TOOLS_OF_A_DOMAIN)
                .filter_map(|tool| {
                    let own = site.control(tool)?;
                    let probe = with_member(&own, "connection_id", json!(inactive.id));
                    let control = if default_works { own } else { working.clone() };
                    Some((tool, vec![control, probe]))
                });
            cases.extend(calls.map(|(tool, calls)| case("inactive", "an inactive connection", tool, calls)));
        }
        if cases.is_empty() {
            let why = "no selected read tool is of the domain of the inactive connection, or of one without".to_owned();
            return Err(Unexercised::NotApplicable(why));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let is_inactive = evidence.case.is_some_and(|case| case.id.starts_with("EXE-05/inactive"));
        let summary = match is_inactive {
            true => "an inactive connection is not CONNECTION_NOT_FOUND",
            false => "a domain without an active connection is not CONNECTION_NOT_FOUND",
        };
        findings(refused(evidence, "probe", &[ErrorCode::ConnectionNotFound], summary))
    }
}

fn read_tools_of<'a>(domain: &'a str, site: &'a Site<'a>) -> impl Iterator<Item = &'a Tool> + 'a {
    site.tools()
        .filter(move |tool| tool.domain == domain && !tool.risk().is_state_changing())
}

fn case(kind: &str, title: &str, tool: &Tool, calls: Vec<Call>) -> Case {
    Case::new(format!("EXE-05/{kind}/{}", tool.key), title, calls).about(&tool.key)
}

#[cfg(test)]
mod tests {
    use hubproof_model::profile::DomainConnection;

    use super::*;
    use crate::exchanges::{Hub, all_held, failed, shows_nothing, succeeded, violations};

    fn hub() -> Hub {
        let mut hub = Hub::small().allowing(Allow::Read);
        hub.profile.connections.none.push("crm".to_owned());
        hub.profile.connections.inactive = Some(DomainConnection {
            domain: "itsm".to_owned(),
            id: "conn_off".to_owned(),
        });
        hub
    }

    fn judge(probe_works: bool) -> Vec<Finding> {
        hub().found(&CHECK, |call| match call.label.as_str() {
            "probe" if !probe_works => failed(call.clone(), 404, "CONNECTION_NOT_FOUND"),
            _ => succeeded(call.clone(), json!({})),
        })
    }

    #[test]
    fn both_ways_of_having_none_are_tried() {
        let cases = hub().plan(&CHECK).unwrap();
        let ids: Vec<_> = cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(
            ids,
            ["EXE-05/none/crm.contacts.list", "EXE-05/inactive/itsm.tickets.list"]
        );
        assert_eq!(cases[1].calls()[1].json().unwrap()["connection_id"], "conn_off");
        assert_eq!(cases[0].calls()[0].tool(), Some("itsm.tickets.list"));
    }

    #[test]
    fn connection_not_found_holds_and_a_success_is_a_violation() {
        assert!(all_held(&judge(false)));
        assert_eq!(
            violations(&judge(true)),
            [
                "a domain without an active connection is not CONNECTION_NOT_FOUND",
                "an inactive connection is not CONNECTION_NOT_FOUND"
            ]
        );
    }

    #[test]
    fn a_failed_control_shows_nothing() {
        assert!(shows_nothing(&hub().found(&CHECK, |call| failed(
            call.clone(),
            404,
            "CONNECTION_NOT_FOUND"
        ))));
    }

    #[test]
    fn a_hub_without_such_a_tool_says_so() {
        let mut hub = Hub::small();
        hub.profile.connections.none.push("hris".to_owned());
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }
}
