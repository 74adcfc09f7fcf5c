//! IDM-02: concurrent duplicates have one effect.

use hubproof_model::case::{Case, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::{Seen, data};
use crate::evidence::Evidence;
use crate::judging::{findings, in_flight_together, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 2),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Request body",
    title: "concurrent duplicates have one effect",
    statement: "A hub MUST let concurrent duplicates have exactly one effect; each gets the same success, or an error and the same \
                success on a later retry.",
    rationale: "A client whose connection stalls sends again while the first call is still on its way: a look-up that comes before the \
                record lets both through.",
    method: "Sends two equal calls under one fresh key at once, then a retry, and the same with eight, on up to three tools whose \
             effects are counted. More than one effect, successes that differ, or a retry without the success is a violation; an \
             error to a duplicate in flight is none.",
    mend: "Claim the key by one atomic insert (a unique index) before the call is executed. A duplicate that meets the claim waits \
           for its outcome, or gets 409 and may retry.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// How many duplicates are sent at once.
const AT_ONCE: [usize; 2] = [2, 8];
const RETRY: &str = "retry";
const AFTER_RETRY: &str = "after the retry";
/// What the labels of the duplicates begin with.
const DUPLICATE: &str = "duplicate ";

pub(crate) struct Idm02;
pub(crate) const CHECK: Idm02 = Idm02;

impl Check for Idm02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = Vec::new();
        for times in AT_ONCE {
            let scenes = site.few_counting_scenes(&format!("IDM-02/{times}"))?;
            cases.extend(scenes.iter().map(|scene| case(scene, times, site)));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn case(scene: &Scene<'_>, times: usize, site: &Site<'_>) -> Case {
    let id = format!("IDM-02/{times}/{}", scene.tool.key);
    let key = site.idempotency_key(&id);
    let call = |label: String| scene.call(&label, |body| body.keyed(&key));
    let steps = vec![
        Step::AtOnce((1..=times).map(|number| call(format!("{DUPLICATE}{number}"))).collect()),
        scene.shows("after the duplicates", 1),
        Step::call(call(RETRY.to_owned())),
        scene.shows_no_more(AFTER_RETRY, 1),
    ];
    scene.case(id, format!("{times} equal calls at once, and a retry"), steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let is_duplicate = |exchange: &&&Exchange| exchange.call.label.starts_with(DUPLICATE);
    let duplicates: Vec<&Exchange> = evidence.exchanges.iter().filter(is_duplicate).copied().collect();
    let numbers: Vec<_> = duplicates.iter().map(|duplicate| duplicate.number).collect();
    let effects = seen.effects(AFTER_RETRY)?;
    if let (Some(first), 2..) = (duplicates.first(), effects) {
        return Ok(Finding::Violated(Violation {
            observed: format!("{effects} effects of {} duplicates and a retry", duplicates.len()),
            exchanges: [numbers, seen.numbers(AFTER_RETRY)].concat(),
            ..violated(first, "concurrent duplicates have more than one effect", "one effect")
        }));
    }
    for duplicate in &duplicates {
        seen.told(&duplicate.call.label)?;
    }
    let succeeded = |exchange: &&&Exchange| Outcome::of(exchange) == Outcome::Success;
    let Some(success) = duplicates.iter().find(succeeded) else {
        // Errors in flight are the hub's right; then the retry is the first success.
        let retry = seen.succeeded(RETRY)?;
        return match effects {
            0 => Err(seen.unseen(retry)),
            _ => in_flight_together(&duplicates).map(|()| Finding::Held),
        };
    };
    let retry = seen.told(RETRY)?;
    let mut answers = duplicates.iter().filter(succeeded);
    let summary = match answers.find(|answer| data(answer) != data(success)) {
        Some(_) => "concurrent duplicates get successes that differ",
        None if Outcome::of(retry) != Outcome::Success => {
            "a retry after concurrent duplicates does not get their success"
        }
        None if data(retry) != data(success) => "a retry after concurrent duplicates gets another success",
        None if effects == 0 => return Err(seen.unseen(success)),
        None => return in_flight_together(&duplicates).map(|()| Finding::Held),
    };
    Ok(Finding::Violated(Violation {
        exchanges: [numbers, vec![retry.number]].concat(),
        ..violated(retry, summary, "the same success for all")
    }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::Call;
    use serde_json::json;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    fn is_duplicate(call: &Call) -> bool {
        call.label.starts_with(DUPLICATE)
    }

    fn is_further(call: &Call) -> bool {
        is_duplicate(call) && call.label != "duplicate 1"
    }

    #[test]
    fn one_effect_and_one_success_hold() {
        let found = judge(|_, _| None);
        assert!(all_held(&found) && found.len() == 4);
    }

    #[test]
    fn duplicates_that_came_one_after_the_other_show_nothing_but_what_is_wrong() {
        let apart = |call: &Call, answer: Exchange| {
            let number: u64 = call.label.strip_prefix(DUPLICATE)?.parse().ok()?;
            Some(Exchange {
                sent_after: Duration::from_millis(10 * number),
                elapsed: Duration::from_millis(10),
                ..answer
            })
        };
        let sound = judge(|world, call| is_duplicate(call).then(|| apart(call, world.answer(call))).flatten());
        let is_unexercised = |finding: &Finding| matches!(finding, Finding::NotExercised(_));
        assert!(sound.len() == 4 && sound.iter().all(is_unexercised), "{sound:?}");
        let refused = judge(|_, call| {
            let busy = || failed(call.clone(), 409, "INVALID_INPUT");
            is_duplicate(call).then(|| apart(call, busy())).flatten()
        });
        assert!(refused.len() == 4 && refused.iter().all(is_unexercised), "{refused:?}");
        let acting = judge(|world, call| is_duplicate(call).then(|| apart(call, world.act(call))).flatten());
        assert_eq!(violations(&acting).len(), 4);
    }

    #[test]
    fn an_error_in_flight_holds_where_a_retry_gets_the_success() {
        let found = judge(|_, call| is_further(call).then(|| failed(call.clone(), 409, "INVALID_INPUT")));
        assert!(all_held(&found));
    }

    #[test]
    fn a_duplicate_that_acts_is_a_violation() {
        let found = judge(|world, call| is_further(call).then(|| world.act(call)));
        assert_eq!(
            violations(&found),
            ["concurrent duplicates have more than one effect"; 4]
        );
    }

    #[test]
    fn other_data_and_a_success_that_is_not_told_again_are_violations() {
        let found = judge(|_, call| is_further(call).then(|| succeeded(call.clone(), json!({}))));
        assert_eq!(
            violations(&found),
            ["concurrent duplicates get successes that differ"; 4]
        );
        let found = judge(|_, call| (call.label == RETRY).then(|| failed(call.clone(), 409, "INVALID_INPUT")));
        assert_eq!(
            violations(&found),
            ["a retry after concurrent duplicates does not get their success"; 4]
        );
        let found = judge(|_, call| (call.label == RETRY).then(|| succeeded(call.clone(), json!({}))));
        assert_eq!(
            violations(&found),
            ["a retry after concurrent duplicates gets another success"; 4]
        );
    }

    #[test]
    fn trouble_shows_nothing() {
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR"), (403, "FORBIDDEN")] {
            let found = judge(|_, call| call.idempotency_key().map(|_| failed(call.clone(), status, code)));
            assert!(shows_nothing(&found), "{code}");
        }
        let unseen = judge(|_, call| call.idempotency_key().map(|_| succeeded(call.clone(), json!({}))));
        assert!(shows_nothing(&unseen));
        let unread = judge(|_, call| {
            call.tool()?
                .ends_with(".list")
                .then(|| failed(call.clone(), 502, "UPSTREAM_ERROR"))
        });
        assert!(shows_nothing(&unread));
    }
}
