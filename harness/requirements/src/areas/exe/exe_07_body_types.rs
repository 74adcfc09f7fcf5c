//! EXE-07: wrongly typed members of the body are INVALID_INPUT.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::{Value, json};

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, refused};
use crate::site::Site;
use crate::traffic::with_member;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 7),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Request body; Common error codes",
    title: "wrongly typed body members are INVALID_INPUT",
    statement: "A hub MUST answer wrongly typed `connection_id`, `idempotency_key`, `dry_run` with INVALID_INPUT, and have no effect.",
    rationale: "`dry_run: \"true\"` that is read as false executes what its caller only wanted to check.",
    method: "Sends a call that is accepted as control, and the same with each member in wrong types: on a read tool, and as a dry run \
             on a state-changing one. `null` is not tried: it may count as left out.",
    mend: "Validate the whole body by a schema with strict types before it is used: no coercion of text or numbers to booleans, \
           nor of anything to text.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Exe07;
pub(crate) const CHECK: Exe07 = Exe07;

impl Check for Exe07 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = Vec::new();
        for (tool, control) in site.samples()? {
            cases.extend(wrong_members().into_iter().enumerate().map(|(at, (member, value))| {
                // On a state-changing tool the control is a dry run: its probes stay one, or ask for one in the wrong type.
                let probe = with_member(&control, member, value.clone());
                let id = format!("EXE-07/{}/{member}/{}", tool.key, at + 1);
                Case::new(id, format!("`{member}`: {value}"), vec![control.clone(), probe]).about(&tool.key)
            }));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let title = evidence
            .case
            .map_or("a wrongly typed member", |case| case.title.as_str());
        let summary = format!("{title} is not INVALID_INPUT");
        findings(refused(evidence, "probe", &[ErrorCode::InvalidInput], &summary))
    }
}

fn wrong_members() -> Vec<(&'static str, Value)> {
    let no_text = [json!(5), json!(true), json!([]), json!({})];
    let no_boolean = [json!("true"), json!("false"), json!(1), json!(0), json!([]), json!({})];
    let texts = ["connection_id", "idempotency_key"].into_iter();
    texts
        .flat_map(|member| no_text.clone().map(|value| (member, value)))
        .chain(no_boolean.map(|value| ("dry_run", value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Intent};

    use super::*;
    use crate::exchanges::{Hub, all_held, failed, shows_nothing, succeeded, violations};

    fn judge(refuses: impl Fn(&Call) -> bool) -> Vec<Finding> {
        Hub::small().found(&CHECK, |call| match refuses(call) {
            true => failed(call.clone(), 422, "INVALID_INPUT"),
            false => succeeded(call.clone(), json!({})),
        })
    }

    #[test]
    fn invalid_input_holds() {
        assert!(all_held(&judge(|call| call.label == "probe")));
    }

    #[test]
    fn a_coerced_dry_run_is_a_violation() {
        let found = judge(|call| call.label == "probe" && call.json().unwrap().get("dry_run") != Some(&json!("true")));
        assert_eq!(violations(&found), ["`dry_run`: \"true\" is not INVALID_INPUT"; 2]);
    }

    #[test]
    fn a_refused_control_or_a_throttle_shows_nothing() {
        assert!(shows_nothing(&judge(|_| true)));
        assert!(shows_nothing(&Hub::small().found(
            &CHECK,
            |call| match call.label.as_str() {
                "control" => succeeded(call.clone(), json!({})),
                _ => failed(call.clone(), 429, "RATE_LIMITED"),
            }
        )));
    }

    #[test]
    fn state_changing_tools_are_probed_only_where_allowed() {
        let calls = |allow| {
            let cases = Hub::small().allowing(allow).plan(&CHECK).unwrap();
            cases.into_iter().flat_map(|case| case.into_calls()).collect::<Vec<_>>()
        };
        assert!(calls(Allow::Read).iter().all(|call| call.intent == Intent::Read));
        let of_writes = calls(Allow::Probe)
            .into_iter()
            .filter(|call| call.tool() == Some("itsm.tickets.create"));
        assert!(of_writes.clone().count() > 0 && of_writes.into_iter().all(|call| call.intent == Intent::Refused));
    }
}
