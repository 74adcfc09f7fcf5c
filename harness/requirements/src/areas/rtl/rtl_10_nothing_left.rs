//! RTL-10: the hub's own 429 says that nothing is left.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::exhaustion::{self, Exhausted, ONE_BY_ONE};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 10),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Rate limits",
    title: "429 says Remaining 0",
    statement: "A hub SHOULD say Remaining 0 with its own 429 (a vendor's 429 passed on says nothing of the hub's limit).",
    rationale: "A client that reads that something is left tries again at once, and is refused again.",
    method: "Looks at what each 429 to the throttled key says is left, once its limit is reached.",
    mend: "Send Remaining 0 with your own 429, from the counter that refused the call.",
    needs: &[Need::Key(Role::Throttled)],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Rtl10;
pub(crate) const CHECK: Rtl10 = Rtl10;

impl Check for Rtl10 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(vec![exhaustion::of_key(site)?])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let exhausted = Exhausted::throttled(evidence, ONE_BY_ONE).and_then(|exhausted| {
            exhausted.was_throttled()?;
            Ok(exhausted)
        });
        let exhausted = match exhausted {
            Ok(exhausted) => exhausted,
            Err(nothing) => return vec![nothing],
        };
        let refusals = exhausted.own_refusals().into_iter();
        let judged = refusals.filter_map(|told| {
            let left = told.limit.remaining.value()?;
            Some(match left > 0.0 {
                false => Finding::Held,
                true => Finding::Violated(told.violation(
                    "429 says that calls are left",
                    "Remaining 0",
                    &format!("Remaining {left}"),
                )),
            })
        });
        judged.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{all_held, violations};
    use crate::exhaustion::simulated::{Limited, assert_no_false_alarm, header};

    #[test]
    fn sound_hubs_of_every_kind_are_not_found_to_violate_it() {
        assert_no_false_alarm(&CHECK);
        assert!(all_held(&Limited::fixed().judge(&CHECK)));
    }

    #[test]
    fn calls_left_with_429_are_a_violation() {
        for told in ["1", "20"] {
            let found = Limited::fixed().judge_altered(&CHECK, |exchange| {
                if exchange.response().is_some_and(|response| response.status == 429) {
                    header(exchange, "x-ratelimit-remaining", told);
                }
            });
            assert!(!violations(&found).is_empty());
            assert!(
                violations(&found)
                    .iter()
                    .all(|summary| *summary == "429 says that calls are left")
            );
        }
    }

    #[test]
    fn a_vendors_429_says_nothing_of_the_hubs_limit() {
        let found = Limited::fixed().judge_altered(&CHECK, |exchange| {
            if exchange.call.label == format!("{ONE_BY_ONE}/3") {
                crate::exhaustion::simulated::refuse(exchange, 429, "RATE_LIMITED");
            }
        });
        assert!(all_held(&found), "{found:?}");
    }
}
