//! UPS-01: a vendor's error is the vendor's.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::{Map, Value};

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, violated};
use crate::site::Site;
use crate::vendor_faults::{FEW, fault_of, in_words, met};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Ups, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Common error codes",
    title: "a vendor's error is answered with UPSTREAM_ERROR",
    statement: "A hub MUST answer a vendor's 5xx or 4xx with UPSTREAM_ERROR and non-empty details.",
    rationale: "A client that is told INVALID_INPUT, or a fault of the hub's, mends what is not broken; one that is told nothing cannot \
                tell a record that is locked from a vendor that is down.",
    method: "Plays the vendor of a connection and lets it answer 400, 409, 500 and 503, to two read tools and to one that makes records, \
             each beside the same call while the vendor is sound.",
    mend: "Answer whatever is not the vendor's success with UPSTREAM_ERROR, and put what is known of it into `error.details`: at least \
           the vendor's status.",
    needs: &[Need::Upstream],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// 404 is left out: a record that is not there may be success with nothing.
const FAULTS: [&str; 4] = ["status:400", "status:409", "status:500", "status:503"];

pub(crate) struct Ups01;
pub(crate) const CHECK: Ups01 = Ups01;

impl Check for Ups01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        site.faulted("UPS-01", &FAULTS, FEW)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let (call, status) = (met(evidence)?, in_words(fault_of(evidence)));
    let expected = "UPSTREAM_ERROR with non-empty `error.details`";
    let outcome = Outcome::of(call);
    if !outcome.is(&ErrorCode::UpstreamError) {
        let summary = format!("a vendor's {status} is answered with {outcome}");
        return Ok(Finding::Violated(violated(call, summary, expected)));
    }
    let details = call.json().and_then(|body| body.pointer("/error/details"));
    match details
        .and_then(Value::as_object)
        .is_some_and(|details| !Map::is_empty(details))
    {
        true => Ok(Finding::Held),
        false => Ok(Finding::Violated(Violation {
            observed: format!("`error.details` is {}", details.unwrap_or(&Value::Null)),
            ..violated(call, "a vendor's error is answered without details", expected)
        })),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{all_held, answered, failed, shows_nothing, succeeded, violations};
    use crate::vendor_faults::played::{found as found_whole, found_failing as found};

    fn upstream_error(details: Value) -> Value {
        json!({"success": false, "error": {"code": "UPSTREAM_ERROR", "message": "", "details": details}})
    }

    #[test]
    fn the_vendors_error_with_details_holds() {
        let found = found(&CHECK, |_, call| {
            (answered(call, 502, upstream_error(json!({"vendor_status": 503}))), 1)
        });
        assert!(all_held(&found) && found.len() == 12, "{found:?}");
    }

    #[test]
    fn another_code_success_or_no_details_are_violations() {
        let found_of = |body: Value| found(&CHECK, |_, call| (answered(call, 502, body.clone()), 1));
        for details in [json!({}), Value::Null, json!([])] {
            let found = found_of(upstream_error(details));
            assert_eq!(violations(&found), ["a vendor's error is answered without details"; 12]);
        }
        let refused = found(&CHECK, |_, call| (failed(call, 400, "INVALID_INPUT"), 1));
        assert_eq!(violations(&refused)[0], "a vendor's 400 is answered with INVALID_INPUT");
        let served = found(&CHECK, |_, call| (succeeded(call, json!({})), 1));
        assert_eq!(violations(&served).len(), 12);
    }

    #[test]
    fn a_vendor_that_was_not_asked_and_a_control_that_fails_show_nothing() {
        assert!(shows_nothing(&found(&CHECK, |_, call| (succeeded(call, json!({})), 0))));
        let whole = |control: fn(Call) -> (Exchange, usize)| {
            found_whole(&CHECK, |fault, call| match fault {
                Some(_) => (failed(call, 400, "INVALID_INPUT"), 1),
                None => control(call),
            })
        };
        assert!(shows_nothing(&whole(|call| (succeeded(call, json!({})), 0))));
        assert!(shows_nothing(&whole(|call| (failed(call, 502, "UPSTREAM_ERROR"), 1))));
        let unknown = whole(|call| (failed(call, 404, "CONNECTION_NOT_FOUND"), 0));
        let is_told = |finding: &Finding| matches!(finding, Finding::NotExercised(Unexercised::NotApplicable(why)) if why.contains("[upstream]"));
        assert!(unknown.iter().all(is_told), "{unknown:?}");
    }
}
