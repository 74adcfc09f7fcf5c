//! APR-10: no read tool is gated.

use hubproof_model::call::Endpoint;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::{Allow, Risk};

use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 10),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Approval workflow",
    title: "no read tool is gated",
    statement: "A hub MUST gate no `read` tool.",
    rationale: "The reference gates what changes something. An agent that must ask before it looks cannot work at \
                all.",
    method: "Looks at every answer of the run to an execute of a read tool, at least one of each that may be \
             executed.",
    mend: "Ask the policy by the tool's own risk level, and let tools of risk `read` pass; match policies by tool, not by \
           resource.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Apr10;
pub(crate) const CHECK: Apr10 = Apr10;

impl Check for Apr10 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(traffic::reads(site))
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let answers = evidence.exchanges.iter();
        answers
            .filter_map(|exchange| judge_answer(evidence, exchange))
            .collect()
    }
}

fn judge_answer(evidence: &Evidence<'_>, exchange: &Exchange) -> Option<Finding> {
    let Endpoint::Execute { tool } = &exchange.call.endpoint else {
        return None;
    };
    evidence.surface.tool(tool).filter(|tool| tool.risk() == Risk::Read)?;
    match Outcome::of(exchange) {
        Outcome::Error(ErrorCode::ApprovalRequired) => {
            let summary = "a read tool needs approval";
            Some(Finding::Violated(violated(
                exchange,
                summary,
                "an answer without approval",
            )))
        }
        Outcome::Success => Some(Finding::Held),
        // Whether the approval would have been asked for next is not seen.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Intent};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, failed, succeeded, violations};

    fn judge(tool: &str, code: Option<&str>) -> Vec<Finding> {
        let call = Call::post_execute(tool, json!({"input": {}}), Intent::Read);
        let exchange = match code {
            None => succeeded(call, json!({})),
            Some(code) => failed(call, 403, code),
        };
        Hub::small().judge(&CHECK, None, &[exchange])
    }

    #[test]
    fn a_read_that_succeeds_holds_and_one_that_waits_is_a_violation() {
        assert!(all_held(&judge("itsm.tickets.list", None)));
        assert_eq!(
            violations(&judge("itsm.tickets.list", Some("APPROVAL_REQUIRED"))),
            ["a read tool needs approval"]
        );
    }

    #[test]
    fn other_errors_and_other_tools_say_nothing() {
        assert!(judge("itsm.tickets.list", Some("UPSTREAM_ERROR")).is_empty());
        assert!(judge("itsm.tickets.create", Some("APPROVAL_REQUIRED")).is_empty());
        assert!(judge("no.such.tool", Some("APPROVAL_REQUIRED")).is_empty());
    }

    #[test]
    fn each_read_tool_is_executed_and_no_other() {
        let cases = Hub::small().allowing(Allow::Read).plan(&CHECK).unwrap();
        let tools: Vec<_> = cases.iter().filter_map(|case| case.tool.as_deref()).collect();
        assert_eq!(tools, ["crm.contacts.list", "itsm.tickets.list"]);
        assert_eq!(Hub::small().plan(&CHECK).unwrap(), cases);
    }
}
