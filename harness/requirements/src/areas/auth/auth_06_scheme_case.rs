//! AUTH-06: the scheme's name is taken in any case.

use hubproof_model::call::{Call, Template};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::credentials::{authorization, faces};
use crate::evidence::Evidence;
use crate::judging::{accepted_control, findings, is_served, is_throttled, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 6),
    level: Level::Should,
    basis: Basis::Http,
    source: "RFC 9110 §11.1",
    title: "the scheme's name is taken in any case",
    statement: "A hub SHOULD take the scheme's name in any case (RFC 9110 §11.1).",
    rationale: "Some HTTP libraries write `bearer`, and their users search for the fault in their key.",
    method: "Sends the listing, a definition and an execute with `Bearer` as control, and the same with `bearer` and `BEARER`. Where no read tool can be executed, \
             dry runs of a state-changing one stand in.",
    mend: "Compare the scheme's name without regard to case: `bearer` and `BEARER` are `Bearer`. The token itself stays \
           case-sensitive.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

const SPELLINGS: [&str; 2] = ["bearer", "BEARER"];

pub(crate) struct Auth06;
pub(crate) const CHECK: Auth06 = Auth06;

impl Check for Auth06 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let key = Template::placeholder(Role::Primary);
        let case = |(face, control): (&str, Call)| {
            let spelled = |scheme| {
                let credentials = authorization(format!("{scheme} {key}"));
                control.clone().with_credentials(credentials).labelled(scheme)
            };
            let calls = [vec![control.clone()], SPELLINGS.map(spelled).to_vec()].concat();
            Case::new(
                format!("AUTH-06/{face}"),
                format!("{face} with the scheme in another case"),
                calls,
            )
        };
        Ok(faces(site)?.into_iter().map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let judged = |scheme| findings(judge_spelling(evidence, scheme));
        SPELLINGS.into_iter().flat_map(judged).collect()
    }
}

fn judge_spelling(evidence: &Evidence<'_>, scheme: &str) -> Result<Finding, Finding> {
    accepted_control(evidence)?;
    let probe = evidence.answered(scheme)?;
    if is_served(probe) {
        return Ok(Finding::Held);
    }
    if is_throttled(probe) {
        return Err(Finding::Inconclusive(format!("the {scheme} call was throttled")));
    }
    let summary = format!("the scheme is not taken when it is written `{scheme}`");
    Ok(Finding::Violated(violated(probe, summary, "the same as with `Bearer`")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, failed, shows_nothing, succeeded, violations};

    fn judge(refuses: impl Fn(&Call) -> bool, status: u16, code: &str) -> Vec<Finding> {
        let hub = Hub::small().allowing(Allow::Read);
        hub.found(&CHECK, |call| match refuses(call) {
            true => failed(call.clone(), status, code),
            false => succeeded(call.clone(), json!({})),
        })
    }

    #[test]
    fn both_spellings_are_tried_on_every_face() {
        let found = judge(|_| false, 401, "UNAUTHORIZED");
        assert!(all_held(&found) && found.len() == 6);
        let cases = Hub::small().plan(&CHECK).unwrap();
        assert_eq!(cases[0].calls()[1].credentials, authorization("bearer <key:primary>"));
    }

    #[test]
    fn a_spelling_that_is_refused_is_a_violation() {
        let found = judge(|call| call.label == "BEARER", 401, "UNAUTHORIZED");
        assert_eq!(
            violations(&found),
            ["the scheme is not taken when it is written `BEARER`"; 3]
        );
    }

    #[test]
    fn a_failed_control_or_a_throttle_shows_nothing() {
        assert!(shows_nothing(&judge(|_| true, 401, "UNAUTHORIZED")));
        assert!(shows_nothing(&judge(
            |call| call.label != "control",
            429,
            "RATE_LIMITED"
        )));
    }

    #[test]
    fn a_hub_without_a_read_tool_says_so() {
        let mut hub = Hub::small().allowing(Allow::Read);
        hub.selected.retain(|key| !key.ends_with(".list"));
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }
}
