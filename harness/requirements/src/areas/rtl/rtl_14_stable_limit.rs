//! RTL-14: Limit stays the same within a window.

use std::collections::HashMap;

use hubproof_model::call::Endpoint;
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::exhaustion::of_key_if_granted;
use crate::site::Site;
use crate::told_limits::{TOLERANCE, ToldLimit, any_told, series, told_limits};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 14),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Rate limits",
    title: "Limit stays the same within a window",
    statement: "A hub SHOULD keep Limit the same within a window.",
    rationale: "A client paces itself by Limit and Reset; a limit that moves while it counts makes its pace wrong.",
    method: "Compares the Limit of answers to the same call and key that tell the same Reset, within one second. One change is let \
             pass: the tighter of a key's and its workspace's limits may be shown. A third Limit, a return to the first, or a \
             change while Remaining goes on falling by one is not.",
    mend: "Send as Limit the size of the window, not what is left of it or a burst's allowance, and let new limits begin with a \
           new window.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

/// On each side of a change, how many calls show that Remaining goes on.
const AROUND: usize = 3;
/// How many of the Limits are shown.
const SHOWN: usize = 4;

pub(crate) struct Rtl14;
pub(crate) const CHECK: Rtl14 = Rtl14;

impl Check for Rtl14 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(series(site).into_iter().chain(of_key_if_granted(site)).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let told = told_limits(evidence);
        if let Err(nothing) = any_told(&told, &evidence.surface.dialect) {
            return vec![nothing];
        }
        let mut windows: Vec<Vec<&ToldLimit<'_>>> = Vec::new();
        let mut of_call: HashMap<(Role, &Endpoint), Vec<usize>> = HashMap::new();
        for answer in told.iter().filter(|answer| answer.limit.limit.value().is_some()) {
            let own = of_call
                .entry((answer.role, &answer.exchange.call.endpoint))
                .or_default();
            match own.iter().find(|index| tell_one_reset(windows[**index][0], answer)) {
                Some(index) => windows[*index].push(answer),
                None => {
                    own.push(windows.len());
                    windows.push(vec![answer]);
                }
            }
        }
        windows.iter().filter_map(|window| judge_window(window)).collect()
    }
}

fn tell_one_reset(one: &ToldLimit<'_>, other: &ToldLimit<'_>) -> bool {
    let (Some(own), Some(others)) = (one.reset_span(), other.reset_span()) else {
        return false;
    };
    let is_near = others.0 <= own.1 + TOLERANCE && own.0 <= others.1 + TOLERANCE;
    one.tells_moment() == other.tells_moment() && is_near
}

/// Judges answers that tell one Reset. `None` where there is but one.
fn judge_window(answers: &[&ToldLimit<'_>]) -> Option<Finding> {
    // Answers that overlap may have come in any order: those that came one after the other are compared.
    let mut ordered: Vec<&ToldLimit<'_>> = Vec::new();
    for answer in answers {
        if ordered.last().is_none_or(|last| answer.is_after(last)) {
            ordered.push(answer);
        }
    }
    if ordered.len() < 2 {
        return None;
    }
    let runs: Vec<_> = ordered
        .chunk_by(|one, next| one.limit.limit == next.limit.limit)
        .collect();
    let is_sound = match runs.as_slice() {
        [_] => true,
        // The tighter of two limits has less left than the other had; it does not go on from where that was.
        [before, after] => !goes_on(before, after),
        _ => false,
    };
    if is_sound {
        return Some(Finding::Held);
    }
    let limits: Vec<_> = runs
        .iter()
        .take(SHOWN)
        .filter_map(|run| run[0].limit.limit.value())
        .collect();
    let limits: Vec<_> = limits.iter().map(ToString::to_string).collect();
    let changes: Vec<_> = runs.iter().take(SHOWN).map(|run| run[0].exchange.number).collect();
    Some(Finding::Violated(Violation {
        exchanges: changes,
        ..runs[1][0].violation(
            "Limit changes within a window",
            "the same Limit until Reset",
            &format!("Limit {} one after the other, with one Reset", limits.join(", ")),
        )
    }))
}

/// Whether Remaining falls on by one a call over a change of Limit, for some calls before and after it.
fn goes_on(before: &[&ToldLimit<'_>], after: &[&ToldLimit<'_>]) -> bool {
    let around = before.iter().rev().take(AROUND).rev().chain(after.iter().take(AROUND));
    let left: Vec<_> = around.filter_map(|told| told.limit.remaining.value()).collect();
    left.len() == 2 * AROUND && left.windows(2).all(|pair| pair[0] - pair[1] == 1.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::{Call, Intent};
    use hubproof_model::exchange::Exchange;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, shows_nothing, succeeded, telling, violations};
    use crate::exhaustion::simulated::assert_no_false_alarm;

    /// Calls so many milliseconds apart, each answered after 10 ms with a Limit, what is left, and a Reset.
    fn judge(apart: u64, told: &[[&str; 3]]) -> Vec<Finding> {
        let exchange = |(number, told): (usize, &[&str; 3])| {
            let call = Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read);
            Exchange {
                number: number as u64,
                sent_after: Duration::from_millis(number as u64 * apart),
                elapsed: Duration::from_millis(10),
                ..telling(succeeded(call, json!({})), *told)
            }
        };
        let exchanges: Vec<_> = told.iter().enumerate().map(exchange).collect();
        Hub::small().judge(&CHECK, None, &exchanges)
    }

    #[test]
    fn sound_hubs_of_every_kind_are_not_found_to_violate_it() {
        assert_no_false_alarm(&CHECK);
    }

    #[test]
    fn the_same_limit_holds_and_another_window_may_have_another() {
        assert!(all_held(&judge(
            20,
            &[["9", "8", "60"], ["9", "7", "60"], ["9", "6", "59"]]
        )));
        let [one, other] = ["1792567680", "1792567740"];
        let found = judge(
            20,
            &[["9", "8", one], ["9", "7", one], ["7", "6", other], ["7", "5", other]],
        );
        assert!(all_held(&found) && found.len() == 2);
    }

    #[test]
    fn one_change_may_be_that_to_the_workspaces_limit() {
        let told = ["7", "6", "5", "3", "2", "1", "0"];
        let told: Vec<_> = told
            .iter()
            .map(|left| [if *left > "4" { "9" } else { "500" }, left, "60"])
            .collect();
        assert!(all_held(&judge(20, &told)));
        assert!(
            all_held(&judge(20, &[["9", "8", "60"], ["500", "7", "60"]])),
            "too few calls to tell"
        );
    }

    #[test]
    fn a_change_over_which_remaining_goes_on_is_a_violation() {
        let told = ["7", "6", "5", "4", "3", "2", "1"];
        let told: Vec<_> = told
            .iter()
            .map(|left| [if *left > "4" { "9" } else { "18" }, left, "60"])
            .collect();
        assert_eq!(violations(&judge(20, &told)), ["Limit changes within a window"]);
    }

    #[test]
    fn a_third_limit_or_a_return_is_a_violation_that_names_each() {
        for limits in [["9", "8", "7"], ["9", "500", "9"]] {
            let found = judge(20, &limits.map(|limit| [limit, "1", "60"]));
            assert_eq!(violations(&found), ["Limit changes within a window"]);
            let Some(Finding::Violated(violation)) = found.last() else {
                panic!("{found:?}")
            };
            assert_eq!(violation.exchanges, [0, 1, 2]);
        }
    }

    #[test]
    fn calls_that_overlap_tell_no_order() {
        let found = judge(
            2,
            &[
                ["9", "1", "60"],
                ["500", "1", "60"],
                ["9", "1", "60"],
                ["500", "1", "60"],
            ],
        );
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn without_a_limit_nothing_is_shown() {
        assert!(judge(20, &[["many", "1", "60"], ["9", "1", "soon"]]).is_empty());
        let call = Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read);
        assert!(shows_nothing(&Hub::small().judge(
            &CHECK,
            None,
            &[succeeded(call, json!({}))]
        )));
    }
}
