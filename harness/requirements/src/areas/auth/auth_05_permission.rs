//! AUTH-05: a key that lacks permission for a tool is FORBIDDEN to call it.

use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::surface::Dialect;

use crate::catalogue;
use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{accepted_control, ends_in, findings, is_throttled, not_gated, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 5),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Common error codes",
    title: "a key without permission for the tool is FORBIDDEN",
    statement: "A hub MUST answer a key that lacks permission for the tool with FORBIDDEN on execute (TOOL_NOT_FOUND where that \
                key's listing hides the tool too).",
    rationale: "An agent's key that was given a few tools can otherwise call them all.",
    method: "Executes the profile's forbidden tool (a dry run where it changes state) with the primary key as control, and the same \
             with the restricted key, beside that key's own listing of the tool's domain.",
    mend: "Check what the key may call before a tool is executed, and answer FORBIDDEN. TOOL_NOT_FOUND is right only where that \
           key's listing leaves the tool out, too.",
    needs: &[Need::Key(Role::Restricted), Need::ForbiddenTool],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Auth05;
pub(crate) const CHECK: Auth05 = Auth05;

impl Check for Auth05 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let key = site.profile.keys.restricted_tool.as_deref();
        let key = key.ok_or_else(|| Unexercised::Missing(vec![Need::ForbiddenTool]))?;
        let not_applicable = |why: String| Unexercised::NotApplicable(why);
        let tool = site.tools().find(|tool| tool.key == key);
        let tool = tool.ok_or_else(|| not_applicable(format!("{key} is not among the selected tools")))?;
        if tool.risk().is_state_changing() && site.allow < Allow::Probe {
            return Err(Unexercised::Missing(vec![Need::Allow(Allow::Probe)]));
        }
        let control = site
            .control(tool)
            .ok_or_else(|| not_applicable(format!("no input can be made for {key}")))?;
        let restricted = |call: Call| call.with_credentials(Credentials::Bearer(Role::Restricted));
        let listing = restricted(Call::listing(Some(&tool.domain))).labelled("listing");
        let probe = restricted(control.clone()).labelled("probe");
        let title = "a tool that the restricted key may not call";
        Ok(vec![
            Case::new(format!("AUTH-05/{key}"), title, vec![control, listing, probe]).about(key),
        ])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let control = accepted_control(evidence)?;
    let probe = evidence.answered("probe")?;
    not_gated(control, probe)?;
    let inconclusive = |why: &str| Err(Finding::Inconclusive(why.to_owned()));
    match Outcome::of(probe) {
        Outcome::Error(ErrorCode::ToolNotFound) => match shows_tool(evidence.answered("listing")?, probe, evidence) {
            Some(false) => Ok(Finding::Held),
            None => inconclusive("whether the restricted key's listing hides the tool cannot be told"),
            Some(true) => {
                let summary = "TOOL_NOT_FOUND for a tool that the key's own listing shows";
                Ok(Finding::Violated(violated(probe, summary, "FORBIDDEN")))
            }
        },
        Outcome::Error(ErrorCode::Unauthorized)
            if Outcome::of(evidence.answered("listing")?).is(&ErrorCode::Unauthorized) =>
        {
            inconclusive("the restricted key is not a valid key")
        }
        _ => ends_in(
            evidence,
            "probe",
            &[ErrorCode::Forbidden],
            "a key without permission for the tool was not refused",
        ),
    }
}

/// Whether the listing shows the tool that the probe calls; `None` where that cannot be told.
fn shows_tool(listing: &Exchange, probe: &Exchange, evidence: &Evidence<'_>) -> Option<bool> {
    let dialect: &Dialect = &evidence.surface.dialect;
    let Some(entries) = catalogue::entries(listing, dialect) else {
        // A refused listing shows nothing at all.
        let is_refused = matches!(Outcome::of(listing), Outcome::Error(_)) && !is_throttled(listing);
        return is_refused.then_some(false);
    };
    let keys: Vec<_> = entries
        .iter()
        .filter_map(|entry| catalogue::key(entry, dialect))
        .collect();
    let is_shown = probe.call.tool().is_some_and(|tool| keys.contains(&tool));
    (is_shown || !catalogue::goes_on(listing, dialect)).then_some(is_shown)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn hub(tool: &str) -> Hub {
        let mut hub = Hub::small();
        hub.profile.keys.restricted_tool = Some(tool.to_owned());
        hub
    }

    fn judge(listing: Value, probe: (u16, &str)) -> Vec<Finding> {
        hub("itsm.tickets.create").found(&CHECK, |call| match call.label.as_str() {
            "listing" => answered(call.clone(), 200, listing.clone()),
            "probe" if probe.0 != 200 => failed(call.clone(), probe.0, probe.1),
            _ => succeeded(call.clone(), json!({})),
        })
    }

    fn showing() -> Value {
        json!({"tools": [{"key": "itsm.tickets.create"}]})
    }

    #[test]
    fn the_calls_differ_by_the_key_alone() {
        let cases = hub("itsm.tickets.create").plan(&CHECK).unwrap();
        let calls = cases[0].calls();
        let [control, listing, probe] = calls.as_slice() else {
            panic!("{cases:?}")
        };
        assert_eq!(listing.credentials, Credentials::Bearer(Role::Restricted));
        assert_eq!(probe.credentials, Credentials::Bearer(Role::Restricted));
        assert!(control.is_dry_run());
        assert_eq!(control.body, probe.body);
    }

    #[test]
    fn forbidden_holds_and_so_does_a_tool_that_is_hidden_throughout() {
        assert!(all_held(&judge(showing(), (403, "FORBIDDEN"))));
        assert!(all_held(&judge(json!({"tools": []}), (404, "TOOL_NOT_FOUND"))));
    }

    #[test]
    fn a_served_call_and_a_tool_hidden_by_halves_are_violations() {
        assert_eq!(
            violations(&judge(showing(), (200, ""))),
            ["a key without permission for the tool was not refused"]
        );
        assert_eq!(
            violations(&judge(showing(), (404, "TOOL_NOT_FOUND"))),
            ["TOOL_NOT_FOUND for a tool that the key's own listing shows"]
        );
        assert_eq!(violations(&judge(showing(), (401, "UNAUTHORIZED"))).len(), 1);
    }

    #[test]
    fn a_refused_control_or_an_invalid_restricted_key_shows_nothing() {
        let hub = hub("itsm.tickets.list");
        assert!(shows_nothing(&hub.found(&CHECK, |call| failed(
            call.clone(),
            403,
            "FORBIDDEN"
        ))));
        let invalid = hub.found(&CHECK, |call| match call.label.as_str() {
            "control" => succeeded(call.clone(), json!({})),
            _ => failed(call.clone(), 401, "UNAUTHORIZED"),
        });
        assert!(shows_nothing(&invalid));
    }

    #[test]
    fn an_unselected_tool_and_a_level_too_low_are_said() {
        assert!(matches!(
            hub("hris.employees.get").plan(&CHECK),
            Err(Unexercised::NotApplicable(_))
        ));
        assert_eq!(
            hub("itsm.tickets.create").allowing(Allow::Read).plan(&CHECK),
            Err(Unexercised::Missing(vec![Need::Allow(Allow::Probe)]))
        );
    }

    #[test]
    fn a_gated_tool_may_ask_for_approval_first() {
        let hub = hub("itsm.tickets.create");
        let found = hub.found(&CHECK, |call| failed(call.clone(), 403, "APPROVAL_REQUIRED"));
        assert!(matches!(found[..], [Finding::NotExercised(_)]));
        let found = hub.found(&CHECK, |call| match call.label.as_str() {
            "probe" => failed(call.clone(), 403, "FORBIDDEN"),
            _ => failed(call.clone(), 403, "APPROVAL_REQUIRED"),
        });
        assert!(all_held(&found));
    }
}
