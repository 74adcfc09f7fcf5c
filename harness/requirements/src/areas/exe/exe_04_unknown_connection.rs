//! EXE-04: an unknown connection is CONNECTION_NOT_FOUND.

use std::collections::BTreeSet;

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::json;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, refused};
use crate::site::Site;
use crate::traffic::with_member;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 4),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Request body; Common error codes",
    title: "an unknown connection_id is CONNECTION_NOT_FOUND",
    statement: "A hub MUST answer an unknown `connection_id` with CONNECTION_NOT_FOUND.",
    rationale: "A hub that falls back to the default sends a call that was meant for one customer's system to another.",
    method: "Executes a read tool of each domain as control, and again with the id of a connection that does not exist.",
    mend: "Treat a `connection_id` that names no connection of the workspace as an error: use the default only where the member is \
           left out.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Exe04;
pub(crate) const CHECK: Exe04 = Exe04;

impl Check for Exe04 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        site.read_tool()?;
        let mut seen = BTreeSet::new();
        let case = |tool: &hubproof_model::surface::Tool| {
            let control = site.control(tool)?;
            if !seen.insert(tool.domain.clone()) {
                return None;
            }
            let probe = with_member(&control, "connection_id", json!("conn_hubproof_does_not_exist"));
            let calls = vec![control, probe];
            Some(
                Case::new(
                    format!("EXE-04/{}", tool.domain),
                    "a connection that does not exist",
                    calls,
                )
                .about(&tool.key),
            )
        };
        Ok(site.read_tools().into_iter().filter_map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let summary = "an unknown connection is not CONNECTION_NOT_FOUND";
        findings(refused(evidence, "probe", &[ErrorCode::ConnectionNotFound], summary))
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::safety::Risk;

    use super::*;
    use crate::exchanges::{Hub, all_held, failed, listing_input, shows_nothing, succeeded, tool, violations};

    fn judge(control: u16, status: u16, code: &str) -> Vec<Finding> {
        Hub::small()
            .allowing(Allow::Read)
            .found(&CHECK, |call| match call.label.as_str() {
                "control" if control == 200 => succeeded(call.clone(), json!({})),
                "control" => failed(call.clone(), control, "FORBIDDEN"),
                _ if code.is_empty() => succeeded(call.clone(), json!({})),
                _ => failed(call.clone(), status, code),
            })
    }

    #[test]
    fn connection_not_found_holds_in_each_domain() {
        let found = judge(200, 404, "CONNECTION_NOT_FOUND");
        assert!(all_held(&found) && found.len() == 2);
    }

    #[test]
    fn a_fallback_to_the_default_and_another_code_are_violations() {
        assert_eq!(violations(&judge(200, 200, "")).len(), 2);
        assert_eq!(violations(&judge(200, 400, "INVALID_INPUT")).len(), 2);
    }

    #[test]
    fn a_failed_control_or_a_throttle_shows_nothing() {
        assert!(shows_nothing(&judge(403, 404, "CONNECTION_NOT_FOUND")));
        assert!(shows_nothing(&judge(200, 429, "RATE_LIMITED")));
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
