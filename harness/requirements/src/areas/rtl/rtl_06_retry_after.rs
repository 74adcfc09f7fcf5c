//! RTL-06: the hub's own 429 says in `Retry-After` what Reset says.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::rate_limit::{Told, retry_after};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::exhaustion::{self, Exhausted, ONE_BY_ONE};
use crate::site::Site;
use crate::told_limits::{TOLERANCE, ToldLimit};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 6),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Rate limits",
    title: "429 carries Retry-After in keeping with Reset",
    statement: "A hub SHOULD send `Retry-After` with its own 429 (RFC 6585 §4 allows it), in keeping with Reset.",
    rationale: "HTTP libraries wait by `Retry-After` alone; without it they come back at once, and with a wrong one too early or too late.",
    method: "Looks at each 429 to the throttled key once its limit is reached. `Retry-After` may be seconds or a date, and may differ from Reset by \
             the rounding of both; where windows give calls back before their end, it may be the earlier.",
    mend: "Send `Retry-After` with every 429 of your own, in whole seconds until Reset, from the same clock as Reset.",
    needs: &[Need::Key(Role::Throttled)],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Rtl06;
pub(crate) const CHECK: Rtl06 = Rtl06;

impl Check for Rtl06 {
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
        match exhausted {
            Ok(exhausted) => {
                let refills = !exhausted.gives_nothing_back();
                let refusals = exhausted.own_refusals().into_iter();
                refusals.filter_map(|told| judge_refusal(told, refills)).collect()
            }
            Err(nothing) => vec![nothing],
        }
    }
}

/// `None` where Reset cannot be compared.
fn judge_refusal(told: &ToldLimit<'_>, refills: bool) -> Option<Finding> {
    let expected = "the seconds to Reset, or a date";
    let wrong = |summary: &str, told_as: &str| Some(Finding::Violated(told.violation(summary, expected, told_as)));
    let wait = match retry_after(told.exchange.response()?) {
        Told::Missing => return wrong("429 comes without `Retry-After`", &told.headers()),
        Told::Unreadable(text) => {
            let observed = format!("Retry-After: {text}");
            return wrong("`Retry-After` is neither a number of seconds nor a date", &observed);
        }
        Told::Value(moment) => moment.seconds_from(told.limit.date)?,
    };
    let Some(to_reset) = told.limit.seconds_to_reset() else {
        return Some(Finding::Held);
    };
    // `Date`, Reset and `Retry-After` are rounded, each in its own way.
    let is_later = wait > to_reset + 2.0 * TOLERANCE + told.exchange.elapsed.as_secs_f64();
    let is_earlier = !refills && wait < to_reset - 2.0 * TOLERANCE;
    if !is_later && !is_earlier {
        return Some(Finding::Held);
    }
    wrong(
        "`Retry-After` is not in keeping with Reset",
        &format!("`Retry-After` in {wait} s, Reset in {to_reset} s"),
    )
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;
    use crate::exchanges::{all_held, violations};
    use crate::exhaustion::simulated::{Limited, ResetTold, Windows, assert_no_false_alarm, header};

    #[test]
    fn sound_hubs_of_every_kind_are_not_found_to_violate_it() {
        assert_no_false_alarm(&CHECK);
        assert!(all_held(&Limited::fixed().judge(&CHECK)));
    }

    fn judge_told(hub: &Limited, retry_after: Option<&str>) -> Vec<Finding> {
        hub.judge_altered(&CHECK, |exchange| match (retry_after, &mut exchange.result) {
            (Some(told), Ok(response)) if response.status == 429 => header(exchange, "retry-after", told),
            (None, Ok(response)) => response.headers.retain(|(name, _)| name != "retry-after"),
            _ => {}
        })
    }

    #[test]
    fn none_and_what_cannot_be_read_are_violations() {
        let fixed = Limited::fixed();
        assert!(violations(&judge_told(&fixed, None)).contains(&"429 comes without `Retry-After`"));
        let unreadable = "`Retry-After` is neither a number of seconds nor a date";
        assert!(violations(&judge_told(&fixed, Some("soon"))).contains(&unreadable));
    }

    #[test]
    fn longer_than_reset_is_a_violation_and_shorter_one_where_windows_do_not_refill() {
        let differs = "`Retry-After` is not in keeping with Reset";
        for told in ["600", "47000", "5", "Wed, 21 Oct 2026 08:28:00 GMT"] {
            assert!(
                violations(&judge_told(&Limited::fixed(), Some(told))).contains(&differs),
                "{told}"
            );
        }
        let bucket = Limited {
            windows: Windows::Bucket,
            ..Limited::fixed()
        };
        assert!(violations(&judge_told(&bucket, Some("3"))).is_empty());
        assert!(violations(&judge_told(&bucket, Some("600"))).contains(&differs));
    }

    /// What is found where refusals tell a time before Reset, and the late call came so long after the refusal before it.
    fn judge_late_call(seconds: f64) -> Vec<Finding> {
        let refused = Cell::new(Duration::ZERO);
        Limited::fixed().judge_altered(&CHECK, |exchange| {
            if exchange.response().is_some_and(|response| response.status == 429) {
                header(exchange, "retry-after", "3");
            }
            match exchange.call.label.as_str() {
                "one by one/21" => refused.set(exchange.sent_after + exchange.elapsed),
                "one by one/22" => exchange.sent_after = refused.get() + Duration::from_secs_f64(seconds),
                _ => {}
            }
        })
    }

    #[test]
    fn a_limit_refills_as_far_as_a_call_that_came_too_early_shows() {
        // Reset is told in 48 s, and may be in 49: from a refusal, 19 of 20 calls are to come back until then.
        assert!(all_held(&judge_late_call(2.5)));
        assert!(!violations(&judge_late_call(2.6)).is_empty());
    }

    #[test]
    fn a_refusal_after_calls_that_were_let_through_is_no_late_one() {
        // The window is exhausted already; then so many stalls give calls back that only one of many more is refused.
        let stalling = Limited {
            windows: Windows::Bucket,
            reset: ResetTold::DeltaRoundedDown,
            latency: 0.03,
            begins: 0.37,
            taken_before: 20,
            stalls: 12_089_769_084_666_622_717,
            ..Limited::fixed()
        };
        assert!(all_held(&stalling.judge(&CHECK)));
    }
}
