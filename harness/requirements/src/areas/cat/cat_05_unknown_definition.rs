//! CAT-05: the definition of an unknown tool is TOOL_NOT_FOUND.

use hubproof_model::call::Call;
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
    id: RequirementId::new(Area::Cat, 5),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Getting a tool definition; Common error codes",
    title: "the definition of an unknown tool is TOOL_NOT_FOUND",
    statement: "A hub MUST answer an unknown key's definition with TOOL_NOT_FOUND.",
    rationale: "A client with a stale key must learn that the tool is gone, not be given another tool's schemas or a crash.",
    method: "Asks for a listed tool's definition as control, and for those of keys that no tool has: a foreign one, and ones that \
             differ from a listed key by a little.",
    mend: "Look a definition up by the exact key, and answer TOOL_NOT_FOUND where there is none: no prefix, no case folding, no \
           nearest match.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat05;
pub(crate) const CHECK: Cat05 = Cat05;

impl Check for Cat05 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let none = || Unexercised::NotApplicable("no tool is selected".to_owned());
        let known = site.tools().next().ok_or_else(none)?;
        let case = |(name, key): (&str, String)| {
            let calls = vec![Call::definition(&known.key).labelled("control"), Call::definition(&key)];
            Case::new(
                format!("CAT-05/{name}"),
                format!("the definition of an unknown tool ({name})"),
                calls,
            )
        };
        Ok(unknown_keys(known, site.surface).into_iter().map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let summary = "the definition of an unknown tool is not TOOL_NOT_FOUND";
        findings(refused(evidence, "probe", &[ErrorCode::ToolNotFound], summary))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, violations};

    fn judge(control: u16, status: u16, code: &str) -> Vec<Finding> {
        Hub::small().found(&CHECK, |call| match call.label.as_str() {
            "control" => answered(call.clone(), control, json!({"key": "a.b.c"})),
            _ if code.is_empty() => answered(call.clone(), status, json!({"key": "a.b.c"})),
            _ => failed(call.clone(), status, code),
        })
    }

    #[test]
    fn tool_not_found_holds() {
        assert!(all_held(&judge(200, 404, "TOOL_NOT_FOUND")));
    }

    #[test]
    fn a_definition_a_bare_404_and_another_code_are_violations() {
        for found in [judge(200, 200, ""), judge(200, 404, ""), judge(200, 404, "NOT_FOUND")] {
            assert_eq!(violations(&found).len(), 3);
        }
    }

    #[test]
    fn a_failed_control_or_a_throttle_shows_nothing() {
        assert!(shows_nothing(&judge(503, 404, "TOOL_NOT_FOUND")));
        assert!(shows_nothing(&judge(200, 429, "RATE_LIMITED")));
    }

    #[test]
    fn no_key_is_that_of_a_tool() {
        let hub = Hub::small();
        for case in hub.plan(&CHECK).unwrap() {
            assert!(
                hub.surface.tool(case.calls()[1].tool().unwrap()).is_none(),
                "{}",
                case.id
            );
        }
    }
}
