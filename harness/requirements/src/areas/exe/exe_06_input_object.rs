//! EXE-06: `input` is there, and is an object.

use hubproof_model::call::Call;
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::json;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, refused};
use crate::site::Site;
use crate::traffic::{changed, with_member};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 6),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Request body; Common error codes",
    title: "a missing input, or one that is no object, is INVALID_INPUT",
    statement: "A hub MUST answer a missing `input`, or one that is not an object, with INVALID_INPUT.",
    rationale: "A hub that reads a forgotten `input` as an empty one runs the tool with nothing of what was meant.",
    method: "Sends a call that is accepted as control, and the same without `input`, and with null, a text, a number, a boolean and \
             an array in its place.",
    mend: "Require `input` in the body's schema, as an object, and give it no default.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Exe06;
pub(crate) const CHECK: Exe06 = Exe06;

impl Check for Exe06 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = Vec::new();
        for (tool, control) in site.samples()? {
            cases.extend(probes(&control).into_iter().map(|(name, probe)| {
                let id = format!("EXE-06/{}/{}", tool.key, name.replace(' ', "-"));
                Case::new(id, format!("an input that is {name}"), vec![control.clone(), probe]).about(&tool.key)
            }));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let title = evidence
            .case
            .map_or("an input that is no object", |case| case.title.as_str());
        let summary = format!("{title} is not INVALID_INPUT");
        findings(refused(evidence, "probe", &[ErrorCode::InvalidInput], &summary))
    }
}

fn probes(control: &Call) -> Vec<(&'static str, Call)> {
    let instead = [
        ("null", json!(null)),
        ("a text", json!("hubproof")),
        ("a number", json!(0)),
        ("a boolean", json!(true)),
        ("an array", json!([])),
    ];
    let mut probes: Vec<_> = instead
        .map(|(name, value)| (name, with_member(control, "input", value)))
        .to_vec();
    let without = changed(control, |body| {
        body.shift_remove("input");
    });
    probes.insert(0, ("missing", without));
    probes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(refuses: impl Fn(&Call) -> bool) -> Vec<Finding> {
        Hub::small().found(&CHECK, |call| match refuses(call) {
            true => failed(call.clone(), 400, "INVALID_INPUT"),
            false => succeeded(call.clone(), json!({})),
        })
    }

    #[test]
    fn invalid_input_holds_on_both_kinds_of_tools() {
        let found = judge(|call| call.label == "probe");
        assert!(all_held(&found) && found.len() == 12);
    }

    #[test]
    fn an_input_taken_for_empty_is_a_violation() {
        let found = judge(|call| {
            call.label == "probe" && call.json().unwrap().get("input").is_some_and(|input| !input.is_null())
        });
        assert_eq!(violations(&found).len(), 4);
        assert!(violations(&found).contains(&"an input that is missing is not INVALID_INPUT"));
        let hub = Hub::small();
        let bare = hub.found(&CHECK, |call| match call.label.as_str() {
            "control" => succeeded(call.clone(), json!({})),
            _ => answered(call.clone(), 422, json!({"detail": "input"})),
        });
        assert_eq!(violations(&bare).len(), 12);
    }

    #[test]
    fn a_refused_control_shows_nothing() {
        assert!(shows_nothing(&judge(|_| true)));
    }

    #[test]
    fn state_changing_tools_get_dry_runs_from_probe_on() {
        let planned = |allow| Hub::small().allowing(allow).plan(&CHECK).unwrap();
        assert!(
            planned(Allow::Read)
                .iter()
                .all(|case| case.required_allow() == Allow::Read)
        );
        let probed = planned(Allow::Probe);
        assert!(
            probed
                .iter()
                .any(|case| case.tool.as_deref() == Some("itsm.tickets.create"))
        );
        let of_writes = probed
            .iter()
            .flat_map(|case| case.calls())
            .filter(|call| call.tool() == Some("itsm.tickets.create"));
        assert!(of_writes.into_iter().all(Call::is_dry_run));
    }
}
