//! RTL-12: a window admits no more than Limit.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::exhaustion::{self, Exhausted, ONE_BY_ONE, Window};
use crate::judging::is_throttled;
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 12),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Rate limits",
    title: "no more than Limit calls are admitted in a window",
    statement: "A hub MUST admit no more than Limit counted calls in one window, also when they come at once (what refills meanwhile is added; a burst \
                that straddles two fixed windows is tried again).",
    rationale: "A limit that gives way under load does not protect the vendors behind it when it matters.",
    method: "Exhausts the throttled key with calls one after the other and with a quarter more than Limit calls at once, and counts those that were let \
             through with one and the same Reset. Where a late call did not show that windows give nothing back before their end, what they \
             may have given back is added.",
    mend: "Count and compare in one atomic step (such as an increment in Redis) before the call goes on, and refuse once the count \
           is above Limit.",
    needs: &[Need::Key(Role::Throttled)],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Rtl12;
pub(crate) const CHECK: Rtl12 = Rtl12;

impl Check for Rtl12 {
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
        let windows = exhausted.windows();
        let judged: Vec<_> = windows
            .iter()
            .filter_map(|window| judge_window(&exhausted, window))
            .collect();
        match (judged.is_empty(), exhausted.was_throttled()) {
            (false, _) => judged,
            (true, Err(nothing)) => vec![nothing],
            (true, Ok(())) => vec![Finding::NotExercised(Unexercised::NotApplicable(
                "no window was exhausted from its beginning to a refusal: name a key with a longer window".to_owned(),
            ))],
        }
    }
}

/// `None` where the window was not exhausted, or what it gave back cannot be bounded.
fn judge_window(exhausted: &Exhausted<'_>, window: &Window<'_, '_>) -> Option<Finding> {
    let (admitted, limit) = (window.admitted(), window.limit()?);
    let given_back = exhausted.given_back(window)?;
    if admitted.len() as f64 > limit + given_back {
        let last = admitted.last()?;
        return Some(Finding::Violated(last.violation(
            "a window admits more calls than Limit",
            format!("no more than {}", limit + given_back),
            &format!(
                "{} calls let through with Limit {limit}; {}",
                admitted.len(),
                last.headers()
            ),
        )));
    }
    let was_exhausted = window.answers.iter().any(|told| is_throttled(told.exchange));
    was_exhausted.then_some(Finding::Held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{all_held, violations};
    use crate::exhaustion::simulated::{Limited, ResetTold, Windows, assert_no_false_alarm};

    #[test]
    fn sound_hubs_of_every_kind_are_not_found_to_violate_it() {
        assert_no_false_alarm(&CHECK);
        assert!(all_held(&Limited::fixed().judge(&CHECK)));
    }

    fn lax(beyond: u64, windows: Windows) -> Limited {
        Limited {
            beyond,
            windows,
            ..Limited::fixed()
        }
    }

    #[test]
    fn one_more_than_limit_is_a_violation_where_windows_do_not_refill() {
        let summary = ["a window admits more calls than Limit"];
        let found = lax(1, Windows::Fixed).judge(&CHECK);
        assert_eq!(violations(&found)[..1], summary);
        let told_as_delta = Limited {
            reset: ResetTold::DeltaRoundedUp,
            ..lax(1, Windows::Fixed)
        };
        assert_eq!(violations(&told_as_delta.judge(&CHECK))[..1], summary);
    }

    #[test]
    fn a_burst_that_passes_the_limit_is_a_violation() {
        let found = lax(3, Windows::Fixed).judge(&CHECK);
        let last = found.last().unwrap();
        let Finding::Violated(violation) = last else {
            panic!("{found:?}")
        };
        assert!(violation.observed.contains("23 calls let through"), "{violation:?}");
    }
}
