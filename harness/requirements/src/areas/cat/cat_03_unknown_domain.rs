//! CAT-03: an unknown domain has no tools.

use hubproof_model::call::Call;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::catalogue;
use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{accepted_control, findings, is_throttled, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 3),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Listing tools",
    title: "an unknown domain has an empty listing",
    statement: "A hub SHOULD answer an unknown domain with an empty list, not an error and not the whole list.",
    rationale: "A client that asks for a domain which its workspace does not have yet must not be handed every tool there is.",
    method: "Asks for the listing of a known domain as control, and for that of a domain that no hub has.",
    mend: "Answer a domain that no tool has with success and an empty list; let no missing match fall back to the unfiltered \
           query.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

/// No tool's key begins so.
const UNKNOWN_DOMAIN: &str = "hubproof-no-such-domain";

pub(crate) struct Cat03;
pub(crate) const CHECK: Cat03 = Cat03;

impl Check for Cat03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let domains = site.surface.domains();
        let control = Call::listing(domains.first().copied()).labelled("control");
        let calls = vec![control, Call::listing(Some(UNKNOWN_DOMAIN))];
        Ok(vec![Case::new(
            "CAT-03/unknown",
            "the listing of an unknown domain",
            calls,
        )])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let judged = accepted_control(evidence).and_then(|_| evidence.answered("probe"));
        findings(judged.and_then(|probe| judge_probe(probe, evidence)))
    }
}

fn judge_probe(probe: &Exchange, evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let summary = match catalogue::entries(probe, &evidence.surface.dialect) {
        Some([]) => return Ok(Finding::Held),
        Some(_) => "an unknown domain is answered with tools",
        None if is_throttled(probe) => {
            return Err(Finding::Inconclusive(
                "the listing of the unknown domain was throttled".to_owned(),
            ));
        }
        None => "an unknown domain is answered with an error",
    };
    Ok(Finding::Violated(violated(probe, summary, "a list without entries")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, violations};

    fn judge(control: u16, status: u16, body: Value) -> Vec<Finding> {
        Hub::small().found(&CHECK, |call| match call.label.as_str() {
            "control" => answered(call.clone(), control, json!({"tools": ["crm.contacts.list"]})),
            _ => answered(call.clone(), status, body.clone()),
        })
    }

    #[test]
    fn an_empty_list_holds() {
        assert!(all_held(&judge(200, 200, json!({"tools": []}))));
    }

    #[test]
    fn tools_or_an_error_are_violations() {
        let tools = judge(200, 200, json!({"tools": ["crm.contacts.list"]}));
        assert_eq!(violations(&tools), ["an unknown domain is answered with tools"]);
        let error = judge(200, 404, json!({"detail": "no such domain"}));
        assert_eq!(violations(&error), ["an unknown domain is answered with an error"]);
    }

    #[test]
    fn a_failed_control_or_a_throttle_shows_nothing() {
        assert!(shows_nothing(&judge(500, 404, json!({}))));
        assert!(shows_nothing(&Hub::small().found(
            &CHECK,
            |call| match call.label.as_str() {
                "control" => answered(call.clone(), 200, json!({"tools": []})),
                _ => failed(call.clone(), 429, "RATE_LIMITED"),
            }
        )));
    }
}
