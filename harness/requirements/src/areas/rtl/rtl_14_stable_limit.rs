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
    method: "Compares the Limit of answers to the same call with the same key that tell the same Reset, within one second. One change \
             is let pass: the tighter of a key's and its workspace's limits may be shown. A third Limit, or a return to the first, \
             is none of these.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

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
        Ok(series(site).into_iter().collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let told = told_limits(evidence);
        if let Err(nothing) = any_told(&told, &evidence.surface.dialect) {
            return vec![nothing];
        }
        let mut windows: HashMap<(Role, &Endpoint), Vec<Window<'_, '_>>> = HashMap::new();
        let mut findings = Vec::new();
        let readable = told.iter().filter(|answer| answer.reset_span().is_some());
        for (answer, limit) in readable.filter_map(|answer| Some((answer, answer.limit.limit.value()?))) {
            let call = (answer.role, &answer.exchange.call.endpoint);
            let of_call = windows.entry(call).or_default();
            match of_call.iter_mut().find(|window| window.has(answer)) {
                Some(window) => findings.push(window.judge(answer, limit)),
                None => of_call.push(Window::begun_by(answer, limit)),
            }
        }
        findings
    }
}

/// The answers that tell one Reset.
struct Window<'t, 'e> {
    first: &'t ToldLimit<'e>,
    /// The answer that told each Limit last, in the order in which the Limits came.
    limits: Vec<(f64, &'t ToldLimit<'e>)>,
}

impl<'t, 'e> Window<'t, 'e> {
    fn begun_by(first: &'t ToldLimit<'e>, limit: f64) -> Self {
        Self {
            first,
            limits: vec![(limit, first)],
        }
    }

    fn has(&self, answer: &ToldLimit<'_>) -> bool {
        let (Some(own), Some(other)) = (self.first.reset_span(), answer.reset_span()) else {
            return false;
        };
        let is_near = other.0 <= own.1 + TOLERANCE && own.0 <= other.1 + TOLERANCE;
        self.first.tells_moment() == answer.tells_moment() && is_near
    }

    fn judge(&mut self, answer: &'t ToldLimit<'e>, limit: f64) -> Finding {
        let (latest, last) = self.limits[self.limits.len() - 1];
        if latest == limit {
            let end = self.limits.len() - 1;
            self.limits[end].1 = answer;
            return Finding::Held;
        }
        // Answers that overlap may have come in any order.
        if !answer.is_after(last) {
            return Finding::Held;
        }
        let is_change_of_subject = self.limits.len() == 1;
        self.limits.push((limit, answer));
        if is_change_of_subject {
            return Finding::Held;
        }
        let told: Vec<_> = self.limits.iter().map(|(limit, _)| limit.to_string()).collect();
        Finding::Violated(Violation {
            exchanges: self.limits.iter().map(|(_, told)| told.exchange.number).collect(),
            ..answer.violation(
                "Limit changes within a window",
                "the same Limit until Reset",
                &format!("{} one after the other, with Reset the same", told.join(", ")),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::{Call, Intent};
    use hubproof_model::exchange::Exchange;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, shows_nothing, succeeded, telling, violations};

    /// Calls 20 ms apart, each answered after 10 ms with a Limit and a Reset.
    fn judge(told: &[(&str, &str)]) -> Vec<Finding> {
        judge_spaced(told, 20)
    }

    fn judge_spaced(told: &[(&str, &str)], apart: u64) -> Vec<Finding> {
        let exchange = |(number, (limit, reset)): (usize, &(&str, &str))| {
            let call = Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read);
            Exchange {
                number: number as u64,
                sent_after: Duration::from_millis(number as u64 * apart),
                elapsed: Duration::from_millis(10),
                ..telling(succeeded(call, json!({})), [limit, "1", reset])
            }
        };
        let exchanges: Vec<_> = told.iter().enumerate().map(exchange).collect();
        Hub::small().judge(&CHECK, None, &exchanges)
    }

    #[test]
    fn the_same_limit_holds_and_another_window_may_have_another() {
        assert!(all_held(&judge(&[("9", "60"), ("9", "60"), ("9", "59")])));
        let epochs = [
            ("9", "1792567680"),
            ("9", "1792567680"),
            ("7", "1792567740"),
            ("7", "1792567740"),
        ];
        assert!(all_held(&judge(&epochs)));
    }

    #[test]
    fn one_change_may_be_that_to_the_workspaces_limit() {
        assert!(all_held(&judge(&[
            ("9", "60"),
            ("9", "60"),
            ("500", "60"),
            ("500", "60")
        ])));
    }

    #[test]
    fn a_third_limit_or_a_return_is_a_violation_that_names_each() {
        for limits in [["9", "8", "7"], ["9", "500", "9"]] {
            let told = limits.map(|limit| (limit, "60"));
            let found = judge(&told);
            assert_eq!(violations(&found), ["Limit changes within a window"]);
            let Some(Finding::Violated(violation)) = found.last() else {
                panic!("{found:?}")
            };
            assert_eq!(violation.exchanges, [0, 1, 2]);
        }
    }

    #[test]
    fn calls_that_overlap_tell_no_order() {
        let told = [("9", "60"), ("500", "60"), ("9", "60"), ("500", "60")];
        assert!(all_held(&judge_spaced(&told, 2)));
    }

    #[test]
    fn without_a_limit_nothing_is_shown() {
        assert!(judge(&[("many", "60"), ("9", "soon")]).is_empty());
        let call = Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read);
        assert!(shows_nothing(&Hub::small().judge(
            &CHECK,
            None,
            &[succeeded(call, json!({}))]
        )));
    }
}
