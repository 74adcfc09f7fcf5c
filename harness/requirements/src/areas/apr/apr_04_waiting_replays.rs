//! APR-04: a replay before the decision waits, too.

use hubproof_model::case::{Case, Done};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::{ended_in, is_planned, labelled, not_shown, waiting};
use crate::judging::violated;
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 4),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Approval workflow",
    title: "a replay before the decision waits, and makes no second entry",
    statement: "A hub MUST answer a replay before the decision with APPROVAL_REQUIRED, and make no second entry.",
    rationale: "A client that asks again whether it may go on must not make an approver decide twice, or find its \
                call refused.",
    method: "Replays the waiting call of each gated tool twice, and sends that of a few tools 2 and 8 times at \
             once; then counts the entries in Approvals. Where a person decides, they are not counted.",
    mend: "Make entries by one atomic insert, unique by the call's key: a replay that finds one waiting is answered \
           APPROVAL_REQUIRED with it.",
    needs: &[
        Need::GatedTool,
        Need::ApprovalDriver,
        Need::Allow(Allow::Write),
        Need::Effect,
    ],
    reach: Allow::Admin,
    since: "0.1.0",
};

const REPLAYS: [&str; 2] = ["waiting replay", "second waiting replay"];

pub(crate) struct Apr04;
pub(crate) const CHECK: Apr04 = Apr04;

impl Check for Apr04 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::asked_in_every_way(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let (answers, entries) = (judge_answers(evidence), judge_entries(evidence));
        let findings = [answers, entries].map(|found| found.unwrap_or_else(|finding| finding));
        findings.into()
    }
}

/// Duplicates at once are no replays: which is the first, and what the others are told meanwhile, is open.
fn judge_answers(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    if is_planned(evidence, "asked/1") {
        let asked = labelled(evidence, "asked/");
        let waits = asked.iter().find_map(|asked| waiting(evidence, &asked.call.label).ok());
        return match waits {
            Some(_) => Ok(Finding::Held),
            None => waiting(evidence, "asked/1").map(|_| Finding::Held),
        };
    }
    waiting(evidence, "asked")?;
    for label in REPLAYS {
        let summary = "a replay before the decision is not answered with APPROVAL_REQUIRED";
        ended_in(evidence, label, &[ErrorCode::ApprovalRequired], summary)?;
    }
    Ok(Finding::Held)
}

fn judge_entries(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let asked = labelled(evidence, "asked");
    let (Some(first), Done::Entries(entries)) = (asked.first(), evidence.done("entries while waiting")?) else {
        return Err(Finding::Inconclusive("the entries were not counted".to_owned()));
    };
    match entries {
        // It was not told which entry is the call's (or there is none: APR-02), so a second one would not be, either.
        0 => return Err(not_shown("no entry in Approvals is known to be the call's")),
        1 => return Ok(Finding::Held),
        _ => {}
    }
    let replays = asked
        .iter()
        .copied()
        .chain(labelled(evidence, "waiting"))
        .chain(labelled(evidence, "second waiting"));
    Ok(Finding::Violated(Violation {
        observed: format!("{entries} entries"),
        exchanges: replays.map(|exchange| exchange.number).collect(),
        ..violated(
            first,
            "a call that waits has more than one entry in Approvals",
            "one entry",
        )
    }))
}

#[cfg(test)]
mod tests {
    use hubproof_model::approval::{Driver, ManualDriver};
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, approving_hub, found_acting, unlisted};
    use crate::exchanges::{all_held, answered, failed, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&approving_hub(), &CHECK, twist)
    }

    /// What is found where a replay is answered like this.
    fn judge_replay(answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| (call.label == REPLAYS[1]).then(|| answer(world, call)))
    }

    #[test]
    fn replays_that_wait_with_one_entry_hold() {
        let found = judge(|_, _| None);
        assert!(all_held(&found) && found.len() == 12, "{found:?}");
    }

    #[test]
    fn another_answer_is_a_violation() {
        let summary = ["a replay before the decision is not answered with APPROVAL_REQUIRED"; 2];
        assert_eq!(
            violations(&judge_replay(|_, call| failed(call.clone(), 409, "INVALID_INPUT"))),
            summary
        );
        assert_eq!(violations(&judge_replay(|world, call| world.act(call))), summary);
    }

    #[test]
    fn a_second_entry_is_a_violation_in_turn_and_at_once() {
        let summary = "a call that waits has more than one entry in Approvals";
        let enters_again = |label: &str| {
            judge(|world, call| {
                (call.label == label).then(|| {
                    let answer = world.answer(call);
                    world.enter(call);
                    answer
                })
            })
        };
        assert_eq!(violations(&enters_again(REPLAYS[0])), [summary; 2]);
        assert_eq!(violations(&enters_again("asked/2")), [summary; 4]);
    }

    #[test]
    fn of_calls_at_once_any_may_be_the_one_that_waits() {
        let found = judge(|_, call| (call.label == "asked/1").then(|| failed(call.clone(), 409, "CONFLICT")));
        assert!(all_held(&found), "{found:?}");
        let none = judge(|_, call| {
            call.label
                .starts_with("asked/")
                .then(|| failed(call.clone(), 409, "CONFLICT"))
        });
        assert!(!all_held(&none) && violations(&none).is_empty(), "{none:?}");
    }

    #[test]
    fn where_no_entry_is_known_to_be_the_calls_a_second_one_is_not_shown() {
        let found = judge(unlisted);
        let unshown = found
            .iter()
            .filter(|finding| matches!(finding, Finding::NotExercised(_)));
        assert_eq!((unshown.count(), violations(&found).len()), (6, 0), "{found:?}");
    }

    #[test]
    fn throttles_and_gateways_are_no_answers_of_the_hub() {
        let throttled = judge_replay(|_, call| failed(call.clone(), 429, "RATE_LIMITED"));
        let gateway = judge_replay(|_, call| answered(call.clone(), 503, serde_json::json!({})));
        for found in [throttled, gateway] {
            let inconclusive = found
                .iter()
                .filter(|finding| matches!(finding, Finding::Inconclusive(_)));
            assert_eq!((inconclusive.count(), violations(&found).len()), (2, 0), "{found:?}");
        }
    }

    #[test]
    fn where_a_person_decides_the_answers_are_judged_and_the_entries_are_not() {
        let mut hub = approving_hub();
        let place = "the office".to_owned();
        hub.profile.approvals.driver = Some(Driver::Manual(ManualDriver { place }));
        let found = found_acting(&hub, &CHECK, |_, _| None);
        assert!(
            matches!(found.as_slice(), [Finding::Held, Finding::NotExercised(_)]),
            "{found:?}"
        );
    }
}
