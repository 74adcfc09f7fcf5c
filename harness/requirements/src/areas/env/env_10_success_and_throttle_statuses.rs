//! ENV-10: the statuses of success and of throttling.

use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Response};
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
    id: RequirementId::new(Area::Env, 10),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Response envelope; Rate limits",
    title: "success is 2xx, and RATE_LIMITED is 429",
    statement: "A hub MUST pair `success` true with a 2xx status, RATE_LIMITED with 429, and 429 with RATE_LIMITED.",
    rationale: "HTTP libraries, proxies and retry policies see only the status; they must not take a success for a failure, or miss a wait.",
    method: "Looks at every answer of the run that says success or RATE_LIMITED, or has status 429.",
    mend: "Derive the status from the envelope: 2xx for a success, 429 for RATE_LIMITED and for nothing else. Have gateways that \
           throttle answer in the envelope, too.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Env10;
pub(crate) const CHECK: Env10 = Env10;

impl Check for Env10 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok([traffic::successes(site), traffic::dry_runs(site)].concat())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        api_answers(evidence)
            .filter_map(|(exchange, response)| judge_pair(exchange, response))
            .collect()
    }
}

fn judge_pair(exchange: &Exchange, response: &Response) -> Option<Finding> {
    let violation = |summary, expected| Some(Finding::Violated(violated(exchange, summary, expected)));
    match (Outcome::of(exchange), response.status) {
        (Outcome::Success, 200..=299) | (Outcome::Error(ErrorCode::RateLimited), 429) => Some(Finding::Held),
        (_, 429) => violation("429 comes without RATE_LIMITED", "RATE_LIMITED in the error envelope"),
        (Outcome::Success, _) => violation("`success` true comes with a status other than 2xx", "a 2xx status"),
        (Outcome::Error(ErrorCode::RateLimited), _) => {
            violation("RATE_LIMITED comes with a status other than 429", "status 429")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Endpoint};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, violations};

    fn judge(exchange: Exchange) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, &[exchange])
    }

    fn success(status: u16) -> Exchange {
        answered(Call::definition("a.b.c"), status, json!({"success": true}))
    }

    #[test]
    fn the_documented_pairs_hold() {
        assert!(all_held(&judge(success(200))) && all_held(&judge(success(201))));
        assert!(all_held(&judge(failed(Call::listing(None), 429, "RATE_LIMITED"))));
    }

    #[test]
    fn a_success_with_another_status_is_a_violation() {
        let summary = ["`success` true comes with a status other than 2xx"];
        assert_eq!(violations(&judge(success(404))), summary);
        assert_eq!(violations(&judge(success(304))), summary);
    }

    #[test]
    fn rate_limited_and_429_without_each_other_are_violations() {
        let limited = failed(Call::listing(None), 503, "RATE_LIMITED");
        assert_eq!(
            violations(&judge(limited)),
            ["RATE_LIMITED comes with a status other than 429"]
        );
        let summary = ["429 comes without RATE_LIMITED"];
        assert_eq!(
            violations(&judge(failed(Call::listing(None), 429, "FORBIDDEN"))),
            summary
        );
        assert_eq!(
            violations(&judge(answered(Call::listing(None), 429, json!("slow down")))),
            summary
        );
        assert_eq!(violations(&judge(success(429))), summary);
    }

    #[test]
    fn other_errors_bare_listings_and_frameworks_are_not_judged() {
        assert!(judge(failed(Call::listing(None), 200, "FORBIDDEN")).is_empty());
        assert!(judge(answered(Call::listing(None), 200, json!([]))).is_empty());
        let outside = Call::get(Endpoint::Outside, "/nowhere");
        assert!(judge(answered(outside, 404, json!({"success": true}))).is_empty());
    }
}
