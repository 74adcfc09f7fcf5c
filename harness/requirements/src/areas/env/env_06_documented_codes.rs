//! ENV-06: the documented error codes.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::api_answers::api_answers;
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 6),
    level: Level::Should,
    basis: Basis::Ref,
    source: "Common error codes",
    title: "error codes are documented ones",
    statement: "A hub SHOULD spell `error.code` from the documented list.",
    rationale: "Clients branch on the code; one that they have never heard of ends in their last resort.",
    method: "Looks at the code of every error of the run, those of frameworks and proxies aside. A missing code is left to ENV-02.",
    mend: "Map your own and the vendors' error codes to the documented ones where errors are written; what is special about them \
           belongs in `details`.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Env06;
pub(crate) const CHECK: Env06 = Env06;

impl Check for Env06 {
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
            .filter_map(|(exchange, _)| judge_code(exchange))
            .collect()
    }
}

fn judge_code(exchange: &Exchange) -> Option<Finding> {
    match Outcome::of(exchange) {
        Outcome::Error(ErrorCode::Other(code)) if code.is_empty() => None,
        Outcome::Error(ErrorCode::Other(code)) => {
            let documented: Vec<_> = ErrorCode::DOCUMENTED.iter().map(ErrorCode::as_str).collect();
            let summary = format!("`{code}` is no documented error code");
            Some(Finding::Violated(violated(exchange, summary, documented.join(", "))))
        }
        Outcome::Error(_) => Some(Finding::Held),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Endpoint};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, succeeded, violations};

    fn judge(exchange: Exchange) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, &[exchange])
    }

    #[test]
    fn each_documented_code_holds() {
        for code in ErrorCode::DOCUMENTED {
            assert!(all_held(&judge(failed(Call::listing(None), 400, code.as_str()))));
        }
    }

    #[test]
    fn another_code_or_another_spelling_is_a_violation() {
        for code in ["INTERNAL_ERROR", "unauthorized", "Tool_Not_Found"] {
            let found = judge(failed(Call::listing(None), 400, code));
            assert_eq!(violations(&found), [format!("`{code}` is no documented error code")]);
        }
    }

    #[test]
    fn successes_and_errors_without_a_code_are_not_judged() {
        assert!(judge(succeeded(Call::listing(None), json!({}))).is_empty());
        assert!(judge(answered(Call::listing(None), 400, json!({"success": false}))).is_empty());
        assert!(judge(answered(Call::listing(None), 500, json!("broken"))).is_empty());
    }

    #[test]
    fn a_wrapped_framework_error_may_have_any_code() {
        let outside = Call::get(Endpoint::Outside, "/nowhere");
        assert!(judge(failed(outside, 404, "ROUTE_NOT_FOUND")).is_empty());
        assert!(judge(failed(Call::listing(None), 405, "METHOD_NOT_ALLOWED")).is_empty());
    }
}
