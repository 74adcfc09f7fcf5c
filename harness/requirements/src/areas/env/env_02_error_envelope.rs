//! ENV-02: the envelope of an error.

use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::api_answers::api_answers;
use crate::check::{Check, Scope};
use crate::error_envelope::{fault, is_error};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 2),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Response envelope",
    title: "an error has the whole error envelope",
    statement: "A hub MUST answer an error with an object: `success` false, non-empty `error.code` and `error.message`, an object \
                `error.details`, a non-empty `request_id`.",
    rationale: "A client that cannot read an error cannot tell what to do about it: correct the call, wait, ask for approval, or give up.",
    method: "Looks at every error of the run that the API itself gave, on the listing, definitions and executes. What a framework or \
             proxy may have answered is left to ENV-12.",
    mend: "Build every error in one place, with `success` false, a code, a message, `details` as an object (`{}` where there are \
           none) and a `request_id`.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Env02;
pub(crate) const CHECK: Env02 = Env02;

impl Check for Env02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(traffic::errors(site))
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        api_answers(evidence)
            .filter(|(exchange, response)| is_error(exchange, response))
            .map(|(exchange, response)| judge_error(exchange, response))
            .collect()
    }
}

fn judge_error(exchange: &Exchange, response: &Response) -> Finding {
    match fault(response) {
        None => Finding::Held,
        Some(wrong) => Finding::Violated(violated(
            exchange,
            format!("error envelope: {wrong}"),
            "`success` false, `error.code`, `error.message`, `error.details` and `request_id`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Endpoint};
    use serde_json::{Value, json};

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, succeeded, violations, with_bytes};

    fn judge(exchanges: &[Exchange]) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, exchanges)
    }

    fn with(pointer: &str, value: Value) -> Exchange {
        let mut body = json!({
            "success": false,
            "error": {"code": "TOOL_NOT_FOUND", "message": "no", "details": {}},
            "request_id": "req_1",
        });
        *body.pointer_mut(pointer).unwrap() = value;
        answered(Call::definition("a.b.c"), 404, body)
    }

    #[test]
    fn whole_envelopes_hold_on_every_face_and_successes_are_not_judged() {
        let found = judge(&[
            failed(Call::listing(None), 401, "UNAUTHORIZED"),
            failed(Call::definition("a.b.c"), 202, "APPROVAL_REQUIRED"),
            succeeded(Call::definition("a.b.c"), json!({})),
            answered(Call::listing(None), 200, json!({"tools": []})),
        ]);
        assert!(all_held(&found) && found.len() == 2);
    }

    #[test]
    fn each_member_that_is_missing_or_of_another_type_is_a_violation() {
        for (pointer, value, wrong) in [
            ("/success", json!("false"), "`success` is not false"),
            ("/error", json!("TOOL_NOT_FOUND"), "`error` is not an object"),
            ("/error/code", json!(404), "`error.code` is not a non-empty string"),
            ("/error/message", json!(""), "`error.message` is not a non-empty string"),
            ("/error/details", json!(null), "`error.details` is not an object"),
            ("/request_id", json!(null), "`request_id` is not a non-empty string"),
        ] {
            assert_eq!(
                violations(&judge(&[with(pointer, value)])),
                [format!("error envelope: {wrong}")]
            );
        }
    }

    #[test]
    fn a_bare_error_of_the_api_is_a_violation() {
        let bare = with_bytes(Call::listing(None), 502, &[("content-type", "text/html")], b"<html>");
        assert_eq!(
            violations(&judge(&[bare])),
            ["error envelope: the body is not a JSON object"]
        );
    }

    #[test]
    fn a_framework_may_refuse_bare() {
        let unknown = answered(Call::get(Endpoint::Outside, "/nowhere"), 404, json!("not found"));
        let large = answered(Call::listing(None), 413, json!("too large"));
        assert!(judge(&[unknown, large]).is_empty());
    }

    #[test]
    fn a_run_that_only_reads_has_errors_to_look_at() {
        assert!(!Hub::small().allowing(Allow::Read).plan(&CHECK).unwrap().is_empty());
    }
}
