//! EXE-02: what the published schema rejects is INVALID_INPUT.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::broken_inputs::{self, Fault, faults};
use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{accepted_control, is_accepted, is_throttled, violated};
use crate::site::Site;
use crate::smaller_inputs;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 2),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Executing a tool; Request body; Common error codes",
    title: "inputs that the schema rejects are INVALID_INPUT",
    statement: "A hub MUST answer every input that the published schema rejects with INVALID_INPUT.",
    rationale: "An unchecked bound reaches the vendor, where it fails later and worse, or is taken for something else.",
    method: "Sends inputs that break one assertion of the tool's schema at one place each, beside a control that breaks none. \
             `format` is never taken for an assertion. State-changing tools get dry runs, and three real calls each.",
    mend: "Validate each input against the published schema with a complete validator of its draft, in dry runs too, before \
           anything else is done with it.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Exe02;
pub(crate) const CHECK: Exe02 = Exe02;

impl Check for Exe02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        broken_inputs::cases(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let control = match accepted_control(evidence) {
            Ok(control) => control,
            Err(finding) => return vec![finding],
        };
        let faults = evidence.case.map(faults).unwrap_or_default();
        let judge = |fault| judge_fault(fault, control, evidence).unwrap_or_else(|finding| finding);
        faults.iter().map(judge).collect()
    }

    fn smaller(&self, site: &Site<'_>, case: &Case, label: &str) -> Option<Vec<Case>> {
        smaller_inputs::of_broken(site, case, label)
    }
}

fn judge_fault(fault: &Fault, control: &Exchange, evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let probe = evidence.answered(&fault.label)?;
    let outcome = Outcome::of(probe);
    if outcome.is(&ErrorCode::InvalidInput) {
        return Ok(Finding::Held);
    }
    if is_throttled(probe) {
        return Err(Finding::Inconclusive(
            "an input that breaks the schema was throttled".to_owned(),
        ));
    }
    let assertion = &fault.assertion;
    let wrong = match (is_accepted(&outcome), probe.call.is_dry_run()) {
        (false, _) => "is not answered with INVALID_INPUT",
        (true, true) => "is not enforced in dry runs",
        (true, false) => "is not enforced",
    };
    let summary = format!("`{}` at `{}` {wrong}", assertion.keyword, assertion.schema_pointer);
    Ok(Finding::Violated(Violation {
        exchanges: vec![control.number, probe.number],
        assertion: Some(assertion.clone()),
        ..violated(probe, summary, "INVALID_INPUT")
    }))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(probe: impl Fn(&Call) -> Exchange) -> Vec<Finding> {
        Hub::small().found(&CHECK, |call| match call.label.as_str() {
            "control" => succeeded(call.clone(), json!({})),
            _ => probe(call),
        })
    }

    #[test]
    fn invalid_input_holds() {
        assert!(all_held(&judge(|call| failed(call.clone(), 400, "INVALID_INPUT"))));
    }

    #[test]
    fn a_keyword_that_is_not_enforced_is_named() {
        let found = judge(|call| match call.json().unwrap()["input"]["title"].as_str() {
            Some(title) if title.chars().count() > 80 => succeeded(call.clone(), json!({})),
            _ => failed(call.clone(), 422, "INVALID_INPUT"),
        });
        let named = violations(&found);
        assert!(!named.is_empty());
        assert!(
            named
                .iter()
                .all(|summary| summary.starts_with("`maxLength` at `/properties/title/maxLength` is not")),
            "{named:?}"
        );
        let with_assertion = |finding: &&Finding| matches!(finding, Finding::Violated(v) if v.assertion.is_some());
        assert_eq!(found.iter().filter(with_assertion).count(), named.len());
    }

    #[test]
    fn a_hub_that_checks_only_dry_runs_is_caught() {
        let found = judge(
            |call| match call.is_dry_run() || call.tool().unwrap().ends_with(".list") {
                true => failed(call.clone(), 400, "INVALID_INPUT"),
                false => succeeded(call.clone(), json!({})),
            },
        );
        assert!(
            violations(&found)
                .iter()
                .all(|summary| summary.ends_with(" is not enforced"))
        );
        assert!(!violations(&found).is_empty());
    }

    #[test]
    fn another_refusal_is_not_the_right_one() {
        let found = judge(|call| answered(call.clone(), 422, json!({"detail": []})));
        assert!(
            violations(&found)
                .iter()
                .all(|summary| summary.ends_with("is not answered with INVALID_INPUT"))
        );
    }

    #[test]
    fn a_refused_control_or_a_throttle_shows_nothing() {
        let hub = Hub::small();
        assert!(shows_nothing(&hub.found(&CHECK, |call| failed(
            call.clone(),
            400,
            "INVALID_INPUT"
        ))));
        assert!(shows_nothing(&judge(|call| failed(call.clone(), 429, "RATE_LIMITED"))));
    }
}
