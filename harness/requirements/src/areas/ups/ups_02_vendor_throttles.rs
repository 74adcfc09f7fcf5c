//! UPS-02: a vendor's throttle is passed on as one.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, violated};
use crate::site::Site;
use crate::vendor_faults::{FEW, met};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Ups, 2),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Common error codes; Rate limits",
    title: "a vendor's 429 is answered with RATE_LIMITED",
    statement: "A hub MUST answer a vendor's 429 with RATE_LIMITED.",
    rationale: "A client waits where it is throttled and gives up where the vendor fails: told the wrong one, it gives up a call that \
                would succeed in a moment, or storms a vendor that asked for patience.",
    method: "Plays the vendor of a connection and lets it answer 429 with `Retry-After`, to two read tools and to one that makes records, \
             each beside the same call while the vendor is sound.",
    mend: "Map the vendor's 429 to RATE_LIMITED before the other statuses are mapped, and pass `Retry-After` on.",
    needs: &[Need::Upstream],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Ups02;
pub(crate) const CHECK: Ups02 = Ups02;

impl Check for Ups02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        site.faulted("UPS-02", &["throttle:7"], FEW)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let call = met(evidence)?;
    let outcome = Outcome::of(call);
    match outcome.is(&ErrorCode::RateLimited) {
        true => Ok(Finding::Held),
        false => {
            let summary = format!("a vendor's 429 is answered with {outcome}");
            Ok(Finding::Violated(violated(call, summary, "RATE_LIMITED")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};
    use crate::vendor_faults::played::found_failing as found;

    #[test]
    fn a_throttle_holds_and_anything_else_is_a_violation() {
        let held = found(&CHECK, |_, call| (failed(call, 429, "RATE_LIMITED"), 1));
        assert!(all_held(&held) && held.len() == 3, "{held:?}");
        let failing = found(&CHECK, |_, call| (failed(call, 502, "UPSTREAM_ERROR"), 1));
        assert_eq!(
            violations(&failing),
            ["a vendor's 429 is answered with UPSTREAM_ERROR"; 3]
        );
        let served = found(&CHECK, |_, call| (succeeded(call, json!({})), 1));
        assert_eq!(violations(&served).len(), 3);
    }

    #[test]
    fn a_throttle_of_the_hubs_own_shows_nothing() {
        assert!(shows_nothing(&found(&CHECK, |_, call| (
            failed(call, 429, "RATE_LIMITED"),
            0
        ))));
    }
}
