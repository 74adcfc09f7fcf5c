//! UPS-08: the vendor's status is told.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, observed, violated};
use crate::site::Site;
use crate::vendor_faults::{FEW, fault_of, in_words, met};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Ups, 8),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Common error codes",
    title: "the vendor's status stands in the details",
    statement: "A hub SHOULD name the vendor's status in `error.details`.",
    rationale: "Whether to try again, to ask for permission or to mend the input hangs on it: 503, 403 and 409 are one error code.",
    method: "Plays the vendor of a connection, lets it answer 409 and 503, and looks for that number in `error.details` of \
             UPSTREAM_ERROR, as a number or within a text, at any depth.",
    mend: "Put the vendor's status into `error.details`, as a number in a member of its own.",
    needs: &[Need::Upstream],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Ups08;
pub(crate) const CHECK: Ups08 = Ups08;

impl Check for Ups08 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        site.faulted("UPS-08", &["status:409", "status:503"], FEW)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let (call, status) = (met(evidence)?, in_words(fault_of(evidence)));
    if !Outcome::of(call).is(&ErrorCode::UpstreamError) {
        // What else it is answered with is for UPS-01 to judge.
        let why = format!(
            "a vendor's {status} is not answered with UPSTREAM_ERROR: {}",
            observed(call)
        );
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    let details = call.json().and_then(|body| body.pointer("/error/details"));
    let details = details.unwrap_or(&Value::Null);
    match names(details, &status) {
        true => Ok(Finding::Held),
        false => Ok(Finding::Violated(Violation {
            observed: format!("nothing in `error.details` tells of {status}"),
            ..violated(
                call,
                "the vendor's status is not told",
                "the vendor's status in `error.details`",
            )
        })),
    }
}

/// Whether the status stands in the details: a number, or a text with that number in it.
fn names(details: &Value, status: &str) -> bool {
    match details {
        Value::Number(number) => number.to_string() == status,
        Value::String(text) => text
            .split(|sign: char| !sign.is_ascii_digit())
            .any(|number| number == status),
        Value::Array(items) => items.iter().any(|item| names(item, status)),
        Value::Object(members) => members.values().any(|member| names(member, status)),
        Value::Null | Value::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{all_held, answered, failed, shows_nothing, violations};
    use crate::vendor_faults::played::found_failing as found;

    fn found_with(details: impl Fn(u16) -> Value) -> Vec<Finding> {
        found(&CHECK, |fault, call| {
            let status = in_words(fault).parse().unwrap();
            let error = json!({"code": "UPSTREAM_ERROR", "message": "503 and 409", "details": details(status)});
            (answered(call, 502, json!({"success": false, "error": error})), 1)
        })
    }

    #[test]
    fn a_status_in_any_place_holds() {
        assert!(all_held(&found_with(|status| json!({"vendor_status": status}))));
        assert!(all_held(&found_with(
            |status| json!({"upstream": [{"said": format!("HTTP {status}: no")}]})
        )));
    }

    #[test]
    fn no_status_or_another_number_is_a_violation() {
        for details in [
            json!({}),
            json!({"vendor_status": 502}),
            json!({"id": "15034095"}),
            json!({"retry": true}),
        ] {
            let found = found_with(|_| details.clone());
            assert_eq!(violations(&found), ["the vendor's status is not told"; 6], "{details}");
        }
    }

    #[test]
    fn another_code_shows_nothing() {
        assert!(shows_nothing(&found(&CHECK, |_, call| (
            failed(call, 500, "INTERNAL_ERROR"),
            1
        ))));
    }
}
