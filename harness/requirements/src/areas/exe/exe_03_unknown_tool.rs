//! EXE-03: an unknown tool is TOOL_NOT_FOUND.

use hubproof_model::call::{Call, Intent};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::catalogue::unknown_keys;
use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, refused};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 3),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Executing a tool; Common error codes",
    title: "executing an unknown tool is TOOL_NOT_FOUND",
    statement: "A hub MUST answer an unknown tool with TOOL_NOT_FOUND.",
    rationale: "An agent that misspells a key must learn just that; a hub that guesses runs another tool than was asked for.",
    method: "Executes a read tool as control, and sends the same body to keys that no tool has: a foreign one, and ones that differ \
             from the tool's key by a little.",
    mend: "Look the tool up by its exact key before the input is read, and answer TOOL_NOT_FOUND where there is none.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Exe03;
pub(crate) const CHECK: Exe03 = Exe03;

impl Check for Exe03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let (known, control) = site.read_control()?;
        let body = control.json().cloned().unwrap_or_default();
        let case = |(name, key): (&str, String)| {
            // Only a read tool's key is varied, so that a hub which guesses reads.
            let calls = vec![control.clone(), Call::post_execute(&key, body.clone(), Intent::Read)];
            Case::new(
                format!("EXE-03/{name}"),
                format!("the execute of an unknown tool ({name})"),
                calls,
            )
        };
        Ok(unknown_keys(known, site.surface).into_iter().map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let summary = "the execute of an unknown tool is not TOOL_NOT_FOUND";
        findings(refused(evidence, "probe", &[ErrorCode::ToolNotFound], summary))
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::exchange::Exchange;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(probe: impl Fn(&Call) -> Exchange) -> Vec<Finding> {
        Hub::small()
            .allowing(Allow::Read)
            .found(&CHECK, |call| match call.label.as_str() {
                "control" => succeeded(call.clone(), json!({})),
                _ => probe(call),
            })
    }

    #[test]
    fn tool_not_found_holds() {
        assert!(all_held(&judge(|call| failed(call.clone(), 404, "TOOL_NOT_FOUND"))));
    }

    #[test]
    fn a_success_a_bare_404_and_another_code_are_violations() {
        assert_eq!(violations(&judge(|call| succeeded(call.clone(), json!({})))).len(), 3);
        assert_eq!(
            violations(&judge(|call| answered(call.clone(), 404, json!({})))).len(),
            3
        );
        assert_eq!(
            violations(&judge(|call| failed(call.clone(), 403, "FORBIDDEN"))).len(),
            3
        );
    }

    #[test]
    fn a_failed_control_shows_nothing() {
        let hub = Hub::small();
        assert!(shows_nothing(&hub.found(&CHECK, |call| failed(
            call.clone(),
            404,
            "TOOL_NOT_FOUND"
        ))));
    }
}
