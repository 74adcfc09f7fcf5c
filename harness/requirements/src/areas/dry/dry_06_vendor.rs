//! DRY-06: a dry run changes nothing at the vendor.

use hubproof_model::case::{Case, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::json;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, told, violated, without_success};
use crate::site::Site;
use crate::vendor_faults::{SOUND, Subject, changes, controlled};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Dry, 6),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Request body",
    title: "a dry run sends the vendor nothing that changes state",
    statement: "A hub MUST send nothing that changes state to the vendor in a dry run.",
    rationale: "Whoever rehearses a payment means to pay nothing. A hub that asks the vendor and takes it back has paid all the same.",
    method: "Plays the vendor of a connection, executes a tool that makes records as control, then as a dry run, and counts the \
             state-changing requests that reach the vendor with each.",
    mend: "Answer a dry run before the connector is called, or hand `dry_run` down to it and let it send reads alone.",
    needs: &[Need::Upstream, Need::Effect, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

const DRY_RUN: &str = "dry run";
/// What reached the vendor with it.
const REHEARSED: &str = "the dry run at the vendor";

pub(crate) struct Dry06;
pub(crate) const CHECK: Dry06 = Dry06;

impl Check for Dry06 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let subjects = site.writes_on_played("DRY-06")?;
        Ok(subjects.iter().map(rehearsed).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn rehearsed(subject: &Subject) -> Case {
    let dry_run = subject.call(DRY_RUN, |body| {
        body.insert("dry_run".to_owned(), json!(true));
    });
    let steps = [subject.sound(REHEARSED), Step::call(dry_run)];
    subject.case(
        "a dry run whose vendor is watched".to_owned(),
        subject.controlled().into_iter().chain(steps),
    )
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    controlled(evidence)?;
    let call = told(evidence, DRY_RUN)?;
    if changes(evidence, SOUND)? == 0 {
        let why = "the control made a record, and the vendor got no request that asks for a change";
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why.to_owned())));
    }
    match changes(evidence, REHEARSED)? {
        // A dry run that is refused, or fails, is none.
        0 if matches!(
            Outcome::of(call),
            Outcome::Success | Outcome::Error(ErrorCode::ApprovalRequired)
        ) =>
        {
            Ok(Finding::Held)
        }
        0 => Err(without_success(call)),
        sent => Ok(Finding::Violated(Violation {
            observed: format!("{sent} state-changing requests"),
            ..violated(
                call,
                "a dry run reaches the vendor with a request that changes state",
                "no state-changing request",
            )
        })),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};
    use crate::vendor_faults::played::{found_changing, found_changing_beside};

    #[test]
    fn reads_hold_and_a_change_is_a_violation() {
        let held = found_changing(&CHECK, |_, call| (succeeded(call, json!({})), 0));
        assert!(all_held(&held) && held.len() == 1, "{held:?}");
        // Whatever it is answered with.
        let sent = found_changing(&CHECK, |_, call| (failed(call, 502, "UPSTREAM_ERROR"), 1));
        assert_eq!(
            violations(&sent),
            ["a dry run reaches the vendor with a request that changes state"]
        );
    }

    #[test]
    fn a_dry_run_that_is_refused_shows_nothing() {
        let found = found_changing(&CHECK, |_, call| (failed(call, 400, "INVALID_INPUT"), 0));
        assert!(shows_nothing(&found), "{found:?}");
    }

    #[test]
    fn a_control_without_a_change_shows_nothing() {
        let found = found_changing_beside(&CHECK, 0, |_, call| (succeeded(call, json!({})), 1));
        assert!(shows_nothing(&found), "{found:?}");
    }
}
