//! RTL-09: the keys of a workspace share its limit, and other workspaces do not.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::exhaustion::{
    self, AT_ONCE, BEFORE, BURSTS, Exhausted, OTHER_WORKSPACES, SHARING, Window, is_proper_refusal, other_key, sharing,
    tried,
};
use crate::judging::{is_served, is_throttled};
use crate::site::Site;
use crate::told_limits::ToldLimit;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 9),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Rate limits",
    title: "each workspace has its own limit, for all its keys",
    statement: "A hub MUST limit each workspace: its keys share that limit, other workspaces do not.",
    rationale: "A workspace that can multiply its limit by making keys takes what others pay for; one that is throttled for another's calls is down.",
    method: "Exhausts the common limit of two keys with the first, and calls with the second, which must be throttled, and with the primary and the \
             foreign key, of which at least one is of another workspace. The first is refused before and after these calls.",
    mend: "Keep a counter for each workspace beside those of its keys, and refuse a call when either is used up.",
    needs: &[Need::Key(Role::SharedA), Need::Key(Role::SharedB)],
    reach: Allow::Read,
    since: "0.1.0",
};

/// No window is shorter, in seconds: Reset is told in whole ones.
const SHORTEST_WINDOW: f64 = 1.0;

pub(crate) struct Rtl09;
pub(crate) const CHECK: Rtl09 = Rtl09;

impl Check for Rtl09 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(vec![exhaustion::of_workspace(site)?])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let exhausted = tried_call(evidence).and_then(|before| Exhausted::of(evidence, Role::SharedA, before, AT_ONCE));
        match exhausted {
            Ok(exhausted) => judge_workspace(evidence, &exhausted),
            Err(nothing) => vec![nothing],
        }
    }
}

/// The first of the calls before that was served, else the first.
fn tried_call<'e>(evidence: &Evidence<'e>) -> Result<&'e Exchange, Finding> {
    let tried: Vec<_> = (1..)
        .map_while(|number| evidence.answered(&tried(number)).ok())
        .collect();
    let served = tried.iter().copied().find(|call| is_served(call));
    served.map_or_else(|| evidence.answered(&exhaustion::tried(1)), Ok)
}

fn judge_workspace(evidence: &Evidence<'_>, exhausted: &Exhausted<'_>) -> Vec<Finding> {
    let limit = evidence
        .case
        .and_then(|case| case.facts.get("shared_limit"))
        .and_then(Value::as_u64);
    if exhausted.was_throttled().is_err() {
        return vec![judge_unthrottled(exhausted, limit)];
    }
    let sharing = BURSTS
        .into_iter()
        .filter_map(|burst| judge_sharing(evidence, exhausted, limit, burst));
    let (shared, open): (Vec<_>, Vec<_>) = sharing.partition(|finding| !matches!(finding, Finding::NotExercised(_)));
    let others = BURSTS
        .into_iter()
        .filter_map(|burst| judge_others(evidence, exhausted, burst));
    let mut judged: Vec<_> = others.collect();
    // Without the second key's share, only what is wrong with others counts.
    if shared.is_empty() {
        judged.retain(|finding| matches!(finding, Finding::Violated(_)));
        judged.extend(open.into_iter().next());
    }
    judged.extend(shared);
    if judged.is_empty() {
        let why =
            "no call of the second key came while the first was exhausted: name keys with a longer window".to_owned();
        judged.push(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    judged
}

/// What is shown where nothing was throttled: whether more was let through in a second than two windows take, or a window and all that it
/// gives back.
fn judge_unthrottled(exhausted: &Exhausted<'_>, limit: Option<u64>) -> Finding {
    let mut admitted: Vec<_> = exhausted
        .answers
        .iter()
        .filter(|told| is_served(told.exchange))
        .collect();
    admitted.sort_by(|one, other| one.answered().total_cmp(&other.answered()));
    let in_a_second = |last: &ToldLimit<'_>| {
        let begins = last.answered() - SHORTEST_WINDOW;
        let within = admitted
            .iter()
            .filter(|told| told.sent() >= begins && told.answered() <= last.answered());
        within.count() as u64
    };
    let most = admitted
        .iter()
        .map(|last| (in_a_second(last), last))
        .max_by_key(|(count, _)| *count);
    match (limit, most) {
        (Some(limit), Some((count, last))) if count > 2 * limit => Finding::Violated(last.violation(
            "the limit of a workspace is not enforced",
            format!("429 once the shared limit of {limit} calls is reached"),
            &format!("{count} calls let through in a second; {}", last.headers()),
        )),
        (Some(limit), most) => {
            let count = most.map_or(0, |(count, _)| count);
            let why = format!("no more than {count} calls in a second did not exhaust the shared limit of {limit}");
            Finding::NotExercised(Unexercised::NotApplicable(why))
        }
        (None, _) => {
            let why = "the first key was not throttled: state the limit of both keys together in [keys] shared_limit";
            Finding::NotExercised(Unexercised::NotApplicable(why.to_owned()))
        }
    }
}

/// Whether the second key has its share of the exhausted limit. `None` where it did not call while the first was exhausted, or too little to
/// tell.
fn judge_sharing(
    evidence: &Evidence<'_>,
    exhausted: &Exhausted<'_>,
    limit: Option<u64>,
    burst: &str,
) -> Option<Finding> {
    let calls: Option<Vec<_>> = (1..=SHARING)
        .map(|number| told(evidence, &sharing(burst, number)))
        .collect();
    let calls = calls?;
    let [refusal, still_refused] = exhausted.refusals_around(&calls.iter().collect::<Vec<_>>())?;
    let (first, last) = (calls.first()?, calls.last()?);
    if calls.iter().any(|call| is_throttled(call.exchange)) {
        return is_throttled(last.exchange).then_some(Finding::Held);
    }
    let window = exhausted.window_of(refusal)?;
    // The first key may have a limit of its own. Where it is refused for this very number, or took so many, the common one is used up.
    let is_common = |limit: u64| window.limit() == Some(limit as f64) || window.admitted().len() as u64 >= limit;
    if !limit.is_some_and(is_common) {
        let why = "the first key was throttled and the second was not: each may have a limit of its own, unless [keys] shared_limit \
                   states that of both together";
        return Some(Finding::NotExercised(Unexercised::NotApplicable(why.to_owned())));
    }
    if !are_too_many(exhausted, &calls, &window, [refusal, still_refused]) {
        let why = "what was given back meanwhile may have gone to the second key: name keys with a longer window";
        return Some(Finding::NotExercised(Unexercised::NotApplicable(why.to_owned())));
    }
    Some(Finding::Violated(Violation {
        exchanges: vec![refusal.exchange.number, first.exchange.number, last.exchange.number],
        ..last.violation(
            "two keys of a workspace do not share its limit",
            "429: the first key has exhausted the limit of both",
            &last.headers(),
        )
    }))
}

/// Whether a common limit cannot have let all calls of the second key through between two refusals of the first: more is told to be left
/// after them than others may have taken, or not so many can have come back.
fn are_too_many(
    exhausted: &Exhausted<'_>,
    calls: &[ToldLimit<'_>],
    window: &Window<'_, '_>,
    [refusal, still_refused]: [&ToldLimit<'_>; 2],
) -> bool {
    let tell_common = calls.iter().all(|call| call.limit.limit.value() == window.limit());
    let left = calls
        .iter()
        .map(|call| call.limit.remaining.value().unwrap_or_default());
    let is_much_left = tell_common && left.fold(f64::INFINITY, f64::min) > OTHER_WORKSPACES.len() as f64;
    let came_back = exhausted.given_back_between(window, refusal.sent(), still_refused.answered());
    // Beside a part of a call, which was not enough for the first key.
    let most = came_back
        .zip(window.used_before())
        .map(|(given_back, expired)| given_back + expired + 1.0);
    is_much_left || most.is_some_and(|most| calls.len() as f64 > most)
}

/// Whether other workspaces are left alone: of two workspaces' keys, at least one must be served. `None` where not both called meanwhile,
/// with something left.
fn judge_others(evidence: &Evidence<'_>, exhausted: &Exhausted<'_>, burst: &str) -> Option<Finding> {
    let calls: Option<Vec<_>> = OTHER_WORKSPACES
        .into_iter()
        .map(|role| told(evidence, &other_key(role, burst)))
        .collect();
    let calls = calls?;
    let [refusal, _] = exhausted.refusals_around(&calls.iter().collect::<Vec<_>>())?;
    if calls.iter().any(|call| !is_throttled(call.exchange)) {
        return Some(Finding::Held);
    }
    // A gateway that blocks the caller's address throttles in words of its own.
    if !calls.iter().all(|call| is_proper_refusal(call.exchange)) {
        return None;
    }
    let had_enough = |call: &ToldLimit<'_>| {
        let before = told(evidence, &other_key(call.role, BEFORE))?;
        let sent_since = call.exchange.number.saturating_sub(before.exchange.number);
        before.limit.remaining.value().map(|left| left > sent_since as f64)
    };
    let all_had_enough = calls.iter().all(|call| had_enough(call) == Some(true));
    all_had_enough.then(|| {
        let mut exchanges = vec![refusal.exchange.number];
        exchanges.extend(calls.iter().map(|call| call.exchange.number));
        Finding::Violated(Violation {
            exchanges,
            ..calls[0].violation(
                "other workspaces are throttled once one is exhausted",
                "the calls accepted: each workspace has its own limit",
                &calls[0].headers(),
            )
        })
    })
}

fn told<'e>(evidence: &Evidence<'e>, label: &str) -> Option<ToldLimit<'e>> {
    ToldLimit::of(evidence.answered(label).ok()?, &evidence.surface.dialect)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;
    use crate::exchanges::{all_held, shows_nothing, violations};
    use crate::exhaustion::simulated::{Limited, assert_no_false_alarm, header, refuse};

    #[test]
    fn sound_hubs_of_every_kind_are_not_found_to_violate_it() {
        assert_no_false_alarm(&CHECK);
        assert!(all_held(&Limited::fixed().judge(&CHECK)));
    }

    use crate::exchanges::succeeded;

    fn serve(exchange: &mut Exchange) {
        let served = succeeded(exchange.call.clone(), serde_json::json!({}));
        if let (Ok(response), Ok(mut answer)) = (&mut exchange.result, served.result) {
            answer.headers.append(&mut response.headers);
            *response = answer;
        }
    }

    #[test]
    fn a_second_key_that_is_served_is_a_violation_where_the_limit_is_that_of_both() {
        let served = |told: &str| {
            Limited::fixed().judge_altered(&CHECK, |exchange| {
                if exchange.call.label.starts_with("shared_b") {
                    serve(exchange);
                    header(exchange, "x-ratelimit-remaining", told);
                }
            })
        };
        for told in ["19", "0"] {
            let found = served(told);
            assert!(
                violations(&found).contains(&"two keys of a workspace do not share its limit"),
                "{told}: {found:?}"
            );
        }
    }

    #[test]
    fn a_second_key_may_take_what_came_back_meanwhile() {
        let late = |told: &str| {
            let stalled = Cell::new(0);
            Limited::fixed().judge_altered(&CHECK, |exchange| {
                let is_shared = exchange.call.label.starts_with("shared_b");
                if is_shared {
                    serve(exchange);
                    header(exchange, "x-ratelimit-remaining", told);
                }
                // Twelve seconds in which a bucket would have given four calls back, before the second key's first call of each burst.
                let is_first = is_shared && exchange.call.label.ends_with("/1");
                stalled.set(stalled.get() + 12 * u64::from(is_first));
                exchange.sent_after += Duration::from_secs(stalled.get());
            })
        };
        assert!(shows_nothing(&late("2")), "{:?}", late("2"));
        let violated = late("3");
        assert!(
            !violations(&violated).is_empty(),
            "more is left than others may have taken: {violated:?}"
        );
    }

    #[test]
    fn a_first_key_with_a_smaller_limit_of_its_own_shows_nothing() {
        let smaller = Limited {
            limit: 10,
            ..Limited::fixed()
        };
        let found = smaller.judge_altered(&CHECK, |exchange| {
            if exchange.call.label.starts_with("shared_b") {
                serve(exchange);
            }
        });
        assert!(shows_nothing(&found), "{found:?}");
    }

    #[test]
    fn a_limit_that_is_not_enforced_is_a_violation() {
        let lax = Limited {
            beyond: 1000,
            ..Limited::fixed()
        };
        assert_eq!(
            violations(&lax.judge(&CHECK)),
            ["the limit of a workspace is not enforced"]
        );
        let slow = Limited { latency: 3.0, ..lax };
        assert!(shows_nothing(&slow.judge(&CHECK)));
    }

    #[test]
    fn other_workspaces_that_are_all_throttled_are_a_violation() {
        let refused = |roles: &[&str]| {
            Limited::fixed().judge_altered(&CHECK, |exchange| {
                let label = exchange.call.label.as_str();
                if roles.iter().any(|role| label.starts_with(role)) && !label.ends_with(BEFORE) {
                    refuse(exchange, 429, "RATE_LIMITED");
                }
            })
        };
        let summary = "other workspaces are throttled once one is exhausted";
        assert!(violations(&refused(&["primary", "foreign"])).contains(&summary));
        assert!(
            violations(&refused(&["primary"])).is_empty(),
            "it may be the shared keys' own"
        );
    }
}
