//! UPS-03: credentials that the vendor refuses are not the client's.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, violated};
use crate::site::Site;
use crate::vendor_faults::{FEW, fault_of, in_words, met};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Ups, 3),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Common error codes",
    title: "a vendor's 401 and 403 are answered with UPSTREAM_ERROR",
    statement: "A hub MUST answer a vendor's 401 or 403 with UPSTREAM_ERROR, not UNAUTHORIZED or FORBIDDEN.",
    rationale: "UNAUTHORIZED is said of the client's own key: told of the vendor's, clients throw away keys that are good, and nobody \
                renews the connection's credentials.",
    method: "Plays the vendor of a connection and lets it answer 401 and 403, to two read tools and to one that makes records, each \
             beside the same call while the vendor is sound.",
    mend: "Map the vendor's 401 and 403 to UPSTREAM_ERROR like its other errors, and mark the connection as one whose credentials want \
           renewal.",
    needs: &[Need::Upstream],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Ups03;
pub(crate) const CHECK: Ups03 = Ups03;

impl Check for Ups03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        site.faulted("UPS-03", &["status:401", "status:403"], FEW)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let call = met(evidence)?;
    let outcome = Outcome::of(call);
    match outcome.is(&ErrorCode::UpstreamError) {
        true => Ok(Finding::Held),
        false => {
            let summary = format!("a vendor's {} is answered with {outcome}", in_words(fault_of(evidence)));
            Ok(Finding::Violated(violated(call, summary, "UPSTREAM_ERROR")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{all_held, failed, violations};
    use crate::vendor_faults::played::found_failing as found;

    #[test]
    fn the_vendors_error_holds_and_the_clients_is_a_violation() {
        let held = found(&CHECK, |_, call| (failed(call, 502, "UPSTREAM_ERROR"), 1));
        assert!(all_held(&held) && held.len() == 6, "{held:?}");
        let passed_on = found(&CHECK, |fault, call| match fault {
            "status:401" => (failed(call, 401, "UNAUTHORIZED"), 1),
            _ => (failed(call, 403, "FORBIDDEN"), 1),
        });
        let told = violations(&passed_on);
        assert_eq!(told.len(), 6);
        assert!(told.contains(&"a vendor's 401 is answered with UNAUTHORIZED"));
        assert!(told.contains(&"a vendor's 403 is answered with FORBIDDEN"));
    }
}
