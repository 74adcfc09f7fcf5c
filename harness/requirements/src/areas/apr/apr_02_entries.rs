//! APR-02: a gated call has an entry in Approvals.

use hubproof_model::case::{Case, Done};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::waiting;
use crate::judging::{findings, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 2),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Approval workflow",
    title: "a gated call has an entry in Approvals",
    statement: "A hub MUST make an entry in Approvals for a gated call (a call without an idempotency key may go \
                without).",
    rationale: "A call that nobody is asked about waits for ever.",
    method: "Calls each gated tool whose effect shows, and looks in Approvals for an entry that holds the \
             idempotency key, the marker or the input of the call, or whose id the answer names. Where a person \
             decides, the decision shows that there was one.",
    mend: "Write the entry to Approvals in the request that answers APPROVAL_REQUIRED, and answer only once it is stored.",
    needs: &[
        Need::GatedTool,
        Need::ApprovalDriver,
        Need::Allow(Allow::Write),
        Need::Effect,
    ],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Apr02;
pub(crate) const CHECK: Apr02 = Apr02;

impl Check for Apr02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::asked(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_entry(evidence))
    }
}

fn judge_entry(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let asked = waiting(evidence, "asked")?;
    match evidence.done("entries") {
        Ok(Done::Entries(0)) => Ok(Finding::Violated(Violation {
            observed: "no entry that holds the call's idempotency key or input".to_owned(),
            ..violated(asked, "a gated call has no entry in Approvals", "an entry to decide on")
        })),
        Ok(_) => Ok(Finding::Held),
        // What somebody has decided had an entry.
        Err(unlisted) => evidence.done("approval").map(|_| Finding::Held).map_err(|_| unlisted),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::approval::{Driver, ManualDriver};
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, approving_hub, found_acting};
    use crate::exchanges::{all_held, failed, shows_nothing, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&approving_hub(), &CHECK, twist)
    }

    #[test]
    fn an_entry_holds() {
        assert!(all_held(&judge(|_, _| None)));
    }

    #[test]
    fn no_entry_is_a_violation_and_one_that_comes_with_the_replay_is_none() {
        let late = judge(|world, call| {
            (call.label == "asked").then(|| {
                let answer = world.answer(call);
                world.clear_entries();
                answer
            })
        });
        assert_eq!(violations(&late), ["a gated call has no entry in Approvals"; 2]);
    }

    #[test]
    fn a_call_that_does_not_wait_shows_nothing() {
        assert!(shows_nothing(&judge(
            |world, call| (call.label == "asked").then(|| world.act(call))
        )));
        assert!(shows_nothing(&judge(|_, call| Some(failed(
            call.clone(),
            429,
            "RATE_LIMITED"
        )))));
    }

    #[test]
    fn what_a_person_has_decided_had_an_entry() {
        let mut hub = approving_hub();
        let place = "the office".to_owned();
        hub.profile.approvals.driver = Some(Driver::Manual(ManualDriver { place }));
        let found = found_acting(&hub, &CHECK, |_, _| None);
        assert!(all_held(&found) && found.len() == 1);
        let undecided = found_acting(&hub, &CHECK, |world, call| {
            let answer = world.answer(call);
            world.clear_entries();
            Some(answer)
        });
        assert!(
            matches!(undecided.as_slice(), [Finding::NotExercised(_)]),
            "{undecided:?}"
        );
    }
}
