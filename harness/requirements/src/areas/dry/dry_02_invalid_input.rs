//! DRY-02: an invalid dry run is INVALID_INPUT.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::broken_inputs::{self, Fault, faults};
use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{accepted_control, told, violated};
use crate::site::Site;
use crate::smaller_inputs;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Dry, 2),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Request body; Common error codes",
    title: "an invalid dry run is INVALID_INPUT",
    statement: "A hub MUST answer an invalid dry run with INVALID_INPUT.",
    rationale: "A dry run that passes says that the call would: an agent relies on it, and fails when it is too late.",
    method: "Sends dry runs of every state-changing tool whose inputs break one assertion of its schema at one place each, beside a dry run \
             that breaks none: the calls that EXE-02 judges too.",
    mend: "Validate a dry run's input by the same code as that of a real call, before it is answered.",
    needs: &[Need::Allow(Allow::Probe)],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Dry02;
pub(crate) const CHECK: Dry02 = Dry02;

impl Check for Dry02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = broken_inputs::cases(site)?;
        cases.retain(|case| case.calls().iter().any(|call| call.is_dry_run()));
        match cases.is_empty() {
            true => Err(Unexercised::NotApplicable(
                "no selected tool changes state and has a schema that an input can break".to_owned(),
            )),
            false => Ok(cases),
        }
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let control = match accepted_control(evidence) {
            Ok(control) => control,
            Err(finding) => return vec![finding],
        };
        let faults = evidence.case.map(faults).unwrap_or_default();
        let is_dry = |fault: &&Fault| {
            let mut exchanges = evidence.exchanges.iter();
            exchanges.any(|exchange| exchange.call.label == fault.label && exchange.call.is_dry_run())
        };
        let judge = |fault: &Fault| judge_fault(fault, control, evidence).unwrap_or_else(|finding| finding);
        faults.iter().filter(is_dry).map(judge).collect()
    }

    fn smaller(&self, site: &Site<'_>, case: &Case, label: &str) -> Option<Vec<Case>> {
        smaller_inputs::of_broken(site, case, label)
    }
}

fn judge_fault(fault: &Fault, control: &Exchange, evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let probe = told(evidence, &fault.label)?;
    let outcome = Outcome::of(probe);
    if outcome.is(&ErrorCode::InvalidInput) {
        return Ok(Finding::Held);
    }
    let assertion = &fault.assertion;
    let wrong = match outcome {
        Outcome::Success => "does not keep a dry run from success",
        _ => "is not answered with INVALID_INPUT in a dry run",
    };
    Ok(Finding::Violated(Violation {
        exchanges: vec![control.number, probe.number],
        assertion: Some(assertion.clone()),
        ..violated(
            probe,
            format!("`{}` at `{}` {wrong}", assertion.keyword, assertion.schema_pointer),
            "INVALID_INPUT",
        )
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
    fn state_changing_tools_alone_are_tried() {
        let cases = Hub::small().plan(&CHECK).unwrap();
        let is_read = |case: &Case| case.tool.as_deref().unwrap().ends_with(".list");
        assert!(!cases.is_empty() && !cases.iter().any(is_read));
        let mut hub = Hub::small();
        hub.selected.retain(|key| key.ends_with(".list"));
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }

    #[test]
    fn invalid_input_holds_and_a_real_call_is_not_looked_at() {
        let found = judge(|call| match call.is_dry_run() {
            true => failed(call.clone(), 422, "INVALID_INPUT"),
            false => succeeded(call.clone(), json!({})),
        });
        assert!(all_held(&found));
    }

    #[test]
    fn a_dry_run_that_passes_and_another_refusal_are_violations() {
        let passed = judge(|call| succeeded(call.clone(), json!({})));
        let named = violations(&passed);
        assert!(!named.is_empty() && named.len() == passed.len());
        assert!(
            named
                .iter()
                .all(|summary| summary.ends_with("does not keep a dry run from success"))
        );
        let other = judge(|call| failed(call.clone(), 502, "UPSTREAM_ERROR"));
        assert_eq!(violations(&other).len(), other.len());
    }

    #[test]
    fn a_refused_control_a_throttle_or_a_gateway_shows_nothing() {
        let refused = Hub::small().found(&CHECK, |call| failed(call.clone(), 400, "INVALID_INPUT"));
        assert!(shows_nothing(&refused));
        assert!(shows_nothing(&judge(|call| failed(call.clone(), 429, "RATE_LIMITED"))));
        for status in [502, 503, 504] {
            assert!(
                shows_nothing(&judge(|call| answered(call.clone(), status, json!({})))),
                "{status}"
            );
        }
        let crashed = judge(|call| answered(call.clone(), 500, json!({})));
        assert_eq!(violations(&crashed).len(), crashed.len());
    }
}
