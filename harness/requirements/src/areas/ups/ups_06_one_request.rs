//! UPS-06: one call is one request to the vendor.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, violated};
use crate::site::Site;
use crate::vendor_faults::{FAILING, HUGE, SOUND, changes, fault_of, in_words, met};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Ups, 6),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Common error codes",
    title: "one call is one state-changing request",
    statement: "A hub MUST send one state-changing request to the vendor for one executed call, whatever the vendor answers, unless the \
                vendor takes an idempotency key.",
    rationale: "A vendor that has done the work and lost the answer does it again when it is asked again: paid twice, opened twice.",
    method: "Plays the vendor of a connection, lets requests for a change fail in ten ways, some after it did what was asked, and the first one \
             alone, executes a tool that makes records, and counts the state-changing requests beside those of the same call while the vendor is sound.",
    mend: "Switch off the retries of the HTTP client and of the queue for requests that change state, or give each the vendor's \
           idempotency key.",
    needs: &[Need::Upstream, Need::Effect, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

const FAULTS: [&str; 10] = [
    "status:500",
    "status:503",
    "throttle:1",
    "reset",
    "reset-in-body",
    "stall",
    "truncate",
    "not-json",
    HUGE,
    "late-success",
];
/// What is over when a hub asks again.
const PASSING: &str = "status:503";

pub(crate) struct Ups06;
pub(crate) const CHECK: Ups06 = Ups06;

impl Check for Ups06 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        // Of tools that change something, and of the requests that ask for the change: what only reads may be asked for again.
        let cases = FAULTS.iter().map(|fault| {
            let subjects = site.writes_on_played(&format!("UPS-06/{fault}"))?;
            Ok(subjects
                .into_iter()
                .map(|subject| subject.faulted_in_change(fault))
                .collect::<Vec<_>>())
        });
        let mut cases = cases.collect::<Result<Vec<_>, _>>()?.concat();
        let subjects = site.writes_on_played(&format!("UPS-06/first/{PASSING}"))?;
        cases.extend(subjects.iter().map(|subject| subject.faulted_in_first_change(PASSING)));
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let call = met(evidence)?;
    // What a tool needs several requests for at this vendor is no repetition.
    let (ordinary, sent) = (changes(evidence, SOUND)?, changes(evidence, FAILING)?);
    if ordinary == 0 {
        let why = "the control made a record, and the vendor got no request that asks for a change";
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why.to_owned())));
    }
    if sent == 0 {
        let why = "the call was answered, and the vendor got no request that asks for a change";
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why.to_owned())));
    }
    match sent <= ordinary {
        true => Ok(Finding::Held),
        false => Ok(Finding::Violated(Violation {
            observed: format!("{sent} state-changing requests for one call; {ordinary} while the vendor is sound"),
            ..violated(
                call,
                format!(
                    "a call whose vendor fails ({}) is sent to it again",
                    in_words(fault_of(evidence))
                ),
                "no more state-changing requests than while the vendor is sound",
            )
        })),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};
    use crate::vendor_faults::played::{found, found_failing};

    #[test]
    fn one_request_holds_and_more_are_a_violation() {
        let held = found_failing(&CHECK, |_, call| (failed(call, 502, "UPSTREAM_ERROR"), 1));
        assert!(all_held(&held) && held.len() == 11, "{held:?}");
        let twice = found_failing(&CHECK, |_, call| (failed(call, 502, "UPSTREAM_ERROR"), 2));
        assert_eq!(violations(&twice).len(), 11);
        assert!(violations(&twice).contains(&"a call whose vendor fails (503) is sent to it again"));
        // That it came to success in the end is no excuse.
        let served = found_failing(&CHECK, |_, call| (succeeded(call, json!({})), 3));
        assert_eq!(violations(&served).len(), 11);
    }

    #[test]
    fn a_call_whose_change_never_reached_the_vendor_shows_nothing() {
        let unasked = found_failing(&CHECK, |_, call| (failed(call, 502, "UPSTREAM_ERROR"), 0));
        assert!(shows_nothing(&unasked));
    }

    #[test]
    fn a_tool_that_takes_several_requests_may_send_as_many() {
        let of = |sent: usize| {
            found(&CHECK, |fault, call| match fault {
                None => (succeeded(call, json!({})), 2),
                Some(_) => (failed(call, 502, "UPSTREAM_ERROR"), sent),
            })
        };
        assert!(all_held(&of(1)) && all_held(&of(2)));
        assert_eq!(violations(&of(3)).len(), 11);
    }
}
