//! AUTH-08: who has no valid key cannot tell existing tools from unknown ones.

use hubproof_model::call::{Call, Credentials, Intent};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::json;

use crate::check::Check;
use crate::credentials::{UNKNOWN_KEY, authorization};
use crate::evidence::Evidence;
use crate::judging::{findings, is_throttled, observed, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 8),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Authentication; Common error codes",
    title: "without a valid key existing and unknown tools are answered alike",
    statement: "A hub SHOULD, without a valid key, answer existing and unknown tools alike (UNAUTHORIZED first).",
    rationale: "Otherwise anyone can learn by guessing which systems a workspace has connected.",
    method: "Asks for the definition, and an execute, of an existing read tool and of an unknown one, without a key and with an \
             unknown key, and compares status and outcome.",
    mend: "Check the key before the tool is looked up, so that a caller without a valid key gets the same UNAUTHORIZED for tools \
           that exist and for those that do not.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

const UNKNOWN_TOOL: &str = "hubproof.no_such.tool";

pub(crate) struct Auth08;
pub(crate) const CHECK: Auth08 = Auth08;

impl Check for Auth08 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let tool = site.read_tool()?;
        let input = site.good_input(tool).unwrap_or_else(|| json!({}));
        let execute = |key: &str| Call::post_execute(key, json!({"input": input}), Intent::Read);
        let faces = [
            (
                "definition",
                Call::definition(&tool.key),
                Call::definition(UNKNOWN_TOOL),
            ),
            ("execute", execute(&tool.key), execute(UNKNOWN_TOOL)),
        ];
        let keys = [
            ("no-key", Credentials::Absent),
            ("unknown-key", authorization(format!("Bearer {UNKNOWN_KEY}"))),
        ];
        let mut cases = Vec::new();
        for (face, existing, unknown) in faces {
            for (kind, credentials) in &keys {
                let calls = [("existing", &existing), ("unknown", &unknown)];
                let calls =
                    calls.map(|(label, call)| call.clone().with_credentials(credentials.clone()).labelled(label));
                let title = format!(
                    "{face} of an existing and an unknown tool with {}",
                    kind.replace('-', " ")
                );
                cases.push(Case::new(format!("AUTH-08/{face}/{kind}"), title, calls.to_vec()));
            }
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_pair(evidence))
    }
}

fn judge_pair(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let (existing, unknown) = (evidence.answered("existing")?, evidence.answered("unknown")?);
    if is_throttled(existing) || is_throttled(unknown) {
        return Err(Finding::Inconclusive("one of the two calls was throttled".to_owned()));
    }
    let is_down = |exchange: &Exchange| exchange.response().is_some_and(|response| response.status >= 500);
    if is_down(existing) && is_down(unknown) {
        let why = format!("neither call reached the hub: {}", observed(existing));
        return Err(Finding::Inconclusive(why));
    }
    let status = |exchange: &Exchange| exchange.response().map(|response| response.status);
    if status(existing) == status(unknown) && Outcome::of(existing) == Outcome::of(unknown) {
        return Ok(Finding::Held);
    }
    Ok(Finding::Violated(Violation {
        observed: format!("existing: {}; unknown: {}", observed(existing), observed(unknown)),
        exchanges: vec![existing.number, unknown.number],
        ..violated(
            existing,
            "without a valid key an existing tool can be told from an unknown one",
            "the same status and outcome for both",
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(answer: impl Fn(&Call) -> Exchange) -> Vec<Finding> {
        Hub::small().allowing(Allow::Read).found(&CHECK, answer)
    }

    fn unauthorized(call: &Call) -> Exchange {
        failed(call.clone(), 401, "UNAUTHORIZED")
    }

    #[test]
    fn both_faces_are_tried_with_both_kinds_of_invalid_keys() {
        let cases = Hub::small().plan(&CHECK).unwrap();
        assert_eq!(cases.len(), 4);
        for case in cases {
            assert_eq!(case.calls()[0].tool(), Some("crm.contacts.list"));
            assert_eq!(case.calls()[1].tool(), Some(UNKNOWN_TOOL));
            assert_eq!(case.calls()[0].body, case.calls()[1].body);
            assert_eq!(case.calls()[0].credentials, case.calls()[1].credentials);
        }
    }

    #[test]
    fn the_same_refusal_holds() {
        assert!(all_held(&judge(unauthorized)));
    }

    #[test]
    fn another_outcome_or_status_is_a_violation() {
        let found = judge(|call| match call.label.as_str() {
            "unknown" => failed(call.clone(), 404, "TOOL_NOT_FOUND"),
            _ => unauthorized(call),
        });
        assert_eq!(violations(&found).len(), 4);
        let found = judge(|call| match call.label.as_str() {
            "unknown" => answered(
                call.clone(),
                403,
                json!({"success": false, "error": {"code": "UNAUTHORIZED"}}),
            ),
            _ => unauthorized(call),
        });
        assert_eq!(violations(&found).len(), 4);
        let served = judge(|call| match call.label.as_str() {
            "existing" => succeeded(call.clone(), json!({})),
            _ => unauthorized(call),
        });
        let Finding::Violated(violation) = &served[0] else {
            panic!("{served:?}")
        };
        assert_eq!(
            violation.observed,
            "existing: HTTP 200, success; unknown: HTTP 401, UNAUTHORIZED"
        );
        assert_eq!(violation.exchanges, [1, 2]);
    }

    #[test]
    fn a_throttle_of_one_shows_nothing() {
        assert!(shows_nothing(&judge(|call| match call.label.as_str() {
            "unknown" => failed(call.clone(), 429, "RATE_LIMITED"),
            _ => unauthorized(call),
        })));
    }

    #[test]
    fn a_hub_without_a_read_tool_says_so() {
        let mut hub = Hub::small();
        hub.selected.retain(|key| !key.ends_with(".list"));
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }

    #[test]
    fn a_throttle_of_both_and_a_hub_that_is_down_show_nothing() {
        assert!(shows_nothing(&judge(|call| failed(call.clone(), 429, "RATE_LIMITED"))));
        assert!(shows_nothing(&judge(|call| answered(call.clone(), 503, json!(null)))));
        assert!(shows_nothing(&judge(|call| failed(
            call.clone(),
            500,
            "INTERNAL_ERROR"
        ))));
    }
}
