//! RTL-08: exhausting one key leaves another key of the workspace usable.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::exhaustion::{self, AT_ONCE, BEFORE, Exhausted, ONE_BY_ONE, OTHER_KEYS, is_proper_refusal, other_key};
use crate::judging::is_throttled;
use crate::site::Site;
use crate::told_limits::ToldLimit;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 8),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Rate limits",
    title: "each key has its own limit",
    statement: "A hub MUST limit each key: exhausting one leaves another key of the workspace usable (where a key's limit is below the workspace's).",
    rationale: "One client that goes wild takes every other client of its workspace down.",
    method: "Exhausts the throttled key, and calls with the primary and the secondary key while it is. Such a key was told before how much it has left: \
             more than was sent since, so that no common limit can be the reason.",
    mend: "Count by API key: not by address, process or workspace alone.",
    needs: &[Need::Key(Role::Throttled)],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Rtl08;
pub(crate) const CHECK: Rtl08 = Rtl08;

impl Check for Rtl08 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(vec![exhaustion::of_key(site)?])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let exhausted = match Exhausted::throttled(evidence, ONE_BY_ONE) {
            Ok(exhausted) => exhausted,
            Err(nothing) => return vec![nothing],
        };
        if let Err(nothing) = exhausted.was_throttled() {
            return vec![nothing];
        }
        let times = [ONE_BY_ONE, AT_ONCE].into_iter();
        let tried = times.flat_map(|time| OTHER_KEYS.map(|role| judge_key(evidence, &exhausted, role, time)));
        let judged: Vec<_> = tried.flatten().collect();
        match judged.is_empty() {
            true => vec![Finding::NotExercised(Unexercised::NotApplicable(
                "no other key called while the throttled one was exhausted, with something left of its own limit"
                    .to_owned(),
            ))],
            false => judged,
        }
    }
}

/// `None` where the key was not called while the other was exhausted, or a limit of its own may be reached.
fn judge_key(evidence: &Evidence<'_>, exhausted: &Exhausted<'_>, role: Role, time: &str) -> Option<Finding> {
    let told = |label: &str| ToldLimit::of(evidence.answered(label).ok()?, &evidence.surface.dialect);
    let (before, call) = (told(&other_key(role, BEFORE))?, told(&other_key(role, time))?);
    let [refusal, _] = exhausted.refusals_around(&[&call])?;
    if !is_throttled(call.exchange) {
        return Some(Finding::Held);
    }
    // What throttles in words of its own is a gateway, and may block the caller's address; another Limit, or one with something left, is
    // not this key's own.
    let is_of_another_limit = match (before.limit.limit.value(), call.limit.limit.value()) {
        (Some(own), Some(told)) => own != told,
        _ => false,
    };
    let has_left = call.limit.remaining.value().is_some_and(|left| left > 0.0);
    if !is_proper_refusal(call.exchange) || is_of_another_limit || has_left {
        return None;
    }
    let sent_since = call.exchange.number.saturating_sub(before.exchange.number);
    let had_enough = before
        .limit
        .remaining
        .value()
        .is_some_and(|left| left > sent_since as f64);
    had_enough.then(|| {
        Finding::Violated(Violation {
            exchanges: vec![before.exchange.number, refusal.exchange.number, call.exchange.number],
            ..call.violation(
                "another key is throttled once one is exhausted",
                "the call accepted: each key has its own limit",
                &format!("{}; before that {}", call.headers(), before.headers()),
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::exchanges::{all_held, shows_nothing, violations, with_bytes};
    use crate::exhaustion::simulated::{Limited, assert_no_false_alarm, header, refuse};

    #[test]
    fn sound_hubs_of_every_kind_are_not_found_to_violate_it() {
        assert_no_false_alarm(&CHECK);
        assert!(all_held(&Limited::fixed().judge(&CHECK)));
    }

    /// What is found where the primary key is throttled beside the exhausted one, and was told before to have so much left.
    fn judge_throttled(left_before: &str) -> Vec<Finding> {
        Limited::fixed().judge_altered(&CHECK, |exchange| {
            let label = exchange.call.label.as_str();
            if label == other_key(Role::Primary, BEFORE) {
                header(exchange, "x-ratelimit-remaining", left_before);
            } else if label.starts_with("primary") || label.starts_with("secondary") {
                refuse(exchange, 429, "RATE_LIMITED");
                header(exchange, "x-ratelimit-remaining", "0");
            }
        })
    }

    #[test]
    fn a_gateway_or_another_limit_that_throttles_shows_nothing() {
        let judge = |alter: fn(&mut Exchange)| {
            let found = Limited::fixed().judge_altered(&CHECK, |exchange| {
                let label = exchange.call.label.as_str();
                let is_other = label.starts_with("primary") || label.starts_with("secondary");
                if label == other_key(Role::Primary, BEFORE) || label == other_key(Role::Secondary, BEFORE) {
                    header(exchange, "x-ratelimit-remaining", "900");
                } else if is_other {
                    refuse(exchange, 429, "RATE_LIMITED");
                    header(exchange, "x-ratelimit-remaining", "0");
                    alter(exchange);
                }
            });
            assert!(shows_nothing(&found), "{found:?}");
        };
        judge(|exchange| exchange.result = with_bytes(exchange.call.clone(), 429, &[], b"blocked").result);
        judge(|exchange| header(exchange, "x-ratelimit-limit", "77"));
        judge(|exchange| header(exchange, "x-ratelimit-remaining", "5"));
    }

    #[test]
    fn a_key_with_enough_left_that_is_throttled_is_a_violation() {
        let found = judge_throttled("900");
        assert!(
            violations(&found)
                .iter()
                .all(|summary| *summary == "another key is throttled once one is exhausted")
        );
        assert!(!violations(&found).is_empty());
    }

    #[test]
    fn a_limit_that_the_keys_share_may_be_the_reason() {
        let found = Limited::fixed().judge_altered(&CHECK, |exchange| {
            let label = exchange.call.label.as_str();
            let is_other = label.starts_with("primary") || label.starts_with("secondary");
            match (is_other, label.ends_with(BEFORE)) {
                (true, true) => header(exchange, "x-ratelimit-remaining", "19"),
                (true, false) => refuse(exchange, 429, "RATE_LIMITED"),
                (false, _) => {}
            }
        });
        assert!(shows_nothing(&found), "{found:?}");
    }
}
