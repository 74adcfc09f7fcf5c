//! RTL-07: calls are accepted again once Reset has passed.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::exhaustion::{self, AFTER_RESET, Exhausted, ONE_BY_ONE};
use crate::judging::{findings, is_served, is_throttled, observed};
use crate::site::Site;
use crate::told_limits::{TOLERANCE, ToldLimit};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 7),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Rate limits",
    title: "calls are accepted again after Reset",
    statement: "A hub MUST accept calls again once Reset has passed.",
    rationale: "A client that waited as it was told and is refused all the same has nothing left to go by.",
    method: "Exhausts the throttled key, waits until the Reset that it was told has passed by the clock in the hub's own `Date`, and calls. Where that \
             is refused with the same Reset, one more call follows a second later.",
    mend: "Start a new window once the Reset that was told has passed, and let refused calls prolong neither window nor ban.",
    needs: &[Need::Key(Role::Throttled)],
    reach: Allow::Read,
    since: "0.1.0",
};

/// By how many seconds a Reset is another one.
const LATER: f64 = 0.9;

pub(crate) struct Rtl07;
pub(crate) const CHECK: Rtl07 = Rtl07;

impl Check for Rtl07 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(vec![exhaustion::of_key(site)?])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_reset(evidence))
    }
}

fn judge_reset(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let exhausted = Exhausted::throttled(evidence, ONE_BY_ONE)?;
    exhausted.was_throttled()?;
    if let Some((awaited, refusal)) = refused_beyond_reset(&exhausted) {
        return Ok(still_throttled(awaited, refusal));
    }
    evidence.done("reset of throttled")?;
    let called = evidence.answered(AFTER_RESET)?;
    if is_served(called) {
        return Ok(Finding::Held);
    }
    if !is_throttled(called) {
        return Err(Finding::Inconclusive(format!(
            "the call after reset was refused: {}",
            observed(called)
        )));
    }
    let answers = &exhausted.answers;
    let awaited = answers
        .iter()
        .rfind(|told| told.exchange.number < called.number && told.reset_span().is_some());
    let refusal = answers.iter().find(|told| told.exchange.number == called.number);
    let (Some(awaited), Some(refusal)) = (awaited, refusal) else {
        return Err(Finding::Inconclusive(
            "nothing tells which reset was waited for".to_owned(),
        ));
    };
    // With the Reset that was waited for it may be a matter of rounding: then the call a second later counts.
    if !tells_later_reset(refusal, awaited) {
        let later = evidence.answered(&format!("{AFTER_RESET}/later"))?;
        if !is_throttled(later) {
            return Ok(Finding::Held);
        }
    }
    Ok(still_throttled(awaited, refusal))
}

fn still_throttled(awaited: &ToldLimit<'_>, refusal: &ToldLimit<'_>) -> Finding {
    let headers = format!("{}; before it {}", refusal.headers(), awaited.headers());
    Finding::Violated(Violation {
        exchanges: vec![awaited.exchange.number, refusal.exchange.number],
        ..refusal.violation("a call after Reset is still throttled", "the call accepted", &headers)
    })
}

/// Two refusals with nothing but refusals between them, the second sent after the Reset that the first told: exhausting the limit may have
/// waited for it. That it tells a later one shows that the window is another.
fn refused_beyond_reset<'t, 'e>(exhausted: &'t Exhausted<'e>) -> Option<(&'t ToldLimit<'e>, &'t ToldLimit<'e>)> {
    let mut refused: Vec<&ToldLimit<'_>> = Vec::new();
    for told in &exhausted.answers {
        let follows = refused.last().is_none_or(|last| exhausted.are_neighbours(last, told));
        if !follows || !is_throttled(told.exchange) {
            refused.clear();
        }
        if !is_throttled(told.exchange) {
            continue;
        }
        let is_awaited = |earlier: &&&ToldLimit<'_>| {
            let reset = earlier.limit.seconds_to_reset();
            reset.is_some_and(|seconds| told.sent() >= earlier.answered() + seconds + TOLERANCE)
                && tells_later_reset(told, earlier)
        };
        if let Some(awaited) = refused.iter().find(is_awaited) {
            return Some((*awaited, told));
        }
        refused.push(told);
    }
    None
}

fn tells_later_reset(refusal: &ToldLimit<'_>, awaited: &ToldLimit<'_>) -> bool {
    match (refusal.reset_span(), awaited.reset_span()) {
        (Some((earliest, _)), Some((_, latest))) if refusal.tells_moment() => earliest >= latest + LATER,
        // Seconds from now are told in whole ones.
        (Some((earliest, _)), Some((_, latest))) => earliest >= latest + 1.0 + LATER,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{all_held, shows_nothing, violations};
    use crate::exhaustion::simulated::{Limited, ResetTold, assert_no_false_alarm, refuse};

    const SUMMARY: [&str; 1] = ["a call after Reset is still throttled"];

    fn shut_for(seconds: f64, reset: ResetTold) -> Vec<Finding> {
        let hub = Limited {
            shut_for: seconds,
            reset,
            ..Limited::fixed()
        };
        hub.judge(&CHECK)
    }

    #[test]
    fn sound_hubs_of_every_kind_are_not_found_to_violate_it() {
        assert_no_false_alarm(&CHECK);
        assert!(all_held(&Limited::fixed().judge(&CHECK)));
    }

    #[test]
    fn a_key_that_stays_shut_for_another_window_is_a_violation_that_names_both_resets() {
        for reset in [ResetTold::EpochSeconds, ResetTold::DeltaRoundedUp] {
            let found = shut_for(60.0, reset);
            assert_eq!(violations(&found), SUMMARY);
            let Finding::Violated(violation) = &found[0] else {
                panic!("{found:?}")
            };
            assert_eq!(violation.exchanges.len(), 2);
        }
    }

    #[test]
    fn a_key_that_stays_shut_while_it_is_exhausted_again_is_a_violation_too() {
        // The window ends too soon for the late call: the next one is waited for, and is shut when it should be exhausted.
        let hub = Limited {
            shut_for: 60.0,
            begins: 57.0,
            ..Limited::fixed()
        };
        assert_eq!(violations(&hub.judge(&CHECK)), SUMMARY);
    }

    #[test]
    fn a_second_is_within_the_tolerance_where_the_same_reset_is_told() {
        let rounded = Limited {
            window: 60.5,
            reset: ResetTold::EpochRoundedDown,
            ..Limited::fixed()
        };
        assert!(all_held(&rounded.judge(&CHECK)));
    }

    #[test]
    fn another_refusal_and_no_exhaustion_show_nothing() {
        let fixed = Limited::fixed();
        assert!(shows_nothing(&fixed.judge_altered(&CHECK, |exchange| {
            if exchange.call.label == AFTER_RESET {
                refuse(exchange, 403, "FORBIDDEN");
            }
        })));
        let lax = Limited { beyond: 1000, ..fixed };
        assert!(shows_nothing(&lax.judge(&CHECK)));
    }
}
