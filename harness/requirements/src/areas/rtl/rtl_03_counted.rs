//! RTL-03: Remaining falls by one for each counted call.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::exhaustion::{self, AT_ONCE, Exhausted, ONE_BY_ONE, Window};
use crate::judging::findings;
use crate::site::Site;
use crate::told_limits::ToldLimit;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 3),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Rate limits",
    title: "Remaining falls by one for each call",
    statement: "A hub MUST count: in a burst (calls closer together than window ÷ Limit) with a key that nobody else uses, Remaining falls by one for \
                each counted call, less what a refill or an expiry can have given back meanwhile.",
    rationale: "A client that paces itself by Remaining goes too fast where it falls too slowly, and stops for nothing where it falls too fast.",
    method: "Calls a read tool with the throttled key, one call after the other until it is throttled, and compares what each answer says is left \
             with the one before it that told the same Limit and Reset. Where the window was seen to give calls back, so many less are \
             asked for.",
    mend: "Take one from the counter for each counted call, at one place, and send what the counter says after it.",
    needs: &[Need::Key(Role::Throttled)],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Rtl03;
pub(crate) const CHECK: Rtl03 = Rtl03;

impl Check for Rtl03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(vec![exhaustion::of_key(site)?])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let judged = Exhausted::throttled(evidence, ONE_BY_ONE).and_then(|exhausted| judge_counting(&exhausted));
        findings(judged)
    }
}

fn judge_counting(exhausted: &Exhausted<'_>) -> Result<Finding, Finding> {
    // Of calls that come at once, each is counted while others are answered.
    let mut windows = exhausted.windows();
    for window in &mut windows {
        window
            .answers
            .retain(|told| !told.exchange.call.label.starts_with(AT_ONCE));
    }
    windows.retain(|window| !window.answers.is_empty());
    let judged: Vec<_> = windows
        .iter()
        .filter_map(|window| judge_window(exhausted, window))
        .collect();
    let violated = judged.iter().find(|finding| matches!(finding, Finding::Violated(_)));
    let none = "no two calls, one after the other in one window, told what is left: name a key with a longer window"
        .to_owned();
    let first = violated.or(judged.first()).cloned();
    first.ok_or(Finding::NotExercised(Unexercised::NotApplicable(none)))
}

/// `None` where no two of its answers can be compared.
fn judge_window(exhausted: &Exhausted<'_>, window: &Window<'_, '_>) -> Option<Finding> {
    let admitted = window.admitted();
    let steps: Vec<_> = admitted
        .windows(2)
        .filter_map(|pair| Step::between(exhausted, pair[0], pair[1]))
        .collect();
    let too_far = steps.iter().find(|step| step.fall > 1.0);
    if let Some(step) = too_far {
        return Some(step.violated("Remaining falls by more than one for a call"));
    }
    let (first, last) = (steps.first()?, steps.last()?);
    let kept: f64 = steps.iter().map(|step| 1.0 - step.fall).sum();
    // A part of a call may be given back unseen, where none is left out of the count.
    let most = exhausted.given_back(window)?;
    let most = if exhausted.gives_nothing_back() {
        most
    } else {
        most + 1.0
    };
    if kept <= most {
        return Some(Finding::Held);
    }
    // Where windows slide, calls from before this one may have expired.
    if kept <= most + window.used_before()? {
        return None;
    }
    let stuck = steps.iter().find(|step| step.fall < 1.0).unwrap_or(first);
    Some(match stuck.violated("Remaining does not fall for a call") {
        Finding::Violated(violation) => Finding::Violated(Violation {
            observed: format!(
                "{}; over {} calls it fell by {} in all",
                violation.observed,
                steps.len(),
                first.from - last.to
            ),
            ..violation
        }),
        other => other,
    })
}

/// Two answers, one right after the other.
struct Step<'t, 'e> {
    before: &'t ToldLimit<'e>,
    after: &'t ToldLimit<'e>,
    from: f64,
    to: f64,
    fall: f64,
}

impl<'t, 'e> Step<'t, 'e> {
    /// `None` where they are not known to follow each other, or tell different limits.
    fn between(exhausted: &Exhausted<'_>, before: &'t ToldLimit<'e>, after: &'t ToldLimit<'e>) -> Option<Self> {
        let (from, to) = (before.limit.remaining.value()?, after.limit.remaining.value()?);
        let are_neighbours = exhausted.are_neighbours(before, after);
        (are_neighbours && before.limit.limit == after.limit.limit).then_some(Self {
            before,
            after,
            from,
            to,
            fall: from - to,
        })
    }

    fn violated(&self, summary: &str) -> Finding {
        Finding::Violated(Violation {
            exchanges: vec![self.before.exchange.number, self.after.exchange.number],
            ..self.after.violation(
                summary,
                "one less than after the call before",
                &format!("Remaining {} after {}", self.to, self.from),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{all_held, shows_nothing, violations};
    use crate::exhaustion::simulated::{Limited, ResetTold, assert_no_false_alarm, header};

    #[test]
    fn sound_hubs_of_every_kind_are_not_found_to_violate_it() {
        assert_no_false_alarm(&CHECK);
        assert!(all_held(&Limited::fixed().judge(&CHECK)));
    }

    #[test]
    fn a_window_of_which_nothing_was_left_is_followed_by_one_that_is_counted() {
        let spent = Limited {
            taken_before: 20,
            ..Limited::fixed()
        };
        assert!(all_held(&spent.judge(&CHECK)));
    }

    #[test]
    fn a_call_between_that_tells_nothing_is_counted_too() {
        let untold = Limited {
            reset: ResetTold::DeltaRoundedUp,
            ..Limited::fixed()
        };
        let found = untold.judge_altered(&CHECK, |exchange| {
            if exchange.call.label == "one by one/5" {
                header(exchange, "x-ratelimit-reset", "");
            }
        });
        assert!(all_held(&found), "{found:?}");
    }

    #[test]
    fn what_was_used_before_may_expire() {
        let found = |taken_before| {
            let hub = Limited {
                taken_before,
                ..Limited::fixed()
            };
            judge_remaining_of(&hub, |left| if left < 8 { left + 3 } else { left })
        };
        assert!(shows_nothing(&found(5)), "{:?}", found(5));
        assert_eq!(violations(&found(0)), ["Remaining does not fall for a call"]);
    }

    fn judge_remaining(told: impl Fn(i64) -> i64) -> Vec<Finding> {
        judge_remaining_of(&Limited::fixed(), told)
    }

    fn judge_remaining_of(hub: &Limited, told: impl Fn(i64) -> i64) -> Vec<Finding> {
        hub.judge_altered(&CHECK, |exchange| {
            let left = exchange
                .response()
                .and_then(|response| response.header("x-ratelimit-remaining"));
            let left = left.and_then(|left| left.parse().ok()).unwrap_or_default();
            header(exchange, "x-ratelimit-remaining", &told(left).to_string());
        })
    }

    #[test]
    fn calls_that_are_counted_twice_are_a_violation() {
        let found = judge_remaining(|left| 2 * left - 20);
        assert_eq!(violations(&found), ["Remaining falls by more than one for a call"]);
    }

    #[test]
    fn steps_and_a_remaining_that_stands_are_violations() {
        let steps = judge_remaining(|left| left / 5 * 5);
        assert_eq!(violations(&steps), ["Remaining falls by more than one for a call"]);
        let stands = judge_remaining(|_| 20);
        assert_eq!(violations(&stands), ["Remaining does not fall for a call"]);
        let Finding::Violated(violation) = &stands[0] else {
            panic!("{stands:?}")
        };
        assert!(violation.observed.contains("it fell by 0 in all"), "{violation:?}");
    }
}
