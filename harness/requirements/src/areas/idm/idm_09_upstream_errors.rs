//! IDM-09: a call that failed at the vendor may be tried again under its key.

use hubproof_model::case::{Case, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::json;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, observed, told, violated};
use crate::site::Site;
use crate::vendor_faults::{CALL, FAILING, Subject, changes, met};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 9),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Request body; Common error codes",
    title: "a call that failed at the vendor may be retried",
    statement: "A hub SHOULD let a call that ended in UPSTREAM_ERROR, with nothing done, be retried with its key.",
    rationale: "A client that retries under the same key, as it was taught to, gets the old failure for ever; under a new one it risks \
                doing twice what was done after all.",
    method: "Plays the vendor of a connection, executes a tool that makes records under a key while the vendor answers 503 without doing \
             anything, and again under that key once it is sound.",
    mend: "Store an outcome under the key only once the vendor has done the work; give the key free again after UPSTREAM_ERROR.",
    needs: &[Need::Upstream, Need::Effect, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

const RETRY: &str = "retry";
/// What reached the vendor with it.
const RETRIED: &str = "the retry at the vendor";

pub(crate) struct Idm09;
pub(crate) const CHECK: Idm09 = Idm09;

impl Check for Idm09 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let subjects = site.writes_on_played("IDM-09")?;
        Ok(subjects.iter().map(|subject| retried(subject, site)).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn retried(subject: &Subject, site: &Site<'_>) -> Case {
    let key = site.idempotency_key(&format!("IDM-09/{}", subject.upstream.connection.id));
    let keyed = |label: &str| {
        subject.call(label, |body| {
            body.insert("idempotency_key".to_owned(), json!(key));
        })
    };
    let steps = [
        subject.failing_changes(FAILING, "status:503"),
        Subject::once(keyed(CALL)),
        subject.sound(RETRIED),
        Step::call(keyed(RETRY)),
    ];
    subject.case(
        "a call that failed at the vendor, and again under its key".to_owned(),
        subject.controlled().into_iter().chain(steps),
    )
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let call = met(evidence)?;
    if !Outcome::of(call).is(&ErrorCode::UpstreamError) {
        let why = format!("the call did not end in UPSTREAM_ERROR: {}", observed(call));
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    let retry = told(evidence, RETRY)?;
    let (outcome, done) = (Outcome::of(retry), changes(evidence, RETRIED)?);
    let summary = match (&outcome, done) {
        (Outcome::Success, 1..) => return Ok(Finding::Held),
        (Outcome::Success, _) => {
            "a retry under the key of a call that failed is answered with success, and nothing is done"
        }
        _ => "a call that failed at the vendor spends its key",
    };
    Ok(Finding::Violated(Violation {
        observed: format!("{}, with {done} state-changing requests to the vendor", observed(retry)),
        exchanges: vec![call.number, retry.number],
        ..violated(retry, summary, "success, and the vendor is asked")
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};
    use crate::vendor_faults::played::found_changing;

    #[test]
    fn a_retry_that_executes_holds() {
        let held = found_changing(&CHECK, |fault, call| match fault {
            Some(_) => (failed(call, 502, "UPSTREAM_ERROR"), 1),
            None => (succeeded(call, json!({})), 1),
        });
        assert!(all_held(&held) && held.len() == 1, "{held:?}");
    }

    #[test]
    fn a_failure_that_is_kept_or_a_success_without_doing_is_a_violation() {
        let kept = found_changing(&CHECK, |_, call| (failed(call, 502, "UPSTREAM_ERROR"), 1));
        assert_eq!(violations(&kept), ["a call that failed at the vendor spends its key"]);
        let idle = found_changing(&CHECK, |fault, call| match fault {
            Some(_) => (failed(call, 502, "UPSTREAM_ERROR"), 1),
            None => (succeeded(call, json!({})), 0),
        });
        assert_eq!(violations(&idle).len(), 1, "{idle:?}");
    }

    #[test]
    fn a_call_that_does_not_fail_shows_nothing() {
        assert!(shows_nothing(&found_changing(&CHECK, |_, call| (
            succeeded(call, json!({})),
            1
        ))));
    }
}
