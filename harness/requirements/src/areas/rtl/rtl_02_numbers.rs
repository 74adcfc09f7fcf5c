//! RTL-02: the headers of limits hold numbers that make sense.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::rate_limit::{Moment, Told, header_names};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Dialect;

use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::exhaustion::of_key_if_granted;
use crate::site::Site;
use crate::told_limits::{ToldLimit, any_told, told_limits};
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 2),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Rate limits",
    title: "limits are told in non-negative numbers",
    statement: "A hub MUST send them as non-negative numbers (Reset: see dialect), Remaining ≤ Limit.",
    rationale: "Clients compute with these numbers how fast they may go; one that makes no sense stops them, or lets them run into the limit.",
    method: "Reads the headers of every answer of the run to a call with a valid key. Reset may be seconds from now, seconds or \
             milliseconds since 1970, or a date; a Limit that the profile pins to another header may have windows behind it, as in \
             `100, 100;w=60`.",
    mend: "Send plain non-negative numbers, Remaining never below 0 and never above Limit; the window's length belongs in another \
           header.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Rtl02;
pub(crate) const CHECK: Rtl02 = Rtl02;

impl Check for Rtl02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = [traffic::successes(site), traffic::errors(site)].concat();
        // Where a key may be exhausted, 429 is seen too.
        cases.extend(of_key_if_granted(site));
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let (told, dialect) = (told_limits(evidence), &evidence.surface.dialect);
        if let Err(nothing) = any_told(&told, dialect) {
            return vec![nothing];
        }
        let told = told.iter().filter(|told| !told.limit.is_absent());
        told.flat_map(|told| judge_answer(told, dialect)).collect()
    }
}

/// One finding for each thing wrong, or held.
fn judge_answer(told: &ToldLimit<'_>, dialect: &Dialect) -> Vec<Finding> {
    let [limit_name, remaining_name, reset_name] = header_names(dialect);
    let (limit, remaining) = (&told.limit.limit, &told.limit.remaining);
    let mut wrong = Vec::new();
    for (name, number) in [(limit_name, limit), (remaining_name, remaining)] {
        if is_wrong(number, |number| number >= 0.0) {
            wrong.push((format!("`{name}` is no non-negative number"), "a number from 0 up"));
        }
    }
    let makes_sense = |reset: Moment| match reset {
        Moment::After(seconds) | Moment::At(seconds) => seconds >= 0.0,
    };
    if is_wrong(&told.limit.reset, makes_sense) {
        wrong.push((
            format!("`{reset_name}` is neither a non-negative number nor a date"),
            "seconds from now, seconds or milliseconds since 1970, or a date",
        ));
    }
    if let (Told::Value(limit), Told::Value(remaining)) = (limit, remaining)
        && remaining > limit
        && *limit >= 0.0
    {
        wrong.push(("Remaining is above Limit".to_owned(), "Remaining ≤ Limit"));
    }
    if wrong.is_empty() {
        return vec![Finding::Held];
    }
    let headers = told.headers();
    let violated = |(summary, expected)| Finding::Violated(told.violation(summary, expected, &headers));
    wrong.into_iter().map(violated).collect()
}

/// Whether a header is there and tells nothing that makes sense.
fn is_wrong<T: Copy>(told: &Told<T>, makes_sense: impl Fn(T) -> bool) -> bool {
    match told {
        Told::Missing => false,
        Told::Unreadable(_) => true,
        Told::Value(value) => !makes_sense(*value),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Intent};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, shows_nothing, succeeded, telling, violations};

    fn judge(told: [&str; 3]) -> Vec<Finding> {
        let call = Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read);
        Hub::small().judge(&CHECK, None, &[telling(succeeded(call, json!({})), told)])
    }

    #[test]
    fn numbers_of_every_dialect_hold() {
        for told in [
            ["100", "100", "60"],
            ["0", "0", "0"],
            ["100", "7.5", "1792567689"],
            ["100", "3", "1792567689000"],
            ["100", "3", "Wed, 21 Oct 2026 07:28:09 GMT"],
            ["100", "3", "2026-10-21T07:28:09Z"],
        ] {
            assert!(all_held(&judge(told)), "{told:?}");
        }
    }

    #[test]
    fn what_is_no_number_or_a_negative_one_is_a_violation() {
        let no_number = |name: &str| format!("`x-ratelimit-{name}` is no non-negative number");
        assert_eq!(violations(&judge(["many", "1", "9"])), [no_number("limit")]);
        assert_eq!(violations(&judge(["5, 5;w=60", "1", "9"])), [no_number("limit")]);
        assert_eq!(violations(&judge(["5", "-1", "9"])), [no_number("remaining")]);
        assert_eq!(
            violations(&judge(["", "x", "9"])),
            [no_number("limit"), no_number("remaining")]
        );
        let reset = ["`x-ratelimit-reset` is neither a non-negative number nor a date"];
        assert_eq!(violations(&judge(["5", "1", "soon"])), reset);
        assert_eq!(violations(&judge(["5", "1", "-3"])), reset);
    }

    #[test]
    fn more_remaining_than_the_limit_is_a_violation() {
        let found = judge(["5", "6", "9"]);
        assert_eq!(violations(&found), ["Remaining is above Limit"]);
        let Finding::Violated(violation) = &found[0] else {
            panic!("{found:?}")
        };
        assert!(violation.observed.contains("x-ratelimit-remaining: 6"), "{violation:?}");
        assert_eq!(violation.tool, None);
    }

    #[test]
    fn a_hub_that_tells_nothing_is_judged_elsewhere() {
        let call = Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read);
        assert!(shows_nothing(&Hub::small().judge(
            &CHECK,
            None,
            &[succeeded(call, json!({}))]
        )));
    }
}
