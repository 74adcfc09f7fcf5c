//! EXE-17: a connection serves the tools of its own domain.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Tool;
use serde_json::json;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, refused};
use crate::site::Site;
use crate::traffic::with_member;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 17),
    level: Level::Should,
    basis: Basis::Docs,
    source: "Connections Guide",
    title: "a connection of another domain is refused",
    statement: "A hub SHOULD answer CONNECTION_NOT_FOUND or INVALID_INPUT to a connection of another domain, and execute nothing on it.",
    rationale: "A ticket tool that is run on a payroll connection reads or breaks what its caller never named.",
    method: "Executes a read tool as control, and again on the connection of another domain, none of whose connectors implements \
             the tool.",
    mend: "Check when routing that the named connection is of the tool's domain, and answer CONNECTION_NOT_FOUND otherwise.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

/// How many tools are tried.
const TOOLS: usize = 8;

pub(crate) struct Exe17;
pub(crate) const CHECK: Exe17 = Exe17;

impl Check for Exe17 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        site.read_tool()?;
        let connections = connections(site);
        let case = |tool: &Tool| {
            let (domain, foreign) = connections.iter().find(|(domain, id)| {
                domain != &tool.domain
                    && !serves(id, &tool.domain, &connections)
                    && !shares_connector(tool, domain, site)
            })?;
            let control = site.control(tool)?;
            let probe = with_member(&control, "connection_id", json!(foreign));
            let title = format!("a call on a connection of {domain}");
            Some(Case::new(format!("EXE-17/{}", tool.key), title, vec![control, probe]).about(&tool.key))
        };
        let cases: Vec<_> = site.read_tools().into_iter().filter_map(case).take(TOOLS).collect();
        if cases.is_empty() {
            let why = "no two domains are known whose connections cannot serve each other's tools".to_owned();
            return Err(Unexercised::NotApplicable(why));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let codes = [ErrorCode::ConnectionNotFound, ErrorCode::InvalidInput];
        findings(refused(
            evidence,
            "probe",
            &codes,
            "a connection of another domain is not refused",
        ))
    }
}

/// Connections that work, with their domains: those that the profile names, and those that answered the survey.
fn connections(site: &Site<'_>) -> Vec<(String, String)> {
    let profile = &site.profile.connections;
    let explicit = profile
        .explicit
        .iter()
        .flat_map(|(domain, ids)| ids.iter().map(move |id| (domain, id)));
    let pinned = profile
        .default
        .iter()
        .chain(explicit)
        .map(|(domain, id)| (domain.clone(), id.clone()));
    let surveyed = site
        .surface
        .survey
        .iter()
        .filter_map(|(key, seen)| Some((site.surface.tool(key)?.domain.clone(), seen.connection_id.clone()?)));
    let mut all: Vec<_> = pinned.chain(surveyed).collect();
    all.sort();
    all.dedup();
    all
}

/// Whether the connection is known to serve the domain too: a vendor may cover several.
fn serves(id: &str, domain: &str, connections: &[(String, String)]) -> bool {
    connections.iter().any(|(of, other)| of == domain && other == id)
}

/// Whether a vendor of the domain implements the tool, so that its connection may lawfully serve it. Unknown connectors count as
/// shared.
fn shares_connector(tool: &Tool, domain: &str, site: &Site<'_>) -> bool {
    let of_domain: Vec<_> = site
        .surface
        .tools
        .iter()
        .filter(|other| other.domain == domain)
        .collect();
    tool.connectors.is_empty()
        || of_domain.is_empty()
        || of_domain.iter().any(|other| {
            other.connectors.is_empty() || other.connectors.iter().any(|name| tool.connectors.contains(name))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{Hub, all_held, failed, shows_nothing, succeeded, violations};

    fn judge(code: &str) -> Vec<Finding> {
        Hub::small()
            .allowing(Allow::Read)
            .found(&CHECK, |call| match call.label.as_str() {
                "probe" if !code.is_empty() => failed(call.clone(), 404, code),
                _ => succeeded(call.clone(), json!({})),
            })
    }

    #[test]
    fn each_tool_meets_the_other_domains_connection() {
        let cases = Hub::small().allowing(Allow::Read).plan(&CHECK).unwrap();
        let met: Vec<_> = cases
            .iter()
            .map(|case| case.calls()[1].json().unwrap()["connection_id"].clone())
            .collect();
        assert_eq!(met, ["conn_itsm", "conn_crm"]);
    }

    #[test]
    fn a_vendor_of_both_domains_is_not_foreign() {
        let mut hub = Hub::small();
        for tool in &mut hub.surface.tools {
            tool.connectors.push("suite".to_owned());
        }
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }

    #[test]
    fn a_refusal_holds_and_a_success_is_a_violation() {
        assert!(all_held(&judge("CONNECTION_NOT_FOUND")));
        assert!(all_held(&judge("INVALID_INPUT")));
        assert_eq!(
            violations(&judge("")),
            ["a connection of another domain is not refused"; 2]
        );
        assert_eq!(violations(&judge("UPSTREAM_ERROR")).len(), 2);
    }

    #[test]
    fn a_failed_control_or_a_throttle_shows_nothing() {
        assert!(shows_nothing(&Hub::small().found(&CHECK, |call| failed(
            call.clone(),
            403,
            "FORBIDDEN"
        ))));
        assert!(shows_nothing(&judge("RATE_LIMITED")));
    }

    #[test]
    fn a_domain_whose_connectors_are_unknown_is_not_foreign() {
        let mut hub = Hub::of(vec![crate::exchanges::tool(
            "hr.leave.list",
            hubproof_model::safety::Risk::Read,
            crate::exchanges::listing_input(),
        )]);
        hub.profile
            .connections
            .explicit
            .insert("crm".to_owned(), vec!["conn_crm".to_owned()]);
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }
}
