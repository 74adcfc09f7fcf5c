//! AUTH-01: a request without `Authorization` is UNAUTHORIZED.

use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::credentials::{faces, unauthorized};
use crate::evidence::Evidence;
use crate::judging::findings;
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Authentication",
    title: "a request without Authorization is UNAUTHORIZED",
    statement: "A hub MUST answer a request without `Authorization` with UNAUTHORIZED: listing, definition, execute.",
    rationale: "A route that forgets its check serves anyone who finds the address.",
    method: "Sends the listing, a definition and an execute with the primary key as control, and the same without the header. Where no read tool can be executed, \
             dry runs of a state-changing one stand in.",
    mend: "Check the key in one place before routing, so that the listing, definitions and executes cannot be reached without it, \
           and answer its absence with 401 and UNAUTHORIZED.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Auth01;
pub(crate) const CHECK: Auth01 = Auth01;

impl Check for Auth01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let case = |(face, control): (&str, Call)| {
            let bare = control.clone().with_credentials(Credentials::Absent).labelled("probe");
            Case::new(
                format!("AUTH-01/{face}"),
                format!("{face} without a key"),
                vec![control, bare],
            )
        };
        Ok(faces(site)?.into_iter().map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let summary = "a request without a key was not refused";
        findings(unauthorized(evidence, "probe", summary))
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Endpoint;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(refuses: impl Fn(&Call) -> bool) -> Vec<Finding> {
        Hub::small().found(&CHECK, |call| match refuses(call) {
            true => failed(call.clone(), 401, "UNAUTHORIZED"),
            false => succeeded(call.clone(), json!({})),
        })
    }

    #[test]
    fn every_face_is_tried_and_unauthorized_holds() {
        let found = judge(|call| call.credentials == Credentials::Absent);
        assert!(all_held(&found) && found.len() == 3);
    }

    #[test]
    fn a_face_that_serves_anyone_is_a_violation() {
        let found = judge(|call| {
            call.credentials == Credentials::Absent && !matches!(call.endpoint, Endpoint::Definition { .. })
        });
        assert_eq!(violations(&found), ["a request without a key was not refused"]);
    }

    #[test]
    fn a_refusal_for_another_reason_is_a_violation() {
        let found = Hub::small().found(&CHECK, |call| match call.label.as_str() {
            "control" => answered(call.clone(), 200, json!({"tools": []})),
            _ => failed(call.clone(), 404, "TOOL_NOT_FOUND"),
        });
        // The execute's control has no envelope, yet was answered 2xx: EXE and ENV judge that.
        assert_eq!(violations(&found).len(), 2);
    }

    #[test]
    fn a_refused_control_shows_nothing_but_one_that_fails_later_serves() {
        assert!(shows_nothing(&judge(|_| true)));
        let found = Hub::small().found(&CHECK, |call| match call.label.as_str() {
            "control" => failed(call.clone(), 404, "CONNECTION_NOT_FOUND"),
            _ => failed(call.clone(), 401, "UNAUTHORIZED"),
        });
        assert!(all_held(&found));
    }

    #[test]
    fn a_dry_run_stands_in_for_a_read_tool() {
        let mut hub = Hub::small().allowing(Allow::Probe);
        hub.selected.retain(|key| !key.ends_with(".list"));
        let cases = hub.plan(&CHECK).unwrap();
        assert_eq!(cases.len(), 3);
        assert!(cases[2].calls().into_iter().all(Call::is_dry_run));
    }

    #[test]
    fn a_read_tool_that_no_input_can_be_made_for_is_passed_over() {
        let mut hub = Hub::small().allowing(Allow::Read);
        hub.surface.tools[1].input_schema = Some(json!({"type": "object", "not": {}}));
        let cases = hub.plan(&CHECK).unwrap();
        assert_eq!(
            (cases.len(), cases[2].calls()[0].tool()),
            (3, Some("itsm.tickets.list"))
        );
    }

    #[test]
    fn a_hub_without_a_read_tool_says_so() {
        let mut hub = Hub::small().allowing(Allow::Read);
        hub.selected.retain(|key| !key.ends_with(".list"));
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }
}
