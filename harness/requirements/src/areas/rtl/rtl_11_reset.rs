//! RTL-11: Reset lies in the future, at most a day away, and does not move back.

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
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 11),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Rate limits",
    title: "Reset lies in the future, and is one for a window",
    statement: "A hub SHOULD give a Reset in the future, at most a day away; where windows are fixed, one for a window.",
    rationale: "A client that waits for a Reset which has passed, or is a week away, comes back at once or never.",
    method: "Compares Reset with the `Date` of each answer of the run to a valid key. A Reset that moves back from one call to the same \
             call after it shows two for a window; one that moves on may be that of a sliding window or a bucket that refills. All \
             within one second.",
    mend: "Compute Reset in UTC from the window's end, the same for all answers within one window, at most a day away.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

const A_DAY: f64 = 86_400.0;

pub(crate) struct Rtl11;
pub(crate) const CHECK: Rtl11 = Rtl11;

impl Check for Rtl11 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = traffic::successes(site);
        cases.extend(series(site));
        // What is told over some seconds shows more: a Reset that has passed may only just have.
        cases.extend(of_key_if_granted(site));
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let told = told_limits(evidence);
        if let Err(nothing) = any_told(&told, &evidence.surface.dialect) {
            return vec![nothing];
        }
        let mut findings: Vec<_> = told.iter().filter_map(judge_distance).collect();
        findings.extend(judge_order(&told));
        if findings.is_empty() && told.iter().any(|told| told.tells_moment()) {
            let why = "Reset is a point in time, and no answer has a `Date` to compare it with";
            findings.push(Finding::NotExercised(Unexercised::NotApplicable(why.to_owned())));
        }
        findings
    }
}

/// Whether one answer's Reset is in the future and near. `None` where there is nothing to tell.
fn judge_distance(told: &ToldLimit<'_>) -> Option<Finding> {
    let seconds = told.limit.seconds_to_reset()?;
    // Between the counting and the answer's `Date` lies what the call took.
    let summary = if seconds < -TOLERANCE - told.exchange.elapsed.as_secs_f64() {
        "Reset has passed"
    } else if seconds > A_DAY + TOLERANCE {
        "Reset is more than a day away"
    } else {
        return Some(Finding::Held);
    };
    let expected = "a time after the answer's own `Date`, at most a day away";
    let told_as = format!("{}: {seconds} s from the answer", told.headers());
    Some(Finding::Violated(told.violation(summary, expected, &told_as)))
}

/// The Resets that moved back: in a fixed window there is one, and in any other it moves on.
fn judge_order(told: &[ToldLimit<'_>]) -> Vec<Finding> {
    // Different faces, tools and limits may have windows of their own (the tighter of a key's and a workspace's is shown).
    type Window<'t> = (Role, &'t Endpoint, Option<u64>, bool);
    let mut windows: HashMap<Window<'_>, Vec<&ToldLimit<'_>>> = HashMap::new();
    let mut findings = Vec::new();
    for answer in told {
        let limit = answer.limit.limit.value().map(f64::to_bits);
        let window = (
            answer.role,
            &answer.exchange.call.endpoint,
            limit,
            answer.tells_moment(),
        );
        let before = windows.entry(window).or_default();
        findings.extend(before.iter().rev().find_map(|earlier| moved_back(earlier, answer)));
        before.push(answer);
    }
    findings
}

fn moved_back(earlier: &ToldLimit<'_>, later: &ToldLimit<'_>) -> Option<Finding> {
    let ((earliest, _), (_, latest)) = (earlier.reset_span()?, later.reset_span()?);
    let is_back = later.is_after(earlier) && latest + TOLERANCE < earliest;
    is_back.then(|| {
        Finding::Violated(Violation {
            exchanges: vec![earlier.exchange.number, later.exchange.number],
            ..later.violation(
                "Reset moves back from one call to the next",
                "one Reset for a window, and later ones after it",
                &format!("{}; before it {}", later.headers(), earlier.headers()),
            )
        })
    })
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

    const DATE: &str = "Wed, 21 Oct 2026 07:28:00 GMT";
    const DATE_SECONDS: i64 = 1_792_567_680;

    fn judge(exchanges: &[Exchange]) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, exchanges)
    }

    /// A call sent so many milliseconds into the run, answered 10 ms later with this limit and Reset.
    fn sent_at(milliseconds: u64, tool: &str, limit: &str, reset: &str) -> Exchange {
        let call = Call::post_execute(tool, json!({"input": {}}), Intent::Read);
        Exchange {
            sent_after: Duration::from_millis(milliseconds),
            elapsed: Duration::from_millis(10),
            ..telling(succeeded(call, json!({})), [limit, "1", reset])
        }
    }

    fn dated(reset: &str) -> Exchange {
        let mut exchange = sent_at(0, "a.b.c", "9", reset);
        if let Ok(response) = &mut exchange.result {
            response.headers.push(("date".to_owned(), DATE.to_owned()));
        }
        exchange
    }

    #[test]
    fn sound_hubs_of_every_kind_are_not_found_to_violate_it() {
        assert_no_false_alarm(&CHECK);
    }

    #[test]
    fn from_a_second_ago_to_a_day_from_now_holds() {
        for seconds in [-1, 0, 60, 86_400] {
            assert!(
                all_held(&judge(&[dated(&(DATE_SECONDS + seconds).to_string())])),
                "{seconds}"
            );
        }
        for delta in ["0", "60", "86400"] {
            assert!(all_held(&judge(&[sent_at(0, "a.b.c", "9", delta)])), "{delta}");
        }
    }

    #[test]
    fn what_has_passed_or_is_far_away_is_a_violation() {
        let passed = judge(&[dated(&(DATE_SECONDS - 30).to_string())]);
        assert_eq!(violations(&passed), ["Reset has passed"]);
        let far = ["Reset is more than a day away"];
        assert_eq!(violations(&judge(&[dated(&(DATE_SECONDS + 604_800).to_string())])), far);
        assert_eq!(violations(&judge(&[dated("Wed, 28 Oct 2026 07:28:00 GMT")])), far);
        assert_eq!(violations(&judge(&[sent_at(0, "a.b.c", "9", "604800")])), far);
    }

    #[test]
    fn a_window_may_end_while_a_slow_call_is_carried_out() {
        let mut slow = dated(&(DATE_SECONDS - 4).to_string());
        slow.elapsed = Duration::from_secs(5);
        assert!(all_held(&judge(&[slow])));
    }

    #[test]
    fn a_reset_that_moves_back_is_a_violation_that_names_both() {
        for (first, second) in [("60", "50"), ("1792567689", "1792567680")] {
            let mut back = [sent_at(0, "a.b.c", "9", first), sent_at(20, "a.b.c", "9", second)];
            back[1].number = 1;
            let found = judge(&back);
            assert_eq!(violations(&found), ["Reset moves back from one call to the next"]);
            let Some(Finding::Violated(violation)) = found.last() else {
                panic!("{found:?}")
            };
            assert_eq!(violation.exchanges, [0, 1]);
        }
    }

    #[test]
    fn fixed_windows_sliding_ones_and_buckets_hold() {
        let series = |resets: [(u64, &str); 4]| {
            let calls = resets.map(|(at, reset)| sent_at(at, "a.b.c", "9", reset));
            violations(&judge(&calls)).is_empty()
        };
        // The whole seconds of a fixed window, its successor, and what comes later with each call.
        assert!(series([(0, "3"), (900, "3"), (1100, "2"), (2900, "1")]));
        assert!(series([
            (0, "1792567680"),
            (500, "1792567681"),
            (600, "1792567680"),
            (2100, "1792567683")
        ]));
        assert!(series([(0, "10"), (500, "12"), (600, "30"), (700, "60")]));
    }

    #[test]
    fn calls_that_overlap_and_other_limits_tell_no_order() {
        let overlapping = [sent_at(0, "a.b.c", "9", "60"), sent_at(5, "a.b.c", "9", "20")];
        assert!(all_held(&judge(&overlapping)));
        let of_another_limit = [sent_at(0, "a.b.c", "9", "60"), sent_at(50, "a.b.c", "100", "20")];
        assert!(all_held(&judge(&of_another_limit)));
        let of_another_tool = [sent_at(0, "a.b.c", "9", "60"), sent_at(50, "a.b.d", "9", "20")];
        assert!(all_held(&judge(&of_another_tool)));
    }

    #[test]
    fn without_a_date_or_any_header_nothing_is_shown() {
        assert!(shows_nothing(&judge(&[sent_at(0, "a.b.c", "9", "1792567689")])));
        let call = Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read);
        assert!(shows_nothing(&judge(&[succeeded(call, json!({}))])));
    }
}
