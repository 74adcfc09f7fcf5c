//! APR-03: an approved call executes once.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::seen::{Seen, data};
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::{acted, is_planned, labelled, not_shown};
use crate::judging::{in_flight_together, uncounted, violated, with_reservation, without_success};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 3),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Approval workflow",
    title: "an approved call executes once, however often it is replayed",
    statement: "A hub MUST execute the replay with the original key once approved: one effect, however often and \
                however concurrently it is replayed.",
    rationale: "A person approved one refund. Two are a loss, and none is a workflow that does not work.",
    method: "Has a call of each gated tool approved, replays it under its key, looks at its effect, and replays it twice more; \
             does the same on a few tools with 2 and 8 calls and replays at once. A replay that is not executed, another answer \
             later, or an effect more is a violation.",
    mend: "When the replay of an approved call comes, mark its approval as used by one atomic update before it executes, store the \
           answer, and send that to all later replays.",
    needs: &[
        Need::GatedTool,
        Need::ApprovalDriver,
        Need::Allow(Allow::Write),
        Need::Effect,
    ],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// What the labels of replays at once begin with.
const AT_ONCE: &str = "replay/";
/// Replays after the one that executes.
const LATER: [&str; 2] = ["second replay", "third replay"];

pub(crate) struct Apr03;
pub(crate) const CHECK: Apr03 = Apr03;

impl Check for Apr03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::asked_in_every_way(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        with_reservation(judge_case(evidence), reservation(evidence))
    }
}

/// What a case does not show in which the replays held: a second effect, or that of concurrent replays.
fn reservation(evidence: &Evidence<'_>) -> Option<Finding> {
    if !Seen::of(evidence).is_ok_and(|seen| seen.counts()) {
        return Some(uncounted(evidence.case.and_then(|case| case.tool.as_deref())));
    }
    match labelled(evidence, AT_ONCE).as_slice() {
        [] => Some(not_shown(
            "the replays came one after the other: nothing is shown of concurrent ones",
        )),
        replays => in_flight_together(replays).err(),
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    evidence.done("approval")?;
    if seen.effects("while waiting")? > 0 {
        let why = "the call had acted before it was approved".to_owned();
        return Err(Finding::Inconclusive(why));
    }
    let replay = executed(&seen, "replay", "the replay of an approved call is not executed")?;
    let mut others = Vec::new();
    for label in LATER.into_iter().filter(|label| is_planned(evidence, label)) {
        let summary = "a later replay of an approved call is not answered with its success";
        others.push(executed(&seen, label, summary)?);
    }
    // Of those that came at once some may be told that the call is on its way.
    let at_once = labelled(evidence, AT_ONCE).into_iter();
    others.extend(at_once.filter(|other| Outcome::of(other) == Outcome::Success));
    if let Some(other) = others.into_iter().find(|other| data(other) != data(replay)) {
        return Ok(Finding::Violated(Violation {
            exchanges: vec![replay.number, other.number],
            ..violated(
                other,
                "replays of an approved call are answered with other data",
                "the same data",
            )
        }));
    }
    let effects = seen.effects("after the replays")?;
    if seen.counts() && effects > 1 {
        let summary = "an approved call acts more than once";
        return Ok(acted(&seen, evidence, "after the replays", summary, (1, effects)));
    }
    seen.acted("replay", "after the replay").map(|_| Finding::Held)
}

/// The success of a replay of the approved call.
fn executed<'e>(seen: &Seen<'e>, label: &str, summary: &str) -> Result<&'e Exchange, Finding> {
    let replay = seen.told(label)?;
    match Outcome::of(replay) {
        Outcome::Success => Ok(replay),
        Outcome::Error(ErrorCode::UpstreamError) => Err(without_success(replay)),
        _ => Err(Finding::Violated(violated(replay, summary, "the success of the call"))),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, approving_hub, found_acting, judged};
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&approving_hub(), &CHECK, twist)
    }

    /// What is found where the calls of these labels are answered like this.
    fn judge_replays(labels: &[&str], answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| labels.contains(&call.label.as_str()).then(|| answer(world, call)))
    }

    /// What is found in one of the cases.
    fn judge_case_of(kind: &str, tool: &str, twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        let hub = approving_hub();
        let cases = hub.plan(&CHECK).unwrap();
        let id = format!("approvals/{kind}/{tool}");
        let case = cases.iter().find(|case| case.id == id).unwrap();
        judged(&hub, &CHECK, case, twist)
    }

    fn held(found: &[Finding]) -> usize {
        found.iter().filter(|finding| **finding == Finding::Held).count()
    }

    /// Whether it held with a reservation that says this.
    fn reserves(found: &[Finding], said: &str) -> bool {
        matches!(found, [Finding::Held, Finding::NotExercised(Unexercised::NotApplicable(why))] if why.contains(said))
    }

    #[test]
    fn one_effect_holds_whether_replays_come_in_turn_or_at_once() {
        let found = judge(|_, _| None);
        assert_eq!(held(&found), 6, "{found:?}");
        // While the first is on its way, others may be refused.
        let busy = judge_replays(&["replay/2", "replay/5"], |_, call| {
            failed(call.clone(), 409, "CONFLICT")
        });
        assert_eq!(held(&busy), 6, "{busy:?}");
    }

    #[test]
    fn only_concurrent_replays_whose_effects_are_counted_show_all_of_it() {
        let [in_turn, two, eight] = ["asked", "at-once-2", "at-once-8"].map(|kind| {
            let found = |tool| judge_case_of(kind, tool, |_, _| None);
            ["hr.offers.create", "itsm.tickets.delete"].map(found)
        });
        for [counted, gone] in [&two, &eight] {
            assert!(all_held(counted), "{counted:?}");
            assert!(reserves(gone, "not counted"), "{gone:?}");
        }
        let [counted, gone] = &in_turn;
        assert!(reserves(counted, "one after the other"), "{counted:?}");
        assert!(reserves(gone, "not counted"), "{gone:?}");
        let apart = judge_case_of("at-once-8", "hr.offers.create", |world, call| {
            let number: u64 = call.label.strip_prefix(AT_ONCE)?.parse().ok()?;
            Some(Exchange {
                sent_after: Duration::from_millis(5 * number),
                ..world.answer(call)
            })
        });
        assert!(reserves(&apart, "in flight together"), "{apart:?}");
    }

    #[test]
    fn a_replay_that_is_not_executed_is_a_violation() {
        let waits = judge_replays(&["replay"], |_, call| failed(call.clone(), 403, "APPROVAL_REQUIRED"));
        assert_eq!(
            violations(&waits),
            ["the replay of an approved call is not executed"; 6]
        );
        let forgets = judge_replays(&["third replay"], |_, call| {
            failed(call.clone(), 403, "APPROVAL_REQUIRED")
        });
        let summary = "a later replay of an approved call is not answered with its success";
        assert_eq!(violations(&forgets), [summary; 2]);
    }

    #[test]
    fn acting_twice_is_a_violation_in_turn_and_at_once() {
        let acts_again = |labels: &[&str]| {
            judge_replays(labels, |world, call| {
                world.act(call);
                world.answer(call)
            })
        };
        let summary = "an approved call acts more than once";
        // Where effects are counted: of a record that is gone, a second removal is no effect.
        assert_eq!(violations(&acts_again(&["third replay"])), [summary]);
        assert_eq!(violations(&acts_again(&["replay/2"])), [summary; 2]);
    }

    #[test]
    fn other_data_are_a_violation() {
        for label in ["second replay", "replay/2"] {
            let found = judge_replays(&[label], |_, call| {
                succeeded(call.clone(), serde_json::json!({"id": "rec_9"}))
            });
            assert_eq!(
                violations(&found)[0],
                "replays of an approved call are answered with other data",
                "{label}"
            );
        }
    }

    #[test]
    fn what_was_not_decided_or_fails_at_the_vendor_shows_nothing() {
        let undecided = judge(|world, call| {
            let answer = world.answer(call);
            if ["asked", "waiting"].iter().any(|name| call.label.contains(name)) {
                world.clear_entries();
            }
            Some(answer)
        });
        assert!(shows_nothing(&undecided), "{undecided:?}");
        let failing = judge_replays(&["replay"], |_, call| failed(call.clone(), 502, "UPSTREAM_ERROR"));
        assert!(shows_nothing(&failing), "{failing:?}");
    }

    #[test]
    fn a_call_that_had_acted_before_shows_nothing_of_its_approval() {
        let found = judge(|world, call| {
            call.label.starts_with("asked").then(|| {
                world.act(call);
                world.answer(call)
            })
        });
        assert!(shows_nothing(&found), "{found:?}");
    }
}
