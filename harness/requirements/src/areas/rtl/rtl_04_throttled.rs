//! RTL-04: calls beyond the limit are answered with 429 and RATE_LIMITED.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::exhaustion::{self, Exhausted, ONE_BY_ONE, Window, is_proper_refusal};
use crate::judging::{is_served, is_throttled};
use crate::site::Site;
use crate::told_limits::ToldLimit;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 4),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Rate limits",
    title: "calls beyond the limit get 429 and RATE_LIMITED",
    statement: "A hub MUST answer calls beyond the limit with 429 and RATE_LIMITED in the error envelope.",
    rationale: "Clients wait and try again when they see this status and code; any other answer makes them give up, or go on.",
    method: "Exhausts the throttled key twice, with calls one after the other and with calls at once: a quarter more than Limit each time. \
             Each call that is refused once the limit is reached must be refused so, and some must be.",
    mend: "Answer a call beyond the limit with 429 and the code RATE_LIMITED in the error envelope, at the gateway as well.",
    needs: &[Need::Key(Role::Throttled)],
    reach: Allow::Read,
    since: "0.1.0",
};

const EXPECTED: &str = "429 with RATE_LIMITED in the error envelope";

pub(crate) struct Rtl04;
pub(crate) const CHECK: Rtl04 = Rtl04;

impl Check for Rtl04 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(vec![exhaustion::of_key(site)?])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        match Exhausted::throttled(evidence, ONE_BY_ONE) {
            Ok(exhausted) => judge_refusals(&exhausted),
            Err(nothing) => vec![nothing],
        }
    }
}

fn judge_refusals(exhausted: &Exhausted<'_>) -> Vec<Finding> {
    let refused = exhausted.answers.iter().filter(|told| !is_served(told.exchange));
    let mut judged: Vec<_> = refused.filter_map(|told| judge_refusal(exhausted, told)).collect();
    if judged.is_empty() {
        let windows = exhausted.windows();
        let passed = windows.iter().find_map(|window| judge_window(exhausted, window));
        judged.push(passed.unwrap_or_else(|| {
            let why = format!(
                "none of {} calls was throttled, and the window may have given as many back meanwhile: name a key with a smaller limit",
                exhausted.answers.len()
            );
            Finding::NotExercised(Unexercised::NotApplicable(why))
        }));
    }
    judged
}

/// `None` where something else may be the reason for the refusal.
fn judge_refusal(exhausted: &Exhausted<'_>, told: &ToldLimit<'_>) -> Option<Finding> {
    if is_proper_refusal(told.exchange) {
        return Some(Finding::Held);
    }
    // A gateway throttles in words of its own, which say nothing of the hub's limit.
    let is_of_hub = exhausted.is_beyond(told) || told.limit.limit.value().is_some();
    let summary = if is_throttled(told.exchange) && is_of_hub {
        "a throttled call is not answered with both 429 and RATE_LIMITED"
    } else if !is_throttled(told.exchange) && exhausted.is_beyond(told) {
        "a call beyond the limit is refused as if it were for something else"
    } else {
        return None;
    };
    Some(Finding::Violated(told.violation(summary, EXPECTED, &told.headers())))
}

/// The violation that a window shows in which more was let through than its limit and all that it can have given back.
fn judge_window(exhausted: &Exhausted<'_>, window: &Window<'_, '_>) -> Option<Finding> {
    let (admitted, limit) = (window.admitted(), window.limit()?);
    let most = limit + exhausted.given_back(window)? + 1.0;
    let last = admitted.last()?;
    (admitted.len() as f64 > most).then(|| {
        Finding::Violated(last.violation(
            "no call beyond the limit is throttled",
            EXPECTED,
            &format!("{} calls let through in one window, with Limit {limit}", admitted.len()),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{all_held, violations, with_bytes};
    use crate::exhaustion::simulated::{Limited, Windows, assert_no_false_alarm, refuse};

    #[test]
    fn sound_hubs_of_every_kind_are_not_found_to_violate_it() {
        assert_no_false_alarm(&CHECK);
        assert!(all_held(&Limited::fixed().judge(&CHECK)));
    }

    fn judge_refused(status: u16, code: &str) -> Vec<Finding> {
        Limited::fixed().judge_altered(&CHECK, |exchange| {
            if is_throttled(exchange) {
                refuse(exchange, status, code);
            }
        })
    }

    #[test]
    fn another_status_or_code_is_a_violation() {
        let both = "a throttled call is not answered with both 429 and RATE_LIMITED";
        for (status, code) in [(503, "RATE_LIMITED"), (429, "FORBIDDEN")] {
            let found = judge_refused(status, code);
            assert!(!violations(&found).is_empty() && violations(&found).iter().all(|summary| *summary == both));
        }
        let found = judge_refused(403, "FORBIDDEN");
        let else_ = "a call beyond the limit is refused as if it were for something else";
        assert!(!violations(&found).is_empty() && violations(&found).iter().all(|summary| *summary == else_));
    }

    #[test]
    fn a_gateway_that_throttles_in_words_of_its_own_is_not_the_hub() {
        let found = Limited::fixed().judge_altered(&CHECK, |exchange| {
            if ["one by one/3", "one by one/7"].contains(&exchange.call.label.as_str()) {
                exchange.result = with_bytes(exchange.call.clone(), 429, &[], b"slow down").result;
            }
        });
        assert!(violations(&found).is_empty(), "{found:?}");
    }

    #[test]
    fn a_limit_that_is_told_and_not_enforced_is_a_violation() {
        let lax = |windows, latency| Limited {
            beyond: 1000,
            windows,
            latency,
            ..Limited::fixed()
        };
        let unthrottled = ["no call beyond the limit is throttled"];
        assert_eq!(violations(&lax(Windows::Fixed, 0.01).judge(&CHECK)), unthrottled);
        // As fast as a bucket would refill.
        assert!(violations(&lax(Windows::Bucket, 3.0).judge(&CHECK)).is_empty());
    }
}
